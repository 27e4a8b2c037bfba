//! Small random towns: points of two areas with readings of one local day.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use tidstro_calendar::Zone;
use tidstro_metering::{
    IntervalBlock,
    settlement::{
        DaySums, EnergyResult, GridArea, Parties, PointPeriod, PointType, Readings, SettlementMethod,
        energy_results,
    },
};
use tidstro_model::{Gln, Gsrn, Interval, Quality, Resolution};

/// A normal day, and both days on which the clock changes.
pub(crate) const DAYS: [Date; 3] = [date(2025, 6, 11), date(2025, 3, 30), date(2025, 10, 26)];

/// Points with a block each, and the two points of grid loss of area 800.
#[derive(Debug, Clone)]
pub(crate) struct Town {
    pub(crate) day: Date,
    pub(crate) points: Vec<(PointPeriod, IntervalBlock)>,
    pub(crate) grid_loss: [PointPeriod; 2],
}

pub(crate) fn area(code: &str) -> GridArea {
    GridArea::parse(code).unwrap()
}

/// The period of a point that lasts the year.
pub(crate) fn point(number: u64, kind: PointType, resolution: Resolution, party: u64) -> PointPeriod {
    let year =
        Interval::new("2024-12-31T23:00:00Z".parse().unwrap(), "2025-12-31T23:00:00Z".parse().unwrap());
    PointPeriod {
        point: Gsrn::from_body(number),
        kind,
        area: area("800"),
        resolution,
        parent: None,
        parties: Parties {
            supplier: Some(Gln::from_body(party)),
            balance_responsible: Some(Gln::from_body(100 + party / 2)),
        },
        valid: year.unwrap(),
    }
}

fn kinds() -> impl Strategy<Value = PointType> {
    let (here, there) = (area("800"), area("801"));
    prop_oneof![
        Just(PointType::Consumption(SettlementMethod::Flex)),
        Just(PointType::Consumption(SettlementMethod::NonProfiled)),
        Just(PointType::Production),
        Just(PointType::Exchange { from: there, to: here }),
        Just(PointType::Exchange { from: here, to: there }),
    ]
}

fn qualities() -> impl Strategy<Value = Quality> {
    prop_oneof![
        6 => Just(Quality::Measured),
        1 => Just(Quality::Estimated),
        1 => Just(Quality::Calculated),
        2 => Just(Quality::Missing),
    ]
}

/// A block of the day with runs of values.
pub(crate) fn blocks(day: Date, resolution: Resolution) -> impl Strategy<Value = IntervalBlock> {
    let slots = Zone::copenhagen().slots(day, resolution).unwrap() as usize;
    let values = prop::collection::vec((0_i64..9_999, qualities()), 1..8);
    values.prop_map(move |runs| {
        let mut block = IntervalBlock::empty(-3);
        for (slot, more) in (0..slots).zip((0..3_i64).cycle()) {
            let (value, quality) = runs[slot * runs.len() / slots];
            block.push(Some(value + more), quality).unwrap();
        }
        block
    })
}

/// A town of up to eight points.
pub(crate) fn towns() -> impl Strategy<Value = Town> {
    let resolutions = prop_oneof![Just(Resolution::PT15M), Just(Resolution::PT1H)];
    let one = (kinds(), resolutions, 0_u64..3);
    (prop::sample::select(&DAYS), prop::collection::vec(one, 1..8)).prop_flat_map(|(day, points)| {
        let with_blocks = points.into_iter().zip(10..).map(move |((kind, resolution, party), number)| {
            (Just(point(number, kind, resolution, party)), blocks(day, resolution))
        });
        with_blocks.collect::<Vec<_>>().prop_map(move |points| {
            let loss = |number, kind| point(number, kind, Resolution::PT15M, 1);
            let flex = PointType::Consumption(SettlementMethod::Flex);
            Town { day, points, grid_loss: [loss(1, flex), loss(2, PointType::Production)] }
        })
    })
}

impl Town {
    pub(crate) fn readings(&self) -> Readings {
        let mut readings = Readings::default();
        for (period, block) in &self.points {
            readings.insert(period.point, self.day, period.resolution, block.clone());
        }
        readings
    }

    pub(crate) fn sums(&self, resolution: Resolution) -> DaySums {
        let periods = self.points.iter().map(|(period, _)| period).chain(&self.grid_loss);
        let loss: BTreeSet<Gsrn> = self.grid_loss.iter().map(|period| period.point).collect();
        DaySums::of(&Zone::copenhagen(), self.day, resolution, periods, &loss, &self.readings()).unwrap()
    }

    pub(crate) fn results(&self, resolution: Resolution) -> Vec<EnergyResult> {
        energy_results(&self.sums(resolution), &[area("800")], &self.grid_loss)
    }
}
