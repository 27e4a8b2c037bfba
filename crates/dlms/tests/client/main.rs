//! The client against a simulated meter: association, proof of keys, reads, blocks, release; the link below it; and
//! what goes wrong.

#[cfg(test)]
mod line;
#[cfg(test)]
mod links;
#[cfg(test)]
mod meter;
#[cfg(test)]
mod stories;
