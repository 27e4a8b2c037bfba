//! A day of a town in any order, in several forms and inputs, with repeats: the series are the same in the end.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use tidstro_flows::{SeriesValue, Workspace, show_series};
use tidstro_model::{DayRange, Decimal, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{Security, Town, TownPlan};

use crate::common::{actor, ask, given, ingest, open, register};

/// How far apart two gateways may say they heard one telegram: the first line that comes says when it was.
const SPREAD_SECONDS: i64 = 5;
/// Days that are shuffled.
const DAYS: i64 = 2;

struct Shuffled {
    town: Town,
    keys: KeyRing,
    now: Timestamp,
    /// Lines of both gateways, each with its time, in the order of time.
    lines: Vec<String>,
}

impl Shuffled {
    fn new() -> Self {
        let town = Town::build(&TownPlan::new(1, 24, 14));
        let day = |count: i64| (town.plan.first_day + count.days()).at(9, 0, 0, 0).in_tz("UTC").unwrap();
        let mut lines = Vec::new();
        for gateway in 0..town.gateway_files().len() {
            let mut file = Vec::new();
            town.write_gateway(gateway, &mut file);
            lines.extend(String::from_utf8_lossy(&file).lines().map(str::to_owned));
        }
        let (from, until) = (day(3).timestamp(), day(3 + DAYS).timestamp());
        lines.retain(|line| time_of(line).is_some_and(|at| (from..until).contains(&at)));
        lines.sort_by_key(|line| time_of(line));
        let (keys, now) = (KeyRing::parse(&town.keys_csv()).unwrap(), day(20).timestamp());
        Self { town, keys, now, lines }
    }

    /// What is kept after these inputs: of each series the moments and numbers.
    async fn after(&self, inputs: &[String]) -> Series {
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), self.now).await;
        register(&workspace, self.town.master_data(), self.now).await;
        for input in inputs {
            ingest(&workspace, input.as_bytes(), &self.keys, self.now).await;
        }
        self.series(&workspace).await
    }

    async fn series(&self, workspace: &Workspace) -> Series {
        let clerk = ask(&actor("staff:mikkel"), "validation", DayRange::always(), Resolution::Raw);
        let views = given(show_series(workspace, &clerk, self.now).await.unwrap());
        let values =
            |values: Vec<SeriesValue>| values.iter().map(|value| (value.start, value.value)).collect();
        views.into_iter().map(|view| (view.line.point.clone(), values(view.values))).collect()
    }
}

type Series = BTreeMap<String, Vec<(Timestamp, Option<Decimal>)>>;

/// When a line says that it was heard.
fn time_of(line: &str) -> Option<Timestamp> {
    if let Some((_, rest)) = line.split_once("\"received\":\"") {
        return rest.split('"').next()?.parse().ok();
    }
    let moment: jiff::civil::DateTime = line.split(';').nth(3)?.parse().ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// The same line as a row of a gateway's report, where it is a telegram as JSON.
fn as_report(line: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(line).ok()?;
    let at: Timestamp = json["received"].as_str()?.parse().ok()?;
    let (gateway, hex) = (json["gateway"].as_str()?, json["telegram"].as_str()?);
    Some(format!("{gateway};;{};00;{hex}", at.strftime("%Y-%m-%d %H:%M:%S")))
}

/// Both have the same series, numbers and, but for what gateways' clocks differ by, moments.
fn assert_same(one: &Series, other: &Series) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (point, values) in one {
        let others = &other[point];
        let numbers =
            |values: &[(Timestamp, Option<Decimal>)]| values.iter().map(|of| of.1).collect::<Vec<_>>();
        assert_eq!(numbers(values), numbers(others), "{point}");
        let apart = values.iter().zip(others).map(|(a, b)| a.0.duration_since(b.0).as_secs().abs()).max();
        assert!(apart.is_none_or(|apart| apart <= SPREAD_SECONDS), "{point}: {apart:?} s");
    }
}

/// The order the lines come in, whether each comes as a row of a report, and into how many inputs they are cut.
fn arrival(count: usize) -> impl Strategy<Value = (Vec<usize>, Vec<bool>, usize)> {
    let repeated = proptest::collection::vec(0..count, 0..count / 4);
    let order = repeated
        .prop_flat_map(move |repeats| Just((0..count).chain(repeats).collect::<Vec<usize>>()).prop_shuffle());
    (order, proptest::collection::vec(any::<bool>(), count), 1_usize..5)
}

#[test]
fn a_town_is_the_same_in_whatever_order_it_was_heard() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shuffled = Shuffled::new();
    let in_order = runtime.block_on(shuffled.after(&[shuffled.lines.join("\n")]));
    let readings: usize = in_order.values().map(Vec::len).sum();
    assert!(readings > 300, "{readings} readings");
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 6, ..Default::default() });
    runner
        .run(&arrival(shuffled.lines.len()), |(order, as_rows, inputs)| {
            let line = |index: usize| {
                let line = &shuffled.lines[index];
                let row = as_report(line).filter(|_| as_rows[index]);
                row.unwrap_or_else(|| line.clone())
            };
            let lines: Vec<String> = order.into_iter().map(line).collect();
            let inputs: Vec<String> =
                lines.chunks(lines.len().div_ceil(inputs)).map(|lines| lines.join("\n")).collect();
            assert_same(&in_order, &runtime.block_on(shuffled.after(&inputs)));
            Ok(())
        })
        .unwrap();
}

/// Lines of hex have no time: their meters' clocks say when. Counters tell old from new there, access numbers do not, so
/// that only what is sent in mode 5 may come in any order.
#[test]
fn telegrams_without_times_may_come_in_any_order_where_no_counter_forbids_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shuffled = Shuffled::new();
    let town = &shuffled.town;
    let meters = town.meters.iter().filter(|meter| meter.security == Security::Mode5).take(12);
    let frames = meters.flat_map(|meter| {
        let point = &town.places[meter.place].id;
        (0..DAYS).flat_map(|day| town.telegrams(point, town.plan.first_day + day.days()))
    });
    let hex = |frame: Vec<u8>| frame.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let lines: Vec<String> = frames.map(hex).collect();
    let in_order = runtime.block_on(shuffled.after(&[lines.join("\n")]));
    assert!(in_order.values().map(Vec::len).sum::<usize>() > 50);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 6, ..Default::default() });
    runner
        .run(&Just((0..lines.len()).chain(0..9).collect::<Vec<_>>()).prop_shuffle(), |order| {
            let shuffled_lines: Vec<&str> = order.iter().map(|index| lines[*index].as_str()).collect();
            let after = runtime.block_on(shuffled.after(&[shuffled_lines.join("\n")]));
            assert_eq!(in_order, after);
            Ok(())
        })
        .unwrap();
}
