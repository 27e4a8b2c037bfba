//! Events that another program reports: which are taken, and which are kept aside as evidence.
//!
//! What comes in: lines of JSON, each with the hash of the line before, and where the last import of the
//! same actor ended. What goes out: an event, or why the line is not one. Never: an event of a kind that
//! only this program can know; a line of the outside in a message.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tidstro_model::{ActivityId, ActorId, CaseId};

use super::{Event, EventKind, Hash, unhex};
use crate::vocabulary::words;

words!(
    /// Why a line is kept aside instead of being appended.
    AsideReason {
        /// It is not an object with the fields of an event, each of its form.
        Unreadable = "unreadable",
        /// It does not have the hash of the last line that fitted: lines were changed, removed or moved.
        BrokenPrior = "broken-prior",
        /// Its kind is not known, or not one that another program may report.
        UnknownKind = "unknown-kind",
        /// It says that it happened after now.
        FromTheFuture = "from-the-future",
        /// It says that it happened before the line before it.
        OutOfOrder = "out-of-order",
        /// The register, or what its case or subject has, does not allow it.
        NotAdmitted = "not-admitted",
    }
);

/// One line. `prior` is the SHA-256 of the line before, without its line end; 64 zeros in the first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    purpose: Option<Cow<'a, str>>,
    #[serde(default)]
    subjects: Vec<Cow<'a, str>>,
    #[serde(default)]
    case: Option<Cow<'a, str>>,
    #[serde(borrow)]
    detail: Cow<'a, str>,
    #[serde(borrow)]
    prior: Cow<'a, str>,
}

/// What became of lines from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines that are events of the log now.
    pub appended: u64,
    /// Lines kept aside: number in the file, and why.
    pub aside: Vec<(u64, AsideReason)>,
}

/// Where the lines of one actor stand. The lines of one actor are one chain, over all its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportCheck {
    /// Hash of the last line that fitted; [`super::GENESIS`] before the first.
    pub last_line: Hash,
    /// When the last event that was taken happened.
    pub last_at: Timestamp,
}

impl ImportCheck {
    /// Takes the next line, without its line end.
    ///
    /// After a break in the chain no line fits any more: what follows may have been made up. A line that
    /// fits and is kept aside for another reason stays part of the chain.
    ///
    /// # Errors
    /// [`AsideReason`] if the line must be kept aside.
    pub fn line(&mut self, line: &[u8], actor: &ActorId, now: Timestamp) -> Result<Event, AsideReason> {
        let written: Written<'_> = serde_json::from_slice(line).map_err(|_| AsideReason::Unreadable)?;
        if unhex(&written.prior) != Some(self.last_line) {
            return Err(AsideReason::BrokenPrior);
        }
        self.last_line = Sha256::digest(line).into();
        let event = written.event(actor)?;
        if event.at > now {
            return Err(AsideReason::FromTheFuture);
        }
        if event.at < self.last_at {
            return Err(AsideReason::OutOfOrder);
        }
        self.last_at = event.at;
        Ok(event)
    }
}

impl Written<'_> {
    fn event(&self, actor: &ActorId) -> Result<Event, AsideReason> {
        let kind = EventKind::from_word(&self.kind).filter(|kind| kind.comes_from_outside());
        let kind = kind.ok_or(AsideReason::UnknownKind)?;
        self.read(kind, actor).ok_or(AsideReason::Unreadable)
    }

    fn read(&self, kind: EventKind, actor: &ActorId) -> Option<Event> {
        let mut subjects: Vec<Hash> =
            self.subjects.iter().map(|subject| unhex(subject)).collect::<Option<_>>()?;
        subjects.sort_unstable();
        subjects.dedup();
        Some(Event {
            at: self.at.parse().ok()?,
            kind,
            actor: actor.clone(),
            purpose: named(self.purpose.as_deref(), ActivityId::parse)?,
            rule: None,
            subjects,
            case: named(self.case.as_deref(), CaseId::parse)?,
            detail: self.detail.to_string(),
        })
    }
}

/// A name that may be absent; `None` if it is there and is not a name.
fn named<T, F>(text: Option<&str>, parse: impl Fn(&str) -> Result<T, F>) -> Option<Option<T>> {
    match text {
        Some(text) => parse(text).ok().map(Some),
        None => Some(None),
    }
}
