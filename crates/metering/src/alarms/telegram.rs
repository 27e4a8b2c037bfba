//! What one telegram says: the status byte of its header, and the flags among its records.

use tidstro_model::{MeterId, Reading};

use super::{Change, Signal, flags};

/// Every alarm that a telegram raises or clears. Only flags of now count: those of a memory are past. Two records may tell
/// of the same alarm; it stands if one of them says so.
#[must_use]
pub fn of_telegram(meter: MeterId, status: Option<u8>, readings: &[Reading]) -> Vec<Signal> {
    flags::signals(meter, status, readings)
}

/// What a status byte says of each alarm it can tell, by the standard (EN 13757-3:2018 table 17): that it stands, or that
/// it does not. Bits 5 to 7 are the maker's and say nothing here.
#[must_use]
pub fn of_status(status: u8) -> Vec<Signal> {
    flags::of_status(status)
}

/// The alarms that a telegram says stand, the most severe first, each once.
#[must_use]
pub fn raised(signals: &[Signal]) -> Vec<Signal> {
    let mut raised: Vec<Signal> =
        signals.iter().filter(|signal| signal.change == Change::Raised).copied().collect();
    raised.sort_by_key(|signal| (std::cmp::Reverse(signal.code.severity()), signal.code, signal.phase));
    raised.dedup_by_key(|signal| (signal.code, signal.phase));
    raised
}
