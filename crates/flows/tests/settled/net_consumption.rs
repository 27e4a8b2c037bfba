//! Net consumption of group 6: whose values count, and who is told. What the values are: `tests/scenarios`.

use super::*;
use tidstro_flows::{ChildAsk, ChildView, SettledNetConsumption, settle_net_consumption};
use tidstro_metering::settlement::{Previous, SettlementType};
use tidstro_model::{NetSettlementGroup, Occupancy, Person, SettlementMonth, SubType};

const FROM_GRID: u64 = 10;
const NET: u64 = 11;

/// The market, whose first point has what comes from the grid and net consumption as children, and one household after the other since a day.
async fn market(group: Option<NetSettlementGroup>, households: &[(&str, Date, Date)]) -> Market {
    let market = Market::supplied(&[supply(1, 1, DayRange::from(date(2025, 1, 1)))]).await;
    let [like, ..] = &master_data().points[..] else { panic!("the market has no points") };
    let area = GridArea::parse("543").unwrap();
    let days = DayRange::from(date(2025, 1, 1));
    let flex = PointState::measured(PointType::Consumption(SettlementMethod::Flex), area, Resolution::PT1H);
    let home = PointState { net_settlement: group, ..flex };
    let mut data = MasterData::default();
    data.stated_points.push(StatedPoint { point: point(1), state: home, days });
    for (number, code, resolution) in [(FROM_GRID, "D07", Resolution::PT1H), (NET, "D15", Resolution::P1M)] {
        let measured = PointState::measured(PointType::child(code).unwrap(), area, resolution);
        let state = PointState { parent: Some(point(1)), sub_type: SubType::Calculated, ..measured };
        data.points.push(Point {
            own_id: point(number).to_string(),
            commodity: state.commodity(),
            ..like.clone()
        });
        data.stated_points.push(StatedPoint { point: point(number), state, days });
    }
    for (name, start, end) in households {
        let (reference, name, contact) = (name.to_string(), name.to_string(), "none".to_owned());
        data.people.push(Person { reference: reference.clone(), name, contact });
        let points = vec![point(1).to_string(), point(FROM_GRID).to_string()];
        let days = DayRange::new(*start, *end).unwrap();
        data.occupancies.push(Occupancy { subject: reference, points, days });
    }
    register(&market.workspace, data, at(NOW)).await;
    market.ingest(&hours(FROM_GRID, date(2025, 7, 1), &["365.000"])).await;
    market
}

fn six(month: i64) -> Option<NetSettlementGroup> {
    Some(NetSettlementGroup::of_number(6, Some(SettlementMonth::new(month).unwrap())).unwrap())
}

async fn settled(market: &Market, year: Date, previous: PreviousDays) -> ChildView<SettledNetConsumption> {
    let SettleAsk { actor, purpose, area, .. } = asked("job:hub", DayRange::always());
    let asked = ChildAsk { actor, purpose, area, as_of: None, given: previous };
    given(settle_net_consumption(&market.workspace, (&asked, year), at(NOW)).await.unwrap())
}

#[tokio::test]
async fn what_another_household_took_is_in_no_estimate() {
    let households =
        [("ane", date(2020, 1, 1), date(2026, 2, 1)), ("bo", date(2026, 2, 1), date(2030, 1, 1))];
    let market = market(six(1), &households).await;
    let view = settled(&market, date(2026, 3, 1), PreviousDays::new()).await;
    let [ane, bo] = &view.settled[..] else { panic!("{} customers", view.settled.len()) };
    // Ane moved out: her month is settled, and nothing came from the grid in it.
    assert_eq!((ane.estimate, ane.daily.len(), ane.daily[0].1), (None, 31, 0));
    assert_eq!((bo.estimate, bo.customer_since), (Some(1_800_000), date(2026, 2, 1)));
    // 1 February to 1 April, and 1,800 kWh over 365 days.
    assert_eq!((bo.daily.len(), bo.daily[0].1), (60, 4_932));
}

#[tokio::test]
async fn a_day_that_stands_is_not_given_again() {
    let market = market(six(1), &[("ane", date(2020, 1, 1), date(2030, 1, 1))]).await;
    let all = settled(&market, date(2025, 6, 1), PreviousDays::new()).await;
    assert_eq!((all.settled[0].daily.len(), all.settled[0].daily[0].1), (365, 1_000));
    let stands = |watt_hours| Previous { watt_hours, settlement: Some(SettlementType::EndOfPeriod) };
    let before = PreviousDays::from([
        ((point(NET), date(2025, 3, 1)), stands(1_000)),
        ((point(NET), date(2025, 3, 2)), stands(999)),
    ]);
    let new = settled(&market, date(2025, 6, 1), before).await;
    let days: Vec<Date> = new.settled[0].daily.iter().map(|(day, _)| *day).collect();
    assert_eq!(
        (days.len(), days.contains(&date(2025, 3, 1)), days.contains(&date(2025, 3, 2))),
        (364, false, true)
    );
}

#[tokio::test]
async fn a_child_of_another_group_is_told_and_not_settled() {
    for group in [None, Some(NetSettlementGroup::Two)] {
        let view = settled(&market(group, &[]).await, date(2026, 3, 1), PreviousDays::new()).await;
        assert!(view.settled.is_empty());
        let [(child, why)] = &view.left[..] else { panic!("{:?}", view.left) };
        assert_eq!(*child, point(NET));
        assert!(why.contains("not in net settlement group 6"), "{why}");
    }
}
