//! Electrical heating: points with own production are told and not settled. What the values are: `tests/scenarios`.

use super::*;
use tidstro_flows::{ChildAsk, ChildView, SettledHeating, settle_heating};
use tidstro_model::{NetSettlementGroup, SubType};

/// A heated consumption point.
fn home(net_settlement: Option<NetSettlementGroup>) -> PointState {
    let flex = PointType::Consumption(SettlementMethod::Flex);
    let plain = PointState::measured(flex, GridArea::parse("543").unwrap(), Resolution::PT1H);
    PointState { net_settlement, is_electrically_heated: true, ..plain }
}

/// The market with children of its first point: type by type, the first of them numbered 9.
async fn market(codes: &[&str], group: Option<NetSettlementGroup>) -> Market {
    let market = Market::new().await;
    let [like, ..] = &master_data().points[..] else { panic!("the market has no points") };
    let mut data = MasterData::default();
    for (code, number) in codes.iter().zip(9..) {
        let kind = PointType::child(code).unwrap();
        let measured = PointState::measured(kind, GridArea::parse("543").unwrap(), Resolution::P1M);
        let state = PointState { parent: Some(point(1)), sub_type: SubType::Calculated, ..measured };
        let commodity = state.commodity();
        data.points.push(Point { own_id: point(number).to_string(), commodity, ..like.clone() });
        let days = DayRange::from(date(2026, 1, 10));
        data.stated_points.push(StatedPoint { point: point(number), state, days });
    }
    data.stated_points.push(StatedPoint {
        point: point(1),
        state: home(group),
        days: DayRange::from(date(2026, 1, 1)),
    });
    register(&market.workspace, data, at(NOW)).await;
    market.ingest(&hours(1, date(2026, 1, 9), &["1.000"])).await;
    market.ingest(&hours(1, date(2026, 1, 10), &["1.000", "", "2.001"])).await;
    market
}

async fn heating(market: &Market) -> ChildView<SettledHeating> {
    let SettleAsk { actor, purpose, area, .. } = asked("job:hub", DayRange::always());
    let asked = ChildAsk { actor, purpose, area, as_of: None, given: PreviousDays::new() };
    let settling = settle_heating(&market.workspace, (&asked, date(2026, 7, 1)), at(NOW));
    given(settling.await.unwrap())
}

#[tokio::test]
async fn days_before_the_child_is_there_have_no_heating_and_count_in_the_limit() {
    let view = heating(&market(&["D14"], None).await).await;
    assert!(view.left.is_empty(), "{:?}", view.left);
    let [settled] = &view.settled[..] else { panic!("{} households", view.settled.len()) };
    assert_eq!((settled.child, settled.point), (point(9), point(1)));
    assert_eq!(settled.days, DayRange::new(date(2026, 1, 1), date(2027, 1, 1)).unwrap());
    assert_eq!(settled.daily, [(date(2026, 1, 10), 3_001)]);
}

#[tokio::test]
async fn a_customer_with_own_production_and_no_group_is_told_and_not_settled() {
    for other in ["D06", "D07", "D15"] {
        let view = heating(&market(&["D14", other], None).await).await;
        assert!(view.settled.is_empty(), "{other}");
        let [(child, why)] = &view.left[..] else { panic!("{other}: {:?}", view.left) };
        assert_eq!(*child, point(9));
        assert!(why.contains("own production and no net settlement group"), "{why}");
    }
}

#[tokio::test]
async fn own_production_of_another_group_changes_nothing() {
    let view = heating(&market(&["D14", "D06"], Some(NetSettlementGroup::Three)).await).await;
    assert!(view.left.is_empty(), "{:?}", view.left);
    assert_eq!(view.settled[0].daily, [(date(2026, 1, 10), 3_001)]);
}

#[tokio::test]
async fn a_home_that_is_not_heated_is_told() {
    let market = market(&["D14"], None).await;
    let state = PointState { is_electrically_heated: false, ..home(None) };
    let days = DayRange::from(date(2026, 1, 1));
    let stated_points = vec![StatedPoint { point: point(1), state, days }];
    register(&market.workspace, MasterData { stated_points, ..MasterData::default() }, at(NOW)).await;
    let view = heating(&market).await;
    assert!(view.settled.is_empty());
    assert!(view.left[0].1.contains("say `electrical_heating`"), "{:?}", view.left);
}

#[tokio::test]
async fn a_year_of_which_the_first_days_are_out_of_reach_is_told_and_not_settled() {
    let market = market(&["D14"], None).await;
    let days = DayRange::from(date(2022, 1, 1));
    let child = PointState {
        parent: Some(point(1)),
        sub_type: SubType::Calculated,
        ..PointState::measured(
            PointType::child("D14").unwrap(),
            GridArea::parse("543").unwrap(),
            Resolution::P1M,
        )
    };
    let stated = |number, state| StatedPoint { point: point(number), state, days };
    let data = MasterData {
        stated_points: vec![stated(1, home(None)), stated(9, child)],
        supplies: vec![supply(1, 1, days)],
        ..MasterData::default()
    };
    register(&market.workspace, data, at(NOW)).await;
    let SettleAsk { actor, purpose, area, .. } = asked("job:hub", DayRange::always());
    let asked = ChildAsk { actor, purpose, area, as_of: None, given: PreviousDays::new() };
    let settling = settle_heating(&market.workspace, (&asked, date(2023, 7, 1)), at(NOW));
    let view = given(settling.await.unwrap());
    assert!(view.settled.is_empty());
    let [(_, why)] = &view.left[..] else { panic!("{:?}", view.left) };
    assert!(why.starts_with("it needs the values from `2023-01-01` on, and the purpose reaches"), "{why}");
}
