//! Writing what files of master data say, and what became of each file.

use jiff::{Timestamp, civil::Date};
use tidstro_model::{MasterData, SourceNo};

use super::so_far::FileCounts;
use super::{ImportSoFar, MasterFileRead, MasterOutcome, MasterPiece};
use crate::case::end_occupancy;
use crate::db::params;
use crate::gate::Terms;
use crate::personal::Writing;
use crate::reference::ensure_source;
use crate::reference::master::{made, write_all};
use crate::reference::periods::MasterChange;
use crate::reference::taken::digest;
use crate::{StoreFault, log};

/// An occupancy that ends earlier than was known: its number, the first day after it, and what that day was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) occupancy: i64,
    pub(super) end: i32,
    pub(super) was_end: i32,
}

/// What ends by files of master data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Endings {
    pub(super) occupancies: Vec<Ended>,
    /// Points whose life ends earlier: the name of each, and the first day after.
    pub(super) points: Vec<(String, Date)>,
}

/// Writes what a piece of files of master data says, in one transaction, and with the last one what became of each file.
pub(super) fn write_import(
    writing: &mut Writing,
    (piece, outcome): (&MasterPiece, (&MasterOutcome, &ImportSoFar)),
    (data, ended): (&MasterData, &Endings),
    terms: &Terms,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let (MasterPiece { import, is_last, .. }, (outcome, so_far)) = (piece, outcome);
    let made = made(writing, data, now)?;
    writing.transact(|writing| {
        let mut sources = Vec::with_capacity(import.files.len());
        for file in &import.files {
            sources.push(ensure_source(&writing.db, &file.name)?);
        }
        let mut change = MasterChange::begin(terms.seq, sources.first().copied(), now);
        for Ended { occupancy, end, was_end } in &ended.occupancies {
            let number = u32::try_from(*occupancy).map_err(|_| StoreFault::Row { what: "occupancy.occupancy_no" })?;
            end_occupancy(writing, number, (*end, *was_end))?;
        }
        let added = write_all(writing, &mut change, (data, &ended.points), &made)?;
        for (index, (file, source)) in import.files.iter().zip(&sources).enumerate().filter(|_| *is_last) {
            note_file(writing, (index, file, *source), so_far, (terms, change.number(), now))?;
        }
        let (retired, refused) = (change.done.retired, outcome.refused.len());
        let ended = ended.occupancies.len();
        let detail = format!(
            "master data of {} files: {added} new rows, {retired} retired, {ended} occupancies ended, {refused} refused",
            import.files.len()
        );
        log::append(writing, terms.registered(detail, now))?;
        Ok(())
    })?;
    writing.forget_places();
    Ok(())
}

/// Keeps what became of a file.
fn note_file(
    writing: &Writing,
    (index, file, source): (usize, &MasterFileRead, SourceNo),
    so_far: &ImportSoFar,
    (terms, change, now): (&Terms, Option<i64>, Timestamp),
) -> Result<(), StoreFault> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let FileCounts { added, retired, refused } = so_far.counts_of(index);
    writing
        .db
        .prepare_cached(
            "-- note_master_file
             INSERT INTO master_file
                 (source_no, imported_ms, permit_seq, change_seq, digest, rows, refused, added, retired)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            source.as_u32(),
            now.as_millisecond(),
            terms.seq,
            change,
            digest(&writing.vault, &file.hash),
            count(file.rows),
            count(file.unread + refused),
            count(added),
            count(retired),
        ])?;
    Ok(())
}
