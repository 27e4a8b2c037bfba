//! The rows of `then/basis_data`: what a calculation was made from.
//!
//! What comes in: a calculation whose grid loss is computed. What goes out: its master data cut to its period, with codes
//! spelled out, and a row for each interval of each point, missing ones too.

use jiff::Timestamp;
use tidstro_metering::settlement::{ChargeKey, DaySums, PointPeriod, PointType, SettlementMethod};
use tidstro_model::{Mark, Quality, Resolution};

use super::{
    Computed,
    calculation::{Calculation, EnergyDay, cut, losses},
    table::{Row, number, row, shown},
};

/// Adds the rows of every file of basis data.
pub(super) fn rows(calculation: &Calculation, days: &[EnergyDay], computed: &mut Computed) {
    let mut put = |name: &str, rows: Vec<Row>| {
        computed.insert(format!("basis_data/{name}"), rows);
    };
    let is_loss = |period: &&PointPeriod| calculation.inputs.grid_loss.contains(&period.point);
    let loss_points = calculation.points.iter().filter(is_loss);
    put(
        "grid_loss_metering_points",
        loss_points.map(|period| row([("metering_point_id", period.point.to_string())])).collect(),
    );
    put("metering_point_periods", calculation.points.iter().map(point).collect());
    let mut values: Vec<Row> = measured(calculation);
    values.extend(grid_loss(calculation, days));
    put("time_series_points", values);
    put("charge_link_periods", links(calculation));
    put("charge_price_information_periods", charges(calculation));
    put("charge_price_points", prices(calculation));
}

fn point(period: &PointPeriod) -> Row {
    let (from, to) = match period.kind {
        PointType::Exchange { from, to } => (from.to_string(), to.to_string()),
        _ => Default::default(),
    };
    row([
        ("metering_point_id", period.point.to_string()),
        ("metering_point_type", period.kind.word().to_owned()),
        ("settlement_method", shown(period.kind.settlement_method().map(SettlementMethod::word))),
        ("grid_area_code", period.area.to_string()),
        ("resolution", period.resolution.to_string()),
        ("from_grid_area_code", from),
        ("to_grid_area_code", to),
        ("parent_metering_point_id", shown(period.parent)),
        ("energy_supplier_id", shown(period.parties.supplier)),
        ("balance_responsible_party_id", shown(period.parties.balance_responsible)),
        ("from_date", period.valid.start().to_string()),
        ("to_date", period.valid.end().to_string()),
    ])
}

/// Every interval of every point but those of grid loss.
fn measured(calculation: &Calculation) -> Vec<Row> {
    let is_measured = |period: &&PointPeriod| !calculation.inputs.grid_loss.contains(&period.point);
    calculation.points.iter().filter(is_measured).flat_map(|period| intervals(calculation, period)).collect()
}

fn intervals(calculation: &Calculation, period: &PointPeriod) -> Vec<Row> {
    let zone = &calculation.zone;
    let (mut day, mut rows) = (zone.day_of(period.valid.start()), Vec::new());
    while zone.day_start(day) < period.valid.end() {
        let part = DaySums::new(zone, day, period.resolution).map_or(0..0, |sums| sums.part(period.valid));
        let block = calculation.readings.day(period.point, day).map(|values| values.block);
        for slot in part {
            let at = u32::try_from(slot).ok().and_then(|slot| zone.slot_start(day, period.resolution, slot));
            let value = block.and_then(|block| block.value(slot)).unwrap_or(0);
            let quality = block.and_then(|block| block.mark(slot)).map(Mark::quality);
            rows.extend(at.map(|at| {
                interval(period, period.resolution, at, value, quality.unwrap_or(Quality::Missing))
            }));
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    rows
}

fn interval(
    period: &PointPeriod,
    resolution: Resolution,
    at: Timestamp,
    value: i64,
    quality: Quality,
) -> Row {
    row([
        ("metering_point_id", period.point.to_string()),
        ("quantity", number(value, -3)),
        ("quality", quality.word().to_owned()),
        ("observation_time", at.to_string()),
        ("metering_point_type", period.kind.word().to_owned()),
        ("resolution", resolution.to_string()),
        ("grid_area_code", period.area.to_string()),
        ("energy_supplier_id", shown(period.parties.supplier)),
    ])
}

/// Grid loss as values of its points.
fn grid_loss(calculation: &Calculation, days: &[EnergyDay]) -> Vec<Row> {
    let resolution = calculation.arguments.resolution;
    let mut rows = Vec::new();
    for (day, result) in losses(days) {
        let of_result =
            |period: &&PointPeriod| Some(period.point) == result.point && period.parties == result.parties;
        let Some(period) = calculation.points.iter().find(of_result) else { continue };
        for (value, slot) in result.values.iter().zip(0..) {
            if let (Some(value), Some(at)) = (value, calculation.zone.slot_start(day, resolution, slot)) {
                rows.push(interval(period, resolution, at, value.watt_hours, Quality::Calculated));
            }
        }
    }
    rows
}

fn with_key<const N: usize>(key: &ChargeKey, columns: [(&str, String); N]) -> Row {
    let mut all = row(columns);
    all.extend(row([
        ("charge_code", key.code.clone()),
        ("charge_type", key.kind.word().to_owned()),
        ("charge_owner_id", key.owner.to_string()),
    ]));
    all
}

fn links(calculation: &Calculation) -> Vec<Row> {
    let is_calculated = |point| calculation.points.iter().any(|period| period.point == point);
    let linked = calculation.inputs.links.iter().filter(|link| is_calculated(link.point));
    let cut_link = linked.filter_map(|link| {
        let (from, to) = cut(link.valid, calculation.arguments.period)?;
        let (point, quantity) = (link.point.to_string(), link.quantity.to_string());
        Some(with_key(
            &link.key,
            [("metering_point_id", point), ("quantity", quantity), ("from_date", from), ("to_date", to)],
        ))
    });
    cut_link.collect()
}

fn charges(calculation: &Calculation) -> Vec<Row> {
    let cut_charge = calculation.inputs.charges.iter().filter_map(|charge| {
        let (from, to) = cut(charge.valid, calculation.arguments.period)?;
        let (resolution, is_tax) = (charge.resolution.word().to_owned(), charge.is_tax.to_string());
        Some(with_key(
            &charge.key,
            [("resolution", resolution), ("is_tax", is_tax), ("from_date", from), ("to_date", to)],
        ))
    });
    cut_charge.collect()
}

fn prices(calculation: &Calculation) -> Vec<Row> {
    let inside =
        calculation.inputs.prices.iter().filter(|price| calculation.arguments.period.contains(price.at));
    inside
        .map(|price| {
            let columns =
                [("charge_price", number(price.millionths, -6)), ("charge_time", price.at.to_string())];
            with_key(&price.key, columns)
        })
        .collect()
}
