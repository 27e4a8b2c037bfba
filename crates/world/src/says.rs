//! What meters say: the records of a telegram.
//!
//! What comes in: a meter and the moment it sends. What goes out: the moment on the meter's own clock, its
//! registers, the due date and the register then, and from time to time the ends of the months before. Nothing here knows about radio.

use jiff::ToSpan;
use jiff::civil::Date;
use tidstro_calendar::first_of_month;

use crate::encode::{Data, Record, Vif};
use crate::facts::{AlarmKind, MeterAlarm};
use crate::period::meter_clock;
use crate::place::{Meter, Place, PointKind};
use crate::plan::{day_after, due_date};
use crate::radio::Sending;
use crate::town::Town;

/// Telegrams from one with memories to the next such: about thirty days.
const MEMORY_TURN: i64 = 120;
/// Ends of months in one telegram, for which a frame has room.
const MONTHS_AT_ONCE: u8 = 12;
/// Storage number of the newest end of a month (OMS, volume 2: monthly values stand from here on).
const FIRST_MONTH: u8 = 8;

impl Town {
    /// What the meter says at a sending.
    pub(crate) fn records(&self, meter: &Meter, sending: Sending) -> Vec<Record> {
        let minute = sending.second.div_euclid(60) * 60;
        let mut records = vec![Record::now(Vif::DateTime, Data::DateTime(meter_clock(minute)))];
        let Some(place) = self.places.get(meter.place) else { return records };
        let stated = self.stated(meter, sending.second);
        match place.kind {
            PointKind::Allocator => {
                records.extend(self.with_due(Vif::HcaUnits, Data::Bcd6, stated, place));
                records.extend(self.memories(meter, sending, (Vif::HcaUnits, Data::Bcd6)));
            }
            PointKind::ColdWater | PointKind::HotWater => {
                records.extend(self.with_due(Vif::VolumeLitre, Data::Bcd8, stated, place));
                records.extend(self.memories(meter, sending, (Vif::VolumeLitre, Data::Bcd8)));
            }
            PointKind::RoomSensor => records.extend(self.room_records(meter, sending)),
            PointKind::HeatMeter => {
                records.extend(self.with_due(Vif::EnergyKwh, Data::Bcd8, stated, place));
                // A frame has no room for both.
                match self.memories(meter, sending, (Vif::EnergyKwh, Data::Bcd8)) {
                    memories if memories.is_empty() => records.extend(self.heat_records(place, sending)),
                    memories => records.extend(memories),
                }
            }
            PointKind::Consumption | PointKind::Production => {}
        }
        records.extend(self.flags(meter, sending));
        records
    }

    /// The status byte: the battery is all that a meter of the town says in it (EN 13757-3:2018 table 17).
    pub(crate) fn status(&self, meter: &Meter, sending: Sending) -> u8 {
        const POWER_LOW: u8 = 0x04;
        let mut now = self.alarms_of(meter).filter(|alarm| self.period.has(alarm.days, sending.second));
        if now.any(|alarm| alarm.kind == AlarmKind::LowBattery) { POWER_LOW } else { 0 }
    }

    /// The error flags of a meter that has any.
    fn flags(&self, meter: &Meter, sending: Sending) -> Option<Record> {
        let mut flags = None;
        for alarm in self.alarms_of(meter) {
            let Some(flag) = alarm.kind.flag() else { continue };
            let now = if self.period.has(alarm.days, sending.second) { flag } else { 0 };
            flags = Some(flags.unwrap_or(0) | now);
        }
        flags.map(|flags| Record::now(Vif::ErrorFlags, Data::Int16(flags)))
    }

    fn alarms_of(&self, meter: &Meter) -> impl Iterator<Item = &MeterAlarm> {
        let id = meter.id;
        self.facts.alarms.iter().filter(move |alarm| alarm.meter == id)
    }

    /// The ends of months a meter remembers, where it is their turn: the newest twelve, and in the next telegram those before. Each
    /// has its date and its register (EN 13757-3:2018, 6.3.5: what shares a storage number belongs together).
    fn memories(&self, meter: &Meter, sending: Sending, (vif, data): (Vif, fn(u32) -> Data)) -> Vec<Record> {
        let turn = u8::try_from(sending.ordinal.rem_euclid(MEMORY_TURN)).unwrap_or(u8::MAX);
        let known = u8::try_from(self.plan.memory_months).unwrap_or(0);
        let first = turn.saturating_mul(MONTHS_AT_ONCE);
        let today = meter_clock(sending.second).date();
        let month = |back: u8| {
            let day = first_of_month(today).saturating_sub(i64::from(back).months()).yesterday().ok()?;
            let storage = FIRST_MONTH + back;
            let register = Record { storage, vif, data: data(counted(self.remembered(meter, day)?)) };
            Some([Record { storage, vif: Vif::Date, data: Data::Date(day) }, register])
        };
        (first..known.min(first.saturating_add(MONTHS_AT_ONCE))).filter_map(month).flatten().collect()
    }

    /// What a meter showed at the end of a day, the last of its month, in whole units of its telegram.
    fn remembered(&self, meter: &Meter, day: Date) -> Option<i64> {
        let place = self.places.get(meter.place)?;
        if !meter.mounted.contains(day) {
            return None;
        }
        if day >= self.plan.first_day {
            return Some(self.stated(meter, self.period.second_of(day_after(day, 1))));
        }
        place.past.iter().find(|end| end.day == day).map(|end| end.milli / 1000)
    }

    /// A register now, the due date, and the register then.
    fn with_due(&self, vif: Vif, data: fn(u32) -> Data, now: i64, place: &Place) -> [Record; 3] {
        [
            Record::now(vif, data(counted(now))),
            Record::due(Vif::Date, Data::Date(due_date(&self.plan))),
            Record::due(vif, data(counted(place.due_value))),
        ]
    }

    fn room_records(&self, meter: &Meter, sending: Sending) -> [Record; 2] {
        let (temperature, humidity) = self.room_climate(meter, sending.second);
        [
            Record::now(Vif::ExternalTemperatureHundredth, Data::Int16(small(temperature))),
            Record::now(Vif::HumidityTenth, Data::Int16(small(humidity))),
        ]
    }

    /// The further values of a heat meter: volume, power, flow, temperatures, time in operation.
    fn heat_records(&self, place: &Place, sending: Sending) -> [Record; 6] {
        let minute = self.period.minute(sending.second);
        let energy_wh = place.curve.as_ref().map_or(0, |curve| curve.at(minute));
        let power_w = place.curve.as_ref().map_or(0, |curve| curve.rate(minute));
        // Water cooled by 30 K gives off 34.9 Wh per litre.
        let litres = |wh: i64| wh * 10 / 349;
        let hours = 20_000 + minute / 60;
        let flow_tenths = 550 + (power_w / 250).min(250);
        [
            Record::now(Vif::VolumeLitre, Data::Bcd8(counted(litres(energy_wh)))),
            Record::now(Vif::PowerWatt, Data::Int32(large(power_w))),
            Record::now(Vif::FlowLitrePerHour, Data::Int32(large(litres(power_w)))),
            Record::now(Vif::FlowTemperatureTenth, Data::Int16(small(flow_tenths))),
            Record::now(Vif::ReturnTemperatureTenth, Data::Int16(small(flow_tenths - 300))),
            Record::now(Vif::OnTimeHours, Data::Int32(large(hours))),
        ]
    }
}

/// A register as an unsigned number; registers of the world are never negative.
fn counted(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

/// A value for a 16-bit field, held at its limits.
fn small(value: i64) -> i16 {
    i16::try_from(value).unwrap_or(i16::MAX)
}

/// A value for a 32-bit field, held at its limits.
fn large(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
