//! Scenarios of calculations and of the log of missing measurements, settled by the product's flows.

use std::path::Path;

use jiff::{Timestamp, ToSpan as _};
use tidstro_calendar::Zone;
use tidstro_flows::{
    SettleAsk, missing_measurements, run_settlement, show_settlement_amounts, show_settlement_run,
};
use tidstro_metering::settlement::GridArea;
use tidstro_model::{ActivityId, ActorId, DayRange, Gsrn, Interval, Resolution};

use super::super::calculated::{log_window, quarterly_days};
use super::super::calculation::EnergyDay;
use super::super::inputs::{Arguments, Inputs};
use super::super::table::{Fault, Row, Table, gsrn, instant, read, row, span, text};
use super::super::{Computed, results};
use super::given::{Given, given};

/// Days after the period at which it is settled: everything is over, and nothing is too old.
pub(super) const DAYS_AFTER: i64 = 40;

/// The results of the calculation in `when/`, inside its period.
pub(super) fn calculation(when: &Path) -> Result<Computed, Fault> {
    let zone = Zone::copenhagen();
    let arguments = Arguments::read(&when.join("calculation_arguments.json"))?;
    let mut taken = Given::open(after(arguments.period)?)?;
    take_in(&mut taken, when)?;
    let mut computed = Computed::new();
    for area in &arguments.areas {
        let asked = asked(&area.to_string(), days(&zone, arguments.period)?)?;
        let kind = (arguments.kind, false);
        let running = run_settlement(&taken.workspace, &asked, kind, taken.now);
        let version = given(taken.runtime.block_on(running))?.version;
        show(&taken, &asked, (version, &arguments), &mut computed)?;
    }
    for rows in computed.values_mut() {
        rows.retain(|row| instant(text(row, "time")).is_some_and(|at| arguments.period.contains(at)));
        rows.iter_mut().for_each(|row| rename(&taken, row));
    }
    Ok(computed)
}

fn after(period: Interval) -> Result<Timestamp, Fault> {
    period.end().checked_add((24 * DAYS_AFTER).hours()).map_err(|fault| fault.to_string())
}

fn days(zone: &Zone, period: Interval) -> Result<DayRange, Fault> {
    let last = zone.day_of(period.end());
    let end = if zone.day_start(last) == period.end() { Ok(last) } else { last.tomorrow() };
    let end = end.map_err(|fault| fault.to_string())?;
    DayRange::new(zone.day_of(period.start()), end).map_err(|fault| fault.to_string())
}

fn asked(area: &str, days: DayRange) -> Result<SettleAsk, Fault> {
    let shown = |fault: &dyn std::fmt::Display| fault.to_string();
    Ok(SettleAsk {
        actor: ActorId::parse("job:hub").map_err(|fault| shown(&fault))?,
        purpose: ActivityId::parse("settlement").map_err(|fault| shown(&fault))?,
        area: area.to_owned(),
        days,
    })
}

/// Master data, charges and values of `when/`.
fn take_in(taken: &mut Given, when: &Path) -> Result<(), Fault> {
    let inputs = Inputs::read(when)?;
    let grid_loss = |row: &Row| {
        let is_loss =
            gsrn(text(row, "metering_point_id")).is_some_and(|point| inputs.grid_loss.contains(&point));
        vec![if is_loss { "yes".to_owned() } else { String::new() }]
    };
    let place = |name: &str| when.join(format!("{name}.csv"));
    let points = taken.file(&place("metering_point_periods"), (&["grid_loss"], grid_loss))?;
    let mut files = vec![("points".to_owned(), points)];
    for name in ["charge_price_information_periods", "charge_link_periods", "charge_price_points"] {
        if place(name).exists() {
            files.push((name.to_owned(), taken.file(&place(name), (&[], |_| Vec::new()))?));
        }
    }
    taken.import(files)?;
    let values = Table::read(&place("time_series_points"))?;
    taken.ingest(&values.rows, |row| {
        let (point, at) = gsrn(text(row, "metering_point_id")).zip(instant(text(row, "observation_time")))?;
        let holds = |period: &&tidstro_metering::settlement::PointPeriod| {
            period.point == point && period.valid.contains(at)
        };
        inputs.points.iter().find(holds).map(|period| period.resolution.code())
    })
}

/// What the product shows of a calculation, as rows.
fn show(
    taken: &Given,
    asked: &SettleAsk,
    (version, arguments): (u64, &Arguments),
    computed: &mut Computed,
) -> Result<(), Fault> {
    let zone = taken.workspace.zone();
    let showing = show_settlement_run(&taken.workspace, asked, (version, None), taken.now);
    for line in given(taken.runtime.block_on(showing))?.lines {
        let day = EnergyDay { day: line.day, results: vec![line.result] };
        results::energy_of(zone, (line.resolution, arguments.kind), &day, computed);
    }
    let showing = show_settlement_amounts(&taken.workspace, asked, version, taken.now);
    let owed = given(taken.runtime.block_on(showing))?;
    let at = arguments.period.start();
    results::charges(&owed.amounts, computed);
    results::monthly(&owed.monthly, at, computed);
    results::totals(&owed.totals, at, computed);
    Ok(())
}

/// A row with the scenario's own ids.
fn rename(taken: &Given, row: &mut Row) {
    if let Some(id) = row.get_mut("metering_point_id") {
        *id = taken.id_of(id);
    }
}

/// The log of missing measurements of `when/`.
pub(super) fn missing(when: &Path) -> Result<Computed, Fault> {
    let zone = Zone::copenhagen();
    let (window, areas) = log_window(when)?;
    let table = Table::read(
        &when.join("electricity_market__missing_measurements_log/metering_point_periods_v1.csv"),
    )?;
    let mut taken = Given::open(after(window)?)?;
    let points = points_of_log(&mut taken, &table)?;
    taken.import(vec![("points".to_owned(), points.into_bytes())])?;
    let measured = Table::read(&when.join("measurements_gold/current_v1.csv"))?;
    let quarterly = quarterly_days(&zone, &measured)?;
    taken.ingest(&measured.rows, |row| {
        let (point, at) = gsrn(text(row, "metering_point_id")).zip(instant(text(row, "observation_time")))?;
        if quarterly.contains(&(point, zone.day_of(at))) {
            return Some(Resolution::PT15M.code());
        }
        let holds = |row: &&Row| {
            gsrn(text(row, "metering_point_id")) == Some(point)
                && span(row, "period_from_date", "period_to_date").is_ok_and(|valid| valid.contains(at))
        };
        table.rows.iter().find(holds).map(|row| match text(row, "resolution") {
            "PT15M" => Resolution::PT15M.code(),
            _ => Resolution::PT1H.code(),
        })
    })?;
    let known = table.rows.iter().map(|row| text(row, "grid_area_code").to_owned());
    let asked_for: std::collections::BTreeSet<String> =
        known.filter(|area| areas.as_ref().is_none_or(|areas| areas.contains(area))).collect();
    let mut log = Vec::new();
    for area in asked_for {
        let asked = asked(&area, days(&zone, window)?)?;
        let missing = missing_measurements(&taken.workspace, &asked, taken.now);
        for line in given(taken.runtime.block_on(missing))? {
            let point = taken.id_of(&line.point.to_string());
            let day = zone.day_start(line.day).to_string();
            log.push(row([("metering_point_id", point), ("date", day)]));
        }
    }
    Ok(Computed::from([("missing_measurements_log".to_owned(), log)]))
}

/// The periods of the log's points as master data: consumption of a supplier, disconnected between two periods.
fn points_of_log(taken: &mut Given, table: &Table) -> Result<String, Fault> {
    let mut file = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
                    to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;\
                    from_date;to_date;connection_state\n"
        .to_owned();
    let mut ended: Option<(Gsrn, String)> = None;
    for period in &table.rows {
        let point = read(period, "metering_point_id", gsrn)?;
        let number = taken.number(text(period, "metering_point_id"))?;
        let area: GridArea = read(period, "grid_area_code", GridArea::parse)?;
        let resolution = text(period, "resolution");
        let (from, to) = (text(period, "period_from_date"), text(period, "period_to_date"));
        let line = |from: &str, to: &str, state: &str| {
            format!("{number};E17;D01;{area};{resolution};;;;5790000000001;;{from};{to};{state}\n")
        };
        let gap = ended.filter(|(of, end)| *of == point && end != from);
        if let Some((_, end)) = gap {
            file.push_str(&line(&end, from, "disconnected"));
        }
        file.push_str(&line(from, to, "connected"));
        ended = Some((point, to.to_owned()));
    }
    Ok(file)
}
