//! Series: interval files, blocks, validation and coarser resolutions, per second on one core.

use std::{hint::black_box, iter::repeat_with};

use tidstro_calendar::{Zone, from_epoch_day};
use tidstro_metering::{
    History, IntervalBlock, IntervalContext, Thresholds, coarsen_intervals, interval_file::parse_row,
    validate_intervals,
};
use tidstro_model::{CheckDigit, DayRange, Gsrn, Quality, Resolution};

use super::{Figure, per_second};

const TIMES: u32 = 200_000;
/// Rows of an interval file that are read in turn.
const ROWS: u32 = 2_400;
/// 1 January 2025, in days since 1970-01-01.
const NEW_YEAR_2025: i32 = 20_089;

/// Every figure of series.
pub(super) fn figures() -> Vec<Figure> {
    let block = day(24, 1);
    vec![
        Figure::new("interval file, rows read", rows_read(), "rows/s"),
        Figure::new("block of 24 hours, written", written(&block), "blocks/s"),
        Figure::new("block of 24 hours, read", read(&block), "blocks/s"),
        Figure::new("block of 24 hours, merged", merged(&block), "blocks/s"),
        Figure::new("block of 24 hours, validated", validated(&block), "blocks/s"),
        Figure::new("slot of an instant found", slots_found(), "instants/s"),
        Figure::new("year of hours as months", years_coarsened(), "years/s"),
        Figure::new("block of 24 hours, size", bytes_of(&block).len() as u128, "bytes"),
        Figure::new("block of 96 quarters, size", bytes_of(&day(96, 1)).len() as u128, "bytes"),
    ]
}

fn rows_read() -> u128 {
    let rows: Vec<String> = (0..ROWS).map(row).collect();
    let passes = per_second(TIMES / ROWS, || {
        for row in &rows {
            let row = parse_row(black_box(row.as_bytes()), CheckDigit::Required);
            assert!(black_box(row).is_ok(), "the benchmark's own row is not read");
        }
    });
    passes * u128::from(ROWS)
}

fn written(block: &IntervalBlock) -> u128 {
    let mut bytes = Vec::new();
    per_second(TIMES, || {
        bytes.clear();
        black_box(block).encode(&mut bytes);
        black_box(&bytes);
    })
}

fn read(block: &IntervalBlock) -> u128 {
    let bytes = bytes_of(block);
    let mut into = IntervalBlock::empty(0);
    per_second(TIMES, || {
        let read = IntervalBlock::decode_into(black_box(&bytes), &mut into);
        assert!(read.is_ok(), "the benchmark's own block is not read");
        black_box(&into);
    })
}

/// One value of 24 differs.
fn merged(block: &IntervalBlock) -> u128 {
    let mut incoming = block.clone();
    assert!(incoming.set(7, 99_999, Quality::Measured).is_ok(), "the benchmark's own day has no hour 7");
    per_second(TIMES, || {
        let merged = IntervalBlock::merge(black_box(block), black_box(&incoming));
        assert!(matches!(black_box(&merged), Ok(Some(_))), "the benchmark's own blocks do not merge");
    })
}

/// A day without findings, as nearly all are.
fn validated(block: &IntervalBlock) -> u128 {
    let (mut history, thresholds) = (History::NONE, Thresholds::default());
    (0..30).for_each(|_| history.observe(block));
    let context = IntervalContext { expected: 24, history: &history, thresholds: &thresholds };
    let (mut block, mut findings) = (block.clone(), Vec::new());
    let speed = per_second(TIMES, || validate_intervals(black_box(&mut block), &context, &mut findings));
    assert!(findings.is_empty(), "the benchmark's own day has findings");
    speed
}

fn slots_found() -> u128 {
    let zone = Zone::copenhagen();
    let new_year = i64::from(NEW_YEAR_2025) * 86_400;
    let mut hour = 0;
    per_second(TIMES, || {
        hour = (hour + 1) % 8_760;
        let second = new_year + hour * 3_600;
        let slot = zone.slot_of_second(black_box(second), Resolution::PT1H);
        assert!(black_box(slot).is_some(), "an hour has no slot");
    })
}

fn years_coarsened() -> u128 {
    let zone = Zone::copenhagen();
    let hours = |day| zone.slots(day, Resolution::PT1H).unwrap_or(24);
    let days = (NEW_YEAR_2025..NEW_YEAR_2025 + 365).filter_map(from_epoch_day);
    let days: Vec<_> = days.map(|date| (date, day(hours(date), date.day_of_year().into()))).collect();
    per_second(TIMES / 100, || {
        let months = coarsen_intervals(&days, Resolution::PT1H, Resolution::P1M, &zone, DayRange::always());
        let complete = black_box(&months).as_ref().is_ok_and(|months| months.len() == 12);
        assert!(complete, "the benchmark's own year has no months");
    })
}

/// A household's day: values from 50 to 1,073 Wh without a pattern, each measured.
fn day(slots: u32, seed: i64) -> IntervalBlock {
    let mut state = seed;
    let values = repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 54 & 0x3ff) + 50
    });
    let mut block = IntervalBlock::empty(0);
    for value in values.take(slots as usize) {
        assert!(block.push(Some(value), Quality::Measured).is_ok(), "the benchmark's own day is too long");
    }
    block
}

fn bytes_of(block: &IntervalBlock) -> Vec<u8> {
    let mut bytes = Vec::new();
    block.encode(&mut bytes);
    bytes
}

/// Row `index`: a metering point a day, an hour a row.
fn row(index: u32) -> String {
    let gsrn = Gsrn::from_body(57_131_315_400_000_000 + u64::from(index / 24));
    let (hour, watt_hours) = (index % 24, index * 7 % 1000);
    format!("{gsrn};2025-03-05T{hour:02}:00:00Z;PT1H;0.{watt_hours:03};measured")
}
