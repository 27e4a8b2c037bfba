//! What meters say: the records of a telegram.
//!
//! What comes in: a meter and the moment it sends. What goes out: the moment on the meter's own clock, its
//! registers, the due date and the register then. Nothing here knows about radio.

use jiff::civil::{Date, date};

use crate::encode::{Data, Record, Vif};
use crate::facts::{AlarmKind, MeterAlarm};
use crate::period::meter_clock;
use crate::place::{Meter, Place, PointKind};
use crate::radio::Sending;
use crate::town::Town;

impl Town {
    /// What the meter says at a sending.
    pub(crate) fn records(&self, meter: &Meter, sending: Sending) -> Vec<Record> {
        let minute = sending.second.div_euclid(60) * 60;
        let mut records = vec![Record::now(Vif::DateTime, Data::DateTime(meter_clock(minute)))];
        let Some(place) = self.places.get(meter.place) else { return records };
        let stated = self.stated(meter, sending.second);
        match place.kind {
            PointKind::Allocator => {
                records.extend(with_due(Vif::HcaUnits, Data::Bcd6, stated, place, self.due_date()));
            }
            PointKind::ColdWater | PointKind::HotWater => {
                records.extend(with_due(Vif::VolumeLitre, Data::Bcd8, stated, place, self.due_date()));
            }
            PointKind::RoomSensor => records.extend(self.room_records(meter, sending)),
            PointKind::HeatMeter => {
                records.extend(with_due(Vif::EnergyKwh, Data::Bcd8, stated, place, self.due_date()));
                records.extend(self.heat_records(place, sending));
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

    /// The last day of the year before the period.
    fn due_date(&self) -> Date {
        date(self.plan.first_day.year().saturating_sub(1).max(1), 12, 31)
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

/// A register now, the due date, and the register then.
fn with_due(vif: Vif, data: fn(u32) -> Data, now: i64, place: &Place, due_date: Date) -> [Record; 3] {
    [
        Record::now(vif, data(counted(now))),
        Record::due(Vif::Date, Data::Date(due_date)),
        Record::due(vif, data(counted(place.due_value))),
    ]
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
