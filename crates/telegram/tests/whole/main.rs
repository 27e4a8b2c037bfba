//! Whole telegrams through the public interface.

#[cfg(test)]
mod compact;
#[cfg(test)]
mod encode;
#[cfg(test)]
mod extended_link;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod records;
#[cfg(test)]
mod telegrams;
