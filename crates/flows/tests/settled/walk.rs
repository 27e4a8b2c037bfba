//! Any walk of values, cancellations, master data told late, compactions and erasures: kept sums are the recomputed ones but
//! for those of erased blocks, which stay as they were; a folder that is never compacted says the same.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tidstro_calendar::Zone;
use tidstro_flows::{
    CompactAsk, CorrectAsk, RetentionOutcome, SettlementView, ValueGiven, approve_retention, compact,
    correct, preview_retention, rebuild_settlement, run_retention,
};
use tidstro_govern::RegisterFile;
use tidstro_metering::settlement::EnergySeries;
use tidstro_model::{
    ActivityId, CategoryId, DayRange, GridArea, MasterData, Occupancy, Person, PointState, PointType,
    Resolution, SettlementMethod, StatedPoint, Supply,
};

use super::common::{TOWN, actor, given, open_by, register};
use super::{Market, asked, at, hours, line, master_data, point, supplier, total};

/// Local days that anything happens on: the clock changes on the first, a month ends after the third.
const DAYS: [Date; 6] = [
    date(2026, 3, 29),
    date(2026, 3, 30),
    date(2026, 3, 31),
    date(2026, 4, 1),
    date(2026, 4, 2),
    date(2026, 4, 3),
];
const NOW: &str = "2026-04-10T06:00:00Z";
#[derive(Debug, Clone)]
enum Step {
    /// Hours of a point from one of a day on, each of so many watt-hours.
    Hours { number: u64, day: usize, first: usize, values: Vec<u16> },
    /// One hour is withdrawn.
    Cancel { number: u64, day: usize, hour: i64 },
    /// Somebody supplies a point from a day on.
    Supply { number: u64, by: u64, from: usize },
    /// A point is something else from a day on.
    State { number: u64, kind: usize, stands_for_loss: bool, from: usize },
    /// Months before May or before April are closed.
    Compact { april_too: bool },
    /// What is kept of former customers is erased.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let (number, day) = (1..=4_u64, 0..DAYS.len());
    let values = prop_oneof![
        2 => proptest::collection::vec(0..5_000_u16, 1..5),
        3 => (0..900_u16).prop_map(|value| vec![value; 24]),
    ];
    prop_oneof![
        6 => (number.clone(), day.clone(), 0..3_usize, values)
            .prop_map(|(number, day, first, values)| Step::Hours { number, day, first, values }),
        1 => (number.clone(), day.clone(), 0..23_i64)
            .prop_map(|(number, day, hour)| Step::Cancel { number, day, hour }),
        2 => (number.clone(), 1..4_u64, day.clone())
            .prop_map(|(number, by, from)| Step::Supply { number, by, from }),
        2 => (number, 0..2_usize, prop::bool::weighted(0.3), day)
            .prop_map(|(number, kind, stands_for_loss, from)| Step::State { number, kind, stands_for_loss, from }),
        2 => any::<bool>().prop_map(|april_too| Step::Compact { april_too }),
        1 => Just(Step::Forget),
    ]
}

fn day_of(index: usize) -> Date {
    *DAYS.get(index).unwrap()
}

/// What a point may be: the first two consume, the third produces, the fourth measures exchange.
fn kind_of(number: u64, kind: usize) -> PointType {
    let area = |name| GridArea::parse(name).unwrap();
    let exchange = |from, to| PointType::Exchange { from: area(from), to: area(to) };
    match (number, kind) {
        (1 | 2, 0) => PointType::Consumption(SettlementMethod::Flex),
        (1 | 2, _) => PointType::Consumption(SettlementMethod::NonProfiled),
        (3, _) => PointType::Production,
        (_, 0) => exchange("543", "791"),
        _ => exchange("791", "543"),
    }
}

/// The town's register, but former customers' values are kept for a day, and sums for as long as before.
fn soon_over() -> String {
    let [town] = TOWN else { panic!("the town has one register") };
    let over = |line: &str| match line.starts_with("keep = [") {
        true => format!("{OCCUPANCY_END}\n"),
        false => format!("{line}\n"),
    };
    let activity = |text: &str| match text.contains("consumption = ") {
        true => text.lines().map(over).collect(),
        false => text.to_owned(),
    };
    let activities: Vec<String> = town.text.split("[[activity]]").map(activity).collect();
    activities.join("[[activity]]") + SUMS_ONLY
}

const OCCUPANCY_END: &str = r#"keep = [{ from = "occupancy-end", for = ["P1D"], then = "erase" }]"#;

/// Sums are kept by an activity that has no values.
const SUMS_ONLY: &str = r#"

[[activity]]
id = "sums-only"
text.da = "Opbevaring af summer"
text.de = "Aufbewahrung der Summen"
text.en = "Keeping of sums"
controller = "byens-elnet"
instruction = "data-processing agreement with the grid company, annex C.1, 2026-01"
basis = [{ gdpr = "6(1)(c)", cite = "Danish Electricity Supply Act, § 22(3)" }]
subjects = ["electricity-customer"]
areas = ["grid-area"]
data = { settlement-sum = "PT15M" }
do = ["read"]
roles = ["meter-data-clerk"]
to = ["hosting"]
keep = [{ from = "registration", for = ["P5Y"], then = "erase" }]
"#;

/// The first point had a customer until the end of March, the third, which produces, until 2 April.
fn former_customers(data: &mut MasterData) {
    for (number, until) in [(1, date(2026, 4, 1)), (3, date(2026, 4, 3))] {
        let reference = format!("customer {number}");
        let (name, contact) = ("A former customer".to_owned(), "former@example.org".to_owned());
        data.people.push(Person { reference: reference.clone(), name, contact });
        let days = DayRange::new(date(2026, 1, 1), until).unwrap();
        let points = vec![point(number).to_string()];
        data.occupancies.push(Occupancy { subject: reference, points, days });
    }
}

async fn new_market() -> Market {
    let folder = tempfile::tempdir().unwrap();
    let text = soon_over();
    let files = [RegisterFile { name: "soon-over.toml", text: &text }];
    let workspace = open_by(folder.path(), Some(&files), at(NOW)).await.unwrap();
    let mut data = master_data();
    former_customers(&mut data);
    let mut fourth = data.points.first().unwrap().clone();
    fourth.own_id = point(4).to_string();
    data.points.push(fourth);
    data.areas.push(tidstro_model::Area { name: "791".to_owned(), kind: tidstro_model::AreaKind::GridArea });
    data.stated_points.push(stated(4, 0, false, date(2025, 1, 1)));
    data.supplies = (1..=3).map(|number| supply(number, number, date(2026, 1, 1))).collect();
    register(&workspace, data, at(NOW)).await;
    Market { workspace, _folder: folder }
}

fn stated(number: u64, kind: usize, stands_for_loss: bool, from: Date) -> StatedPoint {
    let area = GridArea::parse("543").unwrap();
    let state = PointState::measured(kind_of(number, kind), area, Resolution::PT1H);
    let state = PointState { stands_for_grid_loss: stands_for_loss && number < 4, ..state };
    StatedPoint { point: point(number), state, days: DayRange::from(from) }
}

fn supply(number: u64, by: u64, from: Date) -> Supply {
    let days = DayRange::from(from);
    Supply { point: point(number).to_string(), supplier: supplier(by), balance_responsible: None, days }
}

fn all_days() -> DayRange {
    DayRange::new(day_of(0), date(2026, 4, 4)).unwrap()
}

impl Market {
    async fn walk(&self, step: &Step) {
        match step {
            Step::Hours { number, day, first, values } => {
                self.measured(*number, day_of(*day), *first, values).await;
            }
            Step::Cancel { number, day, hour } => self.cancel(*number, day_of(*day), *hour).await,
            Step::Supply { number, by, from } if *number < 4 => {
                let supplies = vec![supply(*number, *by, day_of(*from))];
                register(&self.workspace, MasterData { supplies, ..MasterData::default() }, at(NOW)).await;
            }
            Step::Supply { .. } => {}
            Step::State { number, kind, stands_for_loss, from } => {
                let stated_points = vec![stated(*number, *kind, *stands_for_loss, day_of(*from))];
                register(&self.workspace, MasterData { stated_points, ..MasterData::default() }, at(NOW))
                    .await;
            }
            Step::Compact { april_too } => {
                let before = Some(if *april_too { date(2026, 5, 1) } else { date(2026, 4, 1) });
                let asked = CompactAsk { actor: actor("job:ingest"), area: None, before };
                given(compact(&self.workspace, asked, at(NOW)).await.unwrap());
            }
            Step::Forget => self.forget().await,
        }
    }

    async fn measured(&self, number: u64, day: Date, first: usize, values: &[u16]) {
        let slots = Zone::copenhagen().slots(day, Resolution::PT1H).unwrap() as usize;
        let mut rows = vec![String::new(); first];
        rows.extend(values.iter().map(|value| format!("{}.{:03}", value / 1000, value % 1000)));
        rows.truncate(slots);
        let rows = hours(number, day, &rows.iter().map(String::as_str).collect::<Vec<_>>());
        // Only the hours that say something.
        let rows: String =
            rows.lines().filter(|row| !row.contains(";;")).map(|row| format!("{row}\n")).collect();
        self.ingest(&rows).await;
    }

    /// Erases what no activity keeps. Sums do not end with the values of one customer.
    async fn forget(&self) {
        let before = self.shown(at(NOW)).await;
        let job = actor("job:retention");
        let preview = given(preview_retention(&self.workspace, &job, at(NOW)).await.unwrap());
        let dpo = actor("staff:dpo");
        let approved = approve_retention(&self.workspace, &dpo, preview.number, at(NOW)).await.unwrap();
        assert_eq!(approved, RetentionOutcome::Approved);
        let run = run_retention(&self.workspace, &job, preview.number, at(NOW), |_, _| ());
        given(run.await.unwrap());
        assert!(self.shown(at(NOW)).await == before, "an erasure changes no sum");
    }

    async fn cancel(&self, number: u64, day: Date, hour: i64) {
        let value = ValueGiven {
            line: 1,
            point: point(number).to_string(),
            series: None,
            at: Zone::copenhagen().day_start(day) + SignedDuration::from_hours(hour),
            value: None,
            reason: "the meter was being changed".to_owned(),
        };
        let asked = CorrectAsk {
            actor: actor("staff:mikkel"),
            purpose: ActivityId::parse("correctness-control").unwrap(),
            category: CategoryId::parse("consumption").unwrap(),
            values: vec![value],
            is_dry: false,
        };
        // Where nothing is, there is nothing to cancel.
        given(correct(&self.workspace, asked, at(NOW)).await.unwrap());
    }

    async fn shown(&self, now: Timestamp) -> SettlementView {
        let asked = asked("job:hub", all_days());
        given(tidstro_flows::show_settlement(&self.workspace, &asked, None, now).await.unwrap())
    }

    /// Fails unless kept sums are the recomputed ones; how many are beyond computing.
    async fn must_be_equal(&self, now: Timestamp) -> u64 {
        let mut beyond = 0;
        for area in ["543", "791"] {
            let asked = tidstro_flows::SettleAsk { area: area.to_owned(), ..asked("job:hub", all_days()) };
            let verified =
                given(tidstro_flows::verify_settlement(&self.workspace, &asked, now).await.unwrap());
            assert!(verified.is_equal(), "{area}: {verified:?}");
            beyond += verified.beyond;
        }
        beyond
    }

    async fn rebuilt(&self, now: Timestamp) -> u64 {
        let purpose = ActivityId::parse("settlement").unwrap();
        let job = actor("job:hub");
        let rebuilding = rebuild_settlement(&self.workspace, (&job, &purpose), now);
        given(rebuilding.await.unwrap()).changed
    }
}

async fn walked(steps: &[Step]) {
    let (market, plain) = (new_market().await, new_market().await);
    let mut may_be_beyond = false;
    for (number, step) in steps.iter().enumerate() {
        market.walk(step).await;
        if !matches!(step, Step::Compact { .. }) {
            plain.walk(step).await;
        }
        may_be_beyond |= matches!(step, Step::Forget);
        if number % 6 == 5 {
            let beyond = market.must_be_equal(at(NOW)).await;
            assert!(beyond == 0 || may_be_beyond);
        }
    }
    let beyond = market.must_be_equal(at(NOW)).await;
    assert!(beyond == 0 || may_be_beyond);
    assert_eq!(plain.must_be_equal(at(NOW)).await, beyond);
    let shown = market.shown(at(NOW)).await;
    assert!(shown == plain.shown(at(NOW)).await, "compaction is never noticed");
    assert_eq!(market.rebuilt(at(NOW)).await, 0);
    assert!(market.shown(at(NOW)).await == shown);
}

/// Both customers' days are erased, and only then is told who supplied them and that one of them stood for the loss.
#[tokio::test]
async fn an_erased_block_stays_counted_where_it_was() {
    let market = new_market().await;
    for (number, day) in [(1, 2), (2, 2), (3, 4), (1, 5)] {
        market.measured(number, day_of(day), 0, &[500; 24]).await;
    }
    let counted = market.shown(at(NOW)).await;
    market.forget().await;
    assert_eq!(market.must_be_equal(at(NOW)).await, 2, "a sum of each customer");
    market.walk(&Step::Supply { number: 1, by: 2, from: 0 }).await;
    market.walk(&Step::State { number: 3, kind: 0, stands_for_loss: true, from: 4 }).await;
    assert!(market.must_be_equal(at(NOW)).await >= 2);
    assert_eq!(market.rebuilt(at(NOW)).await, 0);
    let after = market.shown(at(NOW)).await;
    assert_eq!(
        total(line(&counted, EnergySeries::FlexConsumption, None)),
        total(line(&after, EnergySeries::FlexConsumption, None)),
        "a supplier told late moves no energy out of the area",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn kept_sums_are_the_recomputed_ones(steps in proptest::collection::vec(step(), 12..36)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(walked(&steps));
    }
}
