//! Electrical heating: `then/heating.csv`.
//!
//! Columns: `year`, any of its days; `child`; `day`, and `count` days that follow each other, each with `kwh` of heating. For a year that is
//! named every day is compared.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{ToSpan, civil::Date};
use tidstro_flows::{ChildAsk, settle_heating};
use tidstro_metering::settlement::PreviousDays;
use tidstro_model::ActivityId;

use crate::common;
use crate::given::{AREA, Given};
use crate::tables::{day, table};

/// Compares electrical heating; returns how many days were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    let path = case.join("then/heating.csv");
    let mut expected: BTreeMap<String, BTreeMap<(String, Date), String>> = BTreeMap::new();
    for row in table(&path) {
        let of_year = expected.entry(row["year"].clone()).or_default();
        for number in 0..row["count"].parse::<i64>().unwrap() {
            let day = day(&row["day"]).checked_add(number.days()).unwrap();
            of_year.insert((given.gsrn(&row["child"]), day), row["kwh"].clone());
        }
    }
    for (year, expected) in &expected {
        let found = settled(given, year).await;
        assert_eq!(&found, expected, "{}: {year}", path.display());
    }
    expected.values().map(BTreeMap::len).sum()
}

async fn settled(given: &Given, year: &str) -> BTreeMap<(String, Date), String> {
    let asked = ChildAsk {
        actor: common::actor("staff:mikkel"),
        purpose: ActivityId::parse("settlement").unwrap(),
        area: AREA.to_owned(),
        as_of: None,
        given: PreviousDays::new(),
    };
    let settling = settle_heating(&given.workspace, (&asked, day(year)), given.end);
    let view = common::given(settling.await.unwrap());
    assert!(view.left.is_empty(), "{:?}", view.left);
    let days = view.settled.iter().flat_map(|one| one.daily.iter().map(|of| (one.child.to_string(), of)));
    days.map(|(child, (day, wh))| ((child, *day), format!("{}.{:03}", wh / 1000, wh % 1000))).collect()
}
