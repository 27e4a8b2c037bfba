//! Ingest into PostgreSQL: the same files as into SQLite, a server of our own beside us.
//!
//! Two clocks are told apart: the processor time of our process, which is what the bar is about, and that of the server, all
//! its processes together. The server keeps what it acknowledges as one in use does: it waits for the disk.

use tempfile::TempDir;
use tidstro_cluster::{Cluster, Setup};
use tidstro_flows::IngestReport;
use tidstro_telegram::KeyRing;
use tidstro_world::{bench_interval_file, bench_interval_part};

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{
    BenchFault, Figure, Figures,
    cpu::{Taken, cpu_of_family, per_second, taken},
    growth, ingest,
    workspace::{Bench, expect, master_data, points_of},
};

/// Readings a second of one core of ours from a file to validated, sealed and durable.
const READINGS_MIN: u128 = 1_500_000;
/// A new database each round.
const ROUNDS: usize = 3;
/// A server as one sets it up for use, not as tests have it.
const SETTINGS: [(&str, &str); 4] =
    [("fsync", "on"), ("full_page_writes", "on"), ("shared_buffers", "256MB"), ("max_wal_size", "2GB")];

/// A server, and a folder for files.
struct Place {
    server: Cluster,
    folder: TempDir,
}

/// A server with the settings of one in use.
pub(super) fn server_of_a_grid_company() -> Result<Cluster, BenchFault> {
    let settings = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Ok(Cluster::start(&Setup { settings, wal_file_mb: Some(16), ..Setup::default() })?)
}

/// What one ingest took on both sides.
struct Round {
    report: IngestReport,
    ours: Taken,
    /// Processor time of the server; nothing where the system does not tell.
    server: Duration,
}

impl Place {
    fn make() -> Result<Self, BenchFault> {
        Ok(Self { server: server_of_a_grid_company()?, folder: tempfile::tempdir()? })
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("intervals.csv")
    }

    fn ingested(&self, bench: &Bench, file: &Path) -> Result<Round, BenchFault> {
        let server = self.server.process()?;
        let before = cpu_of_family(server);
        let (report, ours) = taken(|| bench.ingest(file, &KeyRing::new()));
        let after = before.zip(cpu_of_family(server));
        let server = after.map_or(Duration::ZERO, |(before, after)| after.saturating_sub(before));
        Ok(Round { report: report?, ours, server })
    }

    /// Bytes of a database, as the server counts them.
    fn bytes(&self, url: &str) -> Result<u128, BenchFault> {
        let told = self.server.ask(url, "SELECT pg_database_size(current_database())")?;
        Ok(told.parse().unwrap_or(0))
    }
}

impl Round {
    /// Processor time of both sides together, for one reading.
    fn picoseconds(&self) -> u128 {
        let ours = self.ours.cpu.unwrap_or(self.ours.wall);
        (ours + self.server).as_nanos() * 1_000 / u128::from(self.report.intervals.max(1))
    }
}

/// From a file to durable.
pub(super) fn ingest() -> Figures {
    let place = Place::make()?;
    let content = bench_interval_file(ingest::POINTS, ingest::DAYS, ingest::SEED);
    let points = points_of(&content, ingest::POINTS);
    std::fs::write(place.file(), content)?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut bytes = u128::MAX;
    for _ in 0..ROUNDS {
        let url = place.server.database()?;
        let bench = Bench::open_server(&url)?;
        bench.register(master_data(&points))?;
        let empty = place.bytes(&url)?;
        rounds.push(place.ingested(&bench, &place.file())?);
        bytes = bytes.min(place.bytes(&url)?.saturating_sub(empty));
    }
    for round in &rounds {
        let (points, days) = (u64::from(ingest::POINTS), u64::from(ingest::DAYS));
        expect("the number of readings", points * days * 24, round.report.intervals)?;
        expect("the number of days", points * days, round.report.days_added)?;
    }
    Ok(rates(&rounds, bytes))
}

fn rates(rounds: &[Round], bytes: u128) -> Vec<Figure> {
    let count = rounds.first().map_or(0, |round| round.report.intervals);
    let best = |rate: &dyn Fn(&Round) -> Option<u128>| rounds.iter().filter_map(rate).max().unwrap_or(0);
    let name = |what: &str| format!("ingest of interval data into PostgreSQL, {what}");
    let ours = best(&|round| round.ours.per_cpu_second(count));
    let server = best(&|round| Some(per_second(count, round.server)));
    let wall = best(&|round| Some(round.ours.per_wall_second(count)));
    vec![
        Figure::new(&name("readings a second of one core of ours"), ours, "/s").at_least(READINGS_MIN),
        Figure::new(&name("readings a second of one core of the server"), server, "/s"),
        Figure::new(&name("readings a second by the clock"), wall, "/s"),
        Figure::new(&name("database for 1,000 readings"), bytes * 1_000 / u128::from(count.max(1)), "bytes"),
    ]
}

/// The same files as for SQLite: each week beside all before it.
pub(super) fn growth() -> Figures {
    let place = Place::make()?;
    let bench = Bench::open_server(&place.server.database()?)?;
    let mut costs = Vec::new();
    for week in 0..growth::WEEKS {
        let content = bench_interval_part(&growth::part(week));
        if week == 0 {
            bench.register(master_data(&points_of(&content, growth::POINTS)))?;
        }
        std::fs::write(place.file(), content)?;
        let round = place.ingested(&bench, &place.file())?;
        expect("the number of days", u64::from(growth::POINTS * growth::DAYS), round.report.days_added)?;
        costs.push(round.picoseconds());
    }
    let [_, one, .., ten] = costs.as_slice() else { return Ok(Vec::new()) };
    let name = |times: u32| {
        format!("ingest into PostgreSQL, a reading with {times} × the data stored, both sides' processors")
    };
    Ok(vec![
        Figure::new(&name(1), one / 1_000, "ns"),
        Figure::new(&name(10), ten / 1_000, "ns"),
        Figure::new(
            "ingest into PostgreSQL, cost with 10 × of 100 with 1 ×",
            ten * 100 / (*one).max(1),
            "of 100",
        )
        .at_most(110),
    ])
}
