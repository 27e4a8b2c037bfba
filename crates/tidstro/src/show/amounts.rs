//! How amounts look: kroner with six decimals, exactly as they were computed.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tidstro_flows::AmountsView;
use tidstro_metering::settlement::{ChargeAmount, ChargeKind, ChargeResolution};
use tidstro_model::SettlementMethod;

use super::Table;
use super::report::grouped;
use super::settle::{gln, kwh, words};

/// The columns of [`amount_row`]: those of the market's result files that are not its own system's.
pub(crate) const AMOUNT_HEADER: &str = "grid_area_code;energy_supplier_id;quantity;quantity_unit;quantity_qualities;\
     time;resolution;metering_point_type;settlement_method;price;amount;is_tax;charge_code;charge_type;charge_owner_id";

/// An amount as a row of CSV. Qualities are separated by commas.
pub(crate) fn amount_row(one: &ChargeAmount) -> String {
    [
        one.area.to_string(),
        gln(one.supplier),
        kwh(one.quantity),
        unit(one).to_owned(),
        one.qualities.map(|set| words(set).join(",")).unwrap_or_default(),
        one.at.to_string(),
        resolution(one).to_owned(),
        one.points.word().to_owned(),
        method(one).to_owned(),
        one.price.map(kroner).unwrap_or_default(),
        one.amount.map(kroner).unwrap_or_default(),
        one.is_tax.to_string(),
        one.key.code.clone(),
        one.key.kind.word().to_owned(),
        one.key.owner.to_string(),
    ]
    .join(";")
}

#[derive(serde::Serialize)]
struct JsonAmount {
    area: String,
    supplier: Option<String>,
    quantity: Box<RawValue>,
    unit: &'static str,
    qualities: Option<Vec<&'static str>>,
    time: String,
    resolution: &'static str,
    points: &'static str,
    method: &'static str,
    price_kroner: Option<Box<RawValue>>,
    amount_kroner: Option<Box<RawValue>>,
    is_tax: bool,
    charge: String,
    kind: &'static str,
    owner: String,
}

/// An amount as one JSON object.
pub(crate) fn amount_json(one: &ChargeAmount) -> Result<String, serde_json::Error> {
    let exact = |millionths: Option<i64>| millionths.map(kroner).map(RawValue::from_string).transpose();
    serde_json::to_string(&JsonAmount {
        area: one.area.to_string(),
        supplier: one.supplier.map(|gln| gln.to_string()),
        quantity: RawValue::from_string(kwh(one.quantity))?,
        unit: unit(one),
        qualities: one.qualities.map(words),
        time: one.at.to_string(),
        resolution: resolution(one),
        points: one.points.word(),
        method: method(one),
        price_kroner: exact(one.price)?,
        amount_kroner: exact(one.amount)?,
        is_tax: one.is_tax,
        charge: one.key.code.clone(),
        kind: one.key.kind.word(),
        owner: one.key.owner.to_string(),
    })
}

/// Every amount, in the order of time.
pub(crate) fn amount_table(amounts: &[ChargeAmount]) -> Table {
    let mut table =
        Table::new(&["time", "supplier", "charge", "kind", "owner", "of", ">quantity", ">price", ">amount"]);
    for one in amounts {
        table.row(vec![
            one.at.to_string(),
            gln(one.supplier),
            one.key.code.clone(),
            one.key.kind.word().to_owned(),
            one.key.owner.to_string(),
            format!("{} {}", one.points.word(), method(one)).trim_end().to_owned(),
            kwh(one.quantity),
            or_none(one.price),
            or_none(one.amount),
        ]);
    }
    table
}

/// Sums of each charge and supplier over the days, and how many amounts are in none because nobody gave a price.
pub(crate) fn owed_table(view: &AmountsView) -> Table {
    let mut unpriced: BTreeMap<_, u64> = BTreeMap::new();
    for one in view.amounts.iter().filter(|one| one.amount.is_none()) {
        *unpriced.entry((one.supplier, &one.key)).or_default() += 1;
    }
    let mut table =
        Table::new(&["supplier", "charge", "kind", "owner", "prices", ">kroner", ">without price"]);
    for one in &view.monthly {
        let without = unpriced.get(&(one.supplier, &one.key)).copied().unwrap_or_default();
        let kind = if one.is_tax { "tax" } else { one.key.kind.word() };
        table.row(vec![
            gln(one.supplier),
            one.key.code.clone(),
            kind.to_owned(),
            one.key.owner.to_string(),
            one.resolution.word().to_owned(),
            or_none(one.amount),
            grouped(without),
        ]);
    }
    table
}

/// What each supplier owes to each owner, and in all.
pub(crate) fn total_table(view: &AmountsView) -> Table {
    let mut table = Table::new(&["supplier", "to", ">kroner"]);
    for one in &view.totals {
        let owner = one.owner.map_or_else(|| "all".to_owned(), |owner| owner.to_string());
        table.row(vec![gln(one.supplier), owner, or_none(one.amount)]);
    }
    table
}

/// What is counted: energy, or pieces.
const fn unit(one: &ChargeAmount) -> &'static str {
    if matches!(one.key.kind, ChargeKind::Tariff) { "kWh" } else { "pcs" }
}

/// Of results: what is not by quarter or hour is by local day.
const fn resolution(one: &ChargeAmount) -> &'static str {
    match one.resolution {
        ChargeResolution::Quarter => "PT15M",
        ChargeResolution::Hour => "PT1H",
        ChargeResolution::Day | ChargeResolution::Month => "P1D",
    }
}

fn method(one: &ChargeAmount) -> &'static str {
    one.points.settlement_method().map_or("", SettlementMethod::word)
}

/// An amount that is not known is not an amount of zero.
fn or_none(millionths: Option<i64>) -> String {
    millionths.map_or_else(|| "no price".to_owned(), kroner)
}

/// Kroner with six decimals.
fn kroner(millionths: i64) -> String {
    let (sign, magnitude) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    format!("{sign}{}.{:06}", magnitude / 1_000_000, magnitude % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kroner_have_six_decimals() {
        for (millionths, text) in [(0, "0.000000"), (-5, "-0.000005"), (12_345_678, "12.345678")] {
            assert_eq!(kroner(millionths), text);
        }
    }
}
