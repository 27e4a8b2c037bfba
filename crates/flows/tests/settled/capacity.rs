//! Capacity settlement: who has no value is told, and who may not ask is refused. What the values are: `tests/scenarios`.

use super::*;
use tidstro_flows::{ChildAsk, ChildView, SettledCapacity, settle_capacity};
use tidstro_model::SubType;

const CHILD: u64 = 9;

/// The market with one child that capacity is settled on.
async fn market(parent: Option<u64>) -> Market {
    market_from(parent, date(2026, 1, 10)).await
}

/// The market with that child from a local day on.
async fn market_from(parent: Option<u64>, first: Date) -> Market {
    let market = Market::new().await;
    let kind = PointType::child("D19").unwrap();
    let measured = PointState::measured(kind, GridArea::parse("543").unwrap(), Resolution::P1M);
    let state = PointState { parent: parent.map(point), sub_type: SubType::Calculated, ..measured };
    let days = DayRange::from(first);
    let child = StatedPoint { point: point(CHILD), state, days };
    let [like, ..] = &master_data().points[..] else { panic!("the market has no points") };
    let added = Point { own_id: point(CHILD).to_string(), ..like.clone() };
    let data = MasterData { points: vec![added], stated_points: vec![child], ..MasterData::default() };
    register(&market.workspace, data, at(NOW)).await;
    market
}

fn ask(who: &str) -> ChildAsk {
    let SettleAsk { actor, purpose, area, .. } = asked(who, DayRange::always());
    ChildAsk { actor, purpose, area, as_of: None, given: PreviousDays::new() }
}

async fn capacity(market: &Market, month: Date) -> ChildView<SettledCapacity> {
    given(settle_capacity(&market.workspace, (&ask("job:hub"), month), at(NOW)).await.unwrap())
}

#[tokio::test]
async fn a_child_has_the_mean_of_its_parents_hours_from_its_first_day_on() {
    let market = market(Some(1)).await;
    market.ingest(&hours(1, date(2026, 1, 5), &["1.000", "", "2.001"])).await;
    let view = capacity(&market, date(2026, 1, 31)).await;
    let [settled] = &view.settled[..] else { panic!("{} values", view.settled.len()) };
    assert_eq!((settled.child, settled.point, settled.watt_hours), (point(CHILD), point(1), 1_501));
    assert_eq!(settled.days, DayRange::new(date(2026, 1, 10), date(2026, 2, 1)).unwrap());
    let largest: Vec<i64> = settled.hours.iter().map(|hour| hour.watt_hours).collect();
    assert_eq!(largest, [2_001, 1_000]);
    // The child is not there yet.
    assert!(capacity(&market, date(2025, 12, 1)).await == ChildView { settled: vec![], left: vec![] });
}

#[tokio::test]
async fn who_has_no_value_is_told_why() {
    for (parent, rows, why) in [
        (None, String::new(), "the point has no parent"),
        (Some(1), String::new(), "has no values in the year"),
        (Some(3), hours(3, date(2026, 1, 5), &["1.000"]), "has no values in the year"),
    ] {
        let market = market(parent).await;
        market.ingest(&rows).await;
        let view = capacity(&market, date(2026, 1, 1)).await;
        assert!(view.settled.is_empty());
        let [(child, told)] = &view.left[..] else { panic!("{:?}", view.left) };
        assert_eq!(*child, point(CHILD));
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test]
async fn who_may_not_compute_is_refused() {
    let market = market(Some(1)).await;
    let month = date(2026, 1, 1);
    let refused = settle_capacity(&market.workspace, (&ask("staff:nobody"), month), at(NOW)).await.unwrap();
    assert!(matches!(refused, tidstro_flows::Answer::Refused(_)));
    // Network analysis sees hours, and only exports them.
    let purpose = ActivityId::parse("network-analysis").unwrap();
    let other = ChildAsk { purpose, ..ask("job:hub") };
    let refused = settle_capacity(&market.workspace, (&other, month), at(NOW)).await.unwrap();
    assert!(matches!(refused, tidstro_flows::Answer::Refused(_)));
}

#[tokio::test]
async fn a_year_of_which_the_first_days_are_out_of_reach_is_told_and_not_settled() {
    let market = market_from(Some(1), date(2022, 1, 1)).await;
    market.ingest(&hours(1, date(2023, 11, 20), &["1.000"])).await;
    let view = capacity(&market, date(2023, 12, 1)).await;
    assert!(view.settled.is_empty());
    let [(child, why)] = &view.left[..] else { panic!("{:?}", view.left) };
    assert_eq!(*child, point(CHILD));
    assert!(why.starts_with("it needs the values from `2023-01-01` on, and the purpose reaches"), "{why}");
}
