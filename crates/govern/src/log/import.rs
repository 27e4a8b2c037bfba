//! Events that another program reports: which are taken, and which are kept aside as evidence.
//!
//! What comes in: lines of JSON, each with the hash of the line before, and where the last import of the
//! same actor ended. What goes out: what each reports, for the gate and the rules of cases and leases to
//! judge, or why the line says nothing. Never: an event of a kind that only this program can know; a line of
//! the outside in a message. The form of a line is `docs/EVENTS.md`.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use tidstro_calendar::{Amount, Zone};
use tidstro_model::{ActivityId, ActorId, CaseId, DayRange, DossierNo, ObligationId, OccupancyNo, TriggerId};

use super::{EventKind, Hash, unhex};
use crate::vocabulary::words;
use crate::{CaseEvent, CaseStep, LeaseEvent, LeaseEventKind, Matter, Moment};

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
        /// The register gives whoever reported it no leave to.
        Refused = "refused",
        /// The register, or what its case or subject has, does not allow it.
        NotAdmitted = "not-admitted",
    }
);

/// What every line has. `prior` is the SHA-256 of the line before, without its line end; 64 zeros in the first.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    prior: Cow<'a, str>,
}

/// What every report has, with a chain or without.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// A line of kind `lease-event`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaseLine<'a> {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "prior")]
    _prior: Option<IgnoredAny>,
    at: Option<Cow<'a, str>>,
    on: Option<Cow<'a, str>>,
    what: Cow<'a, str>,
    subject: Cow<'a, str>,
    purpose: Cow<'a, str>,
    occupancy: Option<u32>,
    dossier: Option<u32>,
    activity: Option<Cow<'a, str>>,
    from: Option<Cow<'a, str>>,
    to: Option<Cow<'a, str>>,
}

/// A line of kind `case-event`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseLine<'a> {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "prior")]
    _prior: Option<IgnoredAny>,
    at: Option<Cow<'a, str>>,
    on: Option<Cow<'a, str>>,
    what: Cow<'a, str>,
    case: Cow<'a, str>,
    starts: Option<Cow<'a, str>>,
    obligation: Option<Cow<'a, str>>,
    extend: Option<Cow<'a, str>>,
    reason: Option<Cow<'a, str>>,
}

/// What a line says has happened. Whether it is recorded is for the register to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// To the leases of a subject.
    Lease(ReportedLease),
    /// In a case.
    Case(CaseEvent),
}

/// What a line says has happened to the leases of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedLease {
    /// What the reporter acts for: an activity of the register.
    pub purpose: ActivityId,
    /// What master data call the subject.
    pub reference: String,
    /// What happened.
    pub event: LeaseEvent,
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
    /// Takes the next line, without its line end. `zone` is the one of the register's local days.
    ///
    /// After a break in the chain no line fits any more: what follows may have been made up. A line that
    /// fits and is kept aside for another reason stays part of the chain.
    ///
    /// # Errors
    /// [`AsideReason`] if the line must be kept aside.
    pub fn line(
        &mut self,
        line: &[u8],
        actor: &ActorId,
        now: Timestamp,
        zone: &Zone,
    ) -> Result<Reported, AsideReason> {
        let head: Head<'_> = serde_json::from_slice(line).map_err(|_| AsideReason::Unreadable)?;
        if unhex(&head.prior) != Some(self.last_line) {
            return Err(AsideReason::BrokenPrior);
        }
        self.last_line = Sha256::digest(line).into();
        let (at, reported) = read(&head.kind, line, actor, now, zone)?;
        self.in_order(at, now, zone)?;
        Ok(reported)
    }

    /// Of a day, any instant may be meant: it is out of order only if all of it is.
    fn in_order(&mut self, at: Moment, now: Timestamp, zone: &Zone) -> Result<(), AsideReason> {
        let (earliest, latest) = match at {
            Moment::Instant(at) => (at, at),
            Moment::Day(day) => (zone.day_start(day), zone.day(day).end()),
        };
        if earliest > now {
            return Err(AsideReason::FromTheFuture);
        }
        if latest < self.last_at {
            return Err(AsideReason::OutOfOrder);
        }
        self.last_at = self.last_at.max(earliest);
        Ok(())
    }
}

/// What a report says that comes by itself, without a place in a chain of lines: `actor` answers for it, and it is `prior` to nothing.
///
/// # Errors
/// [`AsideReason`] if it says nothing that another program may report.
pub fn read_report(
    report: &[u8],
    actor: &ActorId,
    now: Timestamp,
    zone: &Zone,
) -> Result<Reported, AsideReason> {
    let head: Kind<'_> = shaped(report)?;
    Ok(read(&head.kind, report, actor, now, zone)?.1)
}

fn read(
    kind: &str,
    line: &[u8],
    actor: &ActorId,
    now: Timestamp,
    zone: &Zone,
) -> Result<(Moment, Reported), AsideReason> {
    match EventKind::from_word(kind) {
        Some(EventKind::LeaseEvent) => {
            let written: LeaseLine<'_> = shaped(line)?;
            let kind = LeaseEventKind::from_word(&written.what).ok_or(AsideReason::UnknownKind)?;
            written.read(kind, zone).ok_or(AsideReason::Unreadable)
        }
        Some(EventKind::CaseEvent) => {
            let written: CaseLine<'_> = shaped(line)?;
            written.read(actor, now).ok_or(AsideReason::Unreadable)
        }
        _ => Err(AsideReason::UnknownKind),
    }
}

fn shaped<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, AsideReason> {
    serde_json::from_slice(line).map_err(|_| AsideReason::Unreadable)
}

impl LeaseLine<'_> {
    /// Leases move at instants: a day means its first one.
    fn read(&self, kind: LeaseEventKind, zone: &Zone) -> Option<(Moment, Reported)> {
        let moment = moment(self.at.as_deref(), self.on.as_deref())?;
        let at = match moment {
            Moment::Instant(at) => at,
            Moment::Day(day) => zone.day_start(day),
        };
        let event = LeaseEvent {
            at,
            kind,
            matter: matter(self.occupancy, self.dossier)?,
            activity: given(self.activity.as_deref(), |text| ActivityId::parse(text).ok())?,
            days: days(self.from.as_deref(), self.to.as_deref())?,
        };
        let purpose = ActivityId::parse(&self.purpose).ok()?;
        let reference = self.subject.to_string();
        Some((moment, Reported::Lease(ReportedLease { purpose, reference, event })))
    }
}

impl CaseLine<'_> {
    fn read(&self, actor: &ActorId, now: Timestamp) -> Option<(Moment, Reported)> {
        let at = moment(self.at.as_deref(), self.on.as_deref())?;
        let case = CaseId::parse(&self.case).ok()?;
        let event = CaseEvent { case, at, step: self.step()?, by: actor.clone(), recorded: now };
        Some((at, Reported::Case(event)))
    }

    /// A field that the step has no use for makes the line unreadable: it would be dropped in silence.
    fn step(&self) -> Option<CaseStep> {
        let obligation = given(self.obligation.as_deref(), |text| ObligationId::parse(text).ok())?;
        let by = given(self.extend.as_deref(), |text| Amount::parse(text).ok())?;
        let starts: Option<Date> = given(self.starts.as_deref(), |text| text.parse().ok())?;
        let reason = self.reason.as_deref().map(str::to_owned);
        match (&*self.what, obligation, by, reason, starts) {
            ("extension", Some(obligation), Some(by), Some(reason), None) => {
                Some(CaseStep::Extension { obligation, by, reason })
            }
            ("pause", Some(obligation), None, Some(reason), None) => {
                Some(CaseStep::Pause { obligation, reason })
            }
            ("resume", Some(obligation), None, None, None) => Some(CaseStep::Resume { obligation }),
            ("extension" | "pause" | "resume", ..) => None,
            (trigger, None, None, None, starts) => {
                Some(CaseStep::Trigger { trigger: TriggerId::parse(trigger).ok()?, starts })
            }
            _ => None,
        }
    }
}

/// When it happened: exactly one of the two says so.
fn moment(at: Option<&str>, on: Option<&str>) -> Option<Moment> {
    match (at, on) {
        (Some(at), None) => at.parse().ok().map(Moment::Instant),
        (None, Some(on)) => on.parse().ok().map(Moment::Day),
        _ => None,
    }
}

/// At most one of the two.
const fn matter(occupancy: Option<u32>, dossier: Option<u32>) -> Option<Option<Matter>> {
    match (occupancy, dossier) {
        (None, None) => Some(None),
        (Some(number), None) => Some(Some(Matter::Occupancy(OccupancyNo::new(number)))),
        (None, Some(number)) => Some(Some(Matter::Dossier(DossierNo::new(number)))),
        (Some(_), Some(_)) => None,
    }
}

/// Both or neither, half open.
fn days(from: Option<&str>, to: Option<&str>) -> Option<Option<DayRange>> {
    match (from, to) {
        (None, None) => Some(None),
        (Some(from), Some(to)) => DayRange::new(from.parse().ok()?, to.parse().ok()?).ok().map(Some),
        _ => None,
    }
}

/// Something that may be left out; `None` if it is there and is not what it should be.
fn given<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        Some(text) => read(text).map(Some),
        None => Some(None),
    }
}
