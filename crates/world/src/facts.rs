//! What is odd in the town, so that tests and the demo can point at it.
//!
//! What comes in: the seed. What goes out: which flat, meter, metering point and day carries which fault. The
//! faults lie in the first 24 flats and the first 200 metering points, so that a larger town has the same ones.

use std::ops::Range;

use jiff::civil::Date;
use tidstro_model::{DayRange, Gln, Gsrn, MeterId};

/// Everything odd in a town.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Somebody moves out, the flat is vacant, somebody else moves in.
    pub move_out: MoveOut,
    /// An allocator that falls silent after a third of the period.
    pub silent: SilentMeter,
    /// A cold water meter that is exchanged.
    pub exchange: MeterExchange,
    /// A hot water meter whose key is not in the key file.
    pub missing_key: MeterAt,
    /// A burst hose: a cold water meter runs through 9 m³ in one day. True, and far above its history.
    pub burst: Burst,
    /// What meters say is wrong. Three of them have a record of error flags for it, all the time.
    pub alarms: Vec<MeterAlarm>,
    /// Lines of the gateways that no telegram can be read from.
    pub damaged: Vec<DamagedLine>,
    /// What is odd in the grid area.
    pub grid: GridFacts,
}

/// A change of tenant with vacant days between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveOut {
    /// Building.
    pub area: String,
    /// Flat label.
    pub unit: String,
    /// Index in [`crate::Town::people`] of who leaves.
    pub leaver: usize,
    /// Index in [`crate::Town::people`] of who comes.
    pub newcomer: usize,
    /// The five days nobody lives there: from the day after the leaver's last to the newcomer's first (outside).
    pub vacant: DayRange,
}

/// A meter and where it is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterAt {
    /// The meter.
    pub meter: MeterId,
    /// Id of its metering point.
    pub point: String,
}

/// A meter that falls silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentMeter {
    /// The meter.
    pub meter: MeterId,
    /// Id of its metering point.
    pub point: String,
    /// The last local day with telegrams.
    pub last_day: Date,
}

/// A meter that is exchanged at the start of a local day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterExchange {
    /// Id of the metering point.
    pub point: String,
    /// First local day of the new meter.
    pub day: Date,
    /// The meter taken down; silent from that day.
    pub old: MeterId,
    /// The meter put up; it begins near zero.
    pub new: MeterId,
    /// Register of the old meter when it was taken down, in litres.
    pub old_final_litres: i64,
    /// Register of the new meter when it was put up, in litres.
    pub new_start_litres: i64,
}

/// A day of enormous water consumption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burst {
    /// Id of the metering point.
    pub point: String,
    /// Day of the meter's clock.
    pub day: Date,
}

/// Something a meter says is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterAlarm {
    /// The meter.
    pub meter: MeterId,
    /// Id of its metering point.
    pub point: String,
    /// What it says.
    pub kind: AlarmKind,
    /// For how long, by the second at which it sends.
    pub days: DayRange,
}

/// What a meter of the town can say is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmKind {
    /// A small flow that never stops.
    Leak,
    /// A large flow.
    Burst,
    /// The device was taken off.
    Tamper,
    /// The battery is nearly empty: told by the status byte, as by every meter.
    LowBattery,
}

impl AlarmKind {
    /// Its bit of the error flags, which are the town's own; none for what the status byte tells.
    #[must_use]
    pub const fn flag(self) -> Option<i16> {
        match self {
            Self::Leak => Some(1),
            Self::Burst => Some(2),
            Self::Tamper => Some(4),
            Self::LowBattery => None,
        }
    }
}

/// A line from which no telegram can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedLine {
    /// Index of the gateway, from 0.
    pub gateway: usize,
    /// Local day in whose lines it stands.
    pub day: Date,
    /// What is wrong with it.
    pub damage: Damage,
}

/// How a line is damaged. The telegram was heard whole by the other gateway; nothing is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The telegram ends half-way.
    Truncated,
    /// A byte was heard wrongly, so a checksum does not match.
    WrongCrc,
    /// Not a telegram at all.
    Rubbish,
}

/// Hours of one local day at one metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// The metering point.
    pub gsrn: Gsrn,
    /// The local day.
    pub day: Date,
    /// Hours of the day, counted from 0, the last one outside.
    pub slots: Range<u32>,
}

impl Hours {
    /// Whether an hour of a day of a point is among them.
    #[must_use]
    pub fn contains(&self, gsrn: Gsrn, day: Date, slot: u32) -> bool {
        self.gsrn == gsrn && self.day == day && self.slots.contains(&slot)
    }
}

/// What is odd in the grid area. Each is at another metering point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridFacts {
    /// A transformer that fails for an hour. What was used in that hour is as if it had not.
    pub outage: Outage,
    /// The only change of supplier.
    pub supplier_change: SupplierChange,
    /// Rows without quantity, quality `missing`.
    pub missing_marked: Hours,
    /// Hours without a row.
    pub missing_absent: Hours,
    /// Rows with quality `estimated`.
    pub estimated: Hours,
    /// A quantity below zero.
    pub negative: Hours,
    /// A quantity far above the history of its point. False: the true energy is ordinary.
    pub spike: Hours,
    /// A quantity written with a comma, so that the row is refused.
    pub comma: Hours,
    /// A row whose metering point was written with a wrong check digit, so that it is refused.
    pub wrong_check_digit: Hours,
    /// A row of a metering point nobody knows.
    pub unknown_point: Hours,
}

/// A transformer that fails: every meter behind it says so, and again when its supply is back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Its name in the master data.
    pub transformer: String,
    /// The local day.
    pub day: Date,
}

/// A change of supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupplierChange {
    /// The metering point.
    pub gsrn: Gsrn,
    /// First local day of the new supplier.
    pub day: Date,
    /// The supplier before.
    pub from: Gln,
    /// The supplier from that day.
    pub to: Gln,
}
