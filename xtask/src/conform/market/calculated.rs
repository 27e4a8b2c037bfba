//! Computed measurements: capacity settlement, electrical heating, net consumption group 6, and the log of missing ones.
//!
//! What comes in: `when/` of a scenario. What goes out: the rows of its `then/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    CapacityPoint, ChildPoint, ChildRole, DailyQuantity, ExpectedPoint, HeatingInput, HeatingParent,
    NetConsumptionInput, NetConsumptionPoint, Previous, PreviousDays, Readings, SettlementType,
    capacity_settlement, closed_net_consumption, electrical_heating, estimated_net_consumption,
    estimated_years, missing_days,
};
use tidstro_model::{Gsrn, Interval, Resolution};

use super::{
    Computed,
    inputs::{resolution, rows},
    readings::Blocks,
    table::{Fault, Row, Table, flag, gsrn, instant, number, read, read_if, row, shown, span, steps, text},
};

/// Rows of capacity settlement.
pub(super) fn capacity(when: &Path) -> Result<Computed, Fault> {
    let (zone, month) = (Zone::copenhagen(), capacity_month(when)?);
    let points = rows(when, "electricity_market__capacity_settlement/metering_point_periods_v1", |row| {
        Ok(CapacityPoint {
            point: read(row, "metering_point_id", gsrn)?,
            valid: span(row, "period_from_date", "period_to_date")?,
            child: read(row, "child_metering_point_id", gsrn)?,
            child_valid: span(row, "child_period_from_date", "child_period_to_date")?,
        })
    })?;
    let readings = measurements(&zone, when)?;
    let (hours, values) =
        capacity_settlement(&zone, month, &points, &readings).map_err(|fault| fault.to_string())?;
    let largest = hours.iter().map(|hour| {
        row([
            ("metering_point_id", hour.point.to_string()),
            ("quantity", number(hour.watt_hours, -3)),
            ("observation_time", hour.at.to_string()),
        ])
    });
    let largest = largest.collect();
    Ok(Computed::from([
        ("measurements".to_owned(), daily(&zone, &values)),
        ("ten_largest_quantities".to_owned(), largest),
    ]))
}

/// The first day of the month that capacity is settled for.
pub(super) fn capacity_month(when: &Path) -> Result<Date, Fault> {
    let parameters = parameters(when)?;
    let part = |name: &str| parameters.get(name).and_then(Value::as_i64).unwrap_or_default();
    let year = i16::try_from(part("calculation_year")).map_err(|fault| fault.to_string())?;
    let month = i8::try_from(part("calculation_month")).map_err(|fault| fault.to_string())?;
    Date::new(year, month, 1).map_err(|fault| fault.to_string())
}

/// Rows of electrical heating.
pub(super) fn heating(when: &Path) -> Result<Computed, Fault> {
    let zone = Zone::copenhagen();
    let folder = "electricity_market__electrical_heating";
    let parents = rows(when, &format!("{folder}/consumption_metering_point_periods_v1"), |row| {
        Ok(HeatingParent {
            point: read(row, "metering_point_id", gsrn)?,
            net_settlement_group: read_if(row, "net_settlement_group", |text| text.parse().ok())?,
            settlement_month: read_if(row, "settlement_month", |text| text.parse().ok())?.unwrap_or(1),
            valid: span(row, "period_from_date", "period_to_date")?,
        })
    })?;
    let (children, readings) = (children(when, folder)?, measurements(&zone, when)?);
    let previous = previous(&zone, when, "electrical_heating")?;
    let today = today(&zone, when)?;
    let input = HeatingInput {
        zone: &zone,
        today,
        parents: &parents,
        children: &children,
        readings: &readings,
        previous: &previous,
    };
    let values = electrical_heating(&input).map_err(|fault| fault.to_string())?;
    Ok(Computed::from([("measurements".to_owned(), daily(&zone, &values))]))
}

/// Rows of net consumption; a scenario is about closed periods or about the estimate, which then has a file.
pub(super) fn net_consumption(when: &Path) -> Result<Computed, Fault> {
    let zone = Zone::copenhagen();
    let folder = "electricity_market__net_consumption_group_6";
    let parents = rows(when, &format!("{folder}/consumption_metering_point_periods_v1"), |row| {
        Ok(NetConsumptionPoint {
            point: read(row, "metering_point_id", gsrn)?,
            has_electrical_heating: read(row, "has_electrical_heating", flag)?,
            settlement_month: read(row, "settlement_month", |text| text.parse().ok())?,
            is_move_in: read(row, "move_in", flag)?,
            valid: span(row, "period_from_date", "period_to_date")?,
        })
    })?;
    let (children, readings) = (children(when, folder)?, measurements(&zone, when)?);
    let (previous, today) = (previous(&zone, when, "net_consumption")?, today(&zone, when)?);
    let input = NetConsumptionInput {
        zone: &zone,
        today,
        parents: &parents,
        children: &children,
        readings: &readings,
        previous: &previous,
    };
    let is_estimate = when.parent().is_some_and(|scenario| scenario.join("then/cenc.csv").exists());
    if !is_estimate {
        let values = closed_net_consumption(&input).map_err(|fault| fault.to_string())?;
        return Ok(Computed::from([("measurements".to_owned(), daily(&zone, &values))]));
    }
    let estimates = estimated_years(&input).map_err(|fault| fault.to_string())?;
    let yearly = estimates.iter().map(|estimate| {
        row([
            ("metering_point_id", estimate.point.to_string()),
            ("quantity", number(estimate.watt_hours, -3)),
            ("settlement_year", estimate.year.start().year().to_string()),
            ("settlement_month", estimate.year.start().month().to_string()),
            ("start_date", zone.day_start(estimate.customer_since).to_string()),
        ])
    });
    let yearly = yearly.collect();
    let values = estimated_net_consumption(&input).map_err(|fault| fault.to_string())?;
    Ok(Computed::from([("cenc".to_owned(), yearly), ("measurements".to_owned(), daily(&zone, &values))]))
}

/// Rows of the log of missing measurements.
pub(super) fn missing(when: &Path) -> Result<Computed, Fault> {
    let zone = Zone::copenhagen();
    let (window, areas) = log_window(when)?;
    let table = "electricity_market__missing_measurements_log/metering_point_periods_v1";
    let points: Vec<Option<ExpectedPoint>> = rows(when, table, |row| {
        let is_asked = areas.as_ref().is_none_or(|areas| areas.contains(text(row, "grid_area_code")));
        let expected = ExpectedPoint {
            point: read(row, "metering_point_id", gsrn)?,
            resolution: read(row, "resolution", resolution)?,
            valid: span(row, "period_from_date", "period_to_date")?,
        };
        Ok(is_asked.then_some(expected))
    })?;
    let points: Vec<ExpectedPoint> = points.into_iter().flatten().collect();
    let measured = Table::read(&when.join("measurements_gold/current_v1.csv"))?;
    let quarterly = quarterly_days(&zone, &measured)?;
    let readings = Blocks::read(&zone, &measured.rows, |point, at: Timestamp| {
        let found = points.iter().find(|expected| expected.point == point && expected.valid.contains(at))?;
        let is_quarterly = quarterly.contains(&(point, zone.day_of(at)));
        Some(if is_quarterly { Resolution::PT15M } else { found.resolution })
    })?;
    let days = missing_days(&zone, window, &points, &readings).map_err(|fault| fault.to_string())?;
    let log = days.iter().map(|(point, day)| {
        row([("metering_point_id", point.to_string()), ("date", zone.day_start(*day).to_string())])
    });
    Ok(Computed::from([("missing_measurements_log".to_owned(), log.collect())]))
}

/// The period of a log of missing measurements, and the areas asked for; `None` for all.
pub(super) fn log_window(when: &Path) -> Result<(Interval, Option<BTreeSet<String>>), Fault> {
    let parameters = parameters(when)?;
    let time = |name: &str| parameters.get(name).and_then(Value::as_str).and_then(instant);
    let window = time("period_start_datetime").zip(time("period_end_datetime"));
    let (start, end) = window.ok_or("scenario parameters have no period")?;
    let window = Interval::new(start, end).map_err(|fault| fault.to_string())?;
    let areas = parameters.get("grid_area_codes").and_then(Value::as_array);
    let areas = areas.map(|areas| areas.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Ok((window, areas))
}

/// Points and local days with a value inside an hour: whatever they should have, they have quarters.
pub(super) fn quarterly_days(zone: &Zone, measured: &Table) -> Result<BTreeSet<(Gsrn, Date)>, Fault> {
    let mut days = BTreeSet::new();
    for row in &measured.rows {
        let (point, at) = (read(row, "metering_point_id", gsrn)?, read(row, "observation_time", instant)?);
        if zone.slot_of(at, Resolution::PT1H).is_none() {
            days.insert((point, zone.day_of(at)));
        }
    }
    Ok(days)
}

fn parameters(when: &Path) -> Result<Value, Fault> {
    let path = when.join("scenario_parameters.json");
    let text = fs::read_to_string(&path).map_err(|fault| format!("`{}`: {fault}", path.display()))?;
    serde_json::from_str(&text).map_err(|fault| format!("`{}`: {fault}", path.display()))
}

pub(super) fn today(zone: &Zone, when: &Path) -> Result<Date, Fault> {
    let parameters = parameters(when)?;
    let at = parameters.get("execution_start_datetime").and_then(Value::as_str).and_then(instant);
    at.map(|at| zone.day_of(at))
        .ok_or_else(|| "scenario parameters have no `execution_start_datetime`".to_owned())
}

/// All measurements, as quarters: every time of them begins a quarter.
fn measurements(zone: &Zone, when: &Path) -> Result<Readings, Fault> {
    let table = Table::read(&when.join("measurements_gold/current_v1.csv"))?;
    Blocks::read(zone, &table.rows, |_, _| Some(Resolution::PT15M))
}

fn children(when: &Path, folder: &str) -> Result<Vec<ChildPoint>, Fault> {
    rows(when, &format!("{folder}/child_metering_points_v1"), |row| {
        Ok(ChildPoint {
            point: read(row, "metering_point_id", gsrn)?,
            role: read(row, "metering_point_type", ChildRole::from_word)?,
            parent: read(row, "parent_metering_point_id", gsrn)?,
            valid: span(row, "coupled_date", "uncoupled_date")?,
        })
    })
}

/// What was computed before: values of the points of this type, and whether they were final where that is given.
pub(super) fn previous(zone: &Zone, when: &Path, point_type: &str) -> Result<PreviousDays, Fault> {
    let mut previous = BTreeMap::new();
    for table in ["measurements_gold/current_v1", "calculated_measurements_internal/calculated_measurements"]
    {
        let found = rows(when, table, |row| {
            let is_asked = text(row, "metering_point_type") == point_type;
            let watt_hours = read_if(row, "quantity", steps(-3))?.filter(|_| is_asked);
            let settlement = read_if(row, "settlement_type", SettlementType::from_word)?;
            let day = zone.day_of(read(row, "observation_time", instant)?);
            let point = read(row, "metering_point_id", gsrn)?;
            Ok(watt_hours.map(|watt_hours| ((point, day), Previous { watt_hours, settlement })))
        })?;
        previous.extend(found.into_iter().flatten());
    }
    Ok(previous)
}

fn daily(zone: &Zone, values: &[DailyQuantity]) -> Vec<Row> {
    let one = |value: &DailyQuantity| {
        row([
            ("metering_point_id", value.point.to_string()),
            ("date", zone.day_start(value.day).to_string()),
            ("quantity", number(value.watt_hours, -3)),
            ("settlement_type", shown(value.settlement.map(SettlementType::word))),
        ])
    };
    values.iter().map(one).collect()
}
