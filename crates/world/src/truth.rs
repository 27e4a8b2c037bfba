//! What is true, whatever was delivered.
//!
//! What comes in: the id of a metering point and a local day. What goes out: registers and consumption as the
//! world knows them, exact, for comparison with what the product stores and discloses.

use jiff::civil::Date;
use tidstro_model::{Decimal, Gsrn};

use crate::chance::{Chance, Topic};
use crate::period::meter_clock;
use crate::place::{Meter, PointKind};
use crate::plan::day_after;
use crate::radio::Sending;
use crate::town::Town;

impl Town {
    /// The register stated by the last telegram that a metering point's meters sent in a local day, in the
    /// unit of the telegram: HCA units, m³, Wh; for room sensors the temperature in °C.
    ///
    /// `None` if the point is unknown, the day is outside the period, or no telegram was sent (a silent
    /// meter). A meter whose key is missing has registers too.
    #[must_use]
    pub fn true_register(&self, point_id: &str, day: Date) -> Option<Decimal> {
        let (meter, last) = self.last_sending(point_id, day)?;
        let kind = self.places.get(meter.place)?.kind;
        Some(Decimal::new(self.stated(meter, last.second), stated_exponent(kind)?))
    }

    /// True consumption of a metering point in a local day, in HCA units, m³ or Wh, finer than its telegrams
    /// say it. `None` for room sensors, unknown points and days outside the period.
    #[must_use]
    pub fn true_consumption(&self, point_id: &str, day: Date) -> Option<Decimal> {
        self.period.index_of(day)?;
        let place = self.places.get(*self.place_index.get(point_id)?)?;
        let curve = place.curve.as_ref()?;
        let at = |day| curve.at(self.period.minute(self.period.second_of(day)));
        let exponent = stated_exponent(place.kind)? - 3;
        Some(Decimal::new(at(day_after(day, 1)) - at(day), exponent))
    }

    /// True energy of an electricity metering point in a local day, in Wh, whatever was delivered for it.
    /// `None` for unknown points and days outside the period.
    #[must_use]
    pub fn true_energy_wh(&self, gsrn: Gsrn, day: Date) -> Option<i64> {
        Some(self.true_hours_wh(gsrn, day)?.into_iter().sum())
    }

    /// True energy of each hour of a local day, in Wh: 23, 24 or 25 values.
    #[must_use]
    pub fn true_hours_wh(&self, gsrn: Gsrn, day: Date) -> Option<Vec<i64>> {
        let index = self.period.index_of(day)?;
        let point = self.grid_points.get(*self.grid_index.get(&gsrn.as_u64())?)?;
        Some(self.hours_wh(point, index))
    }

    /// How many telegrams the meters of a metering point send in a local day, heard twice counted once.
    /// `None` for unknown points and days outside the period.
    #[must_use]
    pub fn telegrams_sent(&self, point_id: &str, day: Date) -> Option<usize> {
        let index = self.period.index_of(day)?;
        let place = *self.place_index.get(point_id)?;
        Some(self.meters_at(place).map(|meter| self.sendings(meter, index).count()).sum())
    }

    /// The meters of a metering point, at an exchange the old one first.
    pub(crate) fn meters_at(&self, place: usize) -> impl Iterator<Item = &Meter> {
        self.meters.iter().filter(move |meter| meter.place == place)
    }

    /// The last telegram of a metering point in a local day, and the meter that sent it.
    fn last_sending(&self, point_id: &str, day: Date) -> Option<(&Meter, Sending)> {
        let index = self.period.index_of(day)?;
        let place = *self.place_index.get(point_id)?;
        let last = |meter| Some((meter, self.sendings(meter, index).last()?));
        self.meters_at(place).filter_map(last).max_by_key(|(_, sending)| sending.second)
    }

    /// What the meter's telegram of this second states as its main value, in steps of [`stated_exponent`].
    pub(crate) fn stated(&self, meter: &Meter, second: i64) -> i64 {
        let curve = self.places.get(meter.place).and_then(|place| place.curve.as_ref());
        match curve {
            Some(curve) => (curve.at(self.period.minute(second)) + meter.register_shift) / 1000,
            None => self.room_climate(meter, second).0,
        }
    }

    /// Temperature in hundredths of a degree Celsius and relative humidity in tenths of a percent.
    pub(crate) fn room_climate(&self, meter: &Meter, second: i64) -> (i64, i64) {
        let moment = meter_clock(second);
        let flat = self.places.get(meter.place).and_then(|place| self.flats.get(place.flat?));
        let household = flat.and_then(|flat| flat.household_on(moment.date()));
        let mut chance = Chance::new(self.plan.seed, Topic::Room, meter.thing, second.unsigned_abs() / 60);
        let night = if (6..22).contains(&moment.hour()) { 0 } else { -130 };
        let wanted = household.map_or(1650, |household| household.room_hundredths + night);
        let moisture = household.map_or(380, |household| 390 + 18 * i64::from(household.people));
        (wanted + chance.between(-40, 40), moisture + chance.between(-45, 60))
    }
}

/// Power of ten of the main value in a telegram of this kind, in HCA units, m³, Wh or °C.
const fn stated_exponent(kind: PointKind) -> Option<i8> {
    match kind {
        PointKind::Allocator => Some(0),
        PointKind::ColdWater | PointKind::HotWater => Some(-3),
        PointKind::HeatMeter => Some(3),
        PointKind::RoomSensor => Some(-2),
        PointKind::Consumption | PointKind::Production => None,
    }
}
