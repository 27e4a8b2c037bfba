//! Calculations that are stopped at any moment, begun twice, or run while values come in.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use super::charges::{CHARGES, PRICES, amounts, import, links};
use super::*;
use tidstro_flows::{AmountsView, Answer, FlowFault, SettledRun};

/// Five local days of two months.
fn days() -> DayRange {
    DayRange::new(date(2026, 2, 27), date(2026, 3, 4)).unwrap()
}

/// The one day whose tax has a price.
fn taxed() -> DayRange {
    one_day(date(2026, 3, 2))
}

async fn charged() -> Market {
    let market = Market::new().await;
    let each = days().start().series(jiff::Span::new().days(1)).take(5);
    let rows = each.flat_map(|day| [hours(1, day, &["1.000"; 24]), hours(2, day, &["2.000"; 24])]);
    market.ingest(&rows.collect::<String>()).await;
    let report = import(&market, &[CHARGES, PRICES, &links("2026-02-27")], false).await;
    assert!(report.nothing_refused(), "{report:?}");
    market
}

type Ran = Result<Answer<SettledRun>, FlowFault>;

async fn run(market: &Market) -> Ran {
    let kind = (CalculationKind::WholesaleFixing, false);
    run_settlement(&market.workspace, &asked("job:hub", days()), kind, at(NOW)).await
}

/// Polls work so many times; `None` if it was not done by then. Each time it has handed one more piece to the store.
async fn polled(work: &mut Pin<&mut impl Future<Output = Ran>>, times: usize) -> Option<Ran> {
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

async fn versions(market: &Market) -> Vec<u64> {
    let asked = asked("job:hub", days());
    let runs = given(settlement_runs(&market.workspace, &asked, true, at(NOW)).await.unwrap());
    let mut versions: Vec<u64> = runs.lines.iter().map(|line| line.version).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

async fn unfinished_versions(market: &Market) -> Vec<u64> {
    let part = asked("job:hub", DayRange::new(date(2026, 3, 1), date(2026, 3, 2)).unwrap());
    let runs = given(settlement_runs(&market.workspace, &part, false, at(NOW)).await.unwrap());
    assert!(runs.unfinished.iter().all(|run| run.days == days()));
    runs.unfinished.iter().map(|run| run.version).collect()
}

async fn shown(market: &Market, version: u64) -> Result<SettlementView, String> {
    let asked = asked("job:hub", days());
    let showing = show_settlement_run(&market.workspace, &asked, (version, None), at(NOW)).await;
    showing.map(given).map_err(|fault| fault.to_string())
}

#[tokio::test]
async fn a_calculation_stopped_at_any_piece_is_none_and_the_next_one_is_whole() {
    let market = charged().await;
    let first = given(run(&market).await.unwrap());
    let expected =
        (shown(&market, first.version).await.unwrap(), amounts(&market, first.version, days()).await);
    assert!(!expected.1.amounts.is_empty());
    let mut begun = 0;
    for times in 1.. {
        stop_after(&market, times).await;
        let known = versions(&market).await;
        if let [_, version] = known[..] {
            // Nobody heard of it, but it has its end.
            assert_whole(&market, version, &expected).await;
            break;
        }
        assert_eq!(known, [first.version], "stopped after {times}");
        let unfinished = shown(&market, first.version + begun + 1).await.map(|_| ()).unwrap_err();
        if unfinished.contains("is not finished") {
            begun += 1;
            assert_eq!(unfinished_versions(&market).await, [first.version + begun]);
        } else {
            assert!(unfinished.contains("has no calculation"), "{unfinished}");
        }
    }
    // Begun, two months read, five days kept: eight moments. Two may pass in one go, where the store answers at once, and work may be
    // woken for nothing, which stops at a moment twice.
    assert!(begun >= 1, "never stopped on the way");
    stop_after(&market, 4).await;
    let last = given(run(&market).await.unwrap());
    assert_eq!(last.removed, [last.version - 1]);
    assert!(unfinished_versions(&market).await.is_empty());
    assert_whole(&market, last.version, &expected).await;
}

/// Runs a calculation up to a moment; nobody hears of its end if it comes to one.
async fn stop_after(market: &Market, times: usize) {
    let mut work = pin!(run(market));
    let _ = polled(&mut work, times).await;
}

async fn assert_whole(market: &Market, version: u64, expected: &(SettlementView, AmountsView)) {
    assert!(shown(market, version).await.unwrap() == expected.0, "the same sums");
    assert!(amounts(market, version, days()).await == expected.1, "the same amounts");
}

#[tokio::test]
async fn of_two_at_once_one_is_the_calculation() {
    let market = charged().await;
    let mut work = pin!(run(&market));
    assert!(polled(&mut work, 5).await.is_none());
    let second = given(run(&market).await.unwrap());
    let fault = work.await.map(given).unwrap_err().to_string();
    let version = second.removed.first().unwrap();
    assert!(fault.contains(&format!("version {version} was removed while it ran")), "{fault}");
    assert_eq!(versions(&market).await, [second.version]);
}

/// Watt-hours of the consumption of a supplier's customers on the taxed day.
fn energy(view: &SettlementView) -> i64 {
    let of_day = |line: &&EnergyLine| {
        let result = &line.result;
        line.day == taxed().start()
            && result.series == EnergySeries::FlexConsumption
            && result.level == AggregationLevel::Supplier
            && result.parties.supplier == Some(supplier(1))
    };
    total(view.lines.iter().find(of_day).unwrap()).0
}

#[tokio::test]
async fn energy_and_amounts_are_of_one_moment_whatever_comes_in() {
    let market = charged().await;
    for times in 1..12 {
        let mut work = pin!(run(&market));
        let stopped = polled(&mut work, times).await;
        let value = format!("{times}.500");
        market.ingest(&hours(1, taxed().start(), &[value.as_str(); 24])).await;
        let done = match stopped {
            Some(done) => done,
            None => work.await,
        };
        let version = given(done.unwrap()).version;
        let energy = energy(&shown(&market, version).await.unwrap());
        let owed = amounts(&market, version, taxed()).await;
        let tax = owed.monthly.iter().find(|one| one.key.code == "tax").unwrap();
        // 0.9 kr for a kWh.
        assert_eq!(tax.amount, Some(energy * 900), "a value came in after {times}");
    }
}
