//! Memory: the most that batch jobs over a million points take at once, each in a process of its own.
//!
//! Master data and ingest of a day of hours, compaction of its month, an export, a settlement verified and made again, one after
//! the other in one folder. What the program looked up for one batch stays in memory for the next,
//! so the points come in parts, as files of a head-end do.

use std::{path::Path, process::Command};

use jiff::civil::date;
use serde_json::Value as Json;
use tidstro_flows::{
    CompactAsk, ExportAsk, SettleAsk, compact, export_series, rebuild_settlement, verify_settlement,
};
use tidstro_govern::{PartyId, Recipient};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{BenchFile, bench_interval_part};

use super::{
    BenchFault, Figure, Figures,
    peak::{forget_peak, peak_kilobytes},
    workspace::{Bench, NOW, expect, given, master_data, points_of},
};

const POINTS: u32 = 1_000_000;
/// Points of one file.
const PART: u32 = 20_000;
/// Set in the process that measures.
const CHILD: &str = "TIDSTRO_BENCH_CHILD";
/// What a batch job may take, in megabytes.
pub(super) const MOST: u128 = 500;

/// The folder of the jobs, in the processes that measure.
const FOLDER: &str = "TIDSTRO_BENCH_FOLDER";

/// A job in the folder it is given.
type Job = fn(&Path) -> Figures;

const JOBS: [(&str, Job); 5] = [
    ("ingest", |folder| ingested(folder)),
    ("compaction", |folder| measured(folder, "compaction of a day of", compacted)),
    ("export", |folder| {
        let lake = folder.join("lake");
        measured(folder, "export of a day of", |bench| exported(bench, &lake, POINTS))
    }),
    ("verify", |folder| measured(folder, "settlement verified over a day of", verified)),
    ("rebuild", |folder| measured(folder, "settlement made again over a day of", rebuilt)),
];

/// Every figure of memory.
pub(super) fn figures() -> Figures {
    if let (Ok(child), Some(folder)) = (std::env::var(CHILD), std::env::var_os(FOLDER)) {
        let job = JOBS.iter().find(|(name, _)| *name == child);
        return job.map_or(Ok(Vec::new()), |(_, job)| job(Path::new(&folder)));
    }
    let folder = tempfile::tempdir()?;
    let mut figures = Vec::new();
    for (name, _) in JOBS {
        figures.extend(child("memory", name, Some(folder.path()))?);
    }
    Ok(figures)
}

/// Measures a group in a child, which has nothing of the other benchmarks in its memory.
pub(super) fn in_child(group: &str, measured: fn() -> Figures) -> Figures {
    if std::env::var_os(CHILD).is_some() { measured() } else { child(group, group, None) }
}

fn child(group: &str, name: &str, folder: Option<&Path>) -> Figures {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench", "--json", group]).env(CHILD, name).envs(folder.map(|folder| (FOLDER, folder)));
    let child = command.output()?;
    let failed = |what: &str| BenchFault::Child { what: what.to_owned() };
    if !child.status.success() {
        return Err(failed(String::from_utf8_lossy(&child.stderr).trim()));
    }
    let told: Vec<Json> = serde_json::from_slice(&child.stdout).map_err(|_| failed("it told no figures"))?;
    told.iter().map(|figure| read(figure).ok_or_else(|| failed("it told an odd figure"))).collect()
}

fn read(figure: &Json) -> Option<Figure> {
    let name = figure.get("name")?.as_str()?;
    let value = figure.get("value")?.as_u64()?.into();
    match figure.get("unit")?.as_str()? {
        "MB" => Some(Figure::new(name, value, "MB").at_most(MOST)),
        _ => Some(Figure::new(name, value, "s")),
    }
}

fn ingested(folder: &Path) -> Figures {
    let file = folder.join("part.csv");
    let bench = Bench::open(&folder.join("data"))?;
    let mut peak = Peak::default();
    for first_point in (0..POINTS).step_by(PART as usize) {
        let part = BenchFile { first_point, points: PART, first_day: date(2026, 1, 1), days: 1, seed: 1 };
        let content = bench_interval_part(&part);
        bench.register(master_data(&points_of(&content, PART)))?;
        std::fs::write(&file, content)?;
        peak.of(|| bench.ingest(&file, &KeyRing::new()).map(|_| ()))?;
    }
    Ok(peak.figures("ingest of a day of"))
}

fn measured(folder: &Path, name: &str, job: impl FnOnce(&Bench) -> Result<(), BenchFault>) -> Figures {
    let bench = Bench::open(&folder.join("data"))?;
    let mut peak = Peak::default();
    peak.of(|| job(&bench))?;
    Ok(peak.figures(name))
}

fn compacted(bench: &Bench) -> Result<(), BenchFault> {
    let before = Some(date(2026, 2, 1));
    let asked = CompactAsk { actor: ActorId::parse("job:ingest")?, area: None, before };
    let report = given(bench.runtime.block_on(compact(&bench.workspace, asked, NOW))?)?;
    expect("the number of months", POINTS.into(), report.months)
}

fn verified(bench: &Bench) -> Result<(), BenchFault> {
    let asked = SettleAsk {
        actor: ActorId::parse("job:hub")?,
        purpose: ActivityId::parse("settlement")?,
        area: "543".to_owned(),
        days: first_day(),
    };
    let verifying = verify_settlement(&bench.workspace, &asked, NOW);
    let view = given(bench.runtime.block_on(verifying)?)?;
    expect("the number of sums that differ", 0, view.differing.len() as u64 + view.left_differing)
}

fn rebuilt(bench: &Bench) -> Result<(), BenchFault> {
    let (job, purpose) = (ActorId::parse("job:hub")?, ActivityId::parse("settlement")?);
    let rebuilding = rebuild_settlement(&bench.workspace, (&job, &purpose), NOW);
    expect("the number of sums that changed", 0, given(bench.runtime.block_on(rebuilding)?)?.changed)
}

fn first_day() -> DayRange {
    DayRange::new(date(2026, 1, 1), date(2026, 1, 2)).unwrap_or_else(|_| DayRange::always())
}

/// The most memory of several jobs, and the time of all of them.
#[derive(Default)]
pub(super) struct Peak {
    pub(super) megabytes: u128,
    milliseconds: u128,
    seconds: u128,
}

impl Peak {
    fn figures(&self, name: &str) -> Vec<Figure> {
        vec![
            Figure::new(&format!("{name} 1,000,000 points, peak memory"), self.megabytes, "MB"),
            Figure::new(&format!("{name} 1,000,000 points"), self.seconds, "s"),
        ]
    }

    pub(super) fn of(&mut self, job: impl FnOnce() -> Result<(), BenchFault>) -> Result<(), BenchFault> {
        forget_peak()?;
        let begun = std::time::Instant::now();
        job()?;
        self.milliseconds += begun.elapsed().as_millis();
        self.seconds = self.milliseconds.div_ceil(1_000);
        self.megabytes = self.megabytes.max(u128::from(peak_kilobytes()? / 1_024));
        Ok(())
    }
}

/// Exports a day of hours of so many points, which is all there is.
pub(super) fn exported(bench: &Bench, lake: &Path, points: u32) -> Result<(), BenchFault> {
    let asked = ExportAsk {
        actor: ActorId::parse("staff:sofie")?,
        purpose: ActivityId::parse("network-analysis")?,
        category: CategoryId::parse("consumption")?,
        area: "543".to_owned(),
        days: first_day(),
        resolution: Resolution::PT1H,
        as_of: None,
        recipient: Some(Recipient { party: PartyId::parse("hosting")?, country: None }),
        factors: 1,
    };
    let exporting = export_series(&bench.workspace, &asked, (lake, &|| NOW), &|_| ());
    let report = given(bench.runtime.block_on(exporting)?)?;
    expect("the number of rows", u64::from(points) * 24, report.rows)
}
