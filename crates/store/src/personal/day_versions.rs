//! Every version of one local day of a series: what it said, when it was registered, why and by whom, and which went out.
//!
//! What comes in: a permit to read, a series, a day. What goes out: the versions, the oldest first, with their values where the permit
//! sees them. Never: a version whose key the permit does not reach, or a value finer than the permit.

use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::{Block, Span};
use tidstro_model::{DayRange, Mark, Mounting, Resolution, SeriesNo, Timeline};

use super::cause::{Note, note_of};
use super::read::{Window, key_cuts, spans, stored_day, windows};
use super::versions::{AnyVersion, KeyCuts, versions_of_day};
use super::why::{Registration, registration_of};
use crate::db::{Connection, params};
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::{KnownAt, SeriesEntry, SeriesKind, mounted};
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// A local day of a series in its versions. It has no `Debug`: nothing prints a person's values.
#[derive(Clone)]
pub struct DayHistory {
    /// The series.
    pub entry: SeriesEntry,
    /// Whether the permit shows the values too.
    pub is_shown: bool,
    /// The versions, the oldest first.
    pub versions: Vec<DayStage>,
}

/// One version of a local day.
#[derive(Clone)]
pub struct DayStage {
    /// Number of the registration.
    pub seq: i64,
    /// Its registration.
    pub registration: Registration,
    /// Who said so, and why, where a person did.
    pub note: Option<Note>,
    /// Whether it was released.
    pub is_released: bool,
    /// Values that are other than in the version before, by number or mark.
    pub changed: u32,
    /// Whether somebody accepted a value of it as it is.
    pub has_accepted: bool,
    /// The values, where the permit shows them.
    pub spans: Vec<Span>,
}

impl Store {
    /// The versions of a local day of a series; `None` if nothing of it is in reach.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read.
    pub async fn day_history(
        &self,
        permit: &Permit,
        (series, day): (SeriesNo, Date),
        now: Timestamp,
    ) -> Result<Disclosed<Option<DayHistory>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Read, now)?;
        let zone = self.zone.clone();
        let told = self
            .threads
            .read(move |reading| {
                let with = (&reading.db, &mut reading.vault, &zone);
                history(with, &terms, (series, day))
            })
            .await?;
        Ok(Disclosed::new(told, permit))
    }
}

type Reading<'a> = (&'a Connection, &'a mut Vault, &'a Zone);

fn history(
    (db, vault, zone): Reading<'_>,
    terms: &Terms,
    (series, day): (SeriesNo, Date),
) -> Result<Option<DayHistory>, StoreFault> {
    let cuts = key_cuts(db, &terms.scope().reach)?;
    let Some(days) = day.tomorrow().ok().and_then(|next| DayRange::new(day, next).ok()) else {
        return Ok(None);
    };
    for window in windows(db, terms, days, Some(series))? {
        let window = Window { days, ..window };
        let stored = in_reach((db, vault), (&window, &cuts), (epoch_day(day), series))?;
        if !stored.is_empty() {
            let shown = shown(&window, terms.scope().finest);
            let versions = stages((db, vault, zone), (&window, shown), (epoch_day(day), stored))?;
            return Ok(Some(DayHistory { entry: window.entry, is_shown: shown.is_some(), versions }));
        }
    }
    Ok(None)
}

/// The versions in reach; those that a key seals which the newest one is not sealed with may be somebody else's.
fn in_reach(
    (db, vault): (&Connection, &mut Vault),
    within: (&Window, &KeyCuts),
    (period, series): (i32, SeriesNo),
) -> Result<Vec<AnyVersion>, StoreFault> {
    if stored_day(db, vault, within, period, i64::MAX)?.is_none() {
        return Ok(Vec::new());
    }
    let mut stored = versions_of_day(db, vault, (period, series))?;
    let newest = stored.last().map(|version| version.key);
    stored.retain(|version| Some(version.key) == newest);
    Ok(stored)
}

/// The resolution the values are shown in: their own, or the finest of the permit. Readings of registers are shown as they came or
/// not at all: what passed is no matter of one day alone.
fn shown(window: &Window, finest: Resolution) -> Option<Resolution> {
    let meta = &window.entry.meta;
    match meta.kind {
        SeriesKind::Interval => Some(meta.resolution.max(finest)),
        SeriesKind::Register => (finest == Resolution::Raw).then_some(Resolution::Raw),
    }
}

fn stages(
    (db, vault, zone): Reading<'_>,
    (window, shown): (&Window, Option<Resolution>),
    (period, stored): (i32, Vec<AnyVersion>),
) -> Result<Vec<DayStage>, StoreFault> {
    let series = window.entry.meta.series;
    let released = released(db, (period, series))?;
    let mounted: Timeline<Mounting> = mounted(db, &window.entry.meta, KnownAt::instant(db, None)?)?;
    let mut stages = Vec::with_capacity(stored.len());
    let mut before: Option<Block> = None;
    for AnyVersion { seq, block, .. } in stored {
        let Some(registration) = registration_of(db, seq)? else { continue };
        let days = vec![(window.days.start(), block.clone())];
        stages.push(DayStage {
            seq,
            registration,
            note: note_of(db, vault, (period, series, seq))?,
            is_released: released.contains(&seq),
            changed: changed(before.as_ref(), &block),
            has_accepted: block.marks().iter().any(|mark| mark.is_accepted()),
            spans: match shown {
                Some(resolution) => spans(window, days, (resolution, &mounted), zone)?,
                None => Vec::new(),
            },
        });
        before = Some(block);
    }
    Ok(stages)
}

/// The registrations of a day that were released.
fn released(db: &Connection, (period, series): (i32, SeriesNo)) -> Result<FxHashSet<i64>, StoreFault> {
    let released = db
        .prepare_cached(
            "-- released_of_day
             SELECT r.registered_seq FROM released r WHERE r.series_no = ?1 AND r.period = ?2",
        )?
        .query_map(params![series.as_u32(), period], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(released)
}

/// How many places of a day say something else than before.
fn changed(before: Option<&Block>, block: &Block) -> u32 {
    let (old, new) = (before.map(said).unwrap_or_default(), said(block));
    let same = new.iter().filter(|place| old.contains(*place)).count();
    u32::try_from(new.len().max(old.len()) - same).unwrap_or(u32::MAX)
}

/// Each place of a block with its value and mark.
fn said(block: &Block) -> FxHashSet<(u32, Option<i64>, i8, Mark)> {
    match block {
        Block::Interval(block) => {
            let slots = (0_u32..).zip(block.slots());
            slots.map(|(slot, (value, mark))| (slot, value, block.exponent(), mark)).collect()
        }
        Block::Register(block) => {
            block.readings().map(|(at, value, mark)| (at, Some(value), block.exponent(), mark)).collect()
        }
    }
}
