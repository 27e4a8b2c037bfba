//! Operating days on their way to the market: counted as they change, released, corrected, late.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use std::collections::BTreeMap;

use common::{actor, given, ingest, open, refused_by, register};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tidstro_flows::{
    CycleAsk, CycleLine, CyclePointAsk, CyclePointLine, ReleaseAsk, Released, WantedState, Workspace,
    cycle_board, cycle_points, recount_cycle, recount_findings, release_days, show_series,
};
use tidstro_govern::{PartyId, Recipient};
use tidstro_metering::cycle::{DayState, Standing};
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, ConnectionState, DayRange, GridArea, Gsrn, MasterData, Point,
    PointState, PointType, Quality, Resolution, Rule, SettlementMethod, StatedPoint,
};
use tidstro_telegram::KeyRing;

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";
/// Monday to Wednesday; the deadline of Monday is the Monday after at 21:00.
const DAYS: [Date; 3] = [date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)];
const SOON: &str = "2026-03-12T06:00:00Z";

/// An area with three points that nobody lives at.
struct Grid {
    workspace: Workspace,
    points: Vec<Gsrn>,
    _folder: tempfile::TempDir,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A point that is connected from a day on.
fn connected(point: Gsrn, from: Date) -> StatedPoint {
    let kind = PointType::Consumption(SettlementMethod::Flex);
    let state = PointState::measured(kind, GridArea::parse("543").unwrap(), Resolution::PT1H);
    StatedPoint { point, state, days: DayRange::from(from) }
}

impl Grid {
    async fn new() -> Self {
        let points: Vec<Gsrn> = (0..3).map(|index| Gsrn::from_body(57_131_315_439_035_900 + index)).collect();
        let point = |gsrn: &Gsrn| Point {
            own_id: gsrn.to_string(),
            area: "543".to_owned(),
            commodity: Commodity::ElectricityConsumption,
            flat: None,
            room: None,
            interval: None,
            transformer: None,
        };
        let data = MasterData {
            areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
            points: points.iter().map(point).collect(),
            stated_points: points.iter().map(|gsrn| connected(*gsrn, date(2026, 1, 1))).collect(),
            ..MasterData::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), at("2026-03-09T06:00:00Z")).await;
        register(&workspace, data, at("2026-03-09T06:00:00Z")).await;
        Self { workspace, points, _folder: folder }
    }

    /// Hours of a day of a point, from the first on.
    fn hours(&self, point: usize, day: Date, from: usize, values: &[&str]) -> String {
        let start = self.workspace.zone().day_start(day).as_second();
        let rows = values.iter().enumerate().map(|(hour, value)| {
            let start = Timestamp::from_second(start + i64::try_from(from + hour).unwrap() * 3600).unwrap();
            format!("{};{start};PT1H;{value};measured\n", self.points[point])
        });
        rows.collect()
    }

    async fn take(&self, rows: &str, now: &str) {
        ingest(&self.workspace, format!("{HEADER}{rows}").as_bytes(), &KeyRing::new(), at(now)).await;
    }

    fn asked(&self) -> CycleAsk {
        CycleAsk {
            actor: actor("job:ingest"),
            purpose: ActivityId::parse("grid-reading").unwrap(),
            area: Some("543".to_owned()),
            days: DayRange::new(DAYS[0], date(2026, 3, 20)).unwrap(),
            alarm: SignedDuration::from_hours(12),
        }
    }

    async fn board(&self, now: &str) -> Vec<CycleLine> {
        let areas = given(cycle_board(&self.workspace, &self.asked(), at(now)).await.unwrap());
        areas.into_iter().flat_map(|area| area.days).collect()
    }

    /// States of the first day.
    async fn states(&self, now: &str) -> BTreeMap<DayState, u64> {
        self.board(now).await.into_iter().next().unwrap().states
    }

    async fn release(&self, also: &[DayState], now: &str) -> Released {
        let asked = release_ask(also);
        given(release_days(&self.workspace, &asked, at(now)).await.unwrap())
    }

    async fn recounted(&self, now: &str) -> Vec<Date> {
        given(recount_cycle(&self.workspace, &self.asked(), at(now)).await.unwrap())
    }

    /// How many days wait for a decision otherwise than the rows say.
    async fn findings_recounted(&self) -> u64 {
        let asked =
            common::ask(&actor("staff:mikkel"), "correctness-control", DayRange::always(), Resolution::PT1H);
        given(recount_findings(&self.workspace, &asked, &|_, _| (), at(SOON)).await.unwrap())
    }

    async fn points(&self, wanted: &str, now: &str) -> Vec<CyclePointLine> {
        let asked = CyclePointAsk {
            actor: actor("staff:mikkel"),
            purpose: ActivityId::parse("correctness-control").unwrap(),
            area: "543".to_owned(),
            day: DAYS[0],
            wanted: WantedState::from_code(wanted).unwrap(),
        };
        given(cycle_points(&self.workspace, &asked, at(now)).await.unwrap())
    }

    async fn first_hours(&self, point: usize) -> Vec<tidstro_flows::SeriesValue> {
        let days = DayRange::new(DAYS[0], DAYS[1]).unwrap();
        let mut asked = common::ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
        asked.point = Some(self.points[point].to_string());
        let views = given(show_series(&self.workspace, &asked, at("2026-04-20T06:00:00Z")).await.unwrap());
        views.into_iter().flat_map(|view| view.values).collect()
    }
}

fn release_ask(also: &[DayState]) -> ReleaseAsk {
    ReleaseAsk {
        actor: actor("job:ingest"),
        purpose: ActivityId::parse("grid-reading").unwrap(),
        area: "543".to_owned(),
        days: DayRange::new(DAYS[0], DAYS[1]).unwrap(),
        also: also.to_vec(),
        recipient: Recipient { party: PartyId::parse("market-hub").unwrap(), country: None },
        factors: 1,
    }
}

fn counts(of: &[(DayState, u64)]) -> BTreeMap<DayState, u64> {
    of.iter().copied().collect()
}

#[tokio::test]
async fn a_day_is_counted_by_how_far_it_has_come() {
    let grid = Grid::new().await;
    assert!(grid.board(SOON).await.is_empty(), "before anything came there is no day");
    let whole = grid.hours(0, DAYS[0], 0, &["0.100"; 24]);
    let part = grid.hours(1, DAYS[0], 0, &["0.100"; 7]);
    grid.take(&(whole + &part), SOON).await;
    let board = grid.board(SOON).await;
    let days: Vec<Date> = board.iter().map(|line| line.clock.day).collect();
    assert_eq!(days, DAYS, "the days that are over");
    let first = &board[0];
    assert_eq!(first.states, counts(&[(DayState::Validated, 1), (DayState::Partly, 1)]));
    assert_eq!((first.expected, first.nothing, first.late), (3, 1, 0));
    assert_eq!((board[1].expected, board[1].nothing), (3, 3));

    let rest = grid.hours(1, DAYS[0], 7, &["0.100"; 17]);
    let mut odd = ["0.100"; 24];
    odd[5] = "-0.100";
    grid.take(&(rest + &grid.hours(2, DAYS[0], 0, &odd)), SOON).await;
    let states = grid.states(SOON).await;
    assert_eq!(states, counts(&[(DayState::Validated, 2), (DayState::Collected, 1)]));
    let doubtful = grid.points("collected", SOON).await;
    assert_eq!(doubtful.len(), 1);
    assert_eq!(doubtful[0].point, grid.points[2].to_string());
    assert!(doubtful[0].findings.contains(Rule::Negative) && doubtful[0].present == 24);
    assert_eq!(grid.recounted(SOON).await, [], "what is kept up is what is there");
}

#[tokio::test]
async fn the_board_tells_what_is_near_and_what_is_late() {
    let grid = Grid::new().await;
    grid.take(&grid.hours(0, DAYS[0], 0, &["0.100"; 24]), SOON).await;
    for (now, standing, late) in [
        ("2026-03-16T07:59:00Z", Standing::Open, 0),
        ("2026-03-16T08:00:00Z", Standing::Alarm, 0),
        ("2026-03-16T20:00:00Z", Standing::Late, 3),
    ] {
        let first = &grid.board(now).await[0];
        assert_eq!((first.standing, first.late), (standing, late), "{now}");
    }
    assert_eq!(grid.points("late", "2026-03-16T20:00:00Z").await.len(), 3);
    assert_eq!(grid.points("nothing", "2026-03-16T20:00:00Z").await.len(), 2);
    assert!(grid.points("late", "2026-03-16T19:00:00Z").await.is_empty());
}

#[tokio::test]
async fn what_is_released_goes_out_and_what_changes_then_corrects() {
    let grid = Grid::new().await;
    let whole: String = (0..2).map(|point| grid.hours(point, DAYS[0], 0, &["0.100"; 24])).collect();
    grid.take(&(whole + &grid.hours(2, DAYS[0], 0, &["0.100"; 7])), SOON).await;
    let released = grid.release(&[], SOON).await;
    assert_eq!((released.first, released.corrections), (2, 0));
    assert_eq!(released.left, BTreeMap::from([(Some(DayState::Partly), 1)]));
    assert_eq!(grid.states(SOON).await, counts(&[(DayState::Released, 2), (DayState::Partly, 1)]));
    let again = grid.release(&[], SOON).await;
    assert_eq!((again.first, again.corrections, again.unchanged), (0, 0, 2));

    grid.take(&grid.hours(0, DAYS[0], 10, &["0.250"]), SOON).await;
    assert_eq!(
        grid.states(SOON).await,
        counts(&[(DayState::Corrected, 1), (DayState::Released, 1), (DayState::Partly, 1)])
    );
    let hours = grid.first_hours(0).await;
    assert!(hours.iter().enumerate().all(|(hour, value)| value.corrected == (hour == 10)));
    // The same day changes once more before the correction goes out.
    grid.take(&grid.hours(0, DAYS[0], 10, &["0.300"]), SOON).await;
    let third = grid.release(&[DayState::Partly], "2026-03-20T06:00:00Z").await;
    assert_eq!((third.first, third.corrections, third.unchanged), (1, 1, 1));
    let states = grid.states("2026-03-20T06:00:00Z").await;
    assert_eq!(states, counts(&[(DayState::Released, 2), (DayState::ReleasedLate, 1)]));
    assert_eq!(grid.board("2026-03-20T06:00:00Z").await[0].standing, Standing::Done);
    assert_eq!(grid.recounted(SOON).await, []);
}

#[tokio::test]
async fn a_gap_that_is_filled_after_its_day_went_out_is_a_correction() {
    let grid = Grid::new().await;
    grid.take(&grid.hours(0, DAYS[0], 0, &["0.100"; 23]), SOON).await;
    assert_eq!(grid.release(&[DayState::Partly], SOON).await.first, 1);
    grid.take(&grid.hours(0, DAYS[0], 23, &["0.100"]), SOON).await;
    let hours = grid.first_hours(0).await;
    let corrected: Vec<bool> = hours.iter().map(|value| value.corrected).collect();
    assert!(corrected[23] && !corrected[..23].contains(&true));
    assert_eq!(hours[23].quality, Quality::Measured);
    assert_eq!(grid.states(SOON).await, counts(&[(DayState::Corrected, 1)]));
}

#[tokio::test]
async fn only_who_reports_releases_and_only_staff_sees_points() {
    let grid = Grid::new().await;
    let clerk = ReleaseAsk {
        actor: actor("staff:mikkel"),
        purpose: ActivityId::parse("correctness-control").unwrap(),
        ..release_ask(&[])
    };
    let answer = release_days(&grid.workspace, &clerk, at(SOON)).await.unwrap();
    assert_eq!(refused_by(answer), "operation-not-in-purpose");
    let elsewhere = Recipient { party: PartyId::parse("mail").unwrap(), country: None };
    let other = ReleaseAsk { recipient: elsewhere, ..release_ask(&[]) };
    let answer = release_days(&grid.workspace, &other, at(SOON)).await.unwrap();
    assert_eq!(refused_by(answer), "recipient-not-in-purpose");
    let asked = CyclePointAsk {
        actor: actor("job:ingest"),
        purpose: ActivityId::parse("grid-reading").unwrap(),
        area: "543".to_owned(),
        day: DAYS[0],
        wanted: WantedState::All,
    };
    let answer = cycle_points(&grid.workspace, &asked, at(SOON)).await.unwrap();
    assert_eq!(refused_by(answer), "operation-not-in-purpose");
    let stranger = CycleAsk { actor: actor("staff:nobody"), ..grid.asked() };
    let answer = cycle_board(&grid.workspace, &stranger, at(SOON)).await.unwrap();
    assert_eq!(refused_by(answer), "unknown-actor");
}

#[tokio::test]
async fn expected_is_who_is_connected_on_the_day() {
    let grid = Grid::new().await;
    let all: String = (0..2).map(|point| grid.hours(point, DAYS[0], 0, &["0.100"; 48])).collect();
    grid.take(&all, SOON).await;
    // Somebody hears that the second point is disconnected since Tuesday, and that the third came on Wednesday.
    let mut gone = connected(grid.points[1], DAYS[1]);
    gone.state.connection = ConnectionState::Disconnected;
    let mut not_yet = connected(grid.points[2], date(2026, 1, 1));
    not_yet.state.connection = ConnectionState::New;
    not_yet.days = DayRange::new(date(2026, 1, 1), DAYS[2]).unwrap();
    let stated_points = vec![gone, not_yet, connected(grid.points[2], DAYS[2])];
    let data = MasterData { stated_points, ..MasterData::default() };
    register(&grid.workspace, data, at(SOON)).await;
    let board = grid.board(SOON).await;
    let found: Vec<(u64, u64)> = board.iter().map(|line| (line.expected, line.nothing)).collect();
    assert_eq!(found, [(2, 0), (1, 0), (2, 2)]);
    assert_eq!(board[1].states, counts(&[(DayState::Validated, 1)]), "what is not expected counts nowhere");
    assert_eq!(grid.recounted(SOON).await, []);
    // It was a mistake: the point was connected all the time, and its Tuesday counts again.
    let data =
        MasterData { stated_points: vec![connected(grid.points[1], DAYS[1])], ..MasterData::default() };
    register(&grid.workspace, data, at(SOON)).await;
    let board = grid.board(SOON).await;
    assert_eq!((board[1].expected, board[1].count(DayState::Validated)), (2, 2));
    assert_eq!(grid.recounted(SOON).await, []);
}

/// Something that happens to a day of a point: hours from one on with a value, or a release.
#[derive(Debug, Clone)]
enum Step {
    Hours { point: usize, day: usize, from: usize, count: usize, value: &'static str },
    Release { partly: bool },
    Connection { point: usize, day: usize, connected: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop::sample::select(vec!["0.100", "0.200", "-0.100", "9000.000"]);
    let hours = (0..3_usize, 0..3_usize, 0..24_usize, 1..=24_usize, value);
    prop_oneof![
        4 => hours.prop_map(|(point, day, from, count, value)| {
            Step::Hours { point, day, from, count: count.min(24 - from), value }
        }),
        1 => any::<bool>().prop_map(|partly| Step::Release { partly }),
        1 => (0..3_usize, 0..3_usize, any::<bool>()).prop_map(|(point, day, connected)| {
            Step::Connection { point, day, connected }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_kept_up_is_what_counting_finds(steps in prop::collection::vec(step(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let grid = Grid::new().await;
            for step in &steps {
                match step {
                    Step::Hours { point, day, from, count, value } => {
                        grid.take(&grid.hours(*point, DAYS[*day], *from, &vec![*value; *count]), SOON).await;
                    }
                    Step::Connection { point, day, connected: is_connected } => {
                        let mut stated = connected(grid.points[*point], DAYS[*day]);
                        if !is_connected {
                            stated.state.connection = ConnectionState::Disconnected;
                        }
                        let data = MasterData { stated_points: vec![stated], ..MasterData::default() };
                        register(&grid.workspace, data, at(SOON)).await;
                    }
                    Step::Release { partly } => {
                        let also: &[DayState] = if *partly { &[DayState::Partly, DayState::Collected] } else { &[] };
                        grid.release(also, SOON).await;
                    }
                }
                assert_eq!(grid.recounted(SOON).await, [], "after {step:?}");
                assert_eq!(grid.findings_recounted().await, 0, "after {step:?}");
            }
        });
    }
}
