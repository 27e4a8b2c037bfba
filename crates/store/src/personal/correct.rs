//! What people say a value is.
//!
//! What comes in: corrections, each of one interval or reading, with who says so and why. What goes out: a new version of
//! each local day named, or the reason there is none. The day is read and the version added in one transaction. Never: a
//! change at another moment than the one named (D.1 § 6), or a value shown that is finer than the permit.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::db::Connection;
use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::{Block, EditFault, IntervalBlock, RegisterBlock};
use tidstro_model::{DayRange, Decimal, PointNo, Quality, Resolution, SeriesNo, Unit};

use super::read::{Window, key_cuts, stored_day, windows};
use super::versions::KeyCuts;
use super::{
    Appended, Cause, CauseKind, ChainTerms, DayChange, NewVersion, Note, Registrar, Writing, append_versions,
};
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::{SeriesEntry, SeriesKind, ensure_source};
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// What one value is, in somebody's word. It has no `Debug`: a reason may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct Correction {
    /// The metering point.
    pub point: PointNo,
    /// Which of its series; needed where it has several.
    pub series: Option<SeriesNo>,
    /// Start of the interval, or instant of the reading.
    pub at: Timestamp,
    /// What it is, in kWh or MJ of energy, else in the unit of the series; `None` cancels the value.
    pub value: Option<(Decimal, Quality)>,
    /// Why.
    pub reason: String,
}

/// What became of a correction.
#[derive(Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The series, if there is one.
    pub entry: Option<SeriesEntry>,
    /// The value before; `None` if there was none, or none that the permit shows.
    pub before: Option<Decimal>,
    /// What happened.
    pub outcome: CorrectionOutcome,
}

/// What happened to a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionOutcome {
    /// A new version has it, or would.
    Changed,
    /// The value is that already.
    AsItWas,
    /// It cannot be.
    Refused(CorrectionRefusal),
}

/// Why a value cannot be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionRefusal {
    /// Nothing of the point is in reach on this day.
    #[error("no series of the point is in your scope on that day; check point, instant and purpose")]
    NotInScope,
    /// Several series could be meant.
    #[error("the point has {count} series on that day; name one with `--series`, `series list` shows them")]
    SeveralSeries {
        /// How many.
        count: usize,
    },
    /// No interval begins there.
    #[error("no {resolution} interval begins at this instant; give the start of one")]
    OffGrid {
        /// Resolution of the series.
        resolution: Resolution,
    },
    /// Nothing has been measured then.
    #[error("the instant is in the future; nobody knows that value yet")]
    Future,
    /// More decimals than are kept.
    #[error("the value has {got} decimals, at most 3 of a kilowatt hour are kept")]
    Decimals {
        /// How many.
        got: u8,
    },
    /// A value for the same place was given before.
    #[error("an earlier line corrects the same value; leave one of them out")]
    Twice,
    /// The day is no longer kept.
    #[error("the day is no longer kept, or the permit does not let its values be corrected")]
    NotKept,
    /// The value does not go beside the others.
    #[error(transparent)]
    Edit(#[from] EditFault),
}

impl Store {
    /// Registers corrections as new versions, or tells what they would do. Outcomes are in the order of the corrections. Alarms of
    /// series that are estimated for too long are kept under the permits for `alarms`.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct; nothing is kept on an error.
    pub async fn correct(
        &self,
        (permit, alarms): (&Permit, &[Permit]),
        corrections: Vec<Correction>,
        is_dry: bool,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<Corrected>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        let chains = ChainTerms::of(self, alarms, now)?;
        let done = self
            .threads
            .write(move |writing| {
                let granted = (&terms, &chains);
                writing.transact(|writing| correct(writing, granted, &corrections, is_dry, now))
            })
            .await?;
        Ok(Disclosed::new(done, permit))
    }
}

fn correct(
    writing: &mut Writing,
    (terms, chains): (&Arc<Terms>, &ChainTerms),
    corrections: &[Correction],
    is_dry: bool,
    now: Timestamp,
) -> Result<Vec<Corrected>, StoreFault> {
    let zone = writing.zone.clone();
    let mut plan = Plan { cuts: key_cuts(&writing.db, &terms.scope().reach)?, days: BTreeMap::new() };
    let mut outcomes = Vec::with_capacity(corrections.len());
    for (index, correction) in corrections.iter().enumerate() {
        let reading = (&writing.db, &mut writing.vault, &zone);
        outcomes.push(plan.take(reading, terms, (index, correction), now)?);
    }
    if !is_dry {
        plan.register(writing, (terms, chains), (corrections, &mut outcomes), now)?;
    }
    Ok(outcomes)
}

/// A slot, or a second of the local day, and what is there; `None` for nothing.
type PlacedValue = (u32, Option<(Decimal, Quality)>);

/// What is read with.
type Reading<'a> = (&'a Connection, &'a mut Vault, &'a Zone);

/// The days that change.
struct Plan {
    cuts: KeyCuts,
    days: BTreeMap<(i32, SeriesNo), PlannedDay>,
}

/// One local day, with everything corrected so far.
struct PlannedDay {
    day: Date,
    block: Block,
    /// Which corrections it has, by index.
    of: Vec<usize>,
    /// The places that were given a value.
    places: Vec<u32>,
}

impl Plan {
    fn take(
        &mut self,
        (db, vault, zone): Reading<'_>,
        terms: &Terms,
        (index, correction): (usize, &Correction),
        now: Timestamp,
    ) -> Result<Corrected, StoreFault> {
        let refused =
            |entry, why| Corrected { entry, before: None, outcome: CorrectionOutcome::Refused(why) };
        if correction.at > now {
            return Ok(refused(None, CorrectionRefusal::Future));
        }
        let day = zone.day_of(correction.at);
        let window = match window_of(db, terms, correction, day)? {
            Ok(window) => window,
            Err(why) => return Ok(refused(None, why)),
        };
        let entry = window.entry.clone();
        let place = match placed(zone, &entry, correction) {
            Ok(place) => place,
            Err(why) => return Ok(refused(Some(entry), why)),
        };
        let key = (epoch_day(day), entry.meta.series);
        if self.days.get(&key).is_some_and(|planned| planned.places.contains(&place.0)) {
            return Ok(refused(Some(entry), CorrectionRefusal::Twice));
        }
        let planned = match self.days.remove(&key) {
            Some(planned) => planned,
            None => planned_day((db, vault, zone), (&window, &self.cuts), day)?,
        };
        let (planned, before, outcome) = planned.with(index, place);
        self.days.insert(key, planned);
        let is_shown = entry.meta.resolution >= terms.scope().finest;
        Ok(Corrected { entry: Some(entry), before: before.filter(|_| is_shown), outcome })
    }

    /// Adds the versions; a day that may not be changed after all says so in the outcomes of its corrections.
    fn register(
        self,
        writing: &mut Writing,
        (terms, chains): (&Arc<Terms>, &ChainTerms),
        (corrections, outcomes): (&[Correction], &mut [Corrected]),
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let source = ensure_source(&writing.db, "correction")?;
        for ((_, series), planned) in self.days {
            let given = || planned.of.iter().filter_map(|index| corrections.get(*index));
            if planned.of.is_empty() {
                continue;
            }
            let kind = if given().all(|correction| correction.value.is_none()) {
                CauseKind::Cancellation
            } else {
                CauseKind::Correction
            };
            let reasons: Vec<&str> = given().map(|correction| correction.reason.as_str()).collect();
            let note = Note { actor: terms.actor.clone(), reason: without_repeats(reasons).join("; ") };
            let cause = Cause { kind, made_by: None };
            let alarms = chains.category();
            let registrar = Registrar { source, terms: Arc::clone(terms), now, alarms, cause };
            let change = DayChange::Replace(planned.block);
            let version = NewVersion { series, day: planned.day, change, note: Some(note) };
            let covers = chains.covers(terms);
            let done = append_versions(writing, &registrar, &covers, std::iter::once(version))?;
            if !is_registered(&done) {
                let not_kept = CorrectionOutcome::Refused(CorrectionRefusal::NotKept);
                let of_day = planned.of.iter();
                of_day.for_each(|index| {
                    if let Some(outcome) = outcomes.get_mut(*index) {
                        outcome.outcome = not_kept;
                    }
                });
            }
        }
        Ok(())
    }
}

/// Whether a version was added.
const fn is_registered(done: &Appended) -> bool {
    done.added + done.changed > 0
}

/// One reason given for many values is said once.
fn without_repeats(mut reasons: Vec<&str>) -> Vec<&str> {
    reasons.dedup();
    reasons
}

impl PlannedDay {
    /// The day with one more value, what was there before, and what became of it.
    fn with(self, index: usize, (place, value): PlacedValue) -> (Self, Option<Decimal>, CorrectionOutcome) {
        let before = value_at(&self.block, place);
        let edited = match &self.block {
            Block::Interval(block) => block.with_value(place, value).map(|block| block.map(Block::Interval)),
            Block::Register(block) => {
                block.with_reading(place, value).map(|block| block.map(Block::Register))
            }
        };
        match edited {
            Ok(Some(block)) => {
                let (mut of, mut places) = (self.of, self.places);
                of.push(index);
                places.push(place);
                (Self { block, of, places, ..self }, before, CorrectionOutcome::Changed)
            }
            Ok(None) => (self, before, CorrectionOutcome::AsItWas),
            Err(fault) => (self, before, CorrectionOutcome::Refused(fault.into())),
        }
    }
}

/// The value of a slot, or of the reading at an offset.
pub(super) fn value_at(block: &Block, place: u32) -> Option<Decimal> {
    match block {
        Block::Interval(block) => block.decimal(place as usize),
        Block::Register(block) => {
            let found = block.readings().find(|(at, ..)| *at == place);
            found.map(|(_, value, _)| block.decimal(value))
        }
    }
}

/// The series a correction means.
fn window_of(
    db: &Connection,
    terms: &Terms,
    correction: &Correction,
    day: Date,
) -> Result<Result<Window, CorrectionRefusal>, StoreFault> {
    let days = day.tomorrow().ok().and_then(|next| DayRange::new(day, next).ok());
    let Some(days) = days else { return Ok(Err(CorrectionRefusal::NotInScope)) };
    let mut found = windows(db, terms, days, correction.series)?;
    found.retain(|window| window.entry.meta.point == correction.point && window.days.contains(day));
    // One series may lie in the reach of two occupancies that meet on a day.
    found.dedup_by_key(|window| window.entry.meta.series);
    Ok(match (found.pop(), found.len()) {
        (Some(window), 0) => Ok(window),
        (None, _) => Err(CorrectionRefusal::NotInScope),
        (Some(_), others) => Err(CorrectionRefusal::SeveralSeries { count: others + 1 }),
    })
}

/// Where a correction goes, and what it puts there.
fn placed(
    zone: &Zone,
    entry: &SeriesEntry,
    correction: &Correction,
) -> Result<PlacedValue, CorrectionRefusal> {
    Ok((place_of(zone, entry, correction.at)?, in_unit(correction, entry.meta.unit)?))
}

/// The slot of an interval that begins at an instant, or the second of its local day.
pub(super) fn place_of(zone: &Zone, entry: &SeriesEntry, at: Timestamp) -> Result<u32, CorrectionRefusal> {
    let resolution = entry.meta.resolution;
    let off_grid = CorrectionRefusal::OffGrid { resolution };
    match entry.meta.kind {
        SeriesKind::Interval => zone.slot_of(at, resolution).map(|(_, slot)| slot).ok_or(off_grid),
        SeriesKind::Register => {
            let start = zone.day_start(zone.day_of(at));
            u32::try_from(at.as_second() - start.as_second()).map_err(|_| off_grid)
        }
    }
}

/// The value in the unit of the series.
fn in_unit(correction: &Correction, unit: Unit) -> Result<Option<(Decimal, Quality)>, CorrectionRefusal> {
    let Some((value, quality)) = correction.value else { return Ok(None) };
    let shift = match unit {
        Unit::WattHour => 3,
        Unit::Joule => 6,
        _ => 0,
    };
    // D.1 § 6(3): kilowatt hours with at most 3 decimals; `0.1000` has four.
    if unit == Unit::WattHour && value.exponent() < -3 {
        return Err(CorrectionRefusal::Decimals { got: value.exponent().unsigned_abs() });
    }
    let exponent = value.exponent().saturating_add(shift);
    let value = Decimal::new(value.mantissa(), exponent);
    // A block of whole watt hours keeps whole watt hours.
    let whole = value.in_steps_of(0).map_or(value, |steps| Decimal::new(steps, 0));
    Ok(Some((whole, quality)))
}

/// The newest version of a day, or a day of which nothing is stored.
fn planned_day(
    (db, vault, zone): Reading<'_>,
    within: (&Window, &KeyCuts),
    day: Date,
) -> Result<PlannedDay, StoreFault> {
    let stored = stored_day(db, vault, within, epoch_day(day), i64::MAX)?;
    let meta = &within.0.entry.meta;
    let block = match (stored, meta.kind) {
        (Some(version), _) => version.block,
        (None, SeriesKind::Register) => Block::Register(RegisterBlock::empty(0)),
        (None, SeriesKind::Interval) => {
            let slots = zone.slots(day, meta.resolution);
            let slots =
                slots.ok_or(StoreFault::Row { what: "series.resolution does not divide a local day" })?;
            Block::Interval(IntervalBlock::all_missing(0, slots)?)
        }
    };
    Ok(PlannedDay { day, block, of: Vec::new(), places: Vec::new() })
}
