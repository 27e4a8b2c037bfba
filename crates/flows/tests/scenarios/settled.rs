//! What suppliers took and gave by day: `then/settlement.csv`.
//!
//! Columns: `day`, `series`, `supplier`, `kwh`, `qualities` (of all intervals, with a blank between). For a series and
//! day that are named every supplier is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tidstro_flows::{EnergyLine, SettleAsk, show_settlement};
use tidstro_metering::settlement::AggregationLevel;
use tidstro_model::{ActivityId, DayRange};

use crate::common;
use crate::given::{AREA, Given};
use crate::tables::{day, table};

/// Compares the settlement; returns how many sums were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    let path = case.join("then/settlement.csv");
    let rows = table(&path);
    let mut expected: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let of_day = expected.entry((&row["day"], &row["series"])).or_default();
        of_day.insert(format!("{} {} {}", row["supplier"], row["kwh"], row["qualities"]));
    }
    for ((wanted, series), expected) in expected {
        let lines = lines(given, wanted).await;
        let named = lines.iter().filter(|line| line.result.series.word() == series);
        let found: BTreeSet<String> = named.map(|line| text(given, line)).collect();
        assert_eq!(found, expected, "{}: {wanted} {series}", path.display());
    }
    rows.len()
}

async fn lines(given: &Given, of: &str) -> Vec<EnergyLine> {
    let first = day(of);
    let asked = SettleAsk {
        actor: common::actor("staff:mikkel"),
        purpose: ActivityId::parse("settlement").unwrap(),
        area: AREA.to_owned(),
        days: DayRange::new(first, first.tomorrow().unwrap()).unwrap(),
    };
    let level = Some(AggregationLevel::Supplier);
    common::given(show_settlement(&given.workspace, &asked, level, given.end).await.unwrap()).lines
}

/// A sum in words: supplier, kWh, qualities.
pub(crate) fn text(given: &Given, line: &EnergyLine) -> String {
    let values = || line.result.values.iter().flatten();
    let watt_hours: i64 = values().map(|value| value.watt_hours).sum();
    let qualities: BTreeSet<&str> =
        values().flat_map(|value| value.qualities.qualities()).map(tidstro_model::Quality::word).collect();
    let qualities: Vec<&str> = qualities.into_iter().collect();
    let supplier = line.result.parties.supplier.map_or_else(String::new, |gln| given.supplier_called(gln));
    format!("{supplier} {}.{:03} {}", watt_hours / 1000, watt_hours % 1000, qualities.join(" "))
}
