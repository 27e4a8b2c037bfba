//! The run: an approved preview, subject by subject, keys before rows.
//!
//! Each step takes some subjects, plans them again as things stand now, leaves what has meanwhile found a
//! keeper or a hold, destroys the keys of the rest, and deletes their rows in one transaction. Cut short
//! anywhere, what was destroyed does not open, and the next call goes on with the subjects that are left.

use std::collections::BTreeSet;

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_govern::log::Hash;
use tidstro_govern::{Event, EventKind, Held, Matter, PlanItem, Register, RetentionPlan};
use tidstro_model::{ActorId, DossierNo, OccupancyNo, SubjectNo};

use super::certificate::{Erased, certify};
use super::doomed::{DoomedKeys, doomed_keys};
use super::erase::erase_rows;
use super::holdings::{RowCategories, plan_each};
use super::preview::{PreviewState, hashed, load};
use crate::personal::{Writing, former_keys, replace_key, split_months};
use crate::{StoreFault, log, meter_keys};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetentionRun {
    /// Data were erased; the certificate says how much, signed.
    Erased {
        /// The certificate's file.
        certificate: String,
        /// Parts that stay, because something keeps or protects them by now.
        left: u64,
    },
    /// There was nothing to erase.
    Nothing,
    /// Nobody has approved the preview.
    NotApproved,
    /// The register, the data or their leases have changed since the preview: look again.
    Changed,
    /// It has run before; nothing was changed.
    AlreadyDone,
}

/// Subjects of one step: few enough for one short transaction, many enough that destroying their keys
/// costs one write of the key file.
const STEP_SUBJECTS: u32 = 256;

/// One part of a preview, as it is written down.
pub(super) struct StoredItem {
    pub(super) number: i64,
    pub(super) subject: u32,
    pub(super) of: Held,
    pub(super) category: String,
    pub(super) is_frame: bool,
    /// Local days, half open.
    pub(super) start: i32,
    pub(super) end: i32,
    /// Whether the commitment to its subject is noted.
    is_noted: bool,
}

/// Proves that the preview may run, and begins; `Some` says why not.
pub(super) fn begin(
    writing: &mut Writing,
    register: &Register,
    number: i64,
    now: Timestamp,
) -> Result<Option<RetentionRun>, StoreFault> {
    let preview = load(&writing.db, register, number)?;
    match preview.state {
        PreviewState::Previewed => return Ok(Some(RetentionRun::NotApproved)),
        PreviewState::Done => return Ok(Some(RetentionRun::AlreadyDone)),
        PreviewState::Running => return Ok(None),
        PreviewState::Approved => {}
    }
    writing.transact(|writing| {
        let hash = hashed(&writing.db, register, preview.at, |_, _, _| Ok(()))?;
        if hash != preview.hash || !all_still_go(&writing.db, register, number, now)? {
            return Ok(Some(RetentionRun::Changed));
        }
        writing.db.execute(
            "-- leave_protected
             UPDATE retention_item SET state = 2 WHERE preview_no = ?1 AND bucket = 'protected'",
            [number],
        )?;
        writing.db.execute(
            "-- begin_run
             UPDATE retention_preview SET state = 'running' WHERE preview_no = ?1",
            [number],
        )?;
        Ok(None)
    })
}

/// Whether every part that would go at the preview's instant would still go now: a hold that was set
/// since then stops the run before it begins.
fn all_still_go(
    db: &Connection,
    register: &Register,
    number: i64,
    now: Timestamp,
) -> Result<bool, StoreFault> {
    let (categories, plan) = (RowCategories::of(register), RetentionPlan::new(register, now));
    let mut after = -1;
    loop {
        let subjects = next_subjects(db, number, after)?;
        let Some(last) = subjects.last() else { return Ok(true) };
        after = i64::from(*last);
        for subject in subjects {
            let (_, left) = sorted_by_fate(db, &categories, &plan, items_of(db, number, subject)?)?;
            if !left.is_empty() {
                return Ok(false);
            }
        }
    }
}

/// The next subjects with parts to erase, after a number.
fn next_subjects(db: &Connection, number: i64, after: i64) -> Result<Vec<u32>, StoreFault> {
    let subjects = db
        .prepare_cached(
            "-- next_subjects
             SELECT DISTINCT subject_no FROM retention_item
             WHERE preview_no = ?1 AND state = 0 AND subject_no > ?2 AND bucket <> 'protected'
             ORDER BY subject_no LIMIT ?3",
        )?
        .query_map(params![number, after, STEP_SUBJECTS], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(subjects)
}

fn items_of(db: &Connection, number: i64, subject: u32) -> Result<Vec<StoredItem>, StoreFault> {
    db.prepare_cached(
        "-- items_of
         SELECT item_no, occupancy_no, dossier_no, category, is_frame, start_day, end_day, is_noted
         FROM retention_item
         WHERE preview_no = ?1 AND subject_no = ?2 AND state = 0 AND bucket <> 'protected' ORDER BY item_no",
    )?
    .query_and_then(params![number, subject], |row| {
        let (occupancy, dossier): (Option<u32>, Option<u32>) = (row.get(1)?, row.get(2)?);
        let of = match (occupancy, dossier) {
            (Some(occupancy), _) => Held::Matter(Matter::Occupancy(OccupancyNo::new(occupancy))),
            (None, Some(dossier)) => Held::Matter(Matter::Dossier(DossierNo::new(dossier))),
            (None, None) => Held::Subject,
        };
        Ok(StoredItem {
            number: row.get(0)?,
            subject,
            of,
            category: row.get(3)?,
            is_frame: row.get(4)?,
            start: row.get(5)?,
            end: row.get(6)?,
            is_noted: row.get(7)?,
        })
    })?
    .collect()
}

/// The parts of one subject that go by this plan, and those that something keeps or protects.
fn sorted_by_fate(
    db: &Connection,
    categories: &RowCategories<'_>,
    plan: &RetentionPlan<'_>,
    items: Vec<StoredItem>,
) -> Result<(Vec<StoredItem>, Vec<StoredItem>), StoreFault> {
    let Some(subject) = items.first().map(|item| item.subject) else { return Ok((items, Vec::new())) };
    let mut go = vec![false; items.len()];
    plan_each(db, categories, plan, (subject, subject), |_, planned| {
        for (item, goes) in items.iter().zip(&mut go) {
            *goes |= planned.iter().any(|planned| planned.goes() && item.lies_in(planned));
        }
        Ok(())
    })?;
    let mut go = go.into_iter();
    Ok(items.into_iter().partition(|_| go.next() == Some(true)))
}

impl StoredItem {
    fn lies_in(&self, planned: &PlanItem<'_>) -> bool {
        self.of == planned.of
            && self.is_frame == planned.is_frame
            && self.category == planned.category.as_str()
            && epoch_day(planned.days.start()) <= self.start
            && self.end <= epoch_day(planned.days.end())
    }
}

/// Erases the next subjects. Returns how many parts are settled, and of how many.
pub(super) fn step(
    writing: &mut Writing,
    register: &Register,
    number: i64,
    now: Timestamp,
) -> Result<(u64, u64), StoreFault> {
    let categories = RowCategories::of(register);
    let go = next_to_go(writing, &categories, number, now)?;
    destroy_keys(writing, &categories, number, &go)?;
    writing.transact(|writing| {
        let mut rows = 0;
        for items in &go {
            rows += erase_rows(writing, &categories, items, now)?;
            settle(&writing.db, number, items, 1)?;
        }
        count_up(&writing.db, number, rows, 0)
    })?;
    // What was looked up may be of somebody who is erased now.
    writing.forget();
    destroy_replaced_keys(writing)?;
    progress(&writing.db, number)
}

/// The parts of the next subjects that go, subject by subject. What does not go any more is settled as left.
fn next_to_go(
    writing: &mut Writing,
    categories: &RowCategories<'_>,
    number: i64,
    now: Timestamp,
) -> Result<Vec<Vec<StoredItem>>, StoreFault> {
    let plan = RetentionPlan::new(categories.register, now);
    let (mut go, mut left) = (Vec::new(), Vec::new());
    for subject in next_subjects(&writing.db, number, -1)? {
        let items = items_of(&writing.db, number, subject)?;
        let (goes, stays) = sorted_by_fate(&writing.db, categories, &plan, items)?;
        go.push(goes);
        left.extend(stays);
    }
    writing.transact(|writing| {
        settle(&writing.db, number, &left, 2)?;
        note_concerned(writing, number, &go)
    })?;
    Ok(go)
}

/// A step as a power cut would leave it: between the keys and the rows.
#[cfg(test)]
pub(super) fn cut_short_after_the_keys(
    writing: &mut Writing,
    register: &Register,
    number: i64,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let categories = RowCategories::of(register);
    let go = next_to_go(writing, &categories, number, now)?;
    destroy_keys(writing, &categories, number, &go)
}

/// Keys first: cut short after this, the rows are there and open to nobody.
fn destroy_keys(
    writing: &mut Writing,
    categories: &RowCategories<'_>,
    number: i64,
    go: &[Vec<StoredItem>],
) -> Result<(), StoreFault> {
    replace_former_keys(writing, &doomed_keys(&writing.db, categories, go)?)?;
    let doomed = doomed_keys(&writing.db, categories, go)?;
    // Months that a key half forgets would open no more; what stays of them is sealed apart first. No compaction puts them
    // together again while the run is unfinished.
    writing.transact(|writing| {
        doomed.forget.iter().try_for_each(|(key, day)| split_months(writing, *key, epoch_day(*day)))
    })?;
    let mut keys = writing.vault.forget_before(&doomed.forget)?;
    keys += writing.vault.destroy(&doomed.destroy)?;
    writing.transact(|writing| count_up(&writing.db, number, 0, keys))
}

/// What goes may lie in backups under keys that sealed it before it was known whose it is. What those seal besides
/// is sealed anew, so that they can go too.
fn replace_former_keys(writing: &mut Writing, doomed: &DoomedKeys) -> Result<(), StoreFault> {
    let going = doomed.forget.iter().map(|(key, _)| key).chain(&doomed.destroy);
    let mut former = BTreeSet::new();
    for key in going {
        former.extend(former_keys(&writing.db, *key)?);
    }
    for key in former.iter().filter(|key| !doomed.destroy.contains(key)) {
        writing.transact(|writing| replace_key(writing, *key))?;
    }
    Ok(())
}

/// Keys whose remaining values were sealed anew in the transaction before.
fn destroy_replaced_keys(writing: &mut Writing) -> Result<(), StoreFault> {
    let keys: Vec<u32> = writing
        .db
        .prepare_cached(
            "-- replaced_keys
             SELECT key_no FROM retention_key",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = keys.into_iter().map(tidstro_model::KeyNo::new).collect();
    writing.vault.destroy(&keys)?;
    writing.transact(|writing| {
        writing.db.execute("-- forget_replaced_keys\nDELETE FROM retention_key", [])?;
        Ok(())
    })
}

fn settle(db: &Connection, number: i64, items: &[StoredItem], state: i64) -> Result<(), StoreFault> {
    let mut settle = db.prepare_cached(
        "-- settle_item
         UPDATE retention_item SET state = ?3 WHERE preview_no = ?1 AND item_no = ?2",
    )?;
    for item in items {
        settle.execute(params![number, item.number, state])?;
    }
    Ok(())
}

/// Commitments are made while the keys they are made with are still there: a step that is taken up again
/// finds them noted.
fn note_concerned(writing: &mut Writing, number: i64, go: &[Vec<StoredItem>]) -> Result<(), StoreFault> {
    for items in go {
        // What belongs to nobody known is several dossiers; of a subject one part stands for all.
        let several = items.first().is_some_and(|item| item.subject == 0);
        let parts = if several { items.len() } else { 1 };
        for item in items.iter().take(parts).filter(|item| !item.is_noted) {
            note_one(writing, number, item)?;
        }
        for item in items {
            writing
                .db
                .prepare_cached(
                    "-- set_noted
                     UPDATE retention_item SET is_noted = 1 WHERE preview_no = ?1 AND item_no = ?2",
                )?
                .execute(params![number, item.number])?;
        }
    }
    Ok(())
}

fn note_one(writing: &mut Writing, number: i64, item: &StoredItem) -> Result<(), StoreFault> {
    let commitment: Hash = match (item.subject, item.of) {
        (0, Held::Matter(Matter::Dossier(dossier))) => log::dossier_commitment(writing, dossier)?,
        (subject, _) => log::subject_commitment(writing, SubjectNo::new(subject))?,
    };
    writing
        .db
        .prepare_cached(
            "-- note_concerned
             INSERT INTO retention_concerned (preview_no, commitment) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![number, commitment])?;
    Ok(())
}

fn count_up(db: &Connection, number: i64, rows: u64, keys: u64) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- count_up
         UPDATE retention_preview SET row_count = row_count + ?2, key_count = key_count + ?3 WHERE preview_no = ?1",
    )?
    .execute(params![number, rows.cast_signed(), keys.cast_signed()])?;
    Ok(())
}

fn progress(db: &Connection, number: i64) -> Result<(u64, u64), StoreFault> {
    let (done, of): (i64, i64) = db
        .prepare_cached(
            "-- progress
             SELECT count(*) FILTER (WHERE state <> 0), count(*) FROM retention_item WHERE preview_no = ?1",
        )?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((done.unsigned_abs(), of.unsigned_abs()))
}

/// Ends a run whose parts are all settled: the event, the certificate, and nothing left of the preview's
/// parts.
pub(super) fn finish(
    writing: &mut Writing,
    register: &Register,
    (number, actor): (i64, ActorId),
    now: Timestamp,
) -> Result<RetentionRun, StoreFault> {
    writing.transact_with(actor, |writing, actor| {
        let erased = Erased::load(&writing.db, register, number)?;
        let run = if erased.counts.is_empty() {
            RetentionRun::Nothing
        } else {
            let detail = format!("preview {number}: {} rows, {} keys", erased.rows, erased.keys);
            let seq = log::append(writing, Event::new(now, EventKind::Erased, actor.clone(), detail))?;
            let certificate = certify(writing, register, &erased, seq, now)?;
            RetentionRun::Erased { certificate, left: erased.left }
        };
        close(&writing.db, number, &run)?;
        meter_keys::end_over(writing, actor, now)?;
        Ok(run)
    })
}

fn close(db: &Connection, number: i64, run: &RetentionRun) -> Result<(), StoreFault> {
    let certificate = match run {
        RetentionRun::Erased { certificate, .. } => Some(certificate),
        _ => None,
    };
    db.execute(
        "-- end_run
         UPDATE retention_preview SET state = 'done', certificate = ?2 WHERE preview_no = ?1",
        params![number, certificate],
    )?;
    db.execute("-- drop_items\nDELETE FROM retention_item WHERE preview_no = ?1", [number])?;
    db.execute("-- drop_concerned\nDELETE FROM retention_concerned WHERE preview_no = ?1", [number])?;
    Ok(())
}

/// The certificate of a preview, if it has run and erased something.
pub(super) fn certificate(db: &Connection, number: i64) -> Result<Option<String>, StoreFault> {
    let found: Option<Option<String>> = db
        .query_row(
            "-- certificate
             SELECT certificate FROM retention_preview WHERE preview_no = ?1",
            [number],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.flatten())
}
