//! Why a version was registered, and by whom.
//!
//! What comes in: the cause of a registration, and of a version that a person made who and why. What goes out: a row beside
//! the registration, which names nobody, and a sealed note. Reasons are free text and may name people: a note is sealed
//! with the key of the day it is about, is read under the same permits and goes with it. Never: a reason in the clear.

use crate::db::{Connection, OptionalExtension, params};
use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;
use tidstro_model::{ActorId, KeyNo, SeriesNo};

use super::Writing;
use super::reseal::sealed_anew;
use crate::StoreFault;
use crate::seal::Vault;

/// What makes versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CauseKind {
    /// A telegram or a file of the registration's source.
    Source,
    /// Rules that judged again.
    Validation,
    /// A method that made values.
    Estimation,
    /// A person who said what a value is.
    Correction,
    /// A value that was withdrawn.
    Cancellation,
    /// A person who said that values stand as they are, whatever rules find.
    Acceptance,
}

impl CauseKind {
    const ALL: [Self; 6] = [
        Self::Source,
        Self::Validation,
        Self::Estimation,
        Self::Correction,
        Self::Cancellation,
        Self::Acceptance,
    ];

    /// The word used in SQL, answers and screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Validation => "validation",
            Self::Estimation => "estimation",
            Self::Correction => "correction",
            Self::Cancellation => "cancellation",
            Self::Acceptance => "acceptance",
        }
    }

    /// Reads a word as [`CauseKind::word`] writes it.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The cause of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) kind: CauseKind,
    /// The rules or methods, by name; of a source nothing.
    pub(crate) made_by: Option<String>,
}

impl Cause {
    /// What arrived.
    pub(crate) const SOURCE: Self = Self { kind: CauseKind::Source, made_by: None };
}

/// Who made a version, and why. It has no `Debug`: a reason may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Who.
    pub actor: ActorId,
    /// Why, in their own words.
    pub reason: String,
}

impl Note {
    /// The actor, which has no line feed in it, and the reason after one.
    fn to_bytes(&self) -> Vec<u8> {
        format!("{}\n{}", self.actor, self.reason).into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (actor, reason) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
        Some(Self { actor: ActorId::parse(actor).ok()?, reason: reason.to_owned() })
    }
}

/// A version: local day, counted from 1970-01-01, series, registration.
pub(super) type VersionKey = (i32, SeriesNo, i64);

/// Key columns of a note: one moved to another row does not open.
fn note_row((period, series, seq): VersionKey, key: KeyNo) -> Vec<u8> {
    let parts: [&[u8]; 5] = [
        b"note",
        &period.to_be_bytes(),
        &series.as_u32().to_be_bytes(),
        &seq.to_be_bytes(),
        &key.as_u32().to_be_bytes(),
    ];
    parts.concat()
}

/// Keeps the note of a version beside it.
pub(super) fn keep_note(
    writing: &mut Writing,
    version: VersionKey,
    (key, day): (KeyNo, Date),
    note: &Note,
) -> Result<(), StoreFault> {
    let row = note_row(version, key);
    let sealing = writing.vault.key(key, day)?;
    let sealed = sealing.seal(writing.nonces.next()?, &row, &note.to_bytes())?;
    let (period, series, seq) = version;
    writing
        .db
        .prepare_cached(
            "-- keep_note
             INSERT INTO version_note (period, series_no, registered_seq, key_no, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![period, series.as_u32(), seq, key.as_u32(), sealed])?;
    if let Some(edited) = &mut writing.edited {
        edited.insert(series);
    }
    Ok(())
}

/// The note of a version; `None` if it has none, or its day is erased.
pub(super) fn note_of(
    db: &Connection,
    vault: &mut Vault,
    version: VersionKey,
) -> Result<Option<Note>, StoreFault> {
    let Some((key, sealed)) = stored_note(db, version)? else { return Ok(None) };
    let damaged = StoreFault::Row { what: "version_note.sealed" };
    let day = from_epoch_day(version.0).ok_or(StoreFault::Row { what: "version_note.period" })?;
    match vault.key(key, day) {
        Ok(sealing) => {
            let plain = sealing.open(&note_row(version, key), &sealed)?;
            Note::from_bytes(&plain).map(Some).ok_or(damaged)
        }
        Err(fault) if fault.is_erased() => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn stored_note(
    db: &Connection,
    (period, series, seq): VersionKey,
) -> Result<Option<(KeyNo, Vec<u8>)>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- note_of
             SELECT key_no, sealed FROM version_note
             WHERE period = ?1 AND series_no = ?2 AND registered_seq = ?3",
        )?
        .query_row(params![period, series.as_u32(), seq], |row| Ok((KeyNo::new(row.get(0)?), row.get(1)?)))
        .optional()?;
    Ok(found)
}

/// The notes of a series on local days, half open, and what seals them.
pub(super) fn notes_on(
    db: &Connection,
    series: SeriesNo,
    days: (i32, i32),
) -> Result<Vec<(VersionKey, KeyNo)>, StoreFault> {
    let notes = db
        .prepare_cached(
            "-- notes_on
             SELECT period, registered_seq, key_no FROM version_note
             WHERE series_no = ?1 AND period >= ?2 AND period < ?3",
        )?
        .query_map(params![series.as_u32(), days.0, days.1], |row| {
            Ok(((row.get(0)?, series, row.get(1)?), KeyNo::new(row.get(2)?)))
        })?
        .collect::<Result<_, _>>()?;
    Ok(notes)
}

/// Seals a note with a new key; one that is erased stays as it is.
pub(super) fn seal_note_anew(
    writing: &mut Writing,
    version: VersionKey,
    (old, new): (KeyNo, KeyNo),
) -> Result<(), StoreFault> {
    let Some((_, sealed)) = stored_note(&writing.db, version)? else { return Ok(()) };
    let day = from_epoch_day(version.0).ok_or(StoreFault::Row { what: "version_note.period" })?;
    let (from, to) = (note_row(version, old), note_row(version, new));
    let Some(sealed) = sealed_anew(writing, (day, &sealed), (old, &from), (new, &to))? else { return Ok(()) };
    let (period, series, seq) = version;
    writing
        .db
        .prepare_cached(
            "-- seal_note_anew
             UPDATE version_note SET key_no = ?4, sealed = ?5
             WHERE period = ?1 AND series_no = ?2 AND registered_seq = ?3",
        )?
        .execute(params![period, series.as_u32(), seq, new.as_u32(), sealed])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_survives_sealing() {
        let actor = ActorId::parse("staff:mikkel").unwrap();
        let note = Note { actor, reason: "the meter was read by hand\nby the janitor".to_owned() };
        assert!(Note::from_bytes(&note.to_bytes()) == Some(note));
        assert!(Note::from_bytes(b"nobody").is_none() && Note::from_bytes(&[0xFF, b'\n']).is_none());
    }
}
