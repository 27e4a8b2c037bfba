//! Interval data of a head-end: rows → blocks of a local day → versions.

use std::pin::Pin;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::{Zone, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::interval_file::{IntervalRow, RowFault, RowReader, WrongHeader, parse_row};
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{ActorId, CheckDigit, Gsrn, IdFault, Resolution, SeriesNo, SourceNo};
use tidstro_store::{Appended, Decided, NewBlock, Permit, StoreFault};

use super::lines::Lines;
use super::noted::{Noted, Noting};
use super::{Clock, IngestOptions, IngestReport, RENEW_AFTER};
use crate::alarms::permits_to_watch;
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Blocks handed to the store at once: one transaction each.
const BATCH_BLOCKS: usize = 8_192;
/// Unfinished local days held in memory before they are handed over unfinished.
const OPEN_DAYS_MAX: usize = 400_000;

/// Ingests the rows after the header.
pub(super) async fn ingest(
    workspace: &Workspace,
    actor: &ActorId,
    mut lines: Lines<'_>,
    options: &IngestOptions<'_>,
    (clock, noting): (Clock<'_>, Noting<'_>),
) -> Result<Answer<IngestReport>, FlowFault> {
    let mut permit = granted!(grid_reading(workspace, actor, clock()).await?);
    let mut alarms = permits_to_watch(workspace, actor, clock()).await?;
    let mut asked = clock();
    let noted = Noted::begin(workspace, options.source, (clock, noting)).await?;
    let source = workspace.store.source(options.source.to_owned()).await?;
    let mut days = Days::new(workspace.zone().clone(), workspace.store.interval_series().await?);
    let mut writer = Writer { workspace, source, clock, running: None };
    let mut report = IngestReport::of(options.source);
    let mut rows = RowReader::new(workspace.register().check_digits());
    while let Some(line) = lines.next()? {
        let (number, read) = (line.number, line.read);
        if line.bytes.is_empty() || line.bytes.starts_with(b"#") {
            continue;
        }
        report.lines += 1;
        match rows.row(line.bytes).or_else(|fault| days.known_as_it_is(line.bytes, fault)) {
            Ok(row) => match days.add(&row) {
                Ok(()) => report.intervals += 1,
                Err(fault) => report.refuse(fault.kind(), number, &fault),
            },
            Err(fault) => report.refuse(fault.kind(), number, &fault),
        }
        if days.ready.len() >= BATCH_BLOCKS {
            if clock().duration_since(asked) > RENEW_AFTER {
                permit = granted!(grid_reading(workspace, actor, clock()).await?);
                alarms = permits_to_watch(workspace, actor, clock()).await?;
                asked = clock();
            }
            writer.write((&permit, &alarms), std::mem::take(&mut days.ready), &mut report).await?;
            (options.progress)(read);
        }
    }
    days.finish();
    writer.write((&permit, &alarms), days.ready, &mut report).await?;
    writer.finish(&mut report).await?;
    noted.end(&report).await?;
    Ok(Answer::Given(report))
}

/// Refuses an input whose header is not right: guessing what its columns mean is worse than one refusal.
pub(super) async fn refuse_header(
    workspace: &Workspace,
    actor: &ActorId,
    (source, line): (&str, u64),
    clock: Clock<'_>,
) -> Result<Answer<IngestReport>, FlowFault> {
    granted!(grid_reading(workspace, actor, clock()).await?);
    let noted = Noted::begin(workspace, source, (clock, Noting::Apart)).await?;
    let mut report = IngestReport::of(source);
    report.lines = 1;
    report.refuse("header", line, &WrongHeader);
    noted.end(&report).await?;
    Ok(Answer::Given(report))
}

/// Asks for the permit to collect interval data.
async fn grid_reading(workspace: &Workspace, actor: &ActorId, now: Timestamp) -> Result<Decided, FlowFault> {
    let consumption = ("consumption", Resolution::PT15M);
    workspace.permit_everything(actor, "grid-reading", Operation::Collect, consumption, now).await
}

/// Why a well-formed row cannot be used.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum RowRefusal {
    #[error("metering point `{gsrn}` has no {resolution} series; add it to the master data first")]
    UnknownPoint { gsrn: Gsrn, resolution: Resolution },
    #[error("start is not the start of a {resolution} interval; give UTC instants on the quarter or hour")]
    OffGrid { resolution: Resolution },
}

impl RowRefusal {
    const fn kind(self) -> &'static str {
        match self {
            Self::UnknownPoint { .. } => "unknown-point",
            Self::OffGrid { .. } => "off-grid",
        }
    }
}

/// One local day of one series, being filled.
type DayKey = (SeriesNo, i32);

/// Gathers rows to blocks of a local day. Files come in order of day and point, or of time; both work.
struct Days {
    zone: Zone,
    series: FxHashMap<(Gsrn, Resolution), SeriesNo>,
    /// Whose series the last row was of: most rows are of the same.
    last: Option<((Gsrn, Resolution), SeriesNo)>,
    current: Option<(DayKey, IntervalBlock)>,
    waiting: FxHashMap<DayKey, IntervalBlock>,
    ready: Vec<NewBlock>,
}

impl Days {
    fn new(zone: Zone, series: FxHashMap<(Gsrn, Resolution), SeriesNo>) -> Self {
        Self { zone, series, last: None, current: None, waiting: FxHashMap::default(), ready: Vec::new() }
    }

    fn add(&mut self, row: &IntervalRow) -> Result<(), RowRefusal> {
        let series = self.series_of(row)?;
        let off_grid = RowRefusal::OffGrid { resolution: row.resolution };
        let (day, slot) = self.zone.slot_of_second(row.start_second, row.resolution).ok_or(off_grid)?;
        let key = (series, day);
        if self.current.as_ref().is_none_or(|(current, _)| *current != key) {
            self.change_to(key, row.resolution).ok_or(off_grid)?;
        }
        let Some(value) = row.value else { return Ok(()) };
        if self.current.as_ref().is_some_and(|(_, block)| contradicts(block, slot, value)) {
            // Two values for one interval: the first is kept as a version, the second corrects it.
            self.hand_over();
            self.change_to(key, row.resolution).ok_or(off_grid)?;
        }
        let (_, block) = self.current.as_mut().ok_or(off_grid)?;
        block.set(slot, value, row.quality).map_err(|_| off_grid)
    }

    /// A row whose point's number has a wrong check digit, if master data know a point by exactly this number: somebody took it
    /// in with `--gsrn any`.
    fn known_as_it_is(&self, line: &[u8], fault: RowFault) -> Result<IntervalRow, RowFault> {
        let RowFault::MeteringPoint(IdFault::CheckDigit { .. }) = fault else { return Err(fault) };
        let row = parse_row(line, CheckDigit::Ignored)?;
        if self.series.contains_key(&(row.gsrn, row.resolution)) { Ok(row) } else { Err(fault) }
    }

    fn series_of(&mut self, row: &IntervalRow) -> Result<SeriesNo, RowRefusal> {
        let wanted = (row.gsrn, row.resolution);
        if let Some((key, series)) = self.last
            && key == wanted
        {
            return Ok(series);
        }
        let unknown = RowRefusal::UnknownPoint { gsrn: row.gsrn, resolution: row.resolution };
        let series = *self.series.get(&wanted).ok_or(unknown)?;
        self.last = Some((wanted, series));
        Ok(series)
    }

    /// Sets the current day aside and takes up another.
    fn change_to(&mut self, key: DayKey, resolution: Resolution) -> Option<()> {
        if let Some((key, block)) = self.current.take() {
            if block.present() == block.len() {
                self.push_ready(key, block);
            } else {
                self.waiting.insert(key, block);
            }
            if self.waiting.len() > OPEN_DAYS_MAX {
                self.release_waiting();
            }
        }
        let block = match self.waiting.remove(&key) {
            Some(block) => block,
            None => {
                IntervalBlock::all_missing(0, self.zone.slots(from_epoch_day(key.1)?, resolution)?).ok()?
            }
        };
        self.current = Some((key, block));
        Some(())
    }

    fn hand_over(&mut self) {
        if let Some((key, block)) = self.current.take() {
            self.push_ready(key, block);
        }
    }

    fn push_ready(&mut self, (series, day): DayKey, block: IntervalBlock) {
        if let Some(day) = from_epoch_day(day) {
            self.ready.push(NewBlock { series, day, block: Block::Interval(block) });
        }
    }

    fn release_waiting(&mut self) {
        let mut waiting: Vec<_> = std::mem::take(&mut self.waiting).into_iter().collect();
        // In order of day, then series: the order of the table.
        waiting.sort_unstable_by_key(|((series, day), _)| (*day, *series));
        for (key, block) in waiting {
            self.push_ready(key, block);
        }
    }

    fn finish(&mut self) {
        self.hand_over();
        self.release_waiting();
    }
}

fn contradicts(block: &IntervalBlock, slot: u32, value: i64) -> bool {
    block.value(slot as usize).is_some_and(|known| known != value)
}

type Running = Pin<Box<dyn Future<Output = Result<Appended, StoreFault>> + Send>>;

/// Hands batches to the store, one ahead: while one becomes durable the next is read.
struct Writer<'a> {
    workspace: &'a Workspace,
    source: SourceNo,
    clock: Clock<'a>,
    running: Option<Running>,
}

impl Writer<'_> {
    async fn write(
        &mut self,
        permits: (&Permit, &[Permit]),
        blocks: Vec<NewBlock>,
        report: &mut IngestReport,
    ) -> Result<(), FlowFault> {
        self.finish(report).await?;
        let begun = self.workspace.store.append_blocks(permits, self.source, blocks, (self.clock)())?;
        self.running = Some(Box::pin(begun));
        Ok(())
    }

    async fn finish(&mut self, report: &mut IngestReport) -> Result<(), FlowFault> {
        if let Some(running) = self.running.take() {
            report.take_in(&running.await?);
        }
        Ok(())
    }
}
