//! Capacity settlement: `then/capacity.csv`.
//!
//! Columns: `month`, any of its days; `known_at`, the moment of knowledge, or nothing for the end of the scenario; `child`; `from_day`; `to_day`;
//! `hours`, how many the mean is made of; `kwh`. For a month and moment that are named every value is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tidstro_flows::{ChildAsk, SettledCapacity, settle_capacity};
use tidstro_metering::settlement::PreviousDays;
use tidstro_model::ActivityId;

use crate::common;
use crate::given::{AREA, Given};
use crate::tables::{cell, day, instant, table};

/// Compares capacity settlement; returns how many values were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    let path = case.join("then/capacity.csv");
    let rows = table(&path);
    let mut expected: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let of = expected.entry((cell(row, "month"), cell(row, "known_at"))).or_default();
        let child = given.gsrn(&row["child"]);
        let days = format!("{}..{}", row["from_day"], row["to_day"]);
        of.insert(format!("{child} {days} {} {}", row["hours"], row["kwh"]));
    }
    for ((month, known_at), expected) in expected {
        let found: BTreeSet<String> = settled(given, month, known_at).await.iter().map(text).collect();
        assert_eq!(found, expected, "{}: {month} {known_at}", path.display());
    }
    rows.len()
}

async fn settled(given: &Given, month: &str, known_at: &str) -> Vec<SettledCapacity> {
    let asked = ChildAsk {
        actor: common::actor("staff:mikkel"),
        purpose: ActivityId::parse("settlement").unwrap(),
        area: AREA.to_owned(),
        as_of: Some(known_at).filter(|at| !at.is_empty()).map(instant),
        given: PreviousDays::new(),
    };
    let view =
        common::given(settle_capacity(&given.workspace, (&asked, day(month)), given.end).await.unwrap());
    assert!(view.left.is_empty(), "{:?}", view.left);
    view.settled
}

/// A value in words: child, days, hours, kWh.
fn text(one: &SettledCapacity) -> String {
    let (days, kwh) = (one.days, one.watt_hours);
    let days = format!("{}..{}", days.start(), days.end());
    format!("{} {days} {} {}.{:03}", one.child, one.hours.len(), kwh / 1000, kwh % 1000)
}
