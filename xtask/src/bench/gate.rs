//! The gate: what a decision, a logged permit and a disclosed year cost.

use std::hint::black_box;

use jiff::civil::date;
use tidstro_flows::{Answer, SeriesAsk, SeriesView, list_series, show_series};
use tidstro_govern::{Ask, Decision, Facts, OccupancyFact, Operation, Register, Target, decide};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, DayRange, OccupancyNo, PointNo, Resolution, SubjectNo,
};
use tidstro_telegram::KeyRing;
use tidstro_world::bench_interval_file;

use super::{
    BenchFault, Figure, Figures, nanoseconds,
    workspace::{Bench, NOW, expect, given, master_data, points_of},
};

const DECISIONS: u32 = 200_000;
/// Asks through the store: each waits until its log entry is durable.
const ASKS: u32 = 200;
const POINTS: u32 = 20;
/// From 1 January to 31 December 2026.
const DAYS: u32 = 365;
const HOURS: u64 = 8_760;

/// Every figure of the gate.
pub(super) fn figures() -> Figures {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(folder.path())?;
    let content = bench_interval_file(POINTS, DAYS, 1);
    let points = points_of(&content, POINTS);
    let file = folder.path().join("intervals.csv");
    std::fs::write(&file, content)?;
    bench.register(master_data(&points))?;
    bench.ingest(&file, &KeyRing::new())?;
    let point = points.first().map(String::as_str).unwrap_or_default();
    let mut figures = decisions(bench.workspace.register())?;
    figures.extend(asks(&bench, point)?);
    figures.push(year(&bench, point, Resolution::PT1H, HOURS)?);
    figures.push(year(&bench, point, Resolution::P1M, 12)?);
    Ok(figures)
}

/// Pure decisions about a planner's hours and a resident's own.
fn decisions(register: &Register) -> Figures {
    let planner = pure_ask("staff:sofie", "network-operation", Target::Point(PointNo::new(1)))?;
    let resident = pure_ask("resident:7", "own-view", Target::Subject(SubjectNo::new(7)))?;
    let occupancy = OccupancyFact {
        occupancy: OccupancyNo::new(3),
        subject: SubjectNo::new(7),
        area: AreaKind::Building,
        days: DayRange::always(),
    };
    let facts = Facts { occupancies: vec![occupancy], ..Facts::default() };
    let figure = |name, ask: &Ask| {
        let time = nanoseconds(DECISIONS, || {
            let decision = decide(register, black_box(&facts), black_box(ask), NOW);
            assert!(matches!(black_box(decision), Decision::Grant(_)), "the benchmark's own ask is refused");
        });
        Figure::new(name, time, "ns")
    };
    Ok(vec![figure("decision, staff", &planner), figure("decision, resident", &resident)])
}

fn pure_ask(actor: &str, purpose: &str, target: Target) -> Result<Ask, BenchFault> {
    Ok(Ask {
        actor: ActorId::parse(actor)?,
        purpose: ActivityId::parse(purpose)?,
        operation: Operation::Read,
        category: CategoryId::parse("consumption")?,
        target,
        days: DayRange::always(),
        resolution: Resolution::PT1H,
        recipient: None,
        factors: 1,
    })
}

/// A refusal is the gate alone: facts, decision, log entry. A permit is used at once.
fn asks(bench: &Bench, point: &str) -> Figures {
    let refused = ask("staff:anna", point, Resolution::PT1H)?;
    let granted = ask("staff:sofie", point, Resolution::PT1H)?;
    let listed =
        |asked: &SeriesAsk| bench.runtime.block_on(list_series(&bench.workspace, black_box(asked), NOW)).ok();
    let refusal = nanoseconds(ASKS, || {
        assert!(matches!(listed(&refused), Some(Answer::Refused(_))), "the benchmark's own ask is granted");
    });
    let permit = nanoseconds(ASKS, || {
        assert!(matches!(listed(&granted), Some(Answer::Given(_))), "the benchmark's own ask is refused");
    });
    Ok(vec![
        Figure::new("refusal, logged", refusal / 1_000, "µs"),
        Figure::new("permit, logged, and one point's series listed", permit / 1_000, "µs"),
    ])
}

/// A point's year, warm: permit, log entry, values read, opened and brought to the resolution.
fn year(bench: &Bench, point: &str, resolution: Resolution, values: u64) -> Result<Figure, BenchFault> {
    let asked = ask("staff:sofie", point, resolution)?;
    let shown = || bench.runtime.block_on(show_series(&bench.workspace, black_box(&asked), NOW));
    let views: Vec<SeriesView> = given(shown()?)?;
    expect("the number of values", values, views.iter().map(|view| view.values.len() as u64).sum())?;
    let time = nanoseconds(ASKS, || assert!(shown().is_ok(), "the benchmark's own year is not shown"));
    Ok(Figure::new(&format!("permit, logged, and one point's year as {resolution}"), time / 1_000, "µs"))
}

/// A planner's ask for the benchmark's year of one point.
fn ask(actor: &str, point: &str, resolution: Resolution) -> Result<SeriesAsk, BenchFault> {
    let year = DayRange::new(date(2026, 1, 1), date(2027, 1, 1)).unwrap_or_else(|_| DayRange::always());
    Ok(SeriesAsk {
        actor: ActorId::parse(actor)?,
        purpose: ActivityId::parse("network-operation")?,
        category: CategoryId::parse("consumption")?,
        point: Some(point.to_owned()),
        area: None,
        series: None,
        days: year,
        resolution,
        as_of: None,
        recipient: None,
        factors: 1,
    })
}
