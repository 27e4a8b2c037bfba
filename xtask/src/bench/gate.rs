//! The gate: what a decision, a subject's leases, a logged permit and a disclosed year cost.

use std::hint::black_box;

use jiff::{Span, Timestamp, civil::date, tz::TimeZone};
use tidstro_flows::{Answer, SeriesAsk, SeriesView, list_series, show_series};
use tidstro_govern::{
    Ask, Decision, DossierFact, Facts, LeaseEvent, LeaseEventKind as Kind, MatterFact, OccupancyFact,
    Operation, Register, SubjectEvent, Target, decide, leases,
};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, CategoryId, DayRange, DossierKind, DossierNo, OccupancyNo, PointNo,
    Resolution, SubjectNo,
};
use tidstro_telegram::KeyRing;
use tidstro_world::bench_interval_file;

use super::{
    BenchFault, Figure, Figures, nanoseconds,
    workspace::{Bench, NOW, expect, given, master_data, points_of},
};

const DECISIONS: u32 = 200_000;
/// All leases of one subject.
const LEASES: u32 = 5_000;
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
    figures.extend(ten_years(bench.workspace.register())?);
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

/// Of one subject after ten years: every lease of a sub-metering company's register, and a decision of the
/// town's that weighs them.
fn ten_years(town: &Register) -> Figures {
    let register = sub_metering()?;
    let facts = facts_of_ten_years()?;
    let events: Vec<&LeaseEvent> = facts.events.iter().map(|event| &event.event).collect();
    let flats = facts.occupancies.iter().map(OccupancyFact::matter);
    let matters: Vec<MatterFact> = flats.chain(facts.dossiers.iter().map(DossierFact::matter)).collect();
    let held = || {
        let of =
            |matter| leases(register.activities(), matter, black_box(&events), NOW, register.zone()).len();
        matters.iter().map(of).sum::<usize>()
    };
    let all =
        nanoseconds(LEASES, || assert!(black_box(held()) > 0, "the benchmark's own subject has no lease"));
    let ask = pure_ask("staff:dpo", "rights", Target::Subject(SubjectNo::new(7)))?;
    let weighed = nanoseconds(LEASES, || {
        let decision = decide(town, black_box(&facts), black_box(&ask), NOW);
        assert!(matches!(black_box(decision), Decision::Grant(_)), "the benchmark's own ask is refused");
    });
    let (count, events) = (held(), events.len());
    Ok(vec![
        Figure::new(&format!("leases of a subject: {count}, from {events} events"), all, "ns"),
        Figure::new("decision, staff, about that subject", weighed, "ns"),
    ])
}

fn sub_metering() -> Result<Register, BenchFault> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../registers/submetering-processor");
    let files: Result<Vec<_>, std::io::Error> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let mut files = files?;
    files.sort();
    let texts: Result<Vec<_>, _> = files.iter().map(std::fs::read_to_string).collect();
    Ok(Register::parse(&texts?.join("\n"), "submetering-processor")?)
}

/// Three flats, one after the other, and forty events: an account each year, and the rest of a long life with
/// its landlord.
fn facts_of_ten_years() -> Result<Facts, BenchFault> {
    let subject = SubjectNo::new(7);
    let moves = [date(2016, 1, 1), date(2019, 7, 1), date(2023, 4, 1)];
    let ends = [date(2019, 7, 1), date(2023, 4, 1), jiff::civil::Date::MAX];
    let flat = |(number, (start, end))| OccupancyFact {
        occupancy: OccupancyNo::new(number),
        subject,
        area: AreaKind::Building,
        days: DayRange::new(start, end).unwrap_or_else(|_| DayRange::always()),
    };
    let occupancies = (1..).zip(moves.into_iter().zip(ends)).map(flat).collect();
    let kinds = [Kind::RestrictionSet, Kind::RestrictionLifted, Kind::HoldSet, Kind::HoldLifted].repeat(7);
    let others = (1..).zip(kinds).map(|(number, kind)| happened(subject, kind, number * 120, None));
    let accounts = (1..=12).map(|number| happened(subject, Kind::AccountDelivered, number * 300, Some(300)));
    let opened = NOW;
    let kind = DossierKind::parse("ticket")?;
    let dossiers = vec![DossierFact { dossier: DossierNo::new(1), subject: Some(subject), kind, opened }];
    Ok(Facts { occupancies, dossiers, events: others.chain(accounts).collect() })
}

/// An event so many days after the first move, of an account of the days before it.
fn happened(subject: SubjectNo, kind: Kind, day: i32, accounted: Option<i32>) -> SubjectEvent {
    let on = |day: i32| date(2016, 1, 1).saturating_add(Span::new().days(day));
    let at = on(day).to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp());
    let days = accounted.and_then(|length| DayRange::new(on(day - length), on(day)).ok());
    SubjectEvent { subject, event: LeaseEvent { at, kind, matter: None, activity: None, days } }
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
pub(super) fn ask(actor: &str, point: &str, resolution: Resolution) -> Result<SeriesAsk, BenchFault> {
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
