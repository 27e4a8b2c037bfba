//! Calculations that were run, and sums of amounts.

use jiff::civil::date;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{
    CalculationKind, CalculationRun, ChargeKey, ChargeKind, ChargeResolution, Correction, MonthlyAmount,
    history_by_day, latest_by_day, total_amounts,
};
use tidstro_model::{DayRange, Gln, Interval};

use super::town::area;

fn run(version: u64, days: (i8, i8), is_internal: bool, has_succeeded: bool) -> CalculationRun {
    let zone = Zone::copenhagen();
    let at = |day| zone.day_start(date(2025, 3, day));
    CalculationRun {
        kind: CalculationKind::Correction(Correction::First),
        version,
        period: Interval::new(at(days.0), at(days.1)).unwrap(),
        areas: vec![area("800")],
        is_internal,
        succeeded_at: has_succeeded.then(|| at(20)),
    }
}

#[test]
fn the_latest_published_calculation_stands() {
    let zone = Zone::copenhagen();
    let runs = [
        run(1, (1, 4), false, true),
        run(4, (3, 5), false, true),
        run(2, (2, 4), false, true),
        run(7, (1, 5), true, true),
        run(8, (1, 5), false, false),
    ];
    let latest: Vec<u64> = latest_by_day(&runs, &zone).values().map(|run| run.version).collect();
    assert_eq!(latest, [1, 2, 4, 4]);
    let history = history_by_day(&runs, &zone);
    let steps: Vec<_> = history
        .iter()
        .map(|(day, run, next)| (day.day.day(), run.version, next.map(|next| next.version)))
        .collect();
    assert_eq!(steps[..2], [(1, 1, Some(7)), (1, 7, None)]);
    assert_eq!(steps[2..5], [(2, 1, Some(2)), (2, 2, Some(7)), (2, 7, None)]);
}

#[test]
fn every_kind_has_its_codes() {
    for kind in CalculationKind::ALL {
        assert_eq!(CalculationKind::from_word(kind.word()), Some(kind));
        assert_eq!(kind.version_code().is_some(), kind.process_code() == "D32");
    }
}

#[test]
fn taxes_are_collected_by_the_other_owners() {
    let (grid, system, supplier) = (Gln::from_body(1), Gln::from_body(2), Gln::from_body(3));
    let monthly = |code: &str, owner, is_tax, amount| MonthlyAmount {
        key: ChargeKey { code: code.to_owned(), kind: ChargeKind::Tariff, owner },
        resolution: ChargeResolution::Hour,
        is_tax,
        area: area("800"),
        supplier: Some(supplier),
        amount,
    };
    let totals = total_amounts(&[
        monthly("grid", grid, false, Some(10)),
        monthly("unpriced", grid, false, None),
        monthly("system", system, false, Some(200)),
        monthly("tax", system, true, Some(3000)),
    ])
    .unwrap();
    let found: Vec<_> = totals.iter().map(|total| (total.owner, total.amount)).collect();
    assert_eq!(found, [(Some(grid), Some(3010)), (Some(system), Some(200)), (None, Some(3210))]);
    let unpriced = total_amounts(&[monthly("unpriced", grid, false, None)]).unwrap();
    assert!(unpriced.iter().all(|total| total.amount.is_none()), "no price is no amount of zero");
}

#[test]
fn amounts_are_given_out_for_one_whole_month() {
    let days = |from, to| DayRange::new(from, to).unwrap();
    let whole = [
        days(date(2025, 3, 1), date(2025, 4, 1)),
        days(date(2024, 2, 1), date(2024, 3, 1)),
        days(date(2025, 12, 1), date(2026, 1, 1)),
    ];
    let other = [
        days(date(2025, 3, 1), date(2025, 3, 31)),
        days(date(2025, 3, 2), date(2025, 4, 1)),
        days(date(2025, 3, 1), date(2025, 5, 1)),
        DayRange::from(date(2025, 3, 1)),
    ];
    for kind in CalculationKind::ALL {
        assert!(whole.iter().all(|days| kind.must_span(*days).is_ok()), "{}", kind.word());
        let refuses = other.iter().all(|days| kind.must_span(*days).is_err());
        assert_eq!(refuses, kind.has_amounts(), "{}", kind.word());
    }
    let fault = CalculationKind::WholesaleFixing.must_span(other[0]).unwrap_err();
    assert!(fault.to_string().ends_with("give one whole month"), "{fault}");
}
