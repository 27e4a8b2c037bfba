//! Settlement through its public interface: what must hold for any energy, and scenarios an expert can read.

#[cfg(test)]
mod computed;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod town;
