//! Master data of a calculation, as the scenarios give them.
//!
//! What comes in: the tables of `when/`. What goes out: the product's types, and the rows of `then/basis_data`, which are
//! the same master data cut to what is calculated.

use std::{collections::BTreeSet, fs, path::Path};

use jiff::Timestamp;
use serde_json::Value;
use tidstro_metering::settlement::{
    CalculationKind, Charge, ChargeKey, ChargeKind, ChargeLink, ChargePrice, ChargeResolution, GridArea,
    Parties, PointPeriod, PointType, SettlementMethod,
};
use tidstro_model::{Gsrn, Interval, Resolution};

use super::table::{Fault, Row, Table, flag, gln, gsrn, instant, read, read_if, span, steps, text};

/// What is calculated.
pub(super) struct Arguments {
    pub(super) areas: Vec<GridArea>,
    pub(super) period: Interval,
    pub(super) kind: CalculationKind,
    /// Resolution of energy results: hours up to the market's transition to quarters.
    pub(super) resolution: Resolution,
}

impl Arguments {
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let text = fs::read_to_string(path).map_err(|fault| format!("`{}`: {fault}", path.display()))?;
        let list: Value =
            serde_json::from_str(&text).map_err(|fault| format!("`{}`: {fault}", path.display()))?;
        let one = list.get(0).ok_or("calculation arguments are an empty list")?;
        let field = |name: &str| one.get(name).and_then(Value::as_str);
        let fault = |name: &str| format!("calculation argument `{name}` has `{:?}`", one.get(name));
        let time = |name: &str| field(name).and_then(instant).ok_or_else(|| fault(name));
        let period = Interval::new(time("period-start-datetime")?, time("period-end-datetime")?)
            .map_err(|fault| fault.to_string())?;
        let areas = one.get("grid-areas").and_then(Value::as_array).into_iter().flatten();
        let areas: Option<Vec<GridArea>> = areas.map(|area| GridArea::parse(area.as_str()?)).collect();
        let kind = field("calculation-type").and_then(CalculationKind::from_word);
        let transition = field("quarterly-resolution-transition-datetime").and_then(instant);
        Ok(Self {
            areas: areas.ok_or_else(|| fault("grid-areas"))?,
            kind: kind.ok_or_else(|| fault("calculation-type"))?,
            resolution: result_resolution(period, transition),
            period,
        })
    }
}

fn result_resolution(period: Interval, transition: Option<Timestamp>) -> Resolution {
    let is_before = transition.is_some_and(|transition| period.end() <= transition);
    if is_before { Resolution::PT1H } else { Resolution::PT15M }
}

/// Everything a calculation is made from, but for measurements.
pub(super) struct Inputs {
    pub(super) points: Vec<PointPeriod>,
    pub(super) grid_loss: BTreeSet<Gsrn>,
    pub(super) charges: Vec<Charge>,
    pub(super) links: Vec<ChargeLink>,
    pub(super) prices: Vec<ChargePrice>,
}

impl Inputs {
    pub(super) fn read(when: &Path) -> Result<Self, Fault> {
        Ok(Self {
            points: rows(when, "metering_point_periods", point)?,
            grid_loss: rows(when, "grid_loss_metering_points", |row| read(row, "metering_point_id", gsrn))?
                .into_iter()
                .collect(),
            charges: rows(when, "charge_price_information_periods", charge)?,
            links: rows(when, "charge_link_periods", link)?,
            prices: rows(when, "charge_price_points", price)?,
        })
    }

    /// The periods that concern the areas.
    pub(super) fn concerning(&self, areas: &[GridArea]) -> Vec<PointPeriod> {
        let concerns =
            |period: &&PointPeriod| areas.iter().any(|area| period.area == *area || period.concerns(*area));
        self.points.iter().filter(concerns).copied().collect()
    }
}

/// The rows of a table of `when/`, each read with its place in faults.
pub(super) fn rows<T>(
    when: &Path,
    name: &str,
    reader: impl Fn(&Row) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let table = Table::read(&when.join(format!("{name}.csv")))?;
    let numbered = table.rows.iter().zip(1..);
    numbered
        .map(|(row, number)| reader(row).map_err(|fault| format!("{name} row {number}: {fault}")))
        .collect()
}

fn point(row: &Row) -> Result<PointPeriod, Fault> {
    Ok(PointPeriod {
        point: read(row, "metering_point_id", gsrn)?,
        kind: point_type(row)?,
        area: read(row, "grid_area_code", GridArea::parse)?,
        resolution: read(row, "resolution", resolution)?,
        parent: read_if(row, "parent_metering_point_id", gsrn)?,
        parties: Parties {
            supplier: read_if(row, "energy_supplier_id", gln)?,
            balance_responsible: read_if(row, "balance_responsible_party_id", gln)?,
        },
        valid: span(row, "from_date", "to_date")?,
    })
}

fn point_type(row: &Row) -> Result<PointType, Fault> {
    match text(row, "type") {
        "E17" => read(row, "settlement_method", SettlementMethod::from_code).map(PointType::Consumption),
        "E18" => Ok(PointType::Production),
        "E20" => Ok(PointType::Exchange {
            from: read(row, "from_grid_area_code", GridArea::parse)?,
            to: read(row, "to_grid_area_code", GridArea::parse)?,
        }),
        _ => read(row, "type", PointType::child),
    }
}

pub(super) fn resolution(text: &str) -> Option<Resolution> {
    match text {
        "PT15M" => Some(Resolution::PT15M),
        "PT1H" => Some(Resolution::PT1H),
        _ => None,
    }
}

fn key(row: &Row) -> Result<ChargeKey, Fault> {
    Ok(ChargeKey {
        code: text(row, "charge_code").to_owned(),
        kind: read(row, "charge_type", ChargeKind::from_word)?,
        owner: read(row, "charge_owner_id", gln)?,
    })
}

fn charge(row: &Row) -> Result<Charge, Fault> {
    Ok(Charge {
        key: key(row)?,
        resolution: read(row, "resolution", ChargeResolution::from_word)?,
        is_tax: read(row, "is_tax", flag)?,
        valid: span(row, "from_date", "to_date")?,
    })
}

fn link(row: &Row) -> Result<ChargeLink, Fault> {
    Ok(ChargeLink {
        key: key(row)?,
        point: read(row, "metering_point_id", gsrn)?,
        quantity: read(row, "quantity", steps(0))?,
        valid: span(row, "from_date", "to_date")?,
    })
}

fn price(row: &Row) -> Result<ChargePrice, Fault> {
    Ok(ChargePrice {
        key: key(row)?,
        millionths: read(row, "charge_price", steps(-6))?,
        at: read(row, "charge_time", instant)?,
    })
}
