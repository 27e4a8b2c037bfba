//! Data products: which of the stored results market parties and the settlement system are given.
//!
//! What comes in: stored results and the calculations they are of. What goes out: the rows of each product. The choice
//! of results and the names of series are the product's; joining tables is this file's.

use std::{collections::BTreeMap, path::Path};

use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    AggregationLevel, CalculationKind, CalculationRun, EnergySeries, GridArea, SettlementMethod,
    latest_by_day,
};

use super::{
    Computed,
    inputs::rows,
    table::{Fault, Row, flag, read, row, shown, span, text},
};

/// Calculations by the source's id, in the order of the ids.
type Runs = BTreeMap<String, (CalculationRun, Row)>;

/// Every data product of `when/`.
pub(super) fn compute(when: &Path) -> Result<Computed, Fault> {
    let runs = runs(when)?;
    let mut computed = Computed::new();
    let mut put = |name: &str, rows: Vec<Row>| computed.insert(name.to_owned(), rows);
    put("wholesale_results.latest_calculations_by_day_v1", latest(&runs));
    let is_published = |run: &CalculationRun| run.is_published();
    let published = runs.values().filter(|(run, _)| is_published(run)).map(|(_, row)| row.clone()).collect();
    put("wholesale_internal.succeeded_external_calculations_v1", published);
    let stored = Stored { runs: &runs, when };
    for (product, table) in [
        ("energy_v1", "energy"),
        ("energy_per_brp_v1", "energy_per_brp"),
        ("energy_per_es_v1", "energy_per_es"),
        ("exchange_per_neighbor_v1", "exchange_per_neighbor_ga"),
        ("grid_loss_metering_point_time_series_v1", "grid_loss_metering_point_time_series"),
    ] {
        let is_given = |series: Option<EnergySeries>| {
            table != "energy" || series.is_some_and(EnergySeries::is_published)
        };
        put(&format!("wholesale_results.{product}"), stored.rows(table, is_published, is_given)?);
    }
    put("wholesale_sap.energy_v1", stored.settlement_system()?);
    let has_succeeded = |run: &CalculationRun| run.has_succeeded;
    let amounts = stored.rows("amounts_per_charge", has_succeeded, |_| true)?;
    put("wholesale_sap.amounts_per_charge_v1", amounts);
    Ok(computed)
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
            has_succeeded: !text(row, "calculation_succeeded_time").is_empty(),
        };
        Ok((id, (run, row.clone())))
    })?;
    Ok(runs.into_iter().collect())
}

fn latest(runs: &Runs) -> Vec<Row> {
    let zone = Zone::copenhagen();
    let list: Vec<CalculationRun> = runs.values().map(|(run, _)| run.clone()).collect();
    let id_of =
        |wanted: &CalculationRun| runs.iter().find(|(_, (run, _))| run == wanted).map(|(id, _)| id.clone());
    let latest = latest_by_day(&list, &zone);
    let one = latest.iter().map(|(day, run)| {
        row([
            ("calculation_id", shown(id_of(run))),
            ("calculation_type", day.kind.word().to_owned()),
            ("calculation_version", run.version.to_string()),
            ("grid_area_code", day.area.to_string()),
            ("start_of_day", zone.day_start(day.day).to_string()),
        ])
    });
    one.collect()
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
        let found = rows(self.when, &format!("wholesale_results_internal.{table}"), |stored| {
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
            for mut one in self.rows(table, |run| run.has_succeeded, |_| true)? {
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

/// The series of a stored row: named in it, or what the whole table is.
fn series_of(table: &str, stored: &Row) -> Result<Option<EnergySeries>, Fault> {
    match (table, text(stored, "metering_point_type")) {
        ("exchange_per_neighbor_ga", _) => Ok(Some(EnergySeries::NetExchangePerNeighbour)),
        ("grid_loss_metering_point_time_series", "production") => Ok(Some(EnergySeries::NegativeGridLoss)),
        ("grid_loss_metering_point_time_series", _) => Ok(Some(EnergySeries::PositiveGridLoss)),
        ("amounts_per_charge", _) => Ok(None),
        _ => read(stored, "time_series_type", |word| {
            EnergySeries::ALL.into_iter().find(|series| series.word() == word)
        })
        .map(Some),
    }
}
