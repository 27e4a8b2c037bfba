//! The grid area as the market sees it: it balances, its parts add up, and master data say who stands for what.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use tidstro_model::{ConnectionState, Decimal, Factor, Gsrn, PointType, SubType};
use tidstro_world::{MarketPoint, PointKind, Town, TownPlan};

fn town() -> Town {
    Town::build(&TownPlan::default())
}

fn named<'a>(town: &'a Town, name: &str) -> &'a MarketPoint {
    town.market_points.iter().find(|point| point.name == name).unwrap()
}

fn energy(town: &Town, name: &str, day: Date) -> Vec<i64> {
    town.true_market_wh(named(town, name).gsrn, day).unwrap()
}

/// Energy of a day of all households of a kind.
fn households(town: &Town, kind: PointKind, day: Date) -> i64 {
    let points = town.grid_points.iter().filter(|point| point.kind == kind);
    points.map(|point| town.true_energy_wh(point.gsrn, day).unwrap()).sum()
}

#[test]
fn exchange_is_what_the_area_needs_and_loses() {
    let town = town();
    for index in [0, 8, 28, 39] {
        let day = town.plan.first_day + i64::from(index).days();
        let sum = |name: &str| energy(&town, name, day).iter().sum::<i64>();
        let (into, out) = (sum("line from 542"), sum("line to 544"));
        let park = sum("solar park") * 985 / 1000;
        let used = households(&town, PointKind::Consumption, day)
            + sum("dairy")
            + sum("school")
            + sum("building site");
        let given = households(&town, PointKind::Production, day) + sum("wind turbine") + park;
        let lost = into - out + given - used;
        // Rounded down in each quarter.
        let permille = lost * 1000 / used;
        assert!((43..=46).contains(&permille), "{day}: {lost} of {used} Wh");
        assert!(energy(&town, "line from 542", day).iter().all(|wh| *wh > 0));
        assert!(energy(&town, "line to 544", day).iter().all(|wh| *wh > 0));
    }
}

#[test]
fn children_add_up_to_their_parents() {
    let town = town();
    let day = town.plan.first_day + 3.days();
    let (old, new) = (energy(&town, "school, old house", day), energy(&town, "school, new house", day));
    let sum: Vec<i64> = old.iter().zip(&new).map(|(old, new)| old + new).collect();
    assert_eq!(energy(&town, "school", day), sum);
    let school = named(&town, "school");
    assert_eq!(school.states[0].0.sub_type, SubType::Virtual);
    let given = named(&town, "supply to the grid");
    let parent = given.states[0].0.parent.unwrap();
    let home = town.grid_points.iter().find(|point| point.gsrn == parent).unwrap();
    let cells = town
        .grid_points
        .iter()
        .find(|point| point.kind == PointKind::Production && point.holder == home.holder);
    let hours = |gsrn: Gsrn| town.true_hours_wh(gsrn, day).unwrap().into_iter();
    let net: Vec<i64> =
        hours(cells.unwrap().gsrn).zip(hours(parent)).map(|(given, used)| given - used).collect();
    let told = energy(&town, "supply to the grid", day).into_iter();
    let told: Vec<i64> = told
        .zip(energy(&town, "consumption from the grid", day))
        .map(|(given, taken)| given - taken)
        .collect();
    assert_eq!(told, net);
}

#[test]
fn the_building_site_has_values_while_it_is_connected() {
    let town = town();
    let site = named(&town, "building site");
    let states: Vec<_> = site.states.iter().map(|(state, _)| state.connection).collect();
    assert_eq!(states, [ConnectionState::New, ConnectionState::Connected, ConnectionState::ClosedDown]);
    let in_use = site.states[1].1;
    let days = town.plan.first_day.series(1.day()).take(town.plan.days as usize);
    for day in days {
        let slots = energy(&town, "building site", day).len();
        assert_eq!(slots > 0, in_use.contains(day), "{day}");
    }
    assert_eq!(site.supplied[0].1, in_use, "nobody supplies what is not connected");
}

#[test]
fn grid_loss_has_two_points_and_parties_change() {
    let town = town();
    let stands = town.market_points.iter().filter(|point| point.states[0].0.stands_for_grid_loss);
    let kinds: Vec<_> = stands.clone().map(|point| point.states[0].0.kind.code()).collect();
    assert_eq!(kinds, ["E17", "E18"]);
    for point in stands {
        assert_eq!(point.delivered(), None);
        let suppliers: Vec<_> = point.supplied.iter().map(|(parties, _)| parties.supplier.unwrap()).collect();
        assert_eq!(suppliers, [town.suppliers[0].0, town.suppliers[2].0]);
        assert_eq!(point.supplied[0].1.end(), point.supplied[1].1.start());
    }
    let [before, after] = &named(&town, "dairy").supplied[..] else { panic!("two periods") };
    assert_eq!(before.0.supplier, after.0.supplier);
    assert_ne!(before.0.balance_responsible, after.0.balance_responsible);
    assert_eq!(before.1.end(), after.1.start());
    assert_ne!(named(&town, "solar park").states[0].0.factor, Factor::ONE);
    let exchange = town
        .market_points
        .iter()
        .filter(|point| matches!(point.states[0].0.kind, PointType::Exchange { .. }));
    assert!(exchange.map(|point| &point.supplied).all(Vec::is_empty));
}

#[test]
fn the_file_holds_what_is_true() {
    let town = Town::build(&TownPlan::new(1, 24, 14));
    let (_, days) = town.market_file();
    let text = String::from_utf8(days.flatten().collect()).unwrap();
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let [point, _, _, quantity, quality] = line.split(';').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        assert_eq!(quality, "measured");
        let wh = Decimal::parse(quantity.as_bytes()).unwrap().in_steps_of(-3).unwrap();
        assert!(wh >= 0, "{line}");
        *told.entry(point.to_owned()).or_default() += wh;
    }
    let delivered = town.market_points.iter().filter(|point| point.delivered().is_some());
    for point in delivered {
        let days = town.plan.first_day.series(1.day()).take(14);
        let truth: i64 = days.flat_map(|day| town.true_market_wh(point.gsrn, day).unwrap()).sum();
        assert_eq!(told.get(&point.gsrn.to_string()), Some(&truth), "{}", point.name);
    }
    assert_eq!(told.len(), 11);
}
