//! Validation and estimation through the public interface: scenarios that an expert can read, and the shipped rules.

#[cfg(test)]
mod given;
#[cfg(test)]
mod scenarios;
