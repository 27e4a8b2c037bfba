//! The batch jobs whose memory is measured, in the order in which they work on one town.

use std::path::Path;

use jiff::SignedDuration;
use tidstro_flows::{
    AnewAsk, CompactAsk, CycleAsk, CyclePointAsk, EstimateAsk, EstimateMethod, Estimation, ExportAsk,
    MASTER_PIECE_ROWS, MasterImportHow, MasterLine, MasterSource, SeriesAsk, SettleAsk, Validation,
    WantedState, compact, cycle_board, cycle_points, export_series, import_master_files,
    missing_measurements, preview_retention, rebuild_settlement, recount_cycle, run_settlement,
    validate_kept, verify_settlement,
};
use tidstro_govern::{PartyId, Recipient};
use tidstro_metering::settlement::CalculationKind;
use tidstro_model::{ActivityId, ActorId, CategoryId, CheckDigit, DayRange, Resolution};
use tidstro_telegram::KeyRing;

use super::town::{DAY, PART, master_files, part};
use super::{Peak, Site, open};
use crate::bench::workspace::{Bench, NOW, expect, given};
use crate::bench::{BenchFault, Figures};

/// A job at a site.
type Job = fn(&Site) -> Figures;
type Done = Result<(), BenchFault>;

/// The jobs that make the town.
pub(super) const TOWN: [&str; 2] = ["register", "ingest"];

pub(super) const JOBS: [(&str, Job); 16] = [
    ("register", registered),
    ("ingest", ingested),
    ("cycle", |site| measured(site, "board of operating days, points and recount", cycle)),
    ("findings", |site| measured(site, "validation, dry run over a day", found)),
    ("validate", |site| measured(site, "validation of a day", judged)),
    ("estimate", |site| measured(site, "estimation of a day", estimated)),
    ("missing", |site| measured(site, "missing measurements of a day", missing)),
    ("settle", |site| measured(site, "settlement of a day", settled)),
    ("amounts", |site| measured(site, "settlement of a day with amounts", settled_with_amounts)),
    ("compaction", |site| measured(site, "compaction of a day", compacted)),
    ("export", |site| measured(site, "export of a day", exported)),
    ("verify", |site| measured(site, "settlement verified over a day", verified)),
    ("rebuild", |site| measured(site, "settlement made again over a day", rebuilt)),
    ("retention", |site| measured(site, "retention preview", previewed)),
    ("import-dry", |site| imported(site, "import of master data, dry run", true)),
    ("import", |site| imported(site, "import of master data", false)),
];

/// Registers the master data of the town, some points at a time.
fn registered(site: &Site) -> Figures {
    let bench = site.open()?;
    let mut peak = Peak::default();
    for (first, count) in parts(site) {
        let master = part(first, count).1;
        peak.of(|| bench.register(master).map(|_| ()))?;
    }
    Ok(peak.figures(&site.name("registration of master data")))
}

/// Ingests the values of the town.
fn ingested(site: &Site) -> Figures {
    let file = site.folder.join("part.csv");
    let bench = site.open()?;
    let mut peak = Peak::default();
    for (first, count) in parts(site) {
        std::fs::write(&file, part(first, count).0)?;
        peak.of(|| bench.ingest(&file, &KeyRing::new()).map(|_| ()))?;
    }
    Ok(peak.figures(&site.name("ingest of a day")))
}

/// The first point of each part, and how many it has.
fn parts(site: &Site) -> impl Iterator<Item = (u32, u32)> {
    let points = site.points;
    (0..points).step_by(PART as usize).map(move |first| (first, PART.min(points - first)))
}

fn measured(site: &Site, what: &str, job: impl FnOnce(&Bench, &Site) -> Done) -> Figures {
    let bench = site.open()?;
    let mut peak = Peak::default();
    peak.of(|| job(&bench, site))?;
    Ok(peak.figures(&site.name(what)))
}

fn the_day() -> DayRange {
    DAY.tomorrow().ok().and_then(|next| DayRange::new(DAY, next).ok()).unwrap_or_else(DayRange::always)
}

const AREA: &str = "543";

fn cycle(bench: &Bench, site: &Site) -> Done {
    let (actor, purpose) = clerk()?;
    let (area, days) = (Some(AREA.to_owned()), the_day());
    let asked = CycleAsk { actor, purpose, area, days, alarm: SignedDuration::ZERO };
    let board = given(bench.runtime.block_on(cycle_board(&bench.workspace, &asked, NOW))?)?;
    let there: u64 = board.iter().flat_map(|area| &area.days).map(|day| day.expected - day.nothing).sum();
    expect("the number of series with values", site.points.into(), there)?;
    let others = given(bench.runtime.block_on(recount_cycle(&bench.workspace, &asked, NOW))?)?;
    expect("the number of days that were counted otherwise", 0, others.len() as u64)?;
    let CycleAsk { actor, purpose, .. } = asked;
    let asked =
        CyclePointAsk { actor, purpose, area: AREA.to_owned(), day: DAY, wanted: WantedState::Nothing };
    let nothing = given(bench.runtime.block_on(cycle_points(&bench.workspace, &asked, NOW))?)?;
    expect("the number of points without values", 0, nothing.len() as u64)
}

/// Who looks after values, and what for.
fn clerk() -> Result<(ActorId, ActivityId), BenchFault> {
    Ok((ActorId::parse("staff:mikkel")?, ActivityId::parse("correctness-control")?))
}

fn series_asked() -> Result<SeriesAsk, BenchFault> {
    let (actor, purpose) = clerk()?;
    Ok(SeriesAsk {
        actor,
        purpose,
        category: CategoryId::parse("consumption")?,
        point: None,
        area: Some(AREA.to_owned()),
        series: None,
        days: the_day(),
        resolution: Resolution::PT1H,
        as_of: None,
        recipient: None,
        factors: 1,
    })
}

fn found(bench: &Bench, site: &Site) -> Done {
    let begun = bench.runtime.block_on(Validation::begin(&bench.workspace, series_asked()?, None, NOW))?;
    let (mut judging, mut found) = (given(begun)?, 0);
    while let Some(step) = given(bench.runtime.block_on(judging.step(NOW))?)? {
        found += step.len() as u64;
    }
    expect("the number of series with findings", site.points.into(), found)
}

fn judged(bench: &Bench, site: &Site) -> Done {
    let asked = AnewAsk { asked: series_asked()?, reopen: None };
    let report = given(bench.runtime.block_on(validate_kept(&bench.workspace, asked, NOW))?)?;
    expect("the number of series judged", site.points.into(), report.judged as u64)
}

fn estimated(bench: &Bench, site: &Site) -> Done {
    let asked = EstimateAsk {
        asked: series_asked()?,
        method: EstimateMethod::Auto,
        profile: None,
        check_meter: None,
        rejected: Vec::new(),
        chain_days: tidstro_flows::CHAIN_DAYS,
        is_dry: false,
    };
    let begun = bench.runtime.block_on(Estimation::begin(&bench.workspace, asked, NOW))?;
    let mut estimation = given(begun)?;
    let mut made = 0;
    while let Some(step) = given(bench.runtime.block_on(estimation.step(NOW))?)? {
        made += step.series.len() as u64;
    }
    expect("the number of series with estimates", site.points.into(), made)
}

fn settle_asked() -> Result<SettleAsk, BenchFault> {
    Ok(SettleAsk {
        actor: ActorId::parse("job:hub")?,
        purpose: ActivityId::parse("settlement")?,
        area: AREA.to_owned(),
        days: the_day(),
    })
}

/// An hour was estimated before, so nothing is missing.
fn missing(bench: &Bench, _: &Site) -> Done {
    let asked = settle_asked()?;
    let missing = given(bench.runtime.block_on(missing_measurements(&bench.workspace, &asked, NOW))?)?;
    expect("the number of points with missing values", 0, missing.len() as u64)
}

fn settled(bench: &Bench, _: &Site) -> Done {
    settled_as(bench, CalculationKind::BalanceFixing)
}

fn settled_with_amounts(bench: &Bench, _: &Site) -> Done {
    settled_as(bench, CalculationKind::WholesaleFixing)
}

fn settled_as(bench: &Bench, kind: CalculationKind) -> Done {
    let asked = settle_asked()?;
    let running = run_settlement(&bench.workspace, &asked, (kind, false), NOW);
    given(bench.runtime.block_on(running)?).map(|_| ())
}

fn compacted(bench: &Bench, site: &Site) -> Done {
    let before = DAY.saturating_add(jiff::Span::new().months(1));
    let asked = CompactAsk { actor: ActorId::parse("job:ingest")?, area: None, before: Some(before) };
    let report = given(bench.runtime.block_on(compact(&bench.workspace, asked, NOW))?)?;
    expect("the number of months", site.points.into(), report.months)
}

fn exported(bench: &Bench, site: &Site) -> Done {
    let asked = ExportAsk {
        actor: ActorId::parse("staff:sofie")?,
        purpose: ActivityId::parse("network-analysis")?,
        category: CategoryId::parse("consumption")?,
        area: AREA.to_owned(),
        days: the_day(),
        resolution: Resolution::PT1H,
        as_of: None,
        recipient: Some(Recipient { party: PartyId::parse("hosting")?, country: None }),
        factors: 1,
    };
    let lake = site.folder.join(format!("lake-{}", std::process::id()));
    let exporting = export_series(&bench.workspace, &asked, (Path::new(&lake), &|| NOW), &|_| ());
    let report = given(bench.runtime.block_on(exporting)?)?;
    expect("the number of rows", u64::from(site.points) * 24, report.rows)
}

fn verified(bench: &Bench, _: &Site) -> Done {
    let asked = settle_asked()?;
    let view = given(bench.runtime.block_on(verify_settlement(&bench.workspace, &asked, NOW))?)?;
    expect("the number of sums that differ", 0, view.differing.len() as u64 + view.left_differing)
}

fn rebuilt(bench: &Bench, _: &Site) -> Done {
    let (job, purpose) = (ActorId::parse("job:hub")?, ActivityId::parse("settlement")?);
    let rebuilding = rebuild_settlement(&bench.workspace, (&job, &purpose), NOW);
    expect("the number of sums that changed", 0, given(bench.runtime.block_on(rebuilding)?)?.changed)
}

fn previewed(bench: &Bench, _: &Site) -> Done {
    let job = ActorId::parse("job:retention")?;
    given(bench.runtime.block_on(preview_retention(&bench.workspace, &job, NOW))?).map(|_| ())
}

/// Into a place with nothing in it: everything is new.
fn imported(site: &Site, what: &str, is_dry: bool) -> Figures {
    let paths = master_files(&site.folder, site.points)?;
    let (bench, job) = (open(&site.empty)?, ActorId::parse("job:ingest")?);
    let mut peak = Peak::default();
    peak.of(|| {
        let mut files = Vec::with_capacity(paths.len());
        for path in &paths {
            let bytes = Box::new(std::fs::File::open(path)?);
            files.push(MasterSource { name: path.display().to_string(), bytes });
        }
        let how = MasterImportHow { check: CheckDigit::Required, is_dry, piece_rows: MASTER_PIECE_ROWS };
        let mut changes = 0_u64;
        let mut tell = |line| changes += u64::from(matches!(line, MasterLine::Change(_)));
        let importing = import_master_files(&bench.workspace, &job, files, (how, NOW), &mut tell);
        let report = given(bench.runtime.block_on(importing)?)?;
        let refused: u64 = report.files.iter().map(|file| file.refused_rows).sum();
        expect("the number of refused rows", 0, refused)?;
        expect("the number of changes", u64::from(site.points) * 4, changes)
    })?;
    Ok(peak.figures(&site.name(what)))
}
