//! Growth: what a reading costs when ten times as much is stored already.
//!
//! Weeks of one set of points are ingested one after the other into one folder. The second week finds one week there, the
//! eleventh ten. Processor time counts: other work on the machine does not change it much.

use jiff::{ToSpan, civil::date};
use tidstro_telegram::KeyRing;
use tidstro_world::{BenchFile, bench_interval_part};

use super::{
    BenchFault, Figure, Figures,
    cpu::taken,
    workspace::{Bench, expect, master_data, points_of},
};

pub(super) const POINTS: u32 = 10_000;
pub(super) const DAYS: u32 = 7;
pub(super) const WEEKS: u32 = 11;

/// Every figure of growth.
pub(super) fn figures() -> Figures {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(&folder.path().join("data"))?;
    let file = folder.path().join("week.csv");
    let mut costs = Vec::new();
    for week in 0..WEEKS {
        let content = bench_interval_part(&part(week));
        if week == 0 {
            bench.register(master_data(&points_of(&content, POINTS)))?;
        }
        std::fs::write(&file, content)?;
        costs.push(picoseconds(&bench, &file)?);
    }
    let [_, one, .., ten] = costs.as_slice() else { return Ok(Vec::new()) };
    let name = |times: u32| format!("ingest, a reading with {times} × the data stored, of one core");
    Ok(vec![
        Figure::new(&name(1), one / 1_000, "ns"),
        Figure::new(&name(10), ten / 1_000, "ns"),
        Figure::new("ingest, cost with 10 × of 100 with 1 ×", ten * 100 / (*one).max(1), "of 100")
            .at_most(110),
    ])
}

/// The file of a week.
pub(super) fn part(week: u32) -> BenchFile {
    let first_day = date(2026, 1, 1).saturating_add((i64::from(week * DAYS)).days());
    BenchFile { first_point: 0, points: POINTS, first_day, days: DAYS, seed: 1 }
}

/// Processor time of one reading.
fn picoseconds(bench: &Bench, file: &std::path::Path) -> Result<u128, BenchFault> {
    let (report, taken) = taken(|| bench.ingest(file, &KeyRing::new()));
    let report = report?;
    expect("the number of days", u64::from(POINTS * DAYS), report.days_added)?;
    Ok(taken.cpu.unwrap_or(taken.wall).as_nanos() * 1_000 / u128::from(report.intervals.max(1)))
}
