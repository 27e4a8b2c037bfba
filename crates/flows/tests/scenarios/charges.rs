//! Charges of a scenario, and what its calculations left: `then/amounts.csv` and `then/fixed.csv`.
//!
//! Given are `charges.csv` (`charge`, a kind and a name such as `tariff-net`; `resolution`; `from_day`), `links.csv` (`charge`;
//! `point`; `quantity`; `from_day`; `to_day`), `prices.csv` (`heard`; `charge`; `from`; `count` prices that follow each other;
//! `kroner`) and `runs.csv` (`at`; `run`, its name; `kind`; `from_day`; `to_day`). Then come, of every charge and supplier of a
//! run, how many `times` something is owed, the `quantity` and the `kroner`; and of a series and day of a run the `kwh`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tidstro_flows::{
    SettleAsk, import_master_data, run_settlement, show_settlement_amounts, show_settlement_run,
};
use tidstro_metering::settlement::{AggregationLevel, CalculationKind, ChargeAmount};
use tidstro_model::{ActivityId, CheckDigit, DayRange, Decimal};

use crate::common;
use crate::given::{AREA, Given};
use crate::settled::text;
use crate::tables::{Row, cell, day, instant, table};

/// Whom every charge is paid to.
const OWNER: &str = "5790000000999";

/// A calculation that was run: its version and days.
pub(crate) type Run = (u64, DayRange);

/// The charges of a scenario and who pays them, as a file each.
pub(crate) fn files(given: &Given, case: &Path) -> Vec<(String, Vec<u8>)> {
    let mut charges =
        "charge_code;charge_type;charge_owner_id;resolution;is_tax;from_date;to_date\n".to_owned();
    for row in table(&case.join("given/charges.csv")) {
        writeln!(charges, "{};{};false;{};", key(&row), row["resolution"], row["from_day"]).unwrap();
    }
    let mut links =
        "charge_code;charge_type;charge_owner_id;metering_point_id;quantity;from_date;to_date\n".to_owned();
    for row in table(&case.join("given/links.csv")) {
        let point = given.gsrn(&row["point"]);
        let (quantity, from, to) = (&row["quantity"], &row["from_day"], cell(&row, "to_day"));
        writeln!(links, "{};{point};{quantity};{from};{to}", key(&row)).unwrap();
    }
    vec![("charges".to_owned(), charges.into_bytes()), ("links".to_owned(), links.into_bytes())]
}

/// Prices that somebody hears of, as a file.
pub(crate) fn prices(case: &Path, row: &Row) -> (String, Vec<u8>) {
    let charges = table(&case.join("given/charges.csv"));
    let charge = charges.iter().find(|charge| charge["charge"] == row["charge"]).unwrap();
    let step = match charge["resolution"].as_str() {
        "PT15M" => SignedDuration::from_mins(15),
        _ => SignedDuration::from_hours(1),
    };
    let mut file = "charge_code;charge_type;charge_owner_id;charge_price;charge_time\n".to_owned();
    let mut at = instant(&row["from"]);
    for _ in 0..row["count"].parse::<u32>().unwrap() {
        writeln!(file, "{};{};{at}", key(row), row["kroner"]).unwrap();
        at += step;
    }
    ("prices".to_owned(), file.into_bytes())
}

fn key(row: &Row) -> String {
    let charge = &row["charge"];
    format!("{charge};{};{OWNER}", charge.split('-').next().unwrap())
}

/// Takes in files of charges; every row must be taken.
pub(crate) async fn take(given: &Given, files: Vec<(String, Vec<u8>)>, at: Timestamp) {
    let how = (CheckDigit::Ignored, false);
    let actor = common::actor(common::JOB);
    let taking = import_master_data(&given.workspace, &actor, files, how, at);
    let report = common::given(taking.await.unwrap());
    assert!(report.nothing_refused() && !report.changes.is_empty(), "{report:?}");
}

/// Runs a calculation.
pub(crate) async fn run(given: &Given, row: &Row, at: Timestamp) -> Run {
    let days = DayRange::new(day(&row["from_day"]), day(&row["to_day"])).unwrap();
    let kind = CalculationKind::from_word(&row["kind"]).unwrap();
    let asked = asked("job:hub", days);
    let running = run_settlement(&given.workspace, &asked, (kind, false), at);
    (common::given(running.await.unwrap()).version, days)
}

fn asked(who: &str, days: DayRange) -> SettleAsk {
    let purpose = ActivityId::parse("settlement").unwrap();
    SettleAsk { actor: common::actor(who), purpose, area: AREA.to_owned(), days }
}

/// Compares what calculations left; returns how many rows were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    check_amounts(given, case).await + check_fixed(given, case).await
}

async fn check_amounts(given: &Given, case: &Path) -> usize {
    let path = case.join("then/amounts.csv");
    let rows = table(&path);
    let runs: BTreeSet<&String> = rows.iter().map(|row| &row["run"]).collect();
    for run in runs {
        let (version, days) = given.runs[run];
        let asked = asked("staff:mikkel", days);
        let showing = show_settlement_amounts(&given.workspace, &asked, version, given.end);
        let found = owed(given, &common::given(showing.await.unwrap()).amounts);
        let of_run = rows.iter().filter(|row| row["run"] == *run);
        let line = |row: &Row| {
            let [charge, supplier, times] = ["charge", "supplier", "times"].map(|column| &row[column]);
            format!("{charge} {supplier} {times} times {}: {}", row["quantity"], row["kroner"])
        };
        assert_eq!(found, of_run.map(line).collect::<BTreeSet<_>>(), "{}: {run}", path.display());
    }
    rows.len()
}

/// What each supplier owes for each charge, in words.
fn owed(given: &Given, amounts: &[ChargeAmount]) -> BTreeSet<String> {
    let mut sums: BTreeMap<(&str, String), (u32, i64, Option<i64>)> = BTreeMap::new();
    for one in amounts {
        let supplier = one.supplier.map_or_else(String::new, |gln| given.supplier_called(gln));
        let sum = sums.entry((&one.key.code, supplier)).or_default();
        sum.0 += 1;
        sum.1 += one.quantity;
        sum.2 = one.amount.map(|amount| amount + sum.2.unwrap_or(0)).or(sum.2);
    }
    let line =
        |((charge, supplier), (times, quantity, kroner)): ((&str, String), (u32, i64, Option<i64>))| {
            let kroner = kroner.map(|kroner| Decimal::new(kroner, -6).to_string()).unwrap_or_default();
            format!("{charge} {supplier} {times} times {}: {kroner}", Decimal::new(quantity, -3))
        };
    sums.into_iter().map(line).collect()
}

async fn check_fixed(given: &Given, case: &Path) -> usize {
    let path = case.join("then/fixed.csv");
    let rows = table(&path);
    for row in &rows {
        let (version, _) = given.runs[&row["run"]];
        let first = day(&row["day"]);
        let asked = asked("staff:mikkel", DayRange::new(first, first.tomorrow().unwrap()).unwrap());
        let level = Some(AggregationLevel::Supplier);
        let showing = show_settlement_run(&given.workspace, &asked, (version, level), given.end);
        let lines = common::given(showing.await.unwrap()).lines;
        let of_series = lines.iter().filter(|line| line.result.series.word() == row["series"]);
        let found: Vec<String> = of_series.map(|line| text(given, line)).collect();
        let wanted = format!("{} {} {}", row["supplier"], row["kwh"], row["qualities"]);
        assert!(found.contains(&wanted), "{}: {wanted} is not in {found:?}", path.display());
    }
    rows.len()
}
