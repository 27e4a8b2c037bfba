//! The tests of the crate through its public interface: bad registers, the matrix of the demo town,
//! stories, properties, the event chain.

#[cfg(test)]
mod bad_registers;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod town;
