//! What is odd in the buildings: where, when, and the facts that say so.
//!
//! What comes in: the seed and the days; later the finished parts. What goes out: which of the first 24 flats
//! carries which fault, and the [`Facts`].

use jiff::civil::Date;
use tidstro_model::DayRange;

use super::builder::{Builder, NEW_METER_LITRES};
use crate::building::{
    FLATS_PER_BUILDING, Flat, SLOT_COLD_WATER, SLOT_EXCHANGED, SLOT_HOT_WATER, SLOTS_PER_FLAT,
};
use crate::chance::{Chance, Topic};
use crate::facts::{
    AlarmKind, Burst, Damage, DamagedLine, Facts, GridFacts, MeterAlarm, MeterAt, MeterExchange, MoveOut,
    SilentMeter,
};
use crate::plan::day_after;

/// Days a flat stands empty between two tenants.
const VACANT_DAYS: i64 = 5;

/// Which of the first 24 flats have which fault; all different.
pub(super) struct ChosenFlats {
    pub(super) move_out: u32,
    pub(super) silent: u32,
    pub(super) exchange: u32,
    pub(super) missing_key: u32,
    pub(super) burst: u32,
    pub(super) leak: u32,
    pub(super) tamper: u32,
}

impl ChosenFlats {
    pub(super) fn new(seed: u64) -> Self {
        let order = Chance::new(seed, Topic::Faults, 0, 0).order(FLATS_PER_BUILDING);
        let at = |position: usize| order.get(position).copied().unwrap_or(0);
        let (move_out, silent, exchange, missing_key) = (at(0), at(1), at(2), at(3));
        Self { move_out, silent, exchange, missing_key, burst: at(4), leak: at(5), tamper: at(6) }
    }
}

impl Builder {
    /// The days between the two tenants of one flat.
    pub(super) fn vacant_days(&self) -> DayRange {
        let first = self.period.day_at(2, 5);
        DayRange::new(first, day_after(first, VACANT_DAYS)).unwrap_or(DayRange::always())
    }

    /// First local day of the meter that is put up.
    pub(super) fn exchange_day(&self) -> Date {
        self.period.day_at(1, 2)
    }

    /// Day of the burst hose.
    pub(super) fn burst_day(&self) -> Date {
        self.period.day_at(3, 4)
    }

    /// First local day without telegrams of the meter that falls silent.
    pub(super) fn silent_day(&self) -> Date {
        self.period.day_at(1, 3)
    }

    /// Everything odd, once flats and meters exist.
    pub(super) fn facts(&self, flats: &[Flat], grid: GridFacts) -> Facts {
        let burst_point = self.meter_at(self.chosen.burst, SLOT_COLD_WATER).point;
        Facts {
            move_out: self.move_out(flats),
            silent: self.silent(),
            exchange: self.exchanged(),
            missing_key: self.meter_at(self.chosen.missing_key, SLOT_HOT_WATER),
            burst: Burst { point: burst_point, day: self.burst_day() },
            alarms: self.alarms(),
            damaged: self.damaged(),
            grid,
        }
    }

    fn move_out(&self, flats: &[Flat]) -> MoveOut {
        let flat = flats.get(self.chosen.move_out as usize);
        let tenant = |position: usize| Some(flat?.stays.get(position)?.tenant);
        MoveOut {
            area: flat.map(|flat| flat.area.clone()).unwrap_or_default(),
            unit: flat.map(|flat| flat.unit.clone()).unwrap_or_default(),
            leaver: tenant(0).unwrap_or_default(),
            newcomer: tenant(1).unwrap_or_default(),
            vacant: self.vacant_days(),
        }
    }

    fn silent(&self) -> SilentMeter {
        let MeterAt { meter, point } = self.meter_at(self.chosen.silent, 0);
        SilentMeter { meter, point, last_day: day_after(self.silent_day(), -1) }
    }

    fn exchanged(&self) -> MeterExchange {
        let old = self.meter_at(self.chosen.exchange, SLOT_COLD_WATER);
        let new = self.meter_at(self.chosen.exchange, SLOT_EXCHANGED);
        let day = self.exchange_day();
        let place = self.places.iter().find(|place| place.id == old.point);
        let final_milli = place.map_or(0, |place| self.true_milli(place, self.period.second_of(day)));
        MeterExchange {
            point: old.point,
            day,
            old: old.meter,
            new: new.meter,
            old_final_litres: final_milli / 1000,
            new_start_litres: NEW_METER_LITRES,
        }
    }

    /// The meter in a slot of one of the first 24 flats.
    #[expect(
        clippy::expect_used,
        reason = "called after the first 24 flats were fitted out with these slots"
    )]
    fn meter_at(&self, flat: u32, slot: u64) -> MeterAt {
        let thing = u64::from(flat) * SLOTS_PER_FLAT + slot;
        let meter = self.meters.iter().find(|meter| meter.thing == thing).expect("the slot has a meter");
        let place = self.places.get(meter.place).expect("each meter has its metering point");
        MeterAt { meter: meter.id, point: place.id.clone() }
    }

    /// A leak that nobody has mended, a burst that was over the next day, an allocator that was off for two days, and a
    /// battery that was nearly empty before its meter fell silent.
    fn alarms(&self) -> Vec<MeterAlarm> {
        let alarm = |kind, flat, slot, days| {
            let MeterAt { meter, point } = self.meter_at(flat, slot);
            MeterAlarm { meter, point, kind, days }
        };
        let for_days =
            |first: Date, days| DayRange::new(first, day_after(first, days)).unwrap_or(DayRange::from(first));
        let (leak, off) = (self.period.day_at(6, 10), self.period.day_at(7, 10));
        let empty = DayRange::from(day_after(self.silent_day(), -3));
        vec![
            alarm(AlarmKind::Leak, self.chosen.leak, SLOT_COLD_WATER, DayRange::from(leak)),
            alarm(AlarmKind::Burst, self.chosen.burst, SLOT_COLD_WATER, for_days(self.burst_day(), 1)),
            alarm(AlarmKind::Tamper, self.chosen.tamper, 0, for_days(off, 2)),
            alarm(AlarmKind::LowBattery, self.chosen.silent, 0, empty),
        ]
    }

    fn damaged(&self) -> Vec<DamagedLine> {
        let line =
            |gateway, tenth, damage| DamagedLine { gateway, day: self.period.day_at(tenth, 10), damage };
        vec![line(0, 3, Damage::Truncated), line(1, 6, Damage::WrongCrc), line(0, 8, Damage::Rubbish)]
    }
}
