//! What a message of an electricity meter says, whichever form it came in.
//!
//! What comes in: a decoded push or P1 telegram and when it was received. What goes out: the moment it speaks of, what the
//! meter calls itself, and the registers that become series. Momentary values, texts and dates stay in the message.

use jiff::{SignedDuration, Timestamp, civil};
use tidstro_calendar::Zone;
use tidstro_dlms::{ClockStatus, DateTime, P1Telegram, Push, Security, pushed_alarms};
use tidstro_model::{DeviceName, DeviceNo, Function, Obis, QuantityKind, Reading, Value};
use tidstro_store::{NewReading, Receipt, ToldAlarms};

use crate::codes::{told_by_codes, told_by_voltages};

/// A decoded message.
pub(super) enum Said {
    Push(Box<Push>),
    P1(Box<P1Telegram>),
}

/// The clock object.
const CLOCK: [u8; 5] = [0, 0, 1, 0, 0];
/// How far ahead of its reception a meter's clock may be and still be believed.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);
/// No meter of this kind is older.
const FIRST_YEAR: i16 = 2000;

impl Said {
    pub(super) fn security(&self) -> Security {
        match self {
            Self::Push(push) => push.security,
            Self::P1(_) => Security::Clear,
        }
    }

    /// What the meter calls itself.
    pub(super) fn name(&self) -> Option<DeviceName> {
        match self {
            Self::Push(push) => push.device_name(),
            Self::P1(telegram) => telegram.device_name(),
        }
    }

    pub(super) fn readings(&self) -> &[Reading] {
        match self {
            Self::Push(push) => &push.readings,
            Self::P1(telegram) => &telegram.readings,
        }
    }

    /// How many values gave no reading.
    pub(super) fn faults(&self) -> Vec<String> {
        match self {
            Self::Push(push) => {
                push.faults.iter().map(|fault| format!("{} {}", fault.obis, fault.kind)).collect()
            }
            Self::P1(telegram) => {
                telegram.faults.iter().map(|fault| format!("byte {}: {}", fault.offset, fault.kind)).collect()
            }
        }
    }

    /// The moment the meter says, if it says how far it is from UTC, does not doubt it, and can be believed; else when the
    /// message was received.
    pub(super) fn moment(&self, zone: &Zone, receipt: &Receipt) -> Timestamp {
        let stated = match self {
            Self::Push(push) => pushed_moment(push),
            Self::P1(telegram) => {
                let minutes = |local: civil::DateTime| standard_minutes(zone, local.year());
                telegram.moment.and_then(|stamp| stamp.instant(minutes(stamp.local)?))
            }
        };
        stated.filter(|at| is_believed(*at, receipt.received)).unwrap_or(receipt.received)
    }

    /// What it tells of alarms: codes of events, and voltages.
    pub(super) fn alarms(&self, device: DeviceNo, at: Timestamp) -> Vec<ToldAlarms> {
        let mut told = match self {
            Self::Push(push) => told_by_codes(device, &pushed_alarms(&push.items, push.moment), at),
            Self::P1(_) => Vec::new(),
        };
        told.extend(told_by_voltages(device, self.readings(), at));
        told
    }

    /// The registers of now that count energy, each with its moment.
    pub(super) fn registers(&self, device: DeviceNo, at: Timestamp) -> Vec<NewReading> {
        self.readings().iter().filter_map(|reading| register(device, reading, at)).collect()
    }
}

/// The clock among the values, which is when they were read; else when the push was sent.
fn pushed_moment(push: &Push) -> Option<Timestamp> {
    let is_clock = |obis: Obis| matches!(obis, Obis([a, b, c, d, e, _]) if [a, b, c, d, e] == CLOCK);
    let clock = push.items.iter().find(|item| is_clock(item.obis)).and_then(|item| item.value.date_time());
    clock.into_iter().chain(push.moment).filter(is_sure).find_map(|moment| moment.instant())
}

fn is_sure(moment: &DateTime) -> bool {
    !moment.status().is_some_and(|status: ClockStatus| status.is_invalid() || status.is_doubtful())
}

fn is_believed(at: Timestamp, received: Timestamp) -> bool {
    let is_past = at.duration_since(received) <= AHEAD_MAX;
    is_past && at.to_zoned(jiff::tz::TimeZone::UTC).year() >= FIRST_YEAR
}

/// Minutes the zone's standard time is ahead of UTC in a year.
fn standard_minutes(zone: &Zone, year: i16) -> Option<i16> {
    let new_year = civil::Date::new(year, 1, 1).ok()?;
    let in_utc = new_year.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    i16::try_from(in_utc.duration_since(zone.day_start(new_year)).as_mins()).ok()
}

/// A register that counts energy. Each direction and quadrant is a register of its own, told apart by group C of its code:
/// the subunit; delivered active energy, the one every meter has, is 0. So none is against another, and no code goes with it.
fn register(device: DeviceNo, reading: &Reading, at: Timestamp) -> Option<NewReading> {
    let Value::Number(number) = reading.value else { return None };
    let is_energy = matches!(
        reading.quantity,
        QuantityKind::Energy | QuantityKind::ReactiveEnergy | QuantityKind::ApparentEnergy
    );
    let is_now = reading.function == Function::Instantaneous && reading.storage == 0;
    // Electricity, value of a register (group D 8): not of a billing period, an average or a phase of a network.
    let Some(Obis([1, _, measured @ 1..=10, 8, _, _])) = reading.obis else { return None };
    (is_energy && is_now).then_some(NewReading {
        device,
        quantity: reading.quantity,
        unit: reading.unit,
        tariff: reading.tariff,
        subunit: if measured == 1 { 0 } else { u16::from(measured) },
        at,
        number,
        obis: None,
    })
}
