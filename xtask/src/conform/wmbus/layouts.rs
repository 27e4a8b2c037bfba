//! What is published of telegrams whose layout only the maker defines, and is told apart from a wrong reading.
//!
//! What comes in: the decoded telegram, or its refusal, and what is published. What goes out: the reason, where the
//! telegram itself proves the published value wrong or shows that there is none. Never because of a row or a driver.

use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use tidstro_model::{Decimal, Modifier, QuantityKind, Reading, Unit, Value};
use tidstro_telegram::{Refusal, Telegram};

use super::number::Ratio;

/// Whether the row was published as one that cannot be decoded: a status that says so, and no number.
pub(super) fn is_published_as_broken(expected: &Map<String, Json>) -> bool {
    let says_so = |value: &Json| value.as_str().is_some_and(|text| text.starts_with("DECODING_ERROR"));
    expected.get("status").is_some_and(says_so) && !expected.values().any(Json::is_number)
}

/// Why a telegram of a maker's own layout is not read.
pub(super) fn refused(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::MakersChecksum { .. } => {
            Some("the maker's checksum contradicts the telegram (a copy edited before it was published)")
        }
        Refusal::ModeNotYet { mode: 16, .. } => Some(
            "a register the maker hides in a way nobody has described, in one telegram (security mode 16)",
        ),
        _ => None,
    }
}

/// Whether a memory of this quantity is empty: the source publishes what an empty one holds as zero.
pub(super) fn has_empty_memory(telegram: &Telegram, suffix: &str) -> bool {
    let quantity = match suffix {
        "m3" => QuantityKind::Volume,
        "hca" => QuantityKind::HcaUnits,
        "kwh" => QuantityKind::Energy,
        _ => return false,
    };
    let is_empty = |reading: &Reading| {
        reading.quantity == quantity && reading.storage > 0 && reading.value == Value::Invalid
    };
    telegram.readings.iter().any(is_empty)
}

/// Whether the number is a tenth of a month's volume that the telegram's own registers prove.
pub(super) fn is_tenth_of_proven(telegram: &Telegram, wanted: Ratio) -> bool {
    let months: Vec<(u64, Decimal)> = telegram.readings.iter().filter_map(of_month).collect();
    let is_ten_times = |number: &Decimal| {
        Ratio::of(*number)
            .and_then(|said| said.times(Ratio::new(1, 10)))
            .is_some_and(|said| said.is_close_to(wanted))
    };
    months.iter().any(|(_, number)| is_ten_times(number)) && are_proven(telegram, &months)
}

fn of_month(reading: &Reading) -> Option<(u64, Decimal)> {
    let is_it = reading.unit == Unit::CubicMetre && reading.modifiers.contains(&Modifier::OF_PERIOD);
    match reading.value {
        Value::Number(number) if is_it => Some((reading.storage, number)),
        _ => None,
    }
}

/// Whether the months since the due date sum up to the difference of the registers, but for their rounding.
fn are_proven(telegram: &Telegram, months: &[(u64, Decimal)]) -> bool {
    let proof = || {
        let latest = months.iter().map(|(storage, _)| *storage).min()?;
        let ((due, due_volume), (last, last_volume)) = (dated(telegram, 1)?, dated(telegram, latest)?);
        let count = 12 * (i64::from(last.year()) - i64::from(due.year())) + i64::from(last.month())
            - i64::from(due.month());
        let since = latest..latest + u64::try_from(count).ok()?;
        let of_since = months.iter().filter(|(storage, _)| since.contains(storage));
        let sum = of_since.map(|(_, number)| litres(*number)).sum::<Option<i64>>()?;
        let difference = litres(last_volume)? - litres(due_volume)?;
        Some(count > 0 && (difference - sum).abs() <= 10 * count)
    };
    proof().unwrap_or(false)
}

/// The date and volume of a storage.
fn dated(telegram: &Telegram, storage: u64) -> Option<(Date, Decimal)> {
    let of = telegram.readings.iter().filter(|reading| reading.storage == storage);
    let date = of.clone().find_map(|reading| match reading.value {
        Value::Date(date) => Some(date),
        _ => None,
    });
    let volume = of.filter(|reading| reading.modifiers.is_empty()).find_map(|reading| match reading.value {
        Value::Number(number) if reading.unit == Unit::CubicMetre => Some(number),
        _ => None,
    });
    date.zip(volume)
}

fn litres(number: Decimal) -> Option<i64> {
    number.in_steps_of(-3)
}
