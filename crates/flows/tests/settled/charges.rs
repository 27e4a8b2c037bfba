//! Charges through the store: taken in from files, settled by a calculation, and kept as they were.

use super::*;
use tidstro_flows::{AmountsView, MasterImportReport, import_master_data, show_settlement_amounts};
use tidstro_metering::settlement::ChargeResolution;
use tidstro_model::CheckDigit;

pub(super) const CHARGES: &str = "charge_code;charge_type;charge_owner_id;resolution;is_tax;from_date;to_date\n\
    net;tariff;5790000000101;PT1H;false;2026-01-01;\n\
    tax;tariff;5790000000101;P1D;true;2026-01-01;\n\
    meter;subscription;5790000000101;P1M;false;2026-01-01;\n\
    call;fee;5790000000101;P1M;false;2026-01-01;\n";

/// The prices of one day, 2 March, which begins at 23:00Z the day before: two hours of the tariff have one.
pub(super) const PRICES: &str = "charge_code;charge_type;charge_owner_id;charge_price;charge_time\n\
    net;tariff;5790000000101;0.5;2026-03-01T23:00:00Z\n\
    net;tariff;5790000000101;1.000001;2026-03-02T00:00:00Z\n\
    tax;tariff;5790000000101;0.9;2026-03-01T23:00:00Z\n\
    meter;subscription;5790000000101;10;2026-03-01T23:00:00Z\n\
    call;fee;5790000000101;75;2026-03-01T23:00:00Z\n";

pub(super) fn links(from: &str) -> String {
    let mut rows =
        "charge_code;charge_type;charge_owner_id;metering_point_id;quantity;from_date;to_date\n".to_owned();
    for (charge, number, quantity, to) in [
        ("net;tariff", 1, 1, ""),
        ("net;tariff", 2, 1, ""),
        ("tax;tariff", 1, 1, ""),
        ("meter;subscription", 1, 3, ""),
        ("call;fee", 2, 2, "2026-03-03"),
    ] {
        rows.push_str(&format!("{charge};5790000000101;{};{quantity};{from};{to}\n", point(number)));
    }
    rows
}

pub(super) async fn import(market: &Market, files: &[&str], is_dry: bool) -> MasterImportReport {
    let files = files.iter().map(|text| ("file.csv".to_owned(), text.as_bytes().to_vec())).collect();
    let how = (CheckDigit::Ignored, is_dry);
    let actor = actor(common::JOB);
    given(import_master_data(&market.workspace, &actor, files, how, at(NOW)).await.unwrap())
}

async fn run(market: &Market, kind: CalculationKind, days: DayRange) -> u64 {
    let asked = asked("job:hub", days);
    let running = run_settlement(&market.workspace, &asked, (kind, false), at(NOW));
    given(running.await.unwrap()).version
}

pub(super) async fn amounts(market: &Market, version: u64, days: DayRange) -> AmountsView {
    let asked = asked("job:hub", days);
    given(show_settlement_amounts(&market.workspace, &asked, version, at(NOW)).await.unwrap())
}

/// Charge, supplier and millionths of each sum of the days.
fn sums(view: &AmountsView) -> Vec<(String, Option<i64>)> {
    let line = |one: &tidstro_metering::settlement::MonthlyAmount| {
        let by = one.supplier.map(|gln| gln.to_string()).unwrap_or_default();
        (format!("{} {}", one.key.code, &by[..12]), one.amount)
    };
    let mut sums: Vec<_> = view.monthly.iter().map(line).collect();
    sums.sort();
    sums
}

fn march_2() -> DayRange {
    one_day(date(2026, 3, 2))
}

/// Two customers, of two suppliers, with a kWh an hour and two.
async fn charged() -> Market {
    let market = Market::new().await;
    let rows = [hours(1, date(2026, 3, 2), &["1.000"; 24]), hours(2, date(2026, 3, 2), &["2.000"; 24])];
    market.ingest(&rows.concat()).await;
    let report = import(&market, &[CHARGES, PRICES, &links("2026-03-02")], false).await;
    assert!(report.nothing_refused(), "{report:?}");
    market
}

#[tokio::test]
async fn a_calculation_keeps_what_suppliers_owe() {
    let market = charged().await;
    let version = run(&market, CalculationKind::WholesaleFixing, march_2()).await;
    let view = amounts(&market, version, march_2()).await;
    let expected = [
        // 1 kWh in each of two hours that have a price.
        ("net 579000000001", Some(1_500_001)),
        ("net 579000000002", Some(3_000_002)),
        ("tax 579000000001", Some(21_600_000)),
        ("meter 579000000001", Some(30_000_000)),
        ("call 579000000002", Some(150_000_000)),
    ];
    let mut expected: Vec<_> = expected.map(|(name, amount)| (name.to_owned(), amount)).to_vec();
    expected.sort();
    assert_eq!(sums(&view), expected);
    let hourly = view.amounts.iter().filter(|one| one.resolution == ChargeResolution::Hour);
    let without = hourly.clone().filter(|one| one.price.is_none() && one.amount.is_none()).count();
    assert_eq!((hourly.count(), without), (48, 44), "an hour without a price has no amount");
}

/// The price of the meter was stated for 2 March, and holds on; that of the tax was for that day.
#[tokio::test]
async fn a_subscription_costs_what_was_stated_last() {
    let market = charged().await;
    let later = one_day(date(2026, 3, 20));
    let version = run(&market, CalculationKind::WholesaleFixing, later).await;
    let view = amounts(&market, version, later).await;
    let of = |code: &str| view.monthly.iter().find(|one| one.key.code == code).map(|one| one.amount);
    assert_eq!((of("meter"), of("tax")), (Some(Some(30_000_000)), Some(None)));
}

#[tokio::test]
async fn a_calculation_stays_as_it_was_and_a_correction_is_another_one() {
    let market = charged().await;
    let fixing = run(&market, CalculationKind::WholesaleFixing, march_2()).await;
    let before = amounts(&market, fixing, march_2()).await;
    // A value and a price are corrected afterwards.
    market.ingest(&hours(1, date(2026, 3, 2), &["3.000"; 24])).await;
    let price = "charge_code;charge_type;charge_owner_id;charge_price;charge_time\n\
                 tax;tariff;5790000000101;1;2026-03-01T23:00:00Z\n";
    let report = import(&market, &[price], false).await;
    assert_eq!(
        (&report.changes[0].old[..], &report.changes[0].new[..]),
        (&["2026-03-01T23:00:00Z 0.9".to_owned()][..], &["2026-03-01T23:00:00Z 1".to_owned()][..])
    );
    assert!(amounts(&market, fixing, march_2()).await == before);
    let first = CalculationKind::Correction(tidstro_metering::settlement::Correction::First);
    let correction = run(&market, first, march_2()).await;
    assert!(correction > fixing);
    let after = sums(&amounts(&market, correction, march_2()).await);
    assert!(after.contains(&("tax 579000000001".to_owned(), Some(72_000_000))), "{after:?}");
    // Preliminary sums have no amounts.
    let aggregation = run(&market, CalculationKind::Aggregation, march_2()).await;
    assert!(amounts(&market, aggregation, march_2()).await.amounts.is_empty());
}

#[tokio::test]
async fn a_late_change_of_supplier_moves_what_is_owed() {
    let market = charged().await;
    let data = MasterData { supplies: vec![supply(1, 2, march_2())], ..MasterData::default() };
    register(&market.workspace, data, at(NOW)).await;
    let version = run(&market, CalculationKind::WholesaleFixing, march_2()).await;
    let view = amounts(&market, version, march_2()).await;
    let owing: Vec<_> = view.totals.iter().filter_map(|total| total.supplier).collect();
    assert!(!owing.is_empty() && owing.iter().all(|by| *by == supplier(2)));
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let market = Market::new().await;
    let files = [CHARGES, PRICES, &links("2026-03-02")];
    let dry = import(&market, &files, true).await;
    assert!(dry.nothing_refused(), "{dry:?}");
    let kinds = |report: &MasterImportReport| -> Vec<&'static str> {
        report.changes.iter().map(|change| change.kind).collect()
    };
    assert_eq!(kinds(&dry).iter().filter(|kind| **kind == "charge").count(), 4);
    let wet = import(&market, &files, false).await;
    assert_eq!(kinds(&wet), kinds(&dry));
    let again = import(&market, &files, false).await;
    assert!(again.changes.is_empty(), "{again:?}");
    let exported = tidstro_flows::export_master_data(&market.workspace, None, None).await.unwrap();
    let texts: Vec<_> = exported.files.iter().filter(|file| file.0.starts_with("charge")).collect();
    assert_eq!(texts.iter().map(|file| file.2).collect::<Vec<_>>(), [4, 5, 5]);
    let texts: Vec<&str> = texts.iter().map(|file| file.1.as_str()).collect();
    assert!(import(&market, &texts, false).await.changes.is_empty());
}

#[tokio::test]
async fn rows_that_cannot_be_are_refused_with_their_reason() {
    let market = charged().await;
    let price = "charge_code;charge_type;charge_owner_id;charge_price;charge_time";
    let link = "charge_code;charge_type;charge_owner_id;metering_point_id;quantity;from_date;to_date";
    let charge = "charge_code;charge_type;charge_owner_id;resolution;is_tax;from_date;to_date";
    let point = point(1);
    let cases = [
        (price, "net;tariff;5790000000101;0.1234567;2026-03-01T23:00:00Z".to_owned(), "is not a price"),
        (price, "net;tariff;5790000000101;1,5;2026-03-01T23:00:00Z".to_owned(), "is not a price"),
        (price, "net;tariff;5790000000101;NaN;2026-03-01T23:00:00Z".to_owned(), "is not a price"),
        (
            price,
            "net;tariff;5790000000101;1;2026-03-01T23:07:00Z".to_owned(),
            "is not the begin of a quarter",
        ),
        (price, "gone;tariff;5790000000101;1;2026-03-01T23:00:00Z".to_owned(), "is not in the master data"),
        (link, format!("net;tariff;5790000000101;{point};2;2026-03-02;"), "is not a number of pieces"),
        (link, format!("gone;fee;5790000000101;{point};1;2026-03-02;"), "is not in the master data"),
        (
            link,
            "net;tariff;5790000000101;571313100000000009;1;2026-03-02;".to_owned(),
            "is not in the master data",
        ),
        (charge, "x;fee;5790000000101;PT1H;false;2026-03-02;".to_owned(), "does not fit the type"),
        (charge, "x;tariff;5790000000101;P1M;false;2026-03-02;".to_owned(), "does not fit the type"),
        (charge, "x;tax;5790000000101;PT1H;false;2026-03-02;".to_owned(), "write one of `tariff`"),
    ];
    for (header, row, reason) in cases {
        let report = import(&market, &[&format!("{header}\n{row}\n")], false).await;
        let refused = &report.files[0].refused;
        assert!(refused.len() == 1 && refused[0].reason.contains(reason), "{row}: {report:?}");
    }
}
