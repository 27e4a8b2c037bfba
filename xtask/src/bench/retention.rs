//! Retention: how long it takes to find, among a million subjects, what nobody keeps any more, and what a
//! run costs for each of them.

use std::time::Instant;

use jiff::civil::{Date, date};
use tidstro_flows::{RetentionOutcome, approve_retention, preview_retention, run_retention};
use tidstro_model::{ActorId, DayRange, MasterData, Occupancy};

use super::{
    Figure, Figures,
    peak::{forget_peak, peak_kilobytes},
    workspace::{Bench, NOW, expect, given, master_data},
};

const SUBJECTS: u32 = 1_000_000;
/// Registered at once: more would be measured as memory of the preview.
const CHUNK: u32 = 20_000;
/// One subject of so many left long ago.
const GONE: u32 = 200;

/// Every figure of retention.
pub(super) fn figures() -> Figures {
    let folder = tempfile::tempdir()?;
    let bench = Bench::open(folder.path())?;
    for first in (0..SUBJECTS).step_by(CHUNK as usize) {
        let points: Vec<_> = (first..first + CHUNK).map(|number| format!("point-{number}")).collect();
        bench.register(some_left(master_data(&points)))?;
    }
    let (job, officer) = (ActorId::parse("job:retention")?, ActorId::parse("staff:dpo")?);
    forget_peak()?;
    let begun = Instant::now();
    let previewing = preview_retention(&bench.workspace, &job, NOW);
    let preview = given(bench.runtime.block_on(previewing)?)?;
    let seconds = begun.elapsed().as_millis();
    let gone = u64::from(SUBJECTS / GONE);
    let names = preview.counts.iter().find(|line| line.category.as_str() == "identity");
    expect("the number of subjects nobody keeps", gone, names.map_or(0, |line| line.subjects))?;
    let peak = peak_kilobytes()?;

    bench.runtime.block_on(approve_retention(&bench.workspace, &officer, preview.number, NOW))?;
    let begun = Instant::now();
    let running = run_retention(&bench.workspace, &job, preview.number, NOW, |_, _| ());
    let run = given(bench.runtime.block_on(running)?)?;
    let is_done = matches!(run, RetentionOutcome::Erased { left: 0, .. });
    expect("the runs that left nothing", 1, u64::from(is_done))?;
    Ok(vec![
        Figure::new("retention preview of 1,000,000 subjects", seconds, "ms"),
        Figure::new("retention preview of 1,000,000 subjects, peak memory", u128::from(peak / 1024), "MB"),
        Figure::new(
            "retention run, each subject erased",
            begun.elapsed().as_micros() / u128::from(gone),
            "µs",
        ),
    ])
}

/// Every so manyth customer left in 2020: six weeks and five years ago.
fn some_left(data: MasterData) -> MasterData {
    const LEFT: (Date, Date) = (date(2019, 1, 1), date(2020, 3, 1));
    let days = DayRange::new(LEFT.0, LEFT.1).unwrap_or_else(|_| DayRange::always());
    let leaves = |(index, occupancy): (usize, Occupancy)| match index % GONE as usize {
        0 => Occupancy { days, ..occupancy },
        _ => occupancy,
    };
    let occupancies = data.occupancies.into_iter().enumerate().map(leaves).collect();
    MasterData { occupancies, ..data }
}
