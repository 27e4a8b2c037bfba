//! Electrical heating: points with own production are told and not settled. What the values are: `tests/scenarios`.

use super::*;
use tidstro_flows::{ChildAsk, ChildView, SettledHeating, settle_heating};
use tidstro_model::SubType;

/// The market with children of its first point: type by type, the first of them numbered 9.
async fn market(codes: &[&str]) -> Market {
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
    register(&market.workspace, data, at(NOW)).await;
    market.ingest(&hours(1, date(2026, 1, 9), &["1.000"])).await;
    market.ingest(&hours(1, date(2026, 1, 10), &["1.000", "", "2.001"])).await;
    market
}

async fn heating(market: &Market) -> ChildView<SettledHeating> {
    let SettleAsk { actor, purpose, area, .. } = asked("job:hub", DayRange::always());
    let asked = ChildAsk { actor, purpose, area, as_of: None };
    let settling = settle_heating(&market.workspace, (&asked, date(2026, 7, 1)), at(NOW));
    given(settling.await.unwrap())
}

#[tokio::test]
async fn days_before_the_child_is_there_have_no_heating() {
    let view = heating(&market(&["D14"]).await).await;
    assert!(view.left.is_empty(), "{:?}", view.left);
    let [settled] = &view.settled[..] else { panic!("{} households", view.settled.len()) };
    assert_eq!((settled.child, settled.point), (point(9), point(1)));
    assert_eq!(settled.days, DayRange::new(date(2026, 1, 10), date(2027, 1, 1)).unwrap());
    assert_eq!(settled.daily, [(date(2026, 1, 10), 3_001)]);
}

#[tokio::test]
async fn a_customer_with_own_production_is_told_and_not_settled() {
    for other in ["D06", "D07", "D15"] {
        let view = heating(&market(&["D14", other]).await).await;
        assert!(view.settled.is_empty(), "{other}");
        let [(child, why)] = &view.left[..] else { panic!("{other}: {:?}", view.left) };
        assert_eq!(*child, point(9));
        assert!(why.contains("own production"), "{why}");
    }
}
