//! Ingest: from a file to durable, sealed, validated versions.

use std::{
    io::{BufWriter, Write as _},
    path::Path,
};

use tidstro_flows::IngestReport;
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan, bench_interval_file};

use super::{
    BenchFault, Figure, Figures,
    cpu::{Taken, taken},
    workspace::{Bench, bytes_in, expect, master_data, points_of},
};

/// Hourly values of 10,000 points for 21 days: 5,040,000.
pub(super) const POINTS: u32 = 10_000;
pub(super) const DAYS: u32 = 21;
/// A new folder each round. The rounds are long, so fewer than of the small benchmarks.
const ROUNDS: usize = 3;
/// Readings a second from a file to validated, sealed and durable, on SQLite.
const READINGS_MIN: u128 = 3_000_000;
const FLATS: u32 = 480;
const TELEGRAM_DAYS: u32 = 14;
pub(super) const SEED: u64 = 1;

/// One round of ingest into a new folder.
struct Round {
    taken: Taken,
    report: IngestReport,
    /// Bytes of the data folder afterwards, keys included.
    bytes: u64,
}

/// Files of interval values.
pub(super) fn intervals() -> Figures {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("intervals.csv");
    let content = bench_interval_file(POINTS, DAYS, SEED);
    let points = points_of(&content, POINTS);
    std::fs::write(&file, content)?;
    let round = || interval_round(&file, &points);
    let rounds = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>, _>>()?;
    let figures = rates("ingest of interval data, 24 h days", "readings", &rounds, |report| report.intervals);
    let of_core = |figure: Figure| {
        if figure.name.ends_with("of one core") { figure.at_least(READINGS_MIN) } else { figure }
    };
    Ok(figures.into_iter().map(of_core).collect())
}

fn interval_round(file: &Path, points: &[String]) -> Result<Round, BenchFault> {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(folder.path())?;
    bench.register(master_data(points))?;
    let (report, taken) = taken(|| bench.ingest(file, &KeyRing::new()));
    let report = report?;
    expect("the number of readings", u64::from(POINTS) * u64::from(DAYS) * 24, report.intervals)?;
    expect("the number of days", u64::from(POINTS) * u64::from(DAYS), report.days_added)?;
    // Closing writes the write-ahead log back into the database.
    drop(bench);
    Ok(Round { taken, report, bytes: bytes_in(folder.path())? })
}

/// What gateways heard.
pub(super) fn telegrams() -> Figures {
    let town = Town::build(&TownPlan::new(SEED, FLATS, TELEGRAM_DAYS));
    let keys = KeyRing::parse(&town.keys_csv())?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("telegrams.txt");
    write_gateways(&file, &town)?;
    let round = || telegram_round(&file, &town, &keys);
    let rounds = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>, _>>()?;
    let name = "ingest of encrypted telegrams";
    let mut figures = rates(name, "lines", &rounds, |report| report.lines);
    if let Some(Round { report, .. }) = rounds.first() {
        figures.push(Figure::new(
            &format!("{name}, new of 100 lines"),
            share(report.telegrams_new, report.lines),
            "telegrams",
        ));
        figures.push(Figure::new(
            &format!("{name}, decoded of 100 new"),
            share(report.telegrams_decoded, report.telegrams_new),
            "telegrams",
        ));
    }
    Ok(figures)
}

fn telegram_round(file: &Path, town: &Town, keys: &KeyRing) -> Result<Round, BenchFault> {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(folder.path())?;
    bench.register(town.master_data())?;
    let (report, taken) = taken(|| bench.ingest(file, keys));
    let report = report?;
    drop(bench);
    Ok(Round { taken, report, bytes: bytes_in(folder.path())? })
}

/// What all gateways of the town heard, one after the other.
fn write_gateways(file: &Path, town: &Town) -> Result<(), BenchFault> {
    let mut out = BufWriter::new(std::fs::File::create(file)?);
    for (_, days) in town.gateway_files() {
        for day in days {
            out.write_all(&day)?;
        }
    }
    Ok(out.flush()?)
}

/// The best rates of the rounds, and what the data take on disk.
fn rates(name: &str, what: &str, rounds: &[Round], count: impl Fn(&IngestReport) -> u64) -> Vec<Figure> {
    let count = rounds.first().map_or(0, |round| count(&round.report));
    let wall = rounds.iter().map(|round| round.taken.per_wall_second(count)).max();
    let cpu = rounds.iter().filter_map(|round| round.taken.per_cpu_second(count)).max();
    let bytes = rounds.iter().map(|round| u128::from(round.bytes)).min();
    let thousand = |bytes: u128| bytes * 1_000 / u128::from(count.max(1));
    let rows = [
        (format!("{name}, {what} a second of one core"), cpu, "/s"),
        (format!("{name}, {what} a second by the clock"), wall, "/s"),
        (format!("{name}, database for 1,000 {what}"), bytes.map(thousand), "bytes"),
    ];
    rows.into_iter().filter_map(|(name, value, unit)| Some(Figure::new(&name, value?, unit))).collect()
}

fn share(part: u64, whole: u64) -> u128 {
    u128::from(part) * 100 / u128::from(whole.max(1))
}
