//! Compaction: whoever reads does not notice, whatever comes after it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use common::{actor, ask, given, ingest, open, refused_by, register};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use tidstro_flows::{
    CompactAsk, CompactNews, CompactReport, Compaction, Quiet, SeriesAsk, Workspace, compact, compact_beside,
    show_series,
};
use tidstro_model::{
    Area, AreaKind, CategoryId, Commodity, DayRange, Decimal, Gsrn, MasterData, Occupancy, Person, Point,
    Quality, Resolution,
};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Every closed month at an instant.
async fn compacted(workspace: &Workspace, now: Timestamp) -> CompactReport {
    let asked = CompactAsk { actor: actor(common::JOB), area: None, before: None };
    given(compact(workspace, asked, now).await.unwrap())
}

/// What an answer says of one value.
type Shown = (u32, Timestamp, Timestamp, Option<Decimal>, Quality, u32, bool);

async fn answer(workspace: &Workspace, asked: &SeriesAsk, now: Timestamp) -> Vec<Shown> {
    let views = given(show_series(workspace, asked, now).await.unwrap());
    let shown = |view: &tidstro_flows::SeriesView| -> Vec<Shown> {
        let series = view.line.series.as_u32();
        let values = view.values.iter();
        values
            .map(|value| {
                let (start, end) = (value.start, value.end);
                (series, start, end, value.value, value.quality, value.present, value.corrected)
            })
            .collect()
    };
    views.iter().flat_map(shown).collect()
}

/// Answers to every kind of question: hours, days and months, now and as of several moments.
async fn answers(workspace: &Workspace, days: DayRange, moments: &[&str], now: Timestamp) -> Vec<Vec<Shown>> {
    let mut answers = Vec::new();
    for (who, purpose, resolution) in [
        ("staff:dpo", "rights", Resolution::Raw),
        ("staff:dpo", "rights", Resolution::P1D),
        ("staff:anna", "billing", Resolution::P1M),
    ] {
        for category in ["consumption", "indoor-climate"] {
            if who == "staff:anna" && category == "indoor-climate" {
                continue;
            }
            for as_of in moments.iter().map(|moment| Some(at(moment))).chain([None]) {
                let category = CategoryId::parse(category).unwrap();
                let asked = SeriesAsk { category, as_of, ..ask(&actor(who), purpose, days, resolution) };
                answers.push(answer(workspace, &asked, now).await);
            }
        }
    }
    answers
}

/// Registers of meters and sensors, over a tenant's moving out and the change of clocks, in weekly batches.
#[tokio::test]
async fn registers_of_a_town_read_the_same() {
    let town = Town::build(&TownPlan::default());
    let keys = KeyRing::parse(&town.keys_csv()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path(), at("2026-03-01T06:00:00Z")).await;
    register(&workspace, town.master_data(), at("2026-03-01T06:00:00Z")).await;
    let points: Vec<String> = town.master_data().points.into_iter().map(|point| point.own_id).collect();
    let of_flats: Vec<&String> = points.iter().filter(|point| point.contains('/')).take(12).collect();
    for week in 0..6 {
        let first = town.plan.first_day + (7 * week).days();
        let days = (0..7_i64).map(|day| first + day.days()).filter(|day| *day < date(2026, 4, 10));
        let mut lines = String::new();
        for day in days {
            lines.extend(of_flats.iter().flat_map(|point| town_telegrams(&town, point, day)));
        }
        let now = (first + 7.days()).at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        ingest(&workspace, lines.as_bytes(), &keys, now).await;
    }
    let now = at("2026-05-02T06:00:00Z");
    let days = DayRange::new(date(2026, 3, 1), date(2026, 4, 15)).unwrap();
    let moments = ["2026-03-16T09:00:00Z", "2026-04-06T12:00:00Z"];
    let before = answers(&workspace, days, &moments, now).await;
    assert!(before.iter().map(Vec::len).sum::<usize>() > 500, "there is something to compare");
    let report = compacted(&workspace, now).await;
    assert!(report.months > 10 && report.left == 0 && report.before == date(2026, 4, 18), "{report:?}");
    assert_eq!(answers(&workspace, days, &moments, now).await, before);
}

fn town_telegrams(town: &Town, point: &str, day: Date) -> Vec<String> {
    let hex = |frame: Vec<u8>| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>() + "\n";
    town.telegrams(point, day).into_iter().map(hex).collect()
}

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";

/// One electricity metering point with one customer until 17 March, and another from then on.
struct Grid {
    workspace: Workspace,
    _folder: tempfile::TempDir,
}

fn gsrn() -> Gsrn {
    Gsrn::from_body(57_131_315_439_035_946)
}

impl Grid {
    async fn new() -> Self {
        let occupancy = |number: u32, days| Occupancy {
            subject: format!("person-{number}"),
            points: vec![gsrn().to_string()],
            days,
        };
        let person = |number: u32| Person {
            reference: format!("person-{number}"),
            name: "Nobody".to_owned(),
            contact: "nobody@example.org".to_owned(),
        };
        let data = MasterData {
            areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
            points: vec![Point {
                own_id: gsrn().to_string(),
                area: "543".to_owned(),
                commodity: Commodity::ElectricityConsumption,
                flat: None,
                room: None,
                interval: Some(Resolution::PT1H),
                transformer: None,
            }],
            people: vec![person(1), person(2)],
            occupancies: vec![
                occupancy(1, DayRange::new(date(2026, 1, 1), date(2026, 3, 17)).unwrap()),
                occupancy(2, DayRange::from(date(2026, 3, 17))),
            ],
            ..MasterData::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), at("2026-02-01T06:00:00Z")).await;
        register(&workspace, data, at("2026-02-01T06:00:00Z")).await;
        Self { workspace, _folder: folder }
    }

    /// Hours from an instant on, each with this many watt hours more than the one before.
    async fn hours(&self, start: &str, hours: i64, first_wh: i64, now: &str) {
        let start = at(start).as_second();
        let rows = (0..hours).map(|hour| {
            let instant = Timestamp::from_second(start + hour * 3600).unwrap();
            let wh = (first_wh + hour * 7) % 1_000;
            format!("{};{instant};PT1H;0.{wh:03};measured\n", gsrn())
        });
        let file = format!("{HEADER}{}", rows.collect::<String>());
        ingest(&self.workspace, file.as_bytes(), &KeyRing::new(), at(now)).await;
    }

    async fn answers(&self) -> Vec<Vec<Shown>> {
        let days = DayRange::new(date(2026, 2, 1), date(2026, 5, 1)).unwrap();
        let moments =
            ["2026-03-05T00:00:00Z", "2026-04-01T12:00:00Z", "2026-05-03T12:00:00Z", "2026-05-20T00:00:00Z"];
        let mut answers = answers(&self.workspace, days, &moments, at("2026-06-20T06:00:00Z")).await;
        for person in ["person-1", "person-2"] {
            let resident = tidstro_flows::resident_called(&self.workspace, person).await.unwrap().unwrap();
            let own = ask(&resident, "own-view", days, Resolution::PT1H);
            answers.push(answer(&self.workspace, &own, at("2026-06-20T06:00:00Z")).await);
        }
        answers
    }
}

/// The same history twice; one of them is compacted wherever it may be. After each step both say the same.
#[tokio::test]
async fn a_history_with_corrections_reads_the_same_at_every_step() {
    let (plain, other) = (Grid::new().await, Grid::new().await);
    let steps: [(&str, i64, i64, &str); 8] = [
        ("2026-01-31T23:00:00Z", 28 * 24, 100, "2026-03-01T08:00:00Z"),
        // March comes in three parts, one of them twice the same.
        ("2026-02-28T23:00:00Z", 5, 200, "2026-03-02T08:00:00Z"),
        ("2026-02-28T23:00:00Z", 20 * 24 + 7, 200, "2026-03-22T08:00:00Z"),
        ("2026-03-10T23:00:00Z", 20 * 24, 300, "2026-04-01T08:00:00Z"),
        // A correction of a month that is closed, then of the same hours once more.
        ("2026-02-10T05:00:00Z", 3, 777, "2026-05-01T08:00:00Z"),
        ("2026-02-10T06:00:00Z", 4, 888, "2026-05-02T08:00:00Z"),
        // One over the day on which the customer changed, and one that says nothing new.
        ("2026-03-16T12:00:00Z", 24, 500, "2026-05-10T08:00:00Z"),
        ("2026-03-16T12:00:00Z", 24, 500, "2026-05-11T08:00:00Z"),
    ];
    for (number, (start, hours, first, now)) in steps.into_iter().enumerate() {
        for grid in [&plain, &other] {
            grid.hours(start, hours, first, now).await;
        }
        let report = compacted(&other.workspace, at(now)).await;
        assert_eq!(report.left, 0, "step {number}: {report:?}");
        assert_eq!(plain.answers().await, other.answers().await, "after step {number}");
    }
    let everything = compacted(&other.workspace, at("2026-06-20T06:00:00Z")).await;
    assert_eq!(plain.answers().await, other.answers().await, "after the last one: {everything:?}");
}

/// Nothing is done twice: a second compaction finds nothing, one correction later it finds that day.
#[tokio::test]
async fn what_is_compacted_stays_so_until_it_is_corrected() {
    let grid = Grid::new().await;
    grid.hours("2026-01-31T23:00:00Z", 59 * 24, 100, "2026-04-01T08:00:00Z").await;
    let now = at("2026-04-20T08:00:00Z");
    let first = compacted(&grid.workspace, now).await;
    // February, March until the 16th, March from the 17th.
    assert_eq!((first.months, first.versions, first.left), (3, 59, 0), "{first:?}");
    assert_eq!(first.month, Some(date(2026, 3, 1)));
    let again = compacted(&grid.workspace, now).await;
    assert_eq!((again.months, again.versions), (0, 0));
    grid.hours("2026-02-10T05:00:00Z", 1, 777, "2026-04-20T09:00:00Z").await;
    let corrected = compacted(&grid.workspace, now).await;
    assert_eq!((corrected.months, corrected.versions), (1, 1));
}

/// A month that values of the last fortnight lie in is open.
#[tokio::test]
async fn an_open_month_stays_as_it_is() {
    let grid = Grid::new().await;
    grid.hours("2026-01-31T23:00:00Z", 28 * 24, 100, "2026-03-01T08:00:00Z").await;
    assert_eq!(compacted(&grid.workspace, at("2026-03-14T22:59:59Z")).await.months, 0);
    assert_eq!(compacted(&grid.workspace, at("2026-03-14T23:00:00Z")).await.months, 1);
}

/// Dropped after each step and begun anew, it does the same as in one go.
#[tokio::test]
async fn a_compaction_stopped_at_every_step_goes_on() {
    let (plain, other) = (Grid::new().await, Grid::new().await);
    for grid in [&plain, &other] {
        grid.hours("2026-01-31T23:00:00Z", 59 * 24, 100, "2026-04-01T08:00:00Z").await;
    }
    let now = at("2026-04-20T08:00:00Z");
    let (mut versions, mut begun) = (0, 0);
    while versions < 59 {
        let asked = CompactAsk { actor: actor(common::JOB), area: Some("543".to_owned()), before: None };
        let mut compaction = given(Compaction::begin(&other.workspace, asked, now).await.unwrap());
        given(compaction.step(now).await.unwrap());
        versions += compaction.report().versions;
        begun += 1;
        assert_eq!(plain.answers().await, other.answers().await, "after {begun} steps");
    }
    assert!(begun >= 2, "a month a step");
    assert_eq!(versions, 59);
}

/// Compacts beside until so many bites are durable, and drops it there. Whether everything is done.
async fn beside(workspace: &Workspace, bites: usize) -> bool {
    let (bitten, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let news = |news: CompactNews<'_>| match news {
        CompactNews::Bite(_) => bitten.store(1 + bitten.load(Ordering::Relaxed), Ordering::Relaxed),
        CompactNews::Done(_) => done.store(1, Ordering::Relaxed),
        other => panic!("{other:?}"),
    };
    let is_over = || bitten.load(Ordering::Relaxed) >= bites || done.load(Ordering::Relaxed) > 0;
    let now = || at("2026-05-20T06:00:00Z");
    let quiet = Quiet { idle: Duration::ZERO, between: Duration::ZERO, again: Duration::MAX };
    let who = actor(common::JOB);
    let mut compacting = std::pin::pin!(compact_beside(workspace, &who, (&now, &quiet), &news));
    std::future::poll_fn(|context| match compacting.as_mut().poll(context) {
        Poll::Ready(never) => match never {},
        Poll::Pending if is_over() => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
    done.load(Ordering::Relaxed) > 0
}

/// Dropped after each bite, with values coming in between: whoever reads sees what a folder that is never compacted says.
#[tokio::test]
async fn compaction_beside_is_never_noticed() {
    let (plain, other) = (Grid::new().await, Grid::new().await);
    for grid in [&plain, &other] {
        grid.hours("2026-01-31T23:00:00Z", 89 * 24, 100, "2026-05-02T08:00:00Z").await;
    }
    let mut rounds = 0_i64;
    while !beside(&other.workspace, 1).await {
        let day = at("2026-02-10T05:00:00Z") + SignedDuration::from_hours(24 * 9 * rounds);
        for grid in [&plain, &other] {
            grid.hours(&day.to_string(), 30, 700 + rounds, "2026-05-20T06:00:00Z").await;
        }
        assert_eq!(plain.answers().await, other.answers().await, "after {rounds} bites");
        rounds += 1;
        assert!(rounds < 20, "it comes to an end");
    }
    assert!(rounds >= 3, "a month a bite at least");
    assert_eq!(plain.answers().await, other.answers().await, "after the last one");
}

/// While anybody writes, it waits.
#[tokio::test]
async fn compaction_beside_gives_way() {
    let grid = Grid::new().await;
    grid.hours("2026-01-31T23:00:00Z", 59 * 24, 100, "2026-04-01T08:00:00Z").await;
    let now = || at("2026-05-20T06:00:00Z");
    let bites = AtomicUsize::new(0);
    let news = |_: CompactNews<'_>| bites.store(1, Ordering::Relaxed);
    let quiet = Quiet { idle: Duration::from_hours(1), ..Quiet::default() };
    let who = actor(common::JOB);
    let mut compacting = std::pin::pin!(compact_beside(&grid.workspace, &who, (&now, &quiet), &news));
    tokio::select! {
        biased;
        never = &mut compacting => match never {},
        () = grid.hours("2026-03-10T05:00:00Z", 3, 700, "2026-05-20T06:00:00Z") => {}
    }
    assert_eq!(bites.load(Ordering::Relaxed), 0, "an hour without writing had not gone by");
}

#[tokio::test]
async fn who_does_not_store_does_not_compact() {
    let grid = Grid::new().await;
    let asked = CompactAsk { actor: actor("staff:anna"), area: None, before: None };
    let refused = compact(&grid.workspace, asked, at("2026-04-20T08:00:00Z")).await.unwrap();
    assert_eq!(refused_by(refused), "role-not-in-purpose");
    let asked = CompactAsk { actor: actor(common::JOB), area: Some("999".to_owned()), before: None };
    let fault = compact(&grid.workspace, asked, at("2026-04-20T08:00:00Z")).await.err().unwrap();
    assert!(fault.to_string().contains("`999`"), "{fault}");
}
