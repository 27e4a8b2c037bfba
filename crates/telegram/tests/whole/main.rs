//! Whole telegrams through the public interface.

#[cfg(test)]
mod announced;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod compact;
#[cfg(test)]
mod encode;
#[cfg(test)]
mod extended_link;
#[cfg(test)]
mod fragments;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod negatives;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod proven;
#[cfg(test)]
mod published;
#[cfg(test)]
mod records;
#[cfg(test)]
mod standard;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod telegrams;
