//! Data products: which of the stored results market parties and the settlement system are given.
//!
//! What comes in: stored results and the calculations they are of. What goes out: the rows of each product. The choice
//! of results and the names of series are the product's; joining tables is this file's.

use std::{collections::BTreeMap, path::Path};

use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    AggregationLevel, AreaDay, CalculationKind, CalculationRun, EnergySeries, GridArea, SettlementMethod,
    history_by_day, latest_by_day,
};

use super::{
    Computed,
    inputs::rows,
    table::{Fault, Row, flag, instant, read, read_if, row, shown, span, text},
};

/// Calculations by the source's id, in the order of the ids.
type Runs = BTreeMap<String, (CalculationRun, Row)>;

/// Products that are a stored table with the calculation each row is of: the product, and its table.
const TABLES: [(&str, &str); 13] = [
    ("wholesale_results.energy_per_brp", "wholesale_results_internal.energy_per_brp"),
    ("wholesale_results.energy_per_es", "wholesale_results_internal.energy_per_es"),
    ("wholesale_results.exchange_per_neighbor", "wholesale_results_internal.exchange_per_neighbor_ga"),
    (
        "wholesale_results.grid_loss_metering_point_time_series",
        "wholesale_results_internal.grid_loss_metering_point_time_series",
    ),
    ("wholesale_results.amounts_per_charge", "wholesale_results_internal.amounts_per_charge"),
    ("wholesale_results.monthly_amounts_per_charge", "wholesale_results_internal.monthly_amounts_per_charge"),
    ("wholesale_results.total_monthly_amounts", "wholesale_results_internal.total_monthly_amounts"),
    ("wholesale_basis_data.metering_point_periods", "wholesale_basis_data_internal.metering_point_periods"),
    ("wholesale_basis_data.time_series_points", "wholesale_basis_data_internal.time_series_points"),
    ("wholesale_basis_data.charge_link_periods", "wholesale_basis_data_internal.charge_link_periods"),
    (
        "wholesale_basis_data.charge_price_information_periods",
        "wholesale_basis_data_internal.charge_price_information_periods",
    ),
    ("wholesale_basis_data.charge_price_points", "wholesale_basis_data_internal.charge_price_points"),
    (
        "wholesale_basis_data.grid_loss_metering_points",
        "wholesale_basis_data_internal.grid_loss_metering_points",
    ),
];

/// Every data product of `when/`.
pub(super) fn compute(when: &Path) -> Result<Computed, Fault> {
    let runs = runs(when)?;
    let mut computed = Computed::new();
    let mut put = |name: &str, rows: Vec<Row>| computed.insert(format!("{name}_v1"), rows);
    put("wholesale_results.latest_calculations_by_day", latest(&runs));
    put("wholesale_sap.latest_calculations_history", history(&runs));
    let published = runs.values().filter(|(run, _)| run.is_published()).map(|(_, row)| row.clone()).collect();
    put("wholesale_internal.succeeded_external_calculations", published);
    let stored = Stored { runs: &runs, when };
    for (product, table) in TABLES {
        put(product, stored.rows(table, CalculationRun::is_published, |_| true)?);
    }
    let is_given = |series: Option<EnergySeries>| series.is_some_and(EnergySeries::is_published);
    let energy = stored.rows("wholesale_results_internal.energy", CalculationRun::is_published, is_given)?;
    put("wholesale_results.energy", energy);
    put("wholesale_sap.energy", stored.settlement_system()?);
    let amounts = stored.rows("wholesale_results_internal.amounts_per_charge", has_succeeded, |_| true)?;
    put("wholesale_sap.amounts_per_charge", amounts);
    Ok(computed)
}

/// Whether the settlement system is given it: trials too.
const fn has_succeeded(run: &CalculationRun) -> bool {
    run.succeeded_at.is_some()
}

fn runs(when: &Path) -> Result<Runs, Fault> {
    let areas = rows(when, "wholesale_internal.calculation_grid_areas", |row| {
        Ok((text(row, "calculation_id").to_owned(), read(row, "grid_area_code", GridArea::parse)?))
    })?;
    let runs = rows(when, "wholesale_internal.calculations", |row| {
        let id = text(row, "calculation_id").to_owned();
        let run = CalculationRun {
            kind: read(row, "calculation_type", CalculationKind::from_word)?,
            version: read(row, "calculation_version", |text| text.parse().ok())?,
            period: span(row, "calculation_period_start", "calculation_period_end")?,
            areas: areas.iter().filter(|(of, _)| *of == id).map(|(_, area)| *area).collect(),
            is_internal: read(row, "is_internal_calculation", flag)?,
            succeeded_at: read_if(row, "calculation_succeeded_time", instant)?,
        };
        Ok((id, (run, row.clone())))
    })?;
    Ok(runs.into_iter().collect())
}

fn latest(runs: &Runs) -> Vec<Row> {
    let (zone, list) = (Zone::copenhagen(), list(runs));
    let latest = latest_by_day(&list, &zone);
    let one = latest.iter().map(|(day, run)| {
        let mut columns = of_day(runs, day, run);
        columns.extend(row([("start_of_day", zone.day_start(day.day).to_string())]));
        columns
    });
    one.collect()
}

/// From when to when each calculation was the latest of a day.
fn history(runs: &Runs) -> Vec<Row> {
    let (zone, list) = (Zone::copenhagen(), list(runs));
    let history = history_by_day(&list, &zone);
    let one = history.iter().map(|(day, run, next)| {
        let mut columns = of_day(runs, day, run);
        let span = zone.day(day.day);
        columns.extend(row([
            ("from_date", span.start().to_string()),
            ("to_date", span.end().to_string()),
            ("latest_from_time", shown(run.succeeded_at)),
            ("latest_to_time", shown(next.and_then(|next| next.succeeded_at))),
        ]));
        columns
    });
    one.collect()
}

fn list(runs: &Runs) -> Vec<CalculationRun> {
    runs.values().map(|(run, _)| run.clone()).collect()
}

fn of_day(runs: &Runs, day: &AreaDay, run: &CalculationRun) -> Row {
    let id = runs.iter().find(|(_, (known, _))| known == run).map(|(id, _)| id);
    row([
        ("calculation_id", shown(id)),
        ("calculation_type", day.kind.word().to_owned()),
        ("calculation_version", run.version.to_string()),
        ("grid_area_code", day.area.to_string()),
    ])
}

/// Stored results with the calculations they are of.
struct Stored<'a> {
    runs: &'a Runs,
    when: &'a Path,
}

impl Stored<'_> {
    /// Rows of a table whose calculation and series are given, with the columns of both.
    fn rows(
        &self,
        table: &str,
        is_run_given: impl Fn(&CalculationRun) -> bool,
        is_series_given: impl Fn(Option<EnergySeries>) -> bool,
    ) -> Result<Vec<Row>, Fault> {
        let found = rows(self.when, table, |stored| {
            let series = series_of(table, stored)?;
            let run = self.runs.get(text(stored, "calculation_id"));
            let given = run.filter(|(run, _)| is_run_given(run) && is_series_given(series));
            Ok(given.map(|(_, run)| self.row(run, stored, series)))
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    fn row(&self, run: &Row, stored: &Row, series: Option<EnergySeries>) -> Row {
        let mut all = run.clone();
        all.extend(stored.clone());
        let mut put = |column: &str, value: String| {
            all.entry(column.to_owned()).or_insert(value);
        };
        put("quantity_unit", "kWh".to_owned());
        put("currency", "DKK".to_owned());
        put("balance_responsible_party_id", text(stored, "balance_responsible_id").to_owned());
        put("metering_point_type", shown(series.and_then(EnergySeries::point_type)));
        let method = series.and_then(EnergySeries::settlement_method).map(SettlementMethod::word);
        put("settlement_method", shown(method));
        put("time_series_type", shown(series.map(EnergySeries::word)));
        all
    }

    /// Energy of every level for the settlement system: trials too, and steps on the way to a sum.
    fn settlement_system(&self) -> Result<Vec<Row>, Fault> {
        let mut all = Vec::new();
        for (table, level) in [
            ("energy", AggregationLevel::Area),
            ("energy_per_brp", AggregationLevel::BalanceResponsible),
            ("energy_per_es", AggregationLevel::Supplier),
            ("exchange_per_neighbor_ga", AggregationLevel::Area),
            ("grid_loss_metering_point_time_series", AggregationLevel::Area),
        ] {
            let table = format!("wholesale_results_internal.{table}");
            for mut one in self.rows(&table, has_succeeded, |_| true)? {
                let level = match level {
                    AggregationLevel::Area => "total",
                    AggregationLevel::BalanceResponsible => "brp",
                    AggregationLevel::Supplier => "es",
                };
                one.insert("aggregation_level".to_owned(), level.to_owned());
                for column in
                    ["energy_supplier_id", "balance_responsible_party_id", "neighbor_grid_area_code"]
                {
                    one.entry(column.to_owned()).or_default();
                }
                all.push(one);
            }
        }
        Ok(all)
    }
}

/// The series of a stored row: named in it, or what the whole table is; amounts and basis data have none.
fn series_of(table: &str, stored: &Row) -> Result<Option<EnergySeries>, Fault> {
    let table = table.rsplit('.').next().unwrap_or(table);
    match (table, text(stored, "metering_point_type")) {
        ("exchange_per_neighbor_ga", _) => Ok(Some(EnergySeries::NetExchangePerNeighbour)),
        ("grid_loss_metering_point_time_series", "production") => Ok(Some(EnergySeries::NegativeGridLoss)),
        ("grid_loss_metering_point_time_series", _) => Ok(Some(EnergySeries::PositiveGridLoss)),
        _ => read_if(stored, "time_series_type", |word| {
            EnergySeries::ALL.into_iter().find(|series| series.word() == word)
        }),
    }
}
