//! Series the hub computes for points: heating, capacity, net consumption, and days with missing values.

use jiff::civil::{Date, date};
use tidstro_calendar::Zone;
use tidstro_metering::{
    IntervalBlock,
    settlement::{
        CapacityPoint, ChildPoint, ChildRole, DailyQuantity, ExpectedPoint, HeatingInput, HeatingParent,
        NetConsumptionInput, NetConsumptionPoint, Previous, PreviousDays, Readings, SettlementType,
        capacity_settlement, closed_net_consumption, electrical_heating, estimated_net_consumption,
        estimated_years, missing_days,
    },
};
use tidstro_model::{Gsrn, Interval, Quality, Resolution};

const PARENT: u64 = 1;
const HEATING: u64 = 14;
const NET: u64 = 15;
const SUPPLY: u64 = 6;
const FROM_GRID: u64 = 7;

fn gsrn(number: u64) -> Gsrn {
    Gsrn::from_body(number)
}

fn span(start: Date, end: Option<Date>) -> Interval {
    let zone = Zone::copenhagen();
    let end = end.map_or(jiff::Timestamp::MAX, |end| zone.day_start(end));
    Interval::new(zone.day_start(start), end).unwrap()
}

/// A reading of kWh in hours of a local day; all other hours of it are missing.
fn day(readings: &mut Readings, point: u64, day: Date, hours: &[(u32, i64)]) {
    let slots = Zone::copenhagen().slots(day, Resolution::PT1H).unwrap();
    let mut block = IntervalBlock::all_missing(0, slots).unwrap();
    for (hour, kwh) in hours {
        block.set(*hour, *kwh, Quality::Measured).unwrap();
    }
    readings.insert(gsrn(point), day, Resolution::PT1H, block);
}

fn child(number: u64, role: ChildRole, start: Date) -> ChildPoint {
    ChildPoint { point: gsrn(number), role, parent: gsrn(PARENT), valid: span(start, None) }
}

/// Days and kWh with three decimals.
fn shown(values: &[DailyQuantity]) -> Vec<(Date, i64, Option<SettlementType>)> {
    values.iter().map(|value| (value.day, value.watt_hours, value.settlement)).collect()
}

/// Heating of a customer of a net settlement group in 2024, as of `today`.
fn heated(
    group: Option<u8>,
    today: Date,
    readings: &Readings,
    previous: &PreviousDays,
) -> Vec<DailyQuantity> {
    let start = date(2024, 1, 1);
    let children = [
        child(HEATING, ChildRole::ElectricalHeating, start),
        child(NET, ChildRole::NetConsumption, start),
        child(SUPPLY, ChildRole::SupplyToGrid, start),
        child(FROM_GRID, ChildRole::ConsumptionFromGrid, start),
    ];
    let valid = span(start, None);
    let parents =
        [HeatingParent { point: gsrn(PARENT), net_settlement_group: group, settlement_month: 1, valid }];
    let zone = Zone::copenhagen();
    let input =
        HeatingInput { zone: &zone, today, parents: &parents, children: &children, readings, previous };
    electrical_heating(&input).unwrap()
}

#[test]
fn heating_follows_the_net_settlement_group() {
    use SettlementType::{EndOfPeriod, UpToEndOfPeriod};
    let (one, two) = (date(2024, 1, 10), date(2024, 7, 10));
    let mut readings = Readings::default();
    for (point, hours) in
        [(PARENT, [(3, 3000), (4, 0)]), (NET, [(3, 1500), (4, 1000)]), (SUPPLY, [(3, 900), (4, 0)])]
    {
        day(&mut readings, point, one, &hours);
        day(&mut readings, point, two, &hours);
    }
    // Taken from the grid in another hour than given to it: over the period it counts, hour by hour it does not.
    day(&mut readings, FROM_GRID, one, &[(3, 0), (4, 900)]);
    day(&mut readings, FROM_GRID, two, &[(3, 200), (4, 900)]);
    let none = PreviousDays::new();
    let (during, after) = (date(2024, 11, 1), date(2025, 1, 1));
    for (group, today, expected) in [
        // The limit is 4,000 kWh.
        (None, during, vec![(one, 3_000_000), (two, 1_000_000)]),
        (Some(2), during, vec![(one, 2_500_000), (two, 1_500_000)]),
        // 200 kWh went out and came back in the same hour.
        (Some(2), after, vec![(one, 2_500_000), (two, 1_300_000)]),
        // 1,800 kWh went out, 2,000 came back.
        (Some(6), after, vec![(one, 2_200_000), (two, 0)]),
    ] {
        let is_over = group.is_some() && today == after;
        let settlement = Some(if is_over { EndOfPeriod } else { UpToEndOfPeriod });
        let expected: Vec<_> = expected.into_iter().map(|(day, wh)| (day, wh, settlement)).collect();
        assert_eq!(shown(&heated(group, today, &readings, &none)), expected, "{group:?} {today}");
    }
}

#[test]
fn heating_that_stands_is_not_given_again() {
    let one = date(2024, 2, 29);
    let mut readings = Readings::default();
    day(&mut readings, NET, one, &[(0, 7)]);
    let previous = |watt_hours, settlement| {
        PreviousDays::from([((gsrn(HEATING), one), Previous { watt_hours, settlement })])
    };
    for (watt_hours, settlement, count) in [
        (7000, Some(SettlementType::UpToEndOfPeriod), 0),
        (7000, None, 0),
        (7000, Some(SettlementType::EndOfPeriod), 1),
        (6999, Some(SettlementType::UpToEndOfPeriod), 1),
    ] {
        let found = heated(Some(6), date(2024, 6, 1), &readings, &previous(watt_hours, settlement));
        assert_eq!(found.len(), count, "{watt_hours} {settlement:?}");
    }
}

#[test]
fn capacity_is_the_mean_of_the_ten_largest_hours() {
    let zone = Zone::copenhagen();
    let mut readings = Readings::default();
    // Eleven hours of the first customer, three of the next one.
    let hours: Vec<(u32, i64)> = (0..11).map(|hour| (hour, i64::from(hour) + 1)).collect();
    day(&mut readings, PARENT, date(2024, 8, 1), &hours);
    day(&mut readings, PARENT, date(2025, 3, 20), &[(1, 1), (2, 1), (3, 2)]);
    let moved = date(2025, 3, 15);
    let customer = |start, end| CapacityPoint {
        point: gsrn(PARENT),
        valid: span(start, end),
        child: gsrn(19),
        child_valid: span(date(2024, 1, 1), None),
    };
    let points = [customer(date(2024, 1, 1), Some(moved)), customer(moved, None)];
    let (largest, values) = capacity_settlement(&zone, date(2025, 3, 31), &points, &readings).unwrap();
    assert_eq!(largest.len(), 13);
    assert_eq!(largest[0].watt_hours, 11_000);
    let quantities: Vec<i64> = values.iter().map(|value| value.watt_hours).collect();
    // 2 to 11 kWh are 6.5 in the mean; 4 kWh in three hours are 1.333.
    assert_eq!(quantities, [vec![6500; 14], vec![1333; 17]].concat());
    assert_eq!(values[13].day, date(2025, 3, 14));
}

/// Net consumption of one customer since a day, as of `today`.
fn with_net_consumption<T>(
    start: Date,
    is_move_in: bool,
    today: Date,
    previous: &PreviousDays,
    settle: impl Fn(&NetConsumptionInput<'_>) -> T,
) -> T {
    let mut readings = Readings::default();
    day(&mut readings, FROM_GRID, date(2024, 3, 1), &[(5, 400)]);
    day(&mut readings, SUPPLY, date(2024, 3, 2), &[(5, 34)]);
    let children = [
        (NET, ChildRole::NetConsumption),
        (SUPPLY, ChildRole::SupplyToGrid),
        (FROM_GRID, ChildRole::ConsumptionFromGrid),
    ];
    let children = children.map(|(number, role)| child(number, role, date(2020, 1, 1)));
    let parents = [NetConsumptionPoint {
        point: gsrn(PARENT),
        has_electrical_heating: false,
        settlement_month: 1,
        is_move_in,
        valid: span(start, None),
    }];
    let zone = Zone::copenhagen();
    settle(&NetConsumptionInput {
        zone: &zone,
        today,
        parents: &parents,
        children: &children,
        readings: &readings,
        previous,
    })
}

#[test]
fn a_closed_year_is_settled_two_days_later() {
    let none = PreviousDays::new();
    let closed = |today, previous: &PreviousDays| {
        with_net_consumption(date(2024, 1, 1), false, today, previous, |input| {
            closed_net_consumption(input).unwrap()
        })
    };
    assert!(closed(date(2025, 1, 2), &none).is_empty());
    let all = closed(date(2025, 1, 3), &none);
    // 366 kWh in 366 days.
    assert_eq!((all.len(), all[0].watt_hours), (366, 1000));
    assert!(all.iter().all(|value| value.settlement == Some(SettlementType::EndOfPeriod)));
    let standing: PreviousDays = all
        .iter()
        .map(|value| {
            (
                (value.point, value.day),
                Previous { watt_hours: value.watt_hours, settlement: value.settlement },
            )
        })
        .collect();
    assert_eq!(closed(date(2025, 1, 3), &standing).len(), 366, "all of it once, on the day it is settled");
    assert!(closed(date(2025, 1, 4), &standing).is_empty());
    // Three years later the first days are too old to be given again.
    assert_eq!(closed(date(2027, 6, 1), &none).iter().map(|value| value.day).min(), Some(date(2024, 6, 1)));
}

#[test]
fn an_estimate_goes_on_where_it_was() {
    let estimate = |start, is_move_in, previous: &PreviousDays| {
        with_net_consumption(start, is_move_in, date(2025, 1, 10), previous, |input| {
            let year = estimated_years(input).unwrap()[0].watt_hours;
            let days = estimated_net_consumption(input).unwrap();
            (year, days.len(), days.first().map(|value| (value.day, value.watt_hours)))
        })
    };
    let until = |from: Date, to: Date, settlement| -> PreviousDays {
        let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to);
        days.map(|day| ((gsrn(NET), day), Previous { watt_hours: 5, settlement: Some(settlement) })).collect()
    };
    let (start, new_year, moved) = (date(2024, 1, 1), date(2025, 1, 1), date(2025, 1, 5));
    use SettlementType::{EndOfPeriod, UpToEndOfPeriod};
    for (since, is_move_in, previous, expected) in [
        // 366 kWh of 2024 over 365 days of 2025.
        (start, false, PreviousDays::new(), (366_000, 10, Some((new_year, 1003)))),
        (
            start,
            false,
            until(start, date(2025, 1, 8), UpToEndOfPeriod),
            (366_000, 2, Some((date(2025, 1, 9), 1003))),
        ),
        (start, false, until(start, date(2025, 1, 10), UpToEndOfPeriod), (366_000, 0, None)),
        // Days that were closed become days of the estimate: all of them.
        (start, false, until(start, date(2025, 1, 8), EndOfPeriod), (366_000, 10, Some((new_year, 1003)))),
        // Somebody moved in on what was an ordinary day.
        (moved, true, until(start, date(2025, 1, 9), UpToEndOfPeriod), (1_800_000, 6, Some((moved, 4932)))),
        (
            moved,
            true,
            until(moved, date(2025, 1, 9), UpToEndOfPeriod),
            (1_800_000, 1, Some((date(2025, 1, 10), 4932))),
        ),
    ] {
        assert_eq!(estimate(since, is_move_in, &previous), expected, "since {since}");
    }
}

#[test]
fn a_day_with_a_missing_value_is_named() {
    let zone = Zone::copenhagen();
    let mut readings = Readings::default();
    let full = |hours: u32| (0..hours).map(|hour| (hour, 0)).collect::<Vec<_>>();
    day(&mut readings, PARENT, date(2025, 3, 29), &full(24));
    // The clock goes forward: 23 hours are all of them.
    day(&mut readings, PARENT, date(2025, 3, 30), &full(23));
    day(&mut readings, PARENT, date(2025, 3, 31), &full(23));
    let expected = |resolution| ExpectedPoint {
        point: gsrn(PARENT),
        resolution,
        valid: span(date(2025, 1, 1), Some(date(2025, 4, 2))),
    };
    let window = span(date(2025, 3, 29), Some(date(2025, 4, 5)));
    let missing = |resolution| {
        let days = missing_days(&zone, window, &[expected(resolution)], &readings).unwrap();
        days.into_iter().map(|(_, day)| day).collect::<Vec<_>>()
    };
    assert_eq!(missing(Resolution::PT1H), [date(2025, 3, 31), date(2025, 4, 1)]);
    // Hours are no quarters.
    assert_eq!(missing(Resolution::PT15M).len(), 4);
}
