//! What a telegram says, as readings of series.
//!
//! What comes in: a decoded telegram and how it was received. What goes out: the numbers of now that become series, and the registers
//! at ends of months, each with the moment it belongs to. Dates, texts, other memories and what a device says about itself stay in
//! the telegram.

use jiff::Timestamp;
use jiff::civil::DateTime;
use tidstro_calendar::Zone;
use tidstro_model::{Decimal, DeviceNo, Function, QuantityKind, Reading, Value};
use tidstro_store::{NewReading, Receipt};
use tidstro_telegram::Telegram;

use super::memories::month_ends;

/// The readings of a telegram that become series: numbers of now, and registers at ends of months.
pub(super) fn new_readings(
    zone: &Zone,
    (device, receipt): (DeviceNo, &Receipt),
    telegram: &Telegram,
) -> Vec<NewReading> {
    let own_clock = if receipt.time_stated { None } else { own_time(zone, receipt, telegram) };
    let at = own_clock.unwrap_or(receipt.received);
    let now = telegram.readings.iter().filter_map(|reading| reading_of_now(device, reading, at));
    now.chain(month_ends(zone, (device, at), &telegram.readings)).collect()
}

/// The moment the meter itself says it is, where it does and that can be believed.
pub(super) fn own_time(zone: &Zone, receipt: &Receipt, telegram: &Telegram) -> Option<Timestamp> {
    telegram.moment().and_then(|moment| meter_time(zone, moment, receipt.received))
}

/// The instant of a meter's own clock, which keeps the zone's standard time all year. A clock ahead of
/// the reception, or from before radio meters, is not believed.
fn meter_time(zone: &Zone, moment: DateTime, received: Timestamp) -> Option<Timestamp> {
    let new_year = jiff::civil::date(moment.year(), 1, 1);
    let offset =
        new_year.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().duration_since(zone.day_start(new_year));
    let at = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().checked_sub(offset).ok()?;
    let tolerated = received.checked_add(jiff::SignedDuration::from_hours(24)).ok()?;
    (moment.year() >= 2000 && at <= tolerated).then_some(at)
}

fn reading_of_now(device: DeviceNo, reading: &Reading, at: Timestamp) -> Option<NewReading> {
    let is_now =
        reading.function == Function::Instantaneous && reading.storage == 0 && reading.modifiers.is_empty();
    let number = number(reading)?;
    (is_now && becomes_series(reading.quantity)).then(|| new_reading(device, reading, (at, number)))
}

/// A number of a device as what its series gets.
pub(super) const fn new_reading(
    device: DeviceNo,
    reading: &Reading,
    (at, number): (Timestamp, Decimal),
) -> NewReading {
    NewReading {
        device,
        quantity: reading.quantity,
        unit: reading.unit,
        tariff: reading.tariff,
        subunit: reading.subunit,
        at,
        number,
        obis: reading.obis,
    }
}

/// The number of a record that is one.
pub(super) fn number(reading: &Reading) -> Option<Decimal> {
    if let Value::Number(number) = reading.value { Some(number) } else { None }
}

/// What is measured, as opposed to what a device says about itself.
const fn becomes_series(quantity: QuantityKind) -> bool {
    use QuantityKind as Q;
    matches!(
        quantity,
        Q::Energy
            | Q::ReactiveEnergy
            | Q::ApparentEnergy
            | Q::Volume
            | Q::Mass
            | Q::HcaUnits
            | Q::Power
            | Q::ReactivePower
            | Q::ApparentPower
            | Q::VolumeFlow
            | Q::MassFlow
            | Q::FlowTemperature
            | Q::ReturnTemperature
            | Q::TemperatureDifference
            | Q::ExternalTemperature
            | Q::Pressure
            | Q::Humidity
            | Q::Voltage
            | Q::Current
            | Q::Frequency
    )
}
