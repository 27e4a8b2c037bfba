//! Rows of `then/energy_results` and `then/wholesale_results`.
//!
//! What comes in: results of the product. What goes out: the same as rows, by the file they are expected in.

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    AggregationLevel, CalculationKind, ChargeAmount, ChargeKey, ChargeKind, ChargeResolution, EnergyResult,
    EnergySeries, MonthlyAmount, QualitySet, SettlementMethod, TotalAmount,
};
use tidstro_model::{Quality, Resolution};

use super::{
    Computed,
    calculation::{Calculation, EnergyDay},
    inputs::Arguments,
    table::{Row, number, row, shown},
};

/// Adds energy results by the file of their series.
pub(super) fn energy(calculation: &Calculation, days: &[EnergyDay], computed: &mut Computed) {
    let Arguments { resolution, kind, .. } = calculation.arguments;
    days.iter().for_each(|day| energy_of(&calculation.zone, (resolution, kind), day, computed));
}

/// Adds the energy results of a local day by the file of their series.
pub(super) fn energy_of(
    zone: &Zone,
    (resolution, kind): (Resolution, CalculationKind),
    day: &EnergyDay,
    computed: &mut Computed,
) {
    for result in &day.results {
        let place = format!("energy_results/{}", energy_file(result));
        let named = values(zone, resolution, day, result).map(|mut one| {
            one.insert("calculation_type".to_owned(), kind.word().to_owned());
            one
        });
        computed.entry(place).or_default().extend(named);
    }
}

fn energy_file(result: &EnergyResult) -> String {
    let name = match result.series {
        EnergySeries::NetExchange => "exchange",
        EnergySeries::NetExchangePerNeighbour => "exchange_per_neighbor",
        EnergySeries::TemporaryFlexConsumption => "temporary_flex_consumption",
        EnergySeries::TemporaryProduction => "temporary_production",
        series => series.word(),
    };
    let level = match (result.level, result.point) {
        (AggregationLevel::Supplier, None) => "_per_es",
        (AggregationLevel::BalanceResponsible, _) => "_per_brp",
        _ => "",
    };
    format!("{name}{level}")
}

fn values(
    zone: &Zone,
    resolution: Resolution,
    day: &EnergyDay,
    result: &EnergyResult,
) -> impl Iterator<Item = Row> {
    result.values.iter().zip(0..).filter_map(move |(value, slot)| {
        let (value, at) = ((*value)?, zone.slot_start(day.day, resolution, slot)?);
        Some(row([
            ("grid_area_code", result.area.to_string()),
            ("energy_supplier_id", shown(result.parties.supplier)),
            ("balance_responsible_party_id", shown(result.parties.balance_responsible)),
            ("quantity", number(value.watt_hours, -3)),
            ("quantity_qualities", words(value.qualities)),
            ("time", at.to_string()),
            ("time_series_type", result.series.word().to_owned()),
            ("neighbor_grid_area_code", shown(result.neighbour)),
            ("metering_point_id", shown(result.point)),
            ("resolution", resolution.to_string()),
        ]))
    })
}

fn words(qualities: QualitySet) -> String {
    qualities.qualities().map(Quality::word).collect::<Vec<_>>().join(",")
}

/// Adds amounts per hour and day by the file of their charges.
pub(super) fn charges(amounts: &[ChargeAmount], computed: &mut Computed) {
    for one in amounts {
        let resolution = if one.resolution == ChargeResolution::Hour { "PT1H" } else { "P1D" };
        let mut columns = row([
            ("quantity", number(one.quantity, -3)),
            ("quantity_qualities", one.qualities.map(words).unwrap_or_default()),
            ("time", one.at.to_string()),
            ("resolution", resolution.to_owned()),
            ("metering_point_type", one.points.word().to_owned()),
            ("settlement_method", shown(one.points.settlement_method().map(SettlementMethod::word))),
            ("price", shown(one.price.map(|price| number(price, -6)))),
        ]);
        columns.extend(owed(one.area.to_string(), shown(one.supplier), one.amount));
        columns.extend(of_charge(&one.key, one.is_tax));
        let place = format!("wholesale_results/{}_per_co_es", charge_file(&one.key, one.resolution));
        computed.entry(place).or_default().push(columns);
    }
}

fn charge_file(key: &ChargeKey, resolution: ChargeResolution) -> String {
    match (key.kind, resolution) {
        (ChargeKind::Tariff, ChargeResolution::Hour) => "hourly_tariff".to_owned(),
        (ChargeKind::Tariff, _) => "daily_tariff".to_owned(),
        (kind, _) => kind.word().to_owned(),
    }
}

/// Adds sums per charge.
pub(super) fn monthly(amounts: &[MonthlyAmount], at: Timestamp, computed: &mut Computed) {
    for one in amounts {
        let mut columns = row([("time", at.to_string())]);
        columns.extend(owed(one.area.to_string(), shown(one.supplier), one.amount));
        columns.extend(of_charge(&one.key, one.is_tax));
        let file = match (one.key.kind, one.resolution) {
            (ChargeKind::Tariff, ChargeResolution::Hour) => "tariff_from_hourly",
            (ChargeKind::Tariff, _) => "tariff_from_daily",
            (kind, _) => kind.word(),
        };
        computed.entry(format!("wholesale_results/monthly_{file}_per_co_es")).or_default().push(columns);
    }
}

/// Adds sums per owner and per supplier.
pub(super) fn totals(amounts: &[TotalAmount], at: Timestamp, computed: &mut Computed) {
    for one in amounts {
        let mut columns = row([("time", at.to_string()), ("charge_owner_id", shown(one.owner))]);
        columns.extend(owed(one.area.to_string(), shown(one.supplier), one.amount));
        let level = if one.owner.is_some() { "per_co_es" } else { "per_es" };
        computed.entry(format!("wholesale_results/total_monthly_amounts_{level}")).or_default().push(columns);
    }
}

fn owed(area: String, supplier: String, amount: Option<i64>) -> Row {
    let amount = shown(amount.map(|amount| number(amount, -6)));
    row([("grid_area_code", area), ("energy_supplier_id", supplier), ("amount", amount)])
}

fn of_charge(key: &ChargeKey, is_tax: bool) -> Row {
    let unit = if key.kind == ChargeKind::Tariff { "kWh" } else { "pcs" };
    row([
        ("quantity_unit", unit.to_owned()),
        ("is_tax", is_tax.to_string()),
        ("charge_code", key.code.clone()),
        ("charge_type", key.kind.word().to_owned()),
        ("charge_owner_id", key.owner.to_string()),
    ])
}
