//! Settlement kept in the store: what a corrected day of one point costs, whatever the number of points in the table.
//!
//! A year of a few points is ingested, then other values of all its days, then these once more, and so on. What the corrections
//! took longer than the repetitions, which change nothing, is theirs: judged, sealed, written, and settled, each day in a row of
//! its own. Processor time counts, so that the flush to disk does not. Of each the shortest counts: reading the names of a
//! million points takes longer than the corrections.

use jiff::civil::date;
use tidstro_telegram::KeyRing;
use tidstro_world::{BenchFile, bench_interval_part};

use super::{
    BenchFault, Figure, Figures,
    cpu::taken,
    workspace::{Bench, expect, master_data, points_of},
};

/// Points with values, and their days.
const POINTS: u32 = 20;
const DAYS: u32 = 365;
/// Points in the table.
const IN_TABLE: [u32; 3] = [1_000, 100_000, 1_000_000];
/// Points that are registered at once.
const PART: u32 = 20_000;
/// How often all days are corrected.
const ROUNDS: u64 = 5;
/// Nanoseconds a correction may take.
const CORRECTION_MAX: u128 = 1_000_000;

/// What a corrected point-day costs beside so many other points.
pub(super) fn figures() -> Figures {
    IN_TABLE.into_iter().map(|points| Ok(figure(points, corrected(points)?))).collect()
}

fn figure(points: u32, nanoseconds: u128) -> Figure {
    let name = format!("settlement kept, a corrected day beside {points} points, of one core");
    Figure::new(&name, nanoseconds, "ns").at_most(CORRECTION_MAX)
}

fn corrected(points: u32) -> Result<u128, BenchFault> {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(&folder.path().join("data"))?;
    for first_point in (0..points).step_by(PART as usize) {
        let count = PART.min(points - first_point);
        let named = bench_interval_part(&BenchFile { first_point, ..part(count, 1, 1) });
        bench.register(master_data(&points_of(&named, count)))?;
    }
    let file = folder.path().join("year.csv");
    let days = u64::from(POINTS * DAYS);
    let cost = |seed, changed| -> Result<u128, BenchFault> {
        std::fs::write(&file, bench_interval_part(&part(POINTS, DAYS, seed)))?;
        let (report, taken) = taken(|| bench.ingest(&file, &KeyRing::new()));
        expect("the number of changed days", changed, report?.days_changed)?;
        Ok(taken.cpu.unwrap_or(taken.wall).as_nanos())
    };
    cost(0, 0)?;
    let (mut corrections, mut repetition) = (u128::MAX, u128::MAX);
    for seed in 1..=ROUNDS {
        corrections = corrections.min(cost(seed, days)?);
        repetition = repetition.min(cost(seed, 0)?);
    }
    Ok(corrections.saturating_sub(repetition) / u128::from(days))
}

fn part(points: u32, days: u32, seed: u64) -> BenchFile {
    BenchFile { first_point: 0, points, first_day: date(2026, 1, 1), days, seed }
}
