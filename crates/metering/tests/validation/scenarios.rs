//! Scenarios: `given/` and `then/` as tables that somebody who knows meters can read and change.
//!
//! `values.csv` has the hours of one electricity point; hours without a row are missing. `readings.csv` has readings of
//! its meters' registers. `point*.csv` has master data; each such file is judged by itself and compared with the
//! file of findings of the same ending, so that a corrected past stands beside the first one. `settings.csv` says
//! what is estimated. The rules are those of `validation/full.toml`.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{WorkingCalendar, Zone};
use tidstro_metering::estimation::{DaySources, DayStretch, Grid, Method, estimate_days};
use tidstro_metering::{
    Bounds, Explained, History, IntervalBlock, IntervalContext, Limits, Passed, RegisterBlock,
    RegisterContext, RegisterSurroundings, Rules, SeriesTraits, Surroundings, Tail, check_sum,
    explain_intervals, explain_registers,
};
use tidstro_model::{Commodity, DayRange, Findings, Interval, Mark, Quality, Resolution, Rule, Unit};

use crate::given::{Given, MeterReading, PointFacts, Row, shown, span, table};

const REFUSED: Findings = Findings::of(&[Rule::Negative, Rule::Spike, Rule::Invalid, Rule::Clock]);

/// Every folder of scenarios.
#[test]
fn every_scenario_is_judged_and_estimated_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation/scenarios");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 6);
    for case in cases {
        let given = Given::read(&case.join("given"));
        for (facts, expected) in points(&case) {
            compare_rows(&expected, "at;rule;why", &findings(&given, &facts));
        }
        compare_rows(&case.join("then/estimates.csv"), "from;count;kwh;method;rules", &estimates(&given));
    }
}

/// Each file of master data and the findings expected of it; one without master data if there is none.
fn points(case: &Path) -> Vec<(PointFacts, PathBuf)> {
    let files = ["point.csv", "point_corrected.csv"].map(|name| case.join("given").join(name));
    let found = files.iter().zip(["findings.csv", "findings_corrected.csv"]);
    let found = found.filter(|(path, _)| path.exists() || path.ends_with("point.csv"));
    found.map(|(path, name)| (PointFacts::read(path), case.join("then").join(name))).collect()
}

/// Rows as text, so that a difference reads as one.
fn compare_rows(path: &Path, fields: &str, got: &[String]) {
    let text = |row: Row| fields.split(';').map(|name| row[name].as_str()).collect::<Vec<_>>().join(";");
    let expected: Vec<String> = table(path).into_iter().map(text).collect();
    assert_eq!(got, expected, "{}", path.display());
}

fn rules() -> Rules {
    Rules::parse(include_str!("../../../../validation/full.toml")).unwrap()
}

fn traits() -> SeriesTraits {
    SeriesTraits {
        resolution: Some(Resolution::PT1H),
        commodity: Some(Commodity::ElectricityConsumption),
        ..SeriesTraits::of_unit(Unit::WattHour)
    }
}

/// What is found in intervals day by day, in the readings of the registers, and between both.
fn findings(given: &Given, facts: &PointFacts) -> Vec<String> {
    let rules = rules();
    let mut rows = interval_findings(given, facts, &rules);
    rows.extend(register_findings(given, &rules));
    rows.extend(sum_finding(given, &rules));
    rows
}

fn row(at: Timestamp, found: &Explained, limits: &Limits<'_>) -> String {
    format!("{};{};{}", shown(at), found.rule(), found.sentence(Unit::WattHour, limits))
}

fn interval_findings(given: &Given, facts: &PointFacts, rules: &Rules) -> Vec<String> {
    let (zone, mut rows) = (Zone::copenhagen(), Vec::new());
    let (mut history, mut tail, mut next_day) = (History::NONE, Tail::NONE, None);
    let now = given.setting("now").map_or(Timestamp::MAX, |now| now.parse().unwrap());
    for (day, block) in &given.days {
        let limits = rules.limits(&traits(), *day);
        if next_day != Some(*day) {
            tail = tail.over_gap();
        }
        next_day = day.tomorrow().ok();
        let (mut block, mut found) = (block.clone(), Vec::new());
        let expected = zone.slots(*day, Resolution::PT1H).unwrap();
        let context = IntervalContext { expected, history: &history, thresholds: limits.thresholds };
        let bounds =
            Bounds::of_day((&zone, Resolution::PT1H), *day, now, facts.exists, facts.supplies.as_deref());
        let beside =
            Surroundings { tail, state: facts.state(*day), bounds: Some(bounds), ..Surroundings::default() };
        explain_intervals(&mut block, &context, &beside, &mut found);
        let at = |position| zone.slot_start(*day, Resolution::PT1H, position).unwrap();
        rows.extend(found.iter().map(|found| row(at(found.position), found, &limits)));
        history.observe(&block);
        tail = tail.after(&block);
    }
    rows
}

/// Each meter's register by itself: a meter exchange begins a new series.
fn register_findings(given: &Given, rules: &Rules) -> Vec<String> {
    let by_meter = given.readings.chunk_by(|one, next| one.meter == next.meter);
    by_meter.flat_map(|readings| of_one_register(readings, rules)).collect()
}

fn of_one_register(readings: &[MeterReading], rules: &Rules) -> Vec<String> {
    let (zone, mut rows) = (Zone::copenhagen(), Vec::new());
    let (mut history, mut before) = (History::NONE, None);
    for reading in readings {
        let day = zone.day_of(reading.at);
        let limits = rules.limits(&traits(), day);
        let value = reading.value.in_steps_of(0).unwrap();
        let offset = u32::try_from(reading.at.as_second() - zone.day_start(day).as_second()).unwrap();
        let mut block = RegisterBlock::empty(0);
        block.push(offset, value, Mark::new(Quality::Measured)).unwrap();
        let context =
            RegisterContext { before, cumulative: true, thresholds: limits.thresholds, history: &history };
        let beside = RegisterSurroundings { dial: Some(reading.dial), ..RegisterSurroundings::default() };
        let mut found = Vec::new();
        explain_registers(&mut block, &context, beside, &mut found);
        rows.extend(found.iter().map(|found| row(reading.at, found, &limits)));
        history.observe_registers(&block, before);
        before = Some(value);
    }
    rows
}

/// What the registers say passed from the first reading to the last, one meter after the other.
fn passed(given: &Given) -> Option<(Interval, Passed)> {
    let by_meter = given.readings.chunk_by(|one, next| one.meter == next.meter);
    let differences = by_meter.flat_map(|readings| readings.windows(2)).filter_map(|pair| {
        let [start, end] = pair else { return None };
        Passed::between(start.value, end.value, start.dial)
    });
    let passed = differences.reduce(|sum, next| sum.and(next).unwrap())?;
    let (first, last) = (given.readings.first()?, given.readings.last()?);
    Some((Interval::new(first.at, last.at).unwrap(), passed))
}

/// Intervals against registers, where readings begin and end local days.
fn sum_finding(given: &Given, rules: &Rules) -> Option<String> {
    let (zone, (between, passed)) = (Zone::copenhagen(), passed(given)?);
    let range = DayRange::new(zone.day_of(between.start()), zone.day_of(between.end())).unwrap();
    let limits = rules.limits(&traits(), range.start());
    let blocks = range.start().series(jiff::ToSpan::day(1)).take_while(|day| range.contains(*day));
    let slots = |day| zone.slots(day, Resolution::PT1H);
    let blocks: Vec<_> = blocks.map(|day| given.days.get(&day).zip(slots(day))).collect::<Option<_>>()?;
    let why = check_sum(blocks, passed, limits.thresholds.sum?)?;
    Some(row(between.start(), &Explained { position: 0, why }, &limits))
}

/// The estimates of the span the settings name; the register counts where it was read at both ends of it.
fn estimates(given: &Given) -> Vec<String> {
    let Some((from, to)) = given.setting("estimate_from").zip(given.setting("estimate_to")) else {
        return Vec::new();
    };
    let (zone, between) = (Zone::copenhagen(), span(from, to));
    let days = judged(given);
    let days: Vec<(Date, &IntervalBlock)> = days.iter().map(|(day, block)| (*day, block)).collect();
    let passed = passed(given).filter(|(read, _)| *read == between).map(|(_, passed)| passed);
    let plan: Vec<Method> =
        given.settings["plan"].split(' ').map(|code| Method::from_code(code).unwrap()).collect();
    let calendar = WorkingCalendar::shipped("dk-working").unwrap();
    let sources = DaySources {
        grid: Grid { zone: &zone, resolution: Resolution::PT1H, calendar },
        plan: &plan,
        linear_max: 3,
        candidates: &days,
        like_days_count: 3,
        profile: None,
        family: &std::collections::BTreeMap::new(),
        neighbours: &std::collections::BTreeMap::new(),
        refused: REFUSED,
    };
    let made = estimate_days(&DayStretch { days: &days, between, passed }, &sources).unwrap();
    estimate_rows(&zone, &made)
}

/// The days with the marks of the rules that need nothing but their values.
fn judged(given: &Given) -> Vec<(Date, IntervalBlock)> {
    let (rules, mut history, mut days) = (rules(), History::NONE, Vec::new());
    for (day, block) in &given.days {
        let mut block = block.clone();
        let thresholds = rules.limits(&traits(), *day).thresholds;
        let expected = u32::try_from(block.len()).unwrap();
        let context = IntervalContext { expected, history: &history, thresholds };
        explain_intervals(&mut block, &context, &Surroundings::default(), &mut Vec::new());
        history.observe(&block);
        days.push((*day, block));
    }
    days
}

/// One row for each run of equal estimates.
fn estimate_rows(zone: &Zone, made: &[(Date, IntervalBlock)]) -> Vec<String> {
    let mut runs: Vec<(Timestamp, usize, usize, String)> = Vec::new();
    for (day, block) in made {
        for (slot, (value, mark)) in block.slots().enumerate() {
            let Some((value, method)) = value.zip(mark.method()) else { continue };
            let rules: Vec<_> = mark.findings().rules().map(Rule::code).collect();
            let kwh = tidstro_model::Decimal::new(value, -3);
            let what = format!("{kwh};{method};{}", rules.join(" "));
            match runs.last_mut() {
                Some((_, count, last, same)) if *last + 1 == slot && *same == what => {
                    (*count, *last) = (*count + 1, slot);
                }
                _ => {
                    let at = zone.slot_start(*day, Resolution::PT1H, u32::try_from(slot).unwrap()).unwrap();
                    runs.push((at, 1, slot, what));
                }
            }
        }
    }
    runs.into_iter().map(|(at, count, _, what)| format!("{};{count};{what}", shown(at))).collect()
}
