//! A month of settlement, made again from closed months as `settle verify` does it, and DuckDB on the same readings.
//!
//! A month is ingested, compacted, and its sums are computed anew through the store: permit and log, pages of the database,
//! keys, opening, unpacking and adding, and comparing with the kept sums to the digit. DuckDB has the readings as long rows in
//! its own table, and does not pack, seal or compare.

use std::{
    io::{BufWriter, Write as _},
    path::Path,
};

use jiff::{ToSpan, civil::Date, civil::date};
use tidstro_flows::{CompactAsk, SettleAsk, compact, show_settlement, verify_settlement};
use tidstro_metering::settlement::{AggregationLevel, EnergySeries};
use tidstro_model::{ActivityId, ActorId, DayRange, MasterData, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{BenchFile, bench_interval_part, bench_quarter_part};

use super::{
    BenchFault, Figure, Figures, best_round,
    cpu::taken,
    duckdb,
    workspace::{Bench, NOW, SUPPLIERS, expect, given, master_data},
};

const POINTS: u32 = 4_000;
const FIRST_DAY: Date = date(2026, 1, 1);
const DAYS: u32 = 31;
/// Runs whose processor time is taken together: it is told in hundredths of a second.
const RUNS: u32 = 10;
/// Readings a second.
const READINGS_MIN: u128 = 150_000_000;

/// Every figure of a month.
pub(super) fn figures() -> Figures {
    let quarters = Month::closed(Resolution::PT15M)?;
    let own = quarters.verified()?;
    let mut figures = own.figures("closed month of quarters, settled anew", Some(READINGS_MIN));
    figures.extend(quarters.against_duckdb(own.of_core)?);
    drop(quarters);
    let hours = Month::closed(Resolution::PT1H)?;
    figures.extend(hours.verified()?.figures("closed month of hours, settled anew", None));
    Ok(figures)
}

/// Readings a second.
struct Speed {
    of_core: u128,
    by_clock: u128,
}

impl Speed {
    fn figures(&self, name: &str, bar: Option<u128>) -> Vec<Figure> {
        let of_core = Figure::new(&format!("{name}, of one core"), self.of_core, "readings/s");
        let of_core = match bar {
            Some(bar) => of_core.at_least(bar),
            None => of_core,
        };
        vec![of_core, Figure::new(&format!("{name}, by the clock"), self.by_clock, "readings/s")]
    }
}

/// A folder with one closed month in it.
struct Month {
    folder: tempfile::TempDir,
    bench: Bench,
    resolution: Resolution,
}

impl Month {
    /// Ingests a month day by day and compacts it.
    fn closed(resolution: Resolution) -> Result<Self, BenchFault> {
        let folder = tempfile::tempdir()?;
        let bench = Bench::open(&folder.path().join("data"))?;
        let month = Self { folder, bench, resolution };
        let file = month.folder.path().join("day.csv");
        for day in 0..DAYS {
            let content = month.day(day);
            if day == 0 {
                month.bench.register(month.master_data(&content))?;
            }
            std::fs::write(&file, content)?;
            let report = month.bench.ingest(&file, &KeyRing::new())?;
            expect("the number of days", POINTS.into(), report.days_added)?;
        }
        let before = Some(FIRST_DAY.saturating_add(1.month()));
        let asked = CompactAsk { actor: ActorId::parse("job:ingest")?, area: None, before };
        let compacted = month.bench.runtime.block_on(compact(&month.bench.workspace, asked, NOW))?;
        expect("the number of months", POINTS.into(), given(compacted)?.months)?;
        Ok(month)
    }

    fn day(&self, day: u32) -> Vec<u8> {
        let first_day = FIRST_DAY.saturating_add(i64::from(day).days());
        let file = BenchFile { first_point: 0, points: POINTS, first_day, days: 1, seed: 1 };
        if self.resolution == Resolution::PT15M {
            bench_quarter_part(&file)
        } else {
            bench_interval_part(&file)
        }
    }

    fn slots(&self) -> u32 {
        if self.resolution == Resolution::PT15M { 96 } else { 24 }
    }

    fn readings(&self) -> u64 {
        u64::from(POINTS) * u64::from(DAYS * self.slots())
    }

    fn master_data(&self, content: &[u8]) -> MasterData {
        let first_of_each = content.split(|byte| *byte == b'\n').skip(1).step_by(self.slots() as usize);
        let id = |row: &[u8]| row.split(|byte| *byte == b';').next().map(<[u8]>::to_vec);
        let ids = first_of_each.take(POINTS as usize).filter_map(id);
        let ids: Vec<String> = ids.filter_map(|id| String::from_utf8(id).ok()).collect();
        let mut data = master_data(&ids);
        data.points.iter_mut().for_each(|point| point.interval = Some(self.resolution));
        data.stated_points.iter_mut().for_each(|stated| stated.state.resolution = self.resolution);
        data
    }

    fn asked() -> Result<SettleAsk, BenchFault> {
        let days = DayRange::new(FIRST_DAY, FIRST_DAY.saturating_add(1.month()));
        Ok(SettleAsk {
            actor: ActorId::parse("job:hub")?,
            purpose: ActivityId::parse("settlement")?,
            area: "543".to_owned(),
            days: days.unwrap_or_else(|_| DayRange::always()),
        })
    }

    /// Computes the sums anew, and compares.
    fn verify(&self) -> Result<(), BenchFault> {
        let verifying = async {
            verify_settlement(&self.bench.workspace, &Self::asked()?, NOW).await.map_err(BenchFault::from)
        };
        let view = given(self.bench.runtime.block_on(verifying)?)?;
        expect("the number of sums", SUPPLIERS * u64::from(DAYS), view.sums)?;
        expect("the number of sums that differ", 0, view.differing.len() as u64 + view.left_differing)
    }

    fn verified(&self) -> Result<Speed, BenchFault> {
        self.verify()?;
        let (done, taken) = taken(|| (0..RUNS).try_for_each(|_| self.verify()));
        done?;
        let best = best_round(1, || assert!(self.verify().is_ok(), "a month is not verified"));
        let readings = u128::from(self.readings());
        Ok(Speed {
            of_core: taken.per_cpu_second(self.readings() * u64::from(RUNS)).unwrap_or(0),
            by_clock: readings * 1_000_000_000 / best,
        })
    }

    fn against_duckdb(&self, own: u128) -> Figures {
        let (rows, points) = (self.folder.path().join("readings.csv"), self.folder.path().join("points.csv"));
        let total = self.write(&rows, &points)?;
        expect("the energy of the month", total, self.settled()?)?;
        let name = "the same readings in DuckDB, long rows, one thread";
        let Some(peer) = duckdb::month_sums(&rows, &points)? else {
            let missing = format!("{name}: not installed, see CONTRIBUTING.md");
            return Ok(vec![Figure::new(&missing, 0, "readings/s")]);
        };
        expect("the sum of all readings", total, peer.total.unsigned_abs())?;
        let ratio = own * 100 / peer.per_second.max(1);
        Ok(vec![
            Figure::new(name, peer.per_second, "readings/s"),
            Figure::new("our speed, of 100 of DuckDB's", ratio, "of 100").at_least(200),
        ])
    }

    /// Watt-hours of the month, as the settlement has them.
    fn settled(&self) -> Result<u64, BenchFault> {
        let level = Some(AggregationLevel::Area);
        let showing = async {
            show_settlement(&self.bench.workspace, &Self::asked()?, level, NOW)
                .await
                .map_err(BenchFault::from)
        };
        let view = given(self.bench.runtime.block_on(showing)?)?;
        let flex = view.lines.iter().filter(|line| line.result.series == EnergySeries::FlexConsumption);
        let values = flex.flat_map(|line| line.result.values.iter().flatten());
        Ok(values.map(|value| value.watt_hours).sum::<i64>().unsigned_abs())
    }

    /// Writes the same readings as long rows, and the groups of the points. Returns the sum of all values, in watt-hours.
    fn write(&self, readings: &Path, points: &Path) -> Result<u64, BenchFault> {
        let mut out = BufWriter::new(std::fs::File::create(points)?);
        writeln!(out, "point,supplier,responsible,kind")?;
        (0..u64::from(POINTS)).try_for_each(|point| writeln!(out, "{point},{},0,0", point % SUPPLIERS))?;
        out.flush()?;
        let mut out = BufWriter::new(std::fs::File::create(readings)?);
        writeln!(out, "point,quarter,value,quality")?;
        let (mut total, slots) = (0, self.slots());
        for day in 0..DAYS {
            let content = self.day(day);
            for (number, row) in
                (0_u32..).zip(content.split(|byte| *byte == b'\n').skip(1).filter(|row| !row.is_empty()))
            {
                let value = watt_hours(row);
                total += value;
                writeln!(out, "{},{},{value},0", number / slots, day * slots + number % slots)?;
            }
        }
        out.flush()?;
        Ok(total)
    }
}

/// The fourth field of a row, kilowatt-hours with three decimals.
fn watt_hours(row: &[u8]) -> u64 {
    let quantity = row.split(|byte| *byte == b';').nth(3).unwrap_or_default();
    let digits = quantity.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}
