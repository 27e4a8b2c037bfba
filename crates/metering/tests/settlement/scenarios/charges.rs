//! Charges of a scenario: the sums of its period.

use std::{collections::BTreeSet, path::Path};

use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    Charge, ChargeAmount, ChargeKey, ChargeKind, ChargeLink, ChargePrice, ChargeResolution, Wholesale,
    charge_amounts, monthly_amounts,
};
use tidstro_model::Decimal;

use super::tables::{Given, Row, days, table};

/// Compares what each supplier owes for each charge in the period of the charges.
pub(super) fn check(given: &Given, case: &Path) {
    let rows = table(&given.folder.join("charges.csv"));
    let charges: Vec<Charge> = rows.iter().map(|row| charge(given, row)).collect();
    let links: Vec<ChargeLink> =
        table(&given.folder.join("links.csv")).iter().map(|row| link(given, row)).collect();
    let prices: Vec<ChargePrice> =
        table(&given.folder.join("prices.csv")).iter().map(|row| price(given, row)).collect();
    let wholesale = Wholesale {
        zone: &Zone::copenhagen(),
        period: charges[0].valid,
        points: &given.points,
        charges: &charges,
        links: &links,
        prices: &prices,
        readings: &given.readings,
    };
    let amounts = charge_amounts(&wholesale).unwrap();
    let computed: BTreeSet<String> = monthly_amounts(&amounts)
        .unwrap()
        .iter()
        .map(|one| {
            let is_part = |part: &&ChargeAmount| (&part.key, part.supplier) == (&one.key, one.supplier);
            let times = amounts.iter().filter(is_part).count();
            let kroner = one.amount.map(|amount| Decimal::new(amount, -6).to_string()).unwrap_or_default();
            format!("{} {} {times} times: {kroner}", one.key.code, given.names.of_party(one.supplier))
        })
        .collect();
    let expected: BTreeSet<String> = table(&case.join("then/charges.csv"))
        .iter()
        .map(|row| format!("{} {} {} times: {}", row["charge"], row["supplier"], row["times"], row["kroner"]))
        .collect();
    assert_eq!(expected, computed, "{}", case.display());
}

fn key(given: &Given, row: &Row) -> ChargeKey {
    let code = row["charge"].clone();
    let kind = ChargeKind::from_word(code.split('-').next().unwrap()).unwrap();
    ChargeKey { code, kind, owner: given.names.party("grid company").unwrap() }
}

fn charge(given: &Given, row: &Row) -> Charge {
    let resolution = match row["price_for"].as_str() {
        "hour" => ChargeResolution::Hour,
        "day" => ChargeResolution::Day,
        _ => ChargeResolution::Month,
    };
    let valid = days(&row["from_day"], &row["to_day"]);
    Charge { key: key(given, row), resolution, is_tax: false, valid }
}

fn link(given: &Given, row: &Row) -> ChargeLink {
    ChargeLink {
        key: key(given, row),
        point: given.names.point(&row["point"]),
        quantity: row["quantity"].parse().unwrap(),
        valid: days(&row["from_day"], &row["to_day"]),
    }
}

fn price(given: &Given, row: &Row) -> ChargePrice {
    let millionths = Decimal::parse(row["kroner"].as_bytes()).unwrap().in_steps_of(-6).unwrap();
    ChargePrice { key: key(given, row), millionths, at: row["from"].parse().unwrap() }
}
