//! Net consumption of group 6: `then/net_consumption.csv`.
//!
//! Columns: `known_at`, the moment it is computed as of; `year`, any day of the settlement year; `child`; `day`, and `count` days that follow each
//! other, each with `kwh`; `settled`, `yes` once the period is and empty until then. For a moment and a year every day is compared.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{ToSpan, civil::Date};
use tidstro_flows::{ChildAsk, settle_net_consumption};
use tidstro_metering::settlement::PreviousDays;
use tidstro_model::ActivityId;

use crate::common;
use crate::given::{AREA, Given};
use crate::tables::{day, instant, table};

/// kWh by child and day, and whether they are settled.
type Days = BTreeMap<(String, Date), (String, bool)>;

/// Compares net consumption; returns how many days were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    let path = case.join("then/net_consumption.csv");
    let mut expected: BTreeMap<(String, String), Days> = BTreeMap::new();
    for row in table(&path) {
        let of_year = expected.entry((row["known_at"].clone(), row["year"].clone())).or_default();
        for number in 0..row["count"].parse::<i64>().unwrap() {
            let day = day(&row["day"]).checked_add(number.days()).unwrap();
            let value = (row["kwh"].clone(), row["settled"] == "yes");
            of_year.insert((given.gsrn(&row["child"]), day), value);
        }
    }
    for ((known_at, year), expected) in &expected {
        let found = settled(given, known_at, year).await;
        assert_eq!(&found, expected, "{}: {year} as known at {known_at}", path.display());
    }
    expected.values().map(BTreeMap::len).sum()
}

async fn settled(given: &Given, known_at: &str, year: &str) -> Days {
    let asked = ChildAsk {
        actor: common::actor("staff:mikkel"),
        purpose: ActivityId::parse("settlement").unwrap(),
        area: AREA.to_owned(),
        as_of: Some(instant(known_at)),
        given: PreviousDays::new(),
    };
    let settling = settle_net_consumption(&given.workspace, (&asked, day(year)), given.end);
    let view = common::given(settling.await.unwrap());
    assert!(view.left.is_empty(), "{:?}", view.left);
    let mut days = Days::new();
    for one in &view.settled {
        for (day, wh) in &one.daily {
            let value = (format!("{}.{:03}", wh / 1000, wh % 1000), one.estimate.is_none());
            days.insert((one.child.to_string(), *day), value);
        }
    }
    days
}
