//! Pushes, profiles and P1 telegrams through the crate's own door.

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod encode;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod p1;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod protection;
