//! Closed months: how fast they are compacted, and what a reading in them takes on the disk.
//!
//! Months of hours are ingested and compacted one after the other into one folder, as a year goes by. The room that the days of
//! a month leave is used by the next one, so what each further month adds to the files is what it takes, with every index,
//! the log and the memories of the rules.

use std::path::Path;

use jiff::{ToSpan, civil::Date, civil::date};
use tidstro_flows::{CompactAsk, compact};
use tidstro_model::ActorId;
use tidstro_telegram::KeyRing;
use tidstro_world::{BenchFile, bench_interval_part};

use super::{
    BenchFault, Figure, Figures,
    cpu::taken,
    workspace::{Bench, NOW, bytes_in, expect, given, master_data, points_of},
};

const POINTS: u32 = 1_000;
/// Months before the first one that counts: their days leave the room that the others use.
const MONTHS_BEFORE: i64 = 2;
const MONTHS: i64 = 6;
const FIRST_DAY: Date = date(2026, 1, 1);
/// Bytes of a reading of a closed month on the disk, in hundredths.
const HUNDREDTHS_MAX: u128 = 190;

/// Every figure of closed months.
pub(super) fn figures() -> Figures {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let (mut begun, mut readings, mut nanoseconds) = (0, 0, 0);
    for month in 0..MONTHS_BEFORE + MONTHS {
        let first = FIRST_DAY.saturating_add(month.months());
        if month == MONTHS_BEFORE {
            begun = bytes_in(&data)?;
            (readings, nanoseconds) = (0, 0);
        }
        let (compacted, took) = closed_month(&data, &folder.path().join("month.csv"), first)?;
        readings += compacted;
        nanoseconds += took;
    }
    let bytes = bytes_in(&data)?.saturating_sub(begun);
    let readings = u128::from(readings).max(1);
    Ok(vec![
        Figure::new(
            "closed month of hours, compacted, of one core",
            readings * 1_000_000_000 / nanoseconds.max(1),
            "readings/s",
        ),
        Figure::new(
            "closed month of hours, a reading on the disk",
            u128::from(bytes) * 100 / readings,
            "B/100",
        )
        .at_most(HUNDREDTHS_MAX),
    ])
}

/// Ingests a month and compacts it. Returns its readings, and nanoseconds of processor time of compacting.
fn closed_month(data: &Path, file: &Path, first: Date) -> Result<(u64, u128), BenchFault> {
    let next = first.saturating_add(1.month());
    let days = u32::from(first.days_in_month().unsigned_abs());
    let content =
        bench_interval_part(&BenchFile { first_point: 0, points: POINTS, first_day: first, days, seed: 1 });
    let bench = Bench::open(data)?;
    if first == FIRST_DAY {
        bench.register(master_data(&points_of(&content, POINTS)))?;
    }
    std::fs::write(file, content)?;
    let report = bench.ingest(file, &KeyRing::new())?;
    let asked = CompactAsk { actor: ActorId::parse("job:ingest")?, area: None, before: Some(next) };
    let (compacted, taken) = taken(|| bench.runtime.block_on(compact(&bench.workspace, asked, NOW)));
    let compacted = given(compacted?)?;
    expect("the number of months", u64::from(POINTS), compacted.months)?;
    Ok((report.intervals, taken.cpu.unwrap_or(taken.wall).as_nanos()))
}
