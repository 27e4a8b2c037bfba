//! What one telegram says: the status byte of its header, and the error flags among its records.

use tidstro_model::{MeterId, QuantityKind, Reading, Value};

use super::{Change, Signal, flags_of, of_status};

/// Every alarm that a telegram raises or clears. Only flags of now count: those of a memory are past.
#[must_use]
pub fn of_telegram(meter: MeterId, status: Option<u8>, readings: &[Reading]) -> Vec<Signal> {
    let profile = flags_of(meter.manufacturer, meter.medium);
    let flags = readings.iter().filter_map(flags_now).flat_map(|flags| profile.signals(flags));
    status.into_iter().flat_map(of_status).chain(flags).collect()
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

/// Flags as a number, the first byte lowest; `None` for another record, or one of more than 64 bits.
fn flags_now(reading: &Reading) -> Option<u64> {
    if reading.quantity != QuantityKind::ErrorFlags || reading.storage != 0 {
        return None;
    }
    match &reading.value {
        Value::Number(number) if number.exponent() == 0 => u64::try_from(number.mantissa()).ok(),
        Value::Bytes(bytes) if bytes.len() <= 8 => {
            Some(bytes.iter().rev().fold(0, |flags, byte| flags << 8 | u64::from(*byte)))
        }
        _ => None,
    }
}
