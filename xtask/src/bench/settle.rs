//! Settlement: blocks into sums, a corrected block, and the results of a day, on one core.
//!
//! Blocks are in memory and opened; what reading and opening them costs, `series` says.

use std::{collections::BTreeSet, hint::black_box};

use jiff::civil::{Date, date};
use tidstro_calendar::Zone;
use tidstro_metering::{
    IntervalBlock,
    settlement::{
        DaySums, DayValues, EnergyUnit, GridArea, Parties, PointPeriod, PointType, Readings, SettlementFault,
        SettlementMethod, energy_results,
    },
};
use tidstro_model::{Gln, Gsrn, Interval, Quality, Resolution};

use super::{BenchFault, Figure, Figures, nanoseconds, per_second};

const DAY: Date = date(2025, 3, 5);
/// Suppliers of the area.
const SUPPLIERS: u64 = 40;
/// Points whose blocks are added in turn.
const POINTS: u64 = 2_000;
const TIMES: u32 = 200;

/// Every figure of settlement.
pub(super) fn figures() -> Figures {
    let (quarters, hours) = (Area::new(Resolution::PT15M)?, Area::new(Resolution::PT1H)?);
    Ok(vec![
        Figure::new("settlement, quarters added", quarters.added()?, "readings/s"),
        Figure::new("settlement, hours added to quarters", hours.added()?, "readings/s"),
        Figure::new("settlement, corrected block of one point", quarters.corrected()?, "ns"),
        Figure::new("settlement, results of an area and day", quarters.settled()?, "ns"),
    ])
}

/// One area with points of one resolution.
struct Area {
    zone: Zone,
    points: Vec<(PointPeriod, IntervalBlock)>,
    loss: [PointPeriod; 2],
}

impl Area {
    fn new(resolution: Resolution) -> Result<Self, BenchFault> {
        let fault = || BenchFault::Other { what: "grid area", expected: 800, got: 0 };
        let zone = Zone::copenhagen();
        let (area, day) = (GridArea::parse("800").ok_or_else(fault)?, zone.day(DAY));
        let flex = PointType::Consumption(SettlementMethod::Flex);
        let of = |number: u64, kind| point(area, day, resolution, number, kind);
        let slots = zone.slots(DAY, resolution).unwrap_or(0);
        let kinds = (0..POINTS)
            .map(|number| (number, if number.is_multiple_of(5) { PointType::Production } else { flex }));
        let points = kinds.map(|(number, kind)| (of(number, kind), block(slots, number))).collect();
        Ok(Self { zone, points, loss: [of(POINTS, flex), of(POINTS + 1, PointType::Production)] })
    }

    /// Readings per second from blocks to the sums of their groups.
    fn added(&self) -> Result<u128, BenchFault> {
        let mut sums = self.sums()?;
        let mut faults = 0;
        let passes = per_second(TIMES, || {
            for (period, block) in black_box(&self.points) {
                let values =
                    DayValues { resolution: period.resolution, unit: EnergyUnit::KilowattHour, block };
                faults += u64::from(sums.add(period, Some(values)).is_err());
            }
        });
        expect(faults)?;
        let readings: usize = self.points.iter().map(|(_, block)| block.len()).sum();
        Ok(passes * readings as u128)
    }

    /// Nanoseconds to put one point's new block in the place of its old one, and back.
    fn corrected(&self) -> Result<u128, BenchFault> {
        let mut sums = self.sums()?;
        let [(period, old), (_, new), ..] = self.points.as_slice() else { return expect(1).map(|()| 0) };
        let resolution = period.resolution;
        let (old, new) = (
            Some(DayValues { resolution, unit: EnergyUnit::KilowattHour, block: old }),
            Some(DayValues { resolution, unit: EnergyUnit::KilowattHour, block: new }),
        );
        sums.add(period, old).map_err(broken)?;
        let mut faults = 0;
        let both = nanoseconds(TIMES * 100, || {
            faults += u64::from(sums.correct(period, black_box(old), black_box(new)).is_err());
            faults += u64::from(sums.correct(period, black_box(new), black_box(old)).is_err());
        });
        expect(faults)?;
        Ok(both / 2)
    }

    /// Nanoseconds from the sums of a day to all results of its area.
    fn settled(&self) -> Result<u128, BenchFault> {
        let (mut readings, periods) = (Readings::default(), self.points.iter().map(|(period, _)| period));
        for (period, block) in &self.points {
            readings.insert(period.point, DAY, period.resolution, block.clone());
        }
        let sums = DaySums::of(&self.zone, DAY, Resolution::PT15M, periods, &BTreeSet::new(), &readings);
        let (sums, areas) = (sums.map_err(broken)?, self.loss.map(|period| period.area));
        Ok(nanoseconds(TIMES, || {
            black_box(energy_results(black_box(&sums), &areas[..1], &self.loss));
        }))
    }

    fn sums(&self) -> Result<DaySums, BenchFault> {
        DaySums::new(&self.zone, DAY, Resolution::PT15M).map_err(broken)
    }
}

pub(super) fn broken(_: SettlementFault) -> BenchFault {
    BenchFault::Other { what: "settlement faults", expected: 0, got: 1 }
}

fn expect(faults: u64) -> Result<(), BenchFault> {
    let fault = BenchFault::Other { what: "settlement faults", expected: 0, got: faults };
    if faults == 0 { Ok(()) } else { Err(fault) }
}

pub(super) fn point(
    area: GridArea,
    valid: Interval,
    resolution: Resolution,
    number: u64,
    kind: PointType,
) -> PointPeriod {
    let party = |number: u64| Some(Gln::from_body(number));
    let parties = Parties {
        supplier: party(number % SUPPLIERS),
        balance_responsible: party(1_000 + number % SUPPLIERS / 4),
    };
    PointPeriod { point: Gsrn::from_body(number), kind, area, resolution, parent: None, parties, valid }
}

/// A measured day of a point; one in fifty has an estimated stretch.
pub(super) fn block(slots: u32, number: u64) -> IntervalBlock {
    let mut block = IntervalBlock::empty(-3);
    for slot in 0..slots {
        let value = i64::from(slot) * 37 % 900 + i64::try_from(number % 300).unwrap_or(0);
        let is_estimated = number.is_multiple_of(50) && (4..9).contains(&(slot % 24));
        let quality = if is_estimated { Quality::Estimated } else { Quality::Measured };
        assert!(block.push(Some(value), quality).is_ok(), "the benchmark's own day is too long");
    }
    block
}
