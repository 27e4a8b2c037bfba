//! Settlement sums: kept with every registration, and equal to what the blocks say.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod capacity;
mod charges;
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "these tests read no series")]
mod common;
mod heating;
mod net_consumption;
mod random;
mod stopped;
mod walk;

use common::{actor, given, ingest, open, refused_by, register};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use tidstro_flows::{
    EnergyLine, SettleAsk, SettlementView, VerifiedView, Workspace, missing_measurements, rebuild_settlement,
    run_settlement, settlement_runs, show_settlement, show_settlement_run, verify_settlement,
};
use tidstro_metering::settlement::{AggregationLevel, CalculationKind, EnergySeries, PreviousDays};
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, DayRange, Gln, GridArea, Gsrn, MasterData, Point, PointState,
    PointType, Quality, Resolution, SettlementMethod, StatedPoint, Supply,
};
use tidstro_telegram::KeyRing;

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";
const NOW: &str = "2026-04-01T06:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn point(number: u64) -> Gsrn {
    Gsrn::from_body(57_131_315_439_035_000 + number)
}

fn supplier(number: u64) -> Gln {
    Gln::from_body(579_000_000_000 + number)
}

/// Three points: two consume, one produces.
fn master_data() -> MasterData {
    let kinds = [
        Commodity::ElectricityConsumption,
        Commodity::ElectricityConsumption,
        Commodity::ElectricityProduction,
    ];
    let points = kinds.into_iter().zip(1..).map(|(commodity, number)| Point {
        own_id: point(number).to_string(),
        area: "543".to_owned(),
        commodity,
        flat: None,
        room: None,
        interval: None,
        transformer: None,
    });
    let areas = vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }];
    MasterData { areas, points: points.collect(), stated_points: stated(), ..MasterData::default() }
}

/// What the market knows of them.
fn stated() -> Vec<StatedPoint> {
    let flex = PointType::Consumption(SettlementMethod::Flex);
    let kinds = [(1, flex), (2, flex), (3, PointType::Production)];
    let area = GridArea::parse("543").unwrap();
    let stated = kinds.map(|(number, kind)| StatedPoint {
        point: point(number),
        state: PointState::measured(kind, area, Resolution::PT1H),
        days: DayRange::from(date(2025, 1, 1)),
    });
    stated.to_vec()
}

fn supply(number: u64, by: u64, days: DayRange) -> Supply {
    Supply { point: point(number).to_string(), supplier: supplier(by), balance_responsible: None, days }
}

fn hours(number: u64, day: Date, values: &[&str]) -> String {
    let start = tidstro_calendar::Zone::copenhagen().day_start(day).as_second();
    let rows = values.iter().zip(0..).map(|(value, hour)| {
        let instant = Timestamp::from_second(start + hour * 3600).unwrap();
        let quality = if value.is_empty() { "missing" } else { "measured" };
        format!("{};{instant};PT1H;{value};{quality}\n", point(number))
    });
    rows.collect()
}

/// A grid area with its points, and suppliers from 1 January on.
struct Market {
    workspace: Workspace,
    _folder: tempfile::TempDir,
}

impl Market {
    async fn new() -> Self {
        let from = DayRange::from(date(2026, 1, 1));
        Self::supplied(&[supply(1, 1, from), supply(2, 2, from), supply(3, 1, from)]).await
    }

    async fn supplied(supplies: &[Supply]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), at(NOW)).await;
        register(&workspace, MasterData { supplies: supplies.to_vec(), ..master_data() }, at(NOW)).await;
        Self { workspace, _folder: folder }
    }

    async fn ingest(&self, rows: &str) {
        ingest(&self.workspace, format!("{HEADER}{rows}").as_bytes(), &KeyRing::new(), at(NOW)).await;
    }

    async fn settled(&self, days: DayRange) -> SettlementView {
        given(show_settlement(&self.workspace, &asked("job:hub", days), None, at(NOW)).await.unwrap())
    }

    async fn verified(&self, days: DayRange) -> VerifiedView {
        given(verify_settlement(&self.workspace, &asked("job:hub", days), at(NOW)).await.unwrap())
    }
}

fn asked(who: &str, days: DayRange) -> SettleAsk {
    let purpose = ActivityId::parse("settlement").unwrap();
    SettleAsk { actor: actor(who), purpose, area: "543".to_owned(), days }
}

fn one_day(day: Date) -> DayRange {
    DayRange::new(day, day.tomorrow().unwrap()).unwrap()
}

/// The series of a level whose supplier is this one, if the level has any.
fn line(view: &SettlementView, series: EnergySeries, by: Option<u64>) -> &EnergyLine {
    let level = if by.is_some() { AggregationLevel::Supplier } else { AggregationLevel::Area };
    let is_it = |line: &&EnergyLine| {
        let result = &line.result;
        result.series == series && result.level == level && result.parties.supplier == by.map(supplier)
    };
    view.lines.iter().find(is_it).unwrap_or_else(|| panic!("no {}", series.word()))
}

/// Watt-hours of the day, and the qualities of its first slot.
fn total(line: &EnergyLine) -> (i64, Vec<Quality>) {
    let values = || line.result.values.iter().flatten();
    let first = values().next().unwrap().qualities.qualities().collect();
    (values().map(|value| value.watt_hours).sum(), first)
}

#[tokio::test]
async fn sums_follow_what_is_registered() {
    let market = Market::new().await;
    let day = date(2026, 3, 10);
    market.ingest(&hours(1, day, &["0.100"; 24])).await;
    market.ingest(&hours(2, day, &["0.200"; 24])).await;
    let view = market.settled(one_day(day)).await;
    let flex = EnergySeries::FlexConsumption;
    assert_eq!(total(line(&view, flex, Some(1))), (2_400, vec![Quality::Measured]));
    assert_eq!(total(line(&view, flex, Some(2))), (4_800, vec![Quality::Measured]));
    assert_eq!(total(line(&view, flex, None)), (7_200, vec![Quality::Measured]));
    // The point that produces has sent nothing: it counts, as missing.
    assert_eq!(total(line(&view, EnergySeries::Production, Some(1))), (0, vec![Quality::Missing]));

    market.ingest(&hours(1, day, &["0.350"])).await;
    market.ingest(&hours(3, day, &["1.000"; 24])).await;
    let view = market.settled(one_day(day)).await;
    assert_eq!(total(line(&view, flex, Some(1))).0, 2_650, "one hour was corrected");
    assert_eq!(total(line(&view, EnergySeries::Production, Some(1))), (24_000, vec![Quality::Measured]));
    assert!(view.left.is_empty());
    let verified = market.verified(one_day(day)).await;
    assert!(verified.is_equal() && verified.sums == 3, "{verified:?}");
}

#[tokio::test]
async fn a_late_supplier_takes_the_days_it_supplies() {
    let market = Market::supplied(&[]).await;
    let (first, second) = (date(2026, 3, 10), date(2026, 3, 11));
    for day in [first, second] {
        market.ingest(&hours(1, day, &["0.100"; 24])).await;
    }
    let both = DayRange::new(first, date(2026, 3, 12)).unwrap();
    let view = market.settled(both).await;
    assert!(view.lines.is_empty(), "nobody supplies");
    let left: Vec<_> = view.left.iter().map(|left| (left.day, left.why)).collect();
    assert_eq!(left, [(first, "no-supply"), (second, "no-supply")]);

    let supplies = vec![supply(1, 7, DayRange::from(second))];
    register(&market.workspace, MasterData { supplies, ..MasterData::default() }, at(NOW)).await;
    let view = market.settled(both).await;
    assert_eq!(total(line(&view, EnergySeries::FlexConsumption, Some(7))).0, 2_400);
    let left: Vec<_> = view.left.iter().map(|left| left.day).collect();
    assert_eq!(left, [first], "only the supplier's days are settled");
    assert!(market.verified(both).await.is_equal());
}

#[tokio::test]
async fn sums_made_again_are_the_same() {
    let market = Market::new().await;
    let days = DayRange::new(date(2026, 3, 28), date(2026, 3, 31)).unwrap();
    // The clock changes on 29 March: 23 hours.
    for (day, count) in [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 3, 30), 24)] {
        for number in 1..=3 {
            market.ingest(&hours(number, day, &vec!["0.125"; count])).await;
        }
    }
    let before = market.settled(days).await;
    let who = (&actor("job:hub"), &ActivityId::parse("settlement").unwrap());
    let rebuilt = given(rebuild_settlement(&market.workspace, who, at(NOW)).await.unwrap());
    assert_eq!((rebuilt.days, rebuilt.changed), (3, 0));
    assert!(market.settled(days).await == before);
    let verified = market.verified(days).await;
    assert_eq!((verified.days, verified.sums), (3, 9));
    assert!(verified.is_equal());
}

#[tokio::test]
async fn a_calculation_stays_as_it_was() {
    let market = Market::new().await;
    let day = date(2026, 3, 10);
    market.ingest(&hours(1, day, &["0.100"; 24])).await;
    let (workspace, days) = (&market.workspace, asked("job:hub", one_day(day)));
    let fixing = (CalculationKind::BalanceFixing, false);
    let first = given(run_settlement(workspace, &days, fixing, at(NOW)).await.unwrap()).version;
    let then = market.settled(one_day(day)).await;
    market.ingest(&hours(1, day, &["0.350"])).await;
    let trial = (CalculationKind::BalanceFixing, true);
    let second = given(run_settlement(workspace, &days, trial, at(NOW)).await.unwrap()).version;
    assert!(second > first);

    let of = |version| show_settlement_run(workspace, &days, (version, None), at(NOW));
    assert!(given(of(first).await.unwrap()).lines == then.lines, "a correction changes no calculation");
    let flex = EnergySeries::FlexConsumption;
    let view = given(of(second).await.unwrap());
    assert_eq!(total(line(&view, flex, Some(1))).0, 2_650);
    // Who sent nothing stays missing in it.
    assert_eq!(total(line(&view, flex, Some(2))), (0, vec![Quality::Missing]));

    let runs = given(settlement_runs(workspace, &days, false, at(NOW)).await.unwrap());
    let versions: Vec<_> = runs.lines.iter().map(|run| run.version).collect();
    assert_eq!(versions, [first], "a trial stands for no day");
    let history = given(settlement_runs(workspace, &days, true, at(NOW)).await.unwrap());
    let replaced: Vec<_> = history.lines.iter().map(|run| (run.version, run.replaced_by)).collect();
    assert_eq!(replaced, [(first, Some(second)), (second, None)]);
    let unknown = of(99).await;
    assert!(unknown.is_err_and(|fault| fault.to_string().contains("no calculation with version 99")));
}

#[tokio::test]
async fn days_with_missing_values_are_named() {
    let market = Market::new().await;
    let day = date(2026, 3, 10);
    market.ingest(&hours(1, day, &["0.100"; 24])).await;
    let mut gap = ["0.100"; 24];
    if let Some(hour) = gap.get_mut(7) {
        *hour = "";
    }
    market.ingest(&hours(2, day, &gap)).await;
    let days = asked("job:hub", one_day(day));
    let missing = given(missing_measurements(&market.workspace, &days, at(NOW)).await.unwrap());
    let points: Vec<_> = missing.iter().map(|line| (line.day, line.point)).collect();
    assert_eq!(points, [(day, point(2)), (day, point(3))], "one has a gap, one sent nothing");
}

#[tokio::test]
async fn whoever_does_not_settle_sees_no_sum() {
    let market = Market::new().await;
    let day = one_day(date(2026, 3, 10));
    for (who, rule) in [("staff:sofie", "role-not-in-purpose"), ("staff:nobody", "unknown-actor")] {
        let asked = SettleAsk { actor: actor(who), ..asked("job:hub", day) };
        let answer = show_settlement(&market.workspace, &asked, None, at(NOW)).await.unwrap();
        assert_eq!(refused_by(answer), rule);
    }
}
