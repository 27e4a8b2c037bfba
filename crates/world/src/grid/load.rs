//! True hourly energy of households and solar cells.
//!
//! What comes in: a profile, the weather and the local hour. What goes out: whole watt hours.

use jiff::civil::{Date, Weekday};

use super::GridPoint;
use crate::chance::{Chance, Topic};
use crate::climate::Weather;
use crate::place::PointKind;
use crate::town::Town;

/// Hourly weights in thousandths of the mean hour; each day adds up to 24,000.
type Weights = [i64; 24];

/// Somebody goes to work: a morning peak and a high evening.
const WEEKDAY: Weights = [
    560, 480, 450, 440, 460, 600, 950, 1180, 1050, 900, 860, 870, 920, 880, 880, 980, 1260, 1780, 1960, 1720,
    1460, 1300, 1180, 880,
];

/// At home: late morning, cooking at noon, a lower evening.
const WEEKEND: Weights = [
    640, 540, 480, 450, 450, 490, 620, 850, 1140, 1330, 1360, 1340, 1360, 1220, 1120, 1120, 1300, 1640, 1700,
    1480, 1160, 960, 740, 510,
];

/// Solar cells on a clear June day, in thousandths of the peak.
const SUN: Weights =
    [0, 0, 0, 0, 5, 40, 120, 260, 430, 600, 740, 830, 860, 840, 760, 640, 490, 330, 190, 90, 25, 2, 0, 0];

/// Charging an electric car: energy in one hour, in Wh.
const CHARGING_WH: i64 = 3_600;

/// Nights on which a car is charged, in thousandths.
const CHARGING_PERMILLE: u32 = 380;

/// What a metering point's load is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Mean energy per hour without heating and car, in Wh.
    pub mean_hour_wh: i64,
    /// Heat pump: mWh per hour and tenth of a kelvin of heating demand; 0 without one.
    pub heat_pump_mwh: i64,
    /// Whether an electric car is charged at night.
    pub charges_car: bool,
    /// Peak power of solar cells in W; 0 without.
    pub solar_peak_w: i64,
}

impl Profile {
    /// A household of one to five, some with a heat pump, some with a car.
    pub(crate) fn household(chance: &mut Chance) -> Self {
        let people = chance.one_of(&[1, 1, 2, 2, 2, 3, 4, 4, 5], 2);
        let annual_kwh = 900 + 750 * people + chance.between(-350, 650);
        Self {
            mean_hour_wh: annual_kwh * 1000 / 8760,
            heat_pump_mwh: if chance.happens(180) { chance.between(3_500, 6_500) } else { 0 },
            charges_car: chance.happens(140),
            solar_peak_w: 0,
        }
    }

    /// Solar cells on a roof.
    pub(super) fn solar(chance: &mut Chance) -> Self {
        let solar_peak_w = chance.between(30, 80) * 100;
        Self { mean_hour_wh: 0, heat_pump_mwh: 0, charges_car: false, solar_peak_w }
    }
}

impl Town {
    /// True energy of each hour of the local day with this index, in Wh.
    pub(crate) fn hours_wh(&self, point: &GridPoint, day: u32) -> Vec<i64> {
        let date = self.period.day(day);
        let weather = self.climate.on(day);
        let hours = self.period.hours_of(date);
        let mut chance = Chance::new(self.plan.seed, Topic::GridDay, point.thing, day.into());
        let charges = point.profile.charges_car && chance.happens(CHARGING_PERMILLE);
        (0..hours)
            .map(|slot| {
                let hour = local_hour(slot, hours);
                let noise = chance.bits();
                match point.kind {
                    PointKind::Production => production_wh(&point.profile, weather, hour, noise),
                    _ => {
                        consumption_wh(&point.profile, date, weather, hour, noise)
                            + charging_wh(charges, hour)
                    }
                }
            })
            .collect()
    }
}

/// What the local clock shows at the start of an hour of the day. Danish clocks change at 02:00 and 03:00.
pub(crate) const fn local_hour(slot: u32, hours: u32) -> u32 {
    match hours {
        23 if slot >= 2 => slot + 1,
        25 if slot >= 3 => slot - 1,
        _ => slot,
    }
}

/// Energy of a household in one hour, in Wh, with 32 bits of chance.
pub(crate) fn consumption_wh(profile: &Profile, day: Date, weather: Weather, hour: u32, noise: u32) -> i64 {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let weight = weight(if weekend { &WEEKEND } else { &WEEKDAY }, hour);
    // Light and indoor life: a tenth more for each 10 K below the heating limit.
    let season = 900 + weather.demand_tenths;
    // Products of thousandths, so divided by 10⁹; noise from half to one and a half.
    let load = profile.mean_hour_wh * weight * season * (500 + permille(noise)) / 1_000_000_000;
    let heat =
        profile.heat_pump_mwh * weather.demand_tenths * (800 + permille(noise >> 16) * 2 / 5) / 1_000_000;
    (load + heat).max(8)
}

/// Energy of solar cells in one hour, in Wh.
fn production_wh(profile: &Profile, weather: Weather, hour: u32, noise: u32) -> i64 {
    let clear = profile.solar_peak_w * weight(&SUN, hour) / 1000;
    clear * weather.sun_permille / 1000 * (850 + permille(noise) * 3 / 10) / 1000
}

/// Cars are charged from ten in the evening to one at night.
fn charging_wh(charges: bool, hour: u32) -> i64 {
    if charges && matches!(hour, 22 | 23 | 0) { CHARGING_WH } else { 0 }
}

fn weight(weights: &Weights, hour: u32) -> i64 {
    weights.get(hour as usize).copied().unwrap_or(0)
}

/// The low 16 bits as thousandths, 0 to 999.
fn permille(noise: u32) -> i64 {
    i64::from(((noise & 0xffff) * 1000) >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_keep_the_mean() {
        for weights in [WEEKDAY, WEEKEND] {
            assert_eq!(weights.iter().sum::<i64>(), 24_000);
        }
    }

    #[test]
    fn the_clock_skips_or_repeats_an_hour() {
        let hours = |count| (0..count).map(|slot| local_hour(slot, count)).collect::<Vec<_>>();
        assert_eq!(hours(23)[..4], [0, 1, 3, 4]);
        assert_eq!(hours(25)[..5], [0, 1, 2, 2, 3]);
        assert_eq!((hours(23)[22], hours(24)[23], hours(25)[24]), (23, 23, 23));
    }

    #[test]
    fn noise_is_a_thousandth() {
        assert_eq!((permille(0), permille(0xffff), permille(0xffff_8000)), (0, 999, 500));
    }
}
