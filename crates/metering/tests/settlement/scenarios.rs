//! Scenarios: `given/` and `then/` as tables that somebody who knows settlement can read and change.
//!
//! Times are local and have their offset; energy is kWh and money kroner. Points, suppliers and owners have names. A row of
//! values or results says the same for `count` intervals after each other. Series that `then/energy.csv` names are compared
//! for every supplier and interval: nothing may be missing, nothing more may be there.

mod charges;
mod tables;

use std::{collections::BTreeSet, path::Path};

use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    AggregationLevel, DaySums, EnergyResult, EnergySeries, EnergyValue, PointPeriod, energy_results,
};
use tidstro_model::{Decimal, Resolution};

use self::tables::{Given, Table, qualities, table};

/// Every folder of scenarios, each with what it shows.
#[test]
fn every_scenario_settles_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 5);
    for case in cases {
        let given = Given::read(&case.join("given"));
        energy(&given, &case);
        if case.join("then/charges.csv").exists() {
            charges::check(&given, &case);
        }
    }
}

/// Results of all days with values, in quarters.
fn energy(given: &Given, case: &Path) {
    let zone = Zone::copenhagen();
    let is_loss = |period: &&PointPeriod| given.grid_loss.contains(&period.point);
    let loss: Vec<PointPeriod> = given.points.iter().filter(is_loss).copied().collect();
    let mut results = Vec::new();
    for day in &given.days {
        let sums =
            DaySums::of(&zone, *day, Resolution::PT15M, &given.points, &given.grid_loss, &given.readings)
                .unwrap();
        results.push((*day, energy_results(&sums, &[given.area], &loss)));
    }
    let expected = table(&case.join("then/energy.csv"));
    let named: BTreeSet<&str> = expected.iter().map(|row| row["series"].as_str()).collect();
    assert_eq!(expected_rows(&zone, &expected), computed_rows(given, &results, &named), "{}", case.display());
}

/// One text for each interval, so that a difference reads as one.
fn expected_rows(zone: &Zone, expected: &Table) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    for row in expected {
        let start: jiff::Timestamp = row["from"].parse().unwrap();
        for at in (0..row["count"].parse::<i64>().unwrap()).map(|slot| start.as_second() + slot * 900) {
            let kwh = Decimal::parse(row["kwh"].as_bytes()).unwrap().in_steps_of(-3).unwrap();
            let (day, slot) = zone.slot_of_second(at, Resolution::PT15M).unwrap();
            let day = tidstro_calendar::from_epoch_day(day).unwrap();
            let value = EnergyValue { watt_hours: kwh, qualities: qualities(&row["qualities"]) };
            assert!(rows.insert(shown(&row["series"], &row["supplier"], day, slot as usize, value)));
        }
    }
    rows
}

fn computed_rows(
    given: &Given,
    results: &[(Date, Vec<EnergyResult>)],
    named: &BTreeSet<&str>,
) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    for (day, results) in results {
        for result in results.iter().filter(|result| is_compared(result, named)) {
            let supplier = given.names.of_party(result.parties.supplier);
            for (slot, value) in result.values.iter().enumerate() {
                rows.extend(value.map(|value| shown(result.series.word(), &supplier, *day, slot, value)));
            }
        }
    }
    rows
}

/// Sums per supplier where there are any, of the area where there are none.
fn is_compared(result: &EnergyResult, named: &BTreeSet<&str>) -> bool {
    let has_suppliers = matches!(
        result.series,
        EnergySeries::FlexConsumption
            | EnergySeries::NonProfiledConsumption
            | EnergySeries::Production
            | EnergySeries::PositiveGridLoss
            | EnergySeries::NegativeGridLoss
    );
    let level = if has_suppliers { AggregationLevel::Supplier } else { AggregationLevel::Area };
    named.contains(result.series.word()) && result.level == level
}

fn shown(series: &str, supplier: &str, day: Date, slot: usize, value: EnergyValue) -> String {
    let kwh = Decimal::new(value.watt_hours, -3);
    let qualities: Vec<&str> = value.qualities.qualities().map(tidstro_model::Quality::word).collect();
    format!("{series} {supplier} {day} slot {slot}: {kwh} {}", qualities.join("+"))
}
