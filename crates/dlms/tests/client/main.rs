//! The client against a simulated meter: association, proof of keys, reads, blocks, release; and what goes wrong.

#[cfg(test)]
mod meter;
#[cfg(test)]
mod stories;
