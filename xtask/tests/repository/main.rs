//! Tests of the repository as a whole.

#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod text;
