//! Memory: the most that batch jobs over a million points take at once, in a process of its own.
//!
//! Master data, ingest of a day of hours, compaction of its month, an export, a settlement verified and made again, one after
//! the other in one folder that is opened anew for each. What the program looked up for one batch stays in memory for the next,
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

/// Every figure of memory.
pub(super) fn figures() -> Figures {
    in_child("memory", measured)
}

/// Measures a group in a child, which has nothing of the other benchmarks in its memory.
pub(super) fn in_child(group: &str, measured: fn() -> Figures) -> Figures {
    if std::env::var_os(CHILD).is_some() {
        return measured();
    }
    let child =
        Command::new(std::env::current_exe()?).args(["bench", "--json", group]).env(CHILD, "1").output()?;
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

/// What a job does in a place.
type Job<'a> = &'a dyn Fn(&Bench) -> Result<(), BenchFault>;

fn measured() -> Figures {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let file = folder.path().join("part.csv");
    let bench = Bench::open(&data)?;
    let mut ingest = Peak::default();
    for first_point in (0..POINTS).step_by(PART as usize) {
        let part = BenchFile { first_point, points: PART, first_day: date(2026, 1, 1), days: 1, seed: 1 };
        let content = bench_interval_part(&part);
        bench.register(master_data(&points_of(&content, PART)))?;
        std::fs::write(&file, content)?;
        ingest.of(|| bench.ingest(&file, &KeyRing::new()).map(|_| ()))?;
    }
    drop(bench);
    let mut figures = ingest.figures("ingest of a day of");
    let lake = folder.path().join("lake");
    let jobs: [(&str, Job<'_>); 4] = [
        ("compaction of a day of", &compacted),
        ("export of a day of", &|bench| exported(bench, &lake, POINTS)),
        ("settlement verified over a day of", &verified),
        ("settlement made again over a day of", &rebuilt),
    ];
    for (name, job) in jobs {
        let bench = Bench::open(&data)?;
        let mut peak = Peak::default();
        peak.of(|| job(&bench))?;
        figures.extend(peak.figures(name));
    }
    Ok(figures)
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
