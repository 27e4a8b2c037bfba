//! The tests of the crate through its public interface: bad registers, the matrix of the demo town,
//! stories, properties, the event log.

#[cfg(test)]
mod bad_registers;
#[cfg(test)]
mod cedar;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod diff;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod log;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod notice;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod town;
