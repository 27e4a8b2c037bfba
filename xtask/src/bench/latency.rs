//! Latency: how long somebody waits for one point's year of hours, in the slowest of a hundred asks.
//!
//! First every day is a row, then every month is one. Permit, log entry on the disk, values read, opened and shown, warm and
//! after a restart of the program. The opening itself is a figure of its own. The system's own cache of files stays warm.

use std::{hint::black_box, path::Path, time::Instant};

use jiff::civil::date;
use tidstro_flows::{CompactAsk, compact, show_series};
use tidstro_model::{ActorId, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::bench_interval_file;

use super::{
    BenchFault, Figure, Figures,
    gate::ask,
    workspace::{Bench, NOW, expect, given, master_data, points_of},
};

const POINTS: u32 = 20;
/// From 1 January to 31 December 2026.
const DAYS: u32 = 365;
const HOURS: u64 = 8_760;
const WARM_ASKS: u32 = 500;
const RESTARTS: u32 = 100;

/// Every figure of latency.
pub(super) fn figures() -> Figures {
    let folder = tempfile::tempdir()?;
    let points = filled(folder.path())?;
    let mut figures = of_folder(folder.path(), &points, "in days")?;
    close(folder.path())?;
    figures.extend(of_folder(folder.path(), &points, "in closed months")?);
    Ok(figures)
}

fn of_folder(folder: &Path, points: &[String], form: &str) -> Figures {
    let bench = Bench::open(folder)?;
    let mut warm = Vec::new();
    for turn in 0..WARM_ASKS + POINTS {
        warm.push(asked(&bench, points, turn)?);
    }
    drop(bench);
    // The first round finds nothing in the program's memory yet.
    let warm = warm.split_off(POINTS as usize);
    let (mut opened, mut first) = (Vec::new(), Vec::new());
    for turn in 0..RESTARTS {
        let begun = Instant::now();
        let bench = Bench::open(folder)?;
        opened.push(begun.elapsed().as_micros());
        first.push(asked(&bench, points, turn)?);
    }
    let name = |what: &str| format!("one point's year of hours {form}, {what}");
    Ok(vec![
        Figure::new(&name("warm, median"), percentile(warm.clone(), 50), "µs"),
        Figure::new(&name("warm, p99"), percentile(warm, 99), "µs").at_most(5_000),
        Figure::new(&name("after restart, p99"), percentile(first, 99), "µs").at_most(25_000),
        Figure::new(&name("opening the folder before it, p99"), percentile(opened, 99), "µs"),
    ])
}

/// Compacts the whole year.
fn close(folder: &Path) -> Result<(), BenchFault> {
    let bench = Bench::open(folder)?;
    let asked =
        CompactAsk { actor: ActorId::parse("job:ingest")?, area: None, before: Some(date(2027, 1, 1)) };
    let report = given(bench.runtime.block_on(compact(&bench.workspace, asked, NOW))?)?;
    expect("the number of months written", u64::from(POINTS) * 12, report.months)
}

/// Points with a year of hours in a folder.
fn filled(folder: &Path) -> Result<Vec<String>, BenchFault> {
    let bench = Bench::open(folder)?;
    let content = bench_interval_file(POINTS, DAYS, 1);
    let points = points_of(&content, POINTS);
    let file = folder.join("intervals.csv");
    std::fs::write(&file, content)?;
    bench.register(master_data(&points))?;
    bench.ingest(&file, &KeyRing::new())?;
    Ok(points)
}

/// Microseconds of one ask, for one point after the other.
fn asked(bench: &Bench, points: &[String], turn: u32) -> Result<u128, BenchFault> {
    let point = points.get((turn % POINTS) as usize).map(String::as_str).unwrap_or_default();
    let asked = ask("staff:sofie", point, Resolution::PT1H)?;
    let begun = Instant::now();
    let views = given(bench.runtime.block_on(show_series(&bench.workspace, &asked, NOW))?)?;
    let taken = begun.elapsed().as_micros();
    expect("the number of values", HOURS, views.iter().map(|view| view.values.len() as u64).sum())?;
    black_box(views);
    Ok(taken)
}

/// The time that so many of a hundred do not exceed.
pub(super) fn percentile(mut times: Vec<u128>, percent: usize) -> u128 {
    times.sort_unstable();
    let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_a_hundred_is_the_99th() {
        assert_eq!(percentile((1..=100).rev().collect(), 99), 99);
        assert_eq!(percentile((1..=100).collect(), 50), 50);
        assert_eq!(percentile(vec![7], 99), 7);
    }
}
