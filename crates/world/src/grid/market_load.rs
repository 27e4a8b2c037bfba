//! What the points of the market measure, and the file their head-end delivers.
//!
//! What comes in: the town and the truth of its households. What goes out: true energy by quarter or hour, and rows of the
//! same form as the households' file. Exchange is what balances the area: consumption and what the grid loses, less
//! production. Nothing is wrong in this file.

use tidstro_model::{Gsrn, PointState, Resolution};

use super::interval_file::{HEADER, append_measured};
use super::{MarketPoint, local_hour};
use crate::chance::{Chance, Topic};
use crate::period::instant;
use crate::place::PointKind;
use crate::town::Town;

/// What the grid loses, in thousandths of what is consumed.
const LOSS_PERMILLE: i64 = 45;
/// What flows through the area at least, in Wh per quarter.
const THROUGH_WH: i64 = 6_000;
/// Mean energy of the dairy, the school's houses and the building site, in Wh per quarter.
const DAIRY_WH: i64 = 9_000;
const OLD_HOUSE_WH: i64 = 1_400;
const NEW_HOUSE_WH: i64 = 900;
const BUILDING_SITE_WH: i64 = 650;
/// What the turbine gives at most, and the solar park, in Wh per quarter.
const TURBINE_WH: i64 = 30_000;
const SOLAR_PARK_WH: i64 = 11_000;

/// What a point's values are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// What comes into the area.
    ExchangeIn,
    /// What leaves it.
    ExchangeOut,
    Dairy,
    Turbine,
    SolarPark,
    /// Both houses.
    School,
    OldHouse,
    NewHouse,
    BuildingSite,
    /// What solar cells give that the household does not use in the same hour. Both are indexes of households.
    ToGrid {
        home: usize,
        cells: usize,
    },
    /// What the household uses that its cells do not give.
    FromGrid {
        home: usize,
        cells: usize,
    },
    /// The market computes the values: nobody delivers them.
    Computed,
}

/// A local day of the area: what every household used and gave, summed by quarter.
struct AreaDay {
    index: u32,
    quarters: usize,
    /// Consumption less production of the households, by quarter, in Wh.
    net: Vec<i64>,
    /// Consumption alone.
    consumption: Vec<i64>,
}

impl Town {
    /// Name and days of the file of the points that are no household's; its first day begins with the header line.
    pub fn market_file(&self) -> (String, impl Iterator<Item = Vec<u8>> + '_) {
        let days = (0..self.period.days()).map(|index| self.market_day(index));
        ("head-end-543-market.csv".to_owned(), days)
    }

    /// True energy of a point of the market on a local day, in Wh, by quarter or hour as it is delivered: empty on days on
    /// which it is not connected. `None` for other points, days outside the period, and what the market computes.
    #[must_use]
    pub fn true_market_wh(&self, gsrn: Gsrn, day: jiff::civil::Date) -> Option<Vec<i64>> {
        let area_day = self.area_day(self.period.index_of(day)?);
        let point = self.market_points.iter().find(|point| point.gsrn == gsrn)?;
        point.delivered()?;
        Some(self.energy(point, &area_day))
    }

    fn market_day(&self, index: u32) -> Vec<u8> {
        let day = self.area_day(index);
        let mut out = if index == 0 { HEADER.to_vec() } else { Vec::new() };
        for point in &self.market_points {
            let Some(resolution) = point.delivered() else { continue };
            let gsrn = point.gsrn.to_string();
            let step = if resolution == Resolution::PT15M { 900 } else { 3_600 };
            for (wh, slot) in self.energy(point, &day).into_iter().zip(0_i64..) {
                let start = instant(self.period.start_of(index) + step * slot);
                append_measured(&mut out, gsrn.as_bytes(), format!(";{start};{resolution};").as_bytes(), wh);
            }
        }
        out
    }

    fn area_day(&self, index: u32) -> AreaDay {
        let quarters = 4 * self.period.hours_of(self.period.day(index)) as usize;
        let mut day = AreaDay { index, quarters, net: vec![0; quarters], consumption: vec![0; quarters] };
        for point in &self.grid_points {
            for (wh, quarters) in self.hours_wh(point, index).into_iter().zip((0_usize..).step_by(4)) {
                day.add_hour(point.kind, wh, quarters);
            }
        }
        let companies = self.market_points.iter().filter(|point| point.load.balances().is_some());
        for point in companies {
            let sign = point.load.balances().unwrap_or(0);
            for ((wh, net), consumption) in
                self.energy(point, &day).into_iter().zip(&mut day.net).zip(&mut day.consumption)
            {
                let own = point
                    .states
                    .first()
                    .map_or(wh, |(state, _)| wh * i64::from(state.factor.thousandths()) / 1_000);
                *net += sign * own;
                *consumption += sign.max(0) * own;
            }
        }
        day
    }

    /// Energy by slot; nothing on a day on which the point is not connected.
    fn energy(&self, point: &MarketPoint, day: &AreaDay) -> Vec<i64> {
        let date = self.period.day(day.index);
        if !point.state_on(date).is_some_and(PointState::is_in_use) {
            return Vec::new();
        }
        match point.load {
            Load::ExchangeIn => day.exchange().map(|(into, _)| into).collect(),
            Load::ExchangeOut => day.exchange().map(|(_, out)| out).collect(),
            Load::ToGrid { home, cells } => self.surplus(day, home, cells).map(|net| net.max(0)).collect(),
            Load::FromGrid { home, cells } => {
                self.surplus(day, home, cells).map(|net| (-net).max(0)).collect()
            }
            Load::School => {
                let (old, new) =
                    (self.quarters_wh(Load::OldHouse, day), self.quarters_wh(Load::NewHouse, day));
                old.zip(new).map(|(old, new)| old + new).collect()
            }
            load => self.quarters_wh(load, day).collect(),
        }
    }

    /// What a household's cells give more than it uses, by hour.
    fn surplus(&self, day: &AreaDay, home: usize, cells: usize) -> impl Iterator<Item = i64> {
        let of = |index: usize| {
            let point = self.grid_points.get(index);
            point.map(|point| self.hours_wh(point, day.index)).unwrap_or_default()
        };
        of(cells).into_iter().zip(of(home)).map(|(given, used)| given - used)
    }

    /// Energy of something that has a curve of its own, by quarter.
    fn quarters_wh(&self, load: Load, day: &AreaDay) -> impl Iterator<Item = i64> {
        let thing = 1 << 40 | u64::from(load.number());
        let mut chance = Chance::new(self.plan.seed, Topic::GridDay, thing, day.index.into());
        // Wind blows as long as a day: calm, or strong.
        let wind = chance.between(40, 980);
        let sun = self.climate.on(day.index).sun_permille;
        let hours = u32::try_from(day.quarters / 4).unwrap_or(24);
        (0..hours * 4).map(move |quarter| {
            let hour = i64::from(local_hour(quarter / 4, hours));
            let noise = chance.between(900, 1_100);
            load.quarter_wh(hour, (wind, sun)) * noise / 1_000
        })
    }
}

impl Load {
    /// How its energy enters the balance of the area: as consumption, as production, or not at all. The houses of the
    /// school and the households' children are in other points already.
    const fn balances(self) -> Option<i64> {
        match self {
            Self::Dairy | Self::School | Self::BuildingSite => Some(1),
            Self::Turbine | Self::SolarPark => Some(-1),
            _ => None,
        }
    }

    /// Identifies it for chance.
    const fn number(self) -> u8 {
        match self {
            Self::Dairy => 1,
            Self::Turbine => 2,
            Self::SolarPark => 3,
            Self::OldHouse => 4,
            Self::NewHouse => 5,
            Self::BuildingSite => 6,
            _ => 0,
        }
    }

    /// Energy of one quarter before chance, in Wh, by the hour of the local clock.
    fn quarter_wh(self, hour: i64, (wind, sun): (i64, i64)) -> i64 {
        let by_day = |wh: i64, (from, to): (i64, i64)| if (from..to).contains(&hour) { wh } else { wh / 5 };
        match self {
            Self::Dairy => by_day(DAIRY_WH, (4, 20)),
            Self::OldHouse => by_day(OLD_HOUSE_WH, (7, 16)),
            Self::NewHouse => by_day(NEW_HOUSE_WH, (7, 18)),
            Self::BuildingSite => by_day(BUILDING_SITE_WH, (7, 15)),
            Self::Turbine => TURBINE_WH * wind / 1_000,
            // A parabola from six in the morning to eight in the evening.
            Self::SolarPark => SOLAR_PARK_WH * sun / 1_000 * ((hour - 6) * (20 - hour)).max(0) / 49,
            _ => 0,
        }
    }
}

impl AreaDay {
    /// Quarters of an hour are equal, as settlement splits it; what is left over goes to the first ones.
    fn add_hour(&mut self, kind: PointKind, wh: i64, first: usize) {
        let sign = if kind == PointKind::Production { -1 } else { 1 };
        let slots = self.net.iter_mut().zip(&mut self.consumption).skip(first).take(4);
        for ((net, consumption), quarter) in slots.zip(0..) {
            let part = wh / 4 + i64::from(quarter < wh % 4);
            *net += sign * part;
            *consumption += sign.max(0) * part;
        }
    }

    /// What comes in and goes out, by quarter: both above zero, and their difference what the area needs.
    fn exchange(&self) -> impl Iterator<Item = (i64, i64)> {
        self.net.iter().zip(&self.consumption).map(|(net, consumption)| {
            let needed = net + consumption * LOSS_PERMILLE / 1_000;
            (THROUGH_WH + needed.max(0), THROUGH_WH + (-needed).max(0))
        })
    }
}
