//! A month of settlement: from packed blocks to the sums of every group and quarter, and DuckDB on the same readings.
//!
//! Blocks lie packed in memory, as they do once they are opened; what reading and opening them costs, `settle verify` on a
//! data folder says. DuckDB has the readings as long rows in its own table, and does not pack, seal or validate.

use std::{
    hint::black_box,
    io::{BufWriter, Write as _},
    path::Path,
};

use jiff::{ToSpan, civil::Date, civil::date};
use tidstro_calendar::Zone;
use tidstro_metering::{
    IntervalBlock,
    settlement::{DaySums, DayValues, EnergyUnit, GridArea, PointPeriod, PointType, SettlementMethod},
};
use tidstro_model::{Interval, Quality, Resolution};

use super::{
    BenchFault, Figure, Figures, best_round, duckdb,
    settle::{block, broken, point},
    workspace::expect,
};

const POINTS: u64 = 2_000;
const FIRST_DAY: Date = date(2025, 1, 1);
const DAYS: u32 = 31;
const SLOTS: u32 = 96;

/// Every figure of a month.
pub(super) fn figures() -> Figures {
    let month = Month::new()?;
    let readings = POINTS * u64::from(DAYS * SLOTS);
    let own = u128::from(readings) * 1_000_000_000
        / best_round(1, || assert!(month.summed().is_ok(), "a day is not summed"));
    let mut figures = vec![
        Figure::new("month of quarters, packed blocks to group sums", own, "readings/s")
            .at_least(150_000_000),
    ];
    let folder = tempfile::tempdir()?;
    let (rows, points) = (folder.path().join("readings.csv"), folder.path().join("points.csv"));
    let total = month.write(&rows, &points)?;
    let name = "the same readings in DuckDB, long rows, one thread";
    match duckdb::month_sums(&rows, &points)? {
        None => {
            figures.push(Figure::new(
                &format!("{name}: not installed, see CONTRIBUTING.md"),
                0,
                "readings/s",
            ));
        }
        Some(peer) => {
            expect("the sum of all readings", total.unsigned_abs(), peer.total.unsigned_abs())?;
            figures.push(Figure::new(name, peer.per_second, "readings/s"));
            let ratio = own * 100 / peer.per_second.max(1);
            figures.push(Figure::new("our speed, of 100 of DuckDB's", ratio, "of 100").at_least(200));
        }
    }
    Ok(figures)
}

/// Points of one area, and the packed block of each of them, the same on every day of the month.
struct Month {
    zone: Zone,
    points: Vec<(PointPeriod, Vec<u8>)>,
}

impl Month {
    fn new() -> Result<Self, BenchFault> {
        let fault = || BenchFault::Other { what: "grid area", expected: 800, got: 0 };
        let zone = Zone::copenhagen();
        let area = GridArea::parse("800").ok_or_else(fault)?;
        let last = FIRST_DAY.saturating_add(i64::from(DAYS).days());
        let month = Interval::new(zone.day_start(FIRST_DAY), zone.day_start(last)).map_err(|_| fault())?;
        let packed = |number| {
            let mut bytes = Vec::new();
            block(SLOTS, number).encode(&mut bytes);
            (point(area, month, Resolution::PT15M, number, kind(number)), bytes)
        };
        Ok(Self { zone, points: (0..POINTS).map(packed).collect() })
    }

    /// The sums of every day, one after the other.
    fn summed(&self) -> Result<(), BenchFault> {
        let mut opened = IntervalBlock::empty(-3);
        for day in 0..DAYS {
            let day = FIRST_DAY.saturating_add(i64::from(day).days());
            let mut sums = DaySums::new(&self.zone, day, Resolution::PT15M).map_err(broken)?;
            for (period, packed) in black_box(&self.points) {
                let read = IntervalBlock::decode_into(packed, &mut opened);
                assert!(read.is_ok(), "the benchmark's own block is not read");
                let values = DayValues {
                    resolution: Resolution::PT15M,
                    unit: EnergyUnit::KilowattHour,
                    block: &opened,
                };
                sums.add(period, Some(values)).map_err(broken)?;
            }
            black_box(sums);
        }
        Ok(())
    }

    /// Writes the same readings as long rows, and the groups of the points. Returns the sum of all values.
    fn write(&self, readings: &Path, points: &Path) -> Result<i64, BenchFault> {
        let mut out = BufWriter::new(std::fs::File::create(points)?);
        writeln!(out, "point,supplier,responsible,kind")?;
        for number in 0..POINTS {
            writeln!(
                out,
                "{number},{},{},{}",
                number % 40,
                number % 40 / 4,
                u8::from(number.is_multiple_of(5))
            )?;
        }
        out.flush()?;
        let mut out = BufWriter::new(std::fs::File::create(readings)?);
        writeln!(out, "point,quarter,value,quality")?;
        let mut total = 0;
        for day in 0..DAYS {
            for number in 0..POINTS {
                for (slot, (value, mark)) in (0..).zip(block(SLOTS, number).slots()) {
                    let value = value.unwrap_or_default();
                    total += value;
                    let quality = u8::from(mark.quality() != Quality::Measured);
                    writeln!(out, "{number},{},{value},{quality}", day * SLOTS + slot)?;
                }
            }
        }
        out.flush()?;
        Ok(total)
    }
}

fn kind(number: u64) -> PointType {
    if number.is_multiple_of(5) {
        PointType::Production
    } else {
        PointType::Consumption(SettlementMethod::Flex)
    }
}
