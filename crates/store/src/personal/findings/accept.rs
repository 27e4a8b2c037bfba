//! Values that somebody accepts as they are.
//!
//! A permit to correct, a rule and days come in; a version of each day goes out in which the values that failed the rule are
//! accepted, with who said so and why. The day is read and the version added in one transaction. Never: a changed value, or a day that is
//! another than the one that was looked at.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::Operation;
use tidstro_model::{Rule, SeriesNo};

use super::page::{FindingCursor, Looking};
use crate::gate::Terms;
use crate::personal::read::key_cuts;
use crate::personal::{
    Cause, CauseKind, ChainTerms, DayChange, NewVersion, Note, Registrar, Writing, append_versions,
};
use crate::reference::ensure_source;
use crate::{Permit, Store, StoreFault};

/// What is accepted, and why. It has no `Debug`: a reason may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct AcceptJob {
    /// The rule that values failed.
    pub rule: Rule,
    /// The days.
    pub days: Vec<AcceptDay>,
    /// Why.
    pub reason: String,
}

/// A day of a series as it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptDay {
    /// The series.
    pub series: SeriesNo,
    /// The local day.
    pub day: Date,
    /// The registration of the version that was looked at.
    pub seq: i64,
}

/// What accepting came to, in days of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Days with a new version.
    pub accepted: u64,
    /// Days that have another version than the one that was looked at, or wait no more: left as they are.
    pub others: u64,
    /// Days that may not be changed: erased, or out of reach.
    pub not_kept: u64,
}

impl Store {
    /// Accepts values of days that wait, all in one transaction. Alarms of series that are estimated for too long are kept under the
    /// permits for `alarms`.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct; nothing is kept on an error.
    pub async fn accept(
        &self,
        (permit, alarms): (&Permit, &[Permit]),
        job: AcceptJob,
        now: Timestamp,
    ) -> Result<Accepted, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        let chains = ChainTerms::of(self, alarms, now)?;
        self.threads
            .write(move |writing| writing.transact(|writing| accept(writing, (&terms, &chains), &job, now)))
            .await
    }
}

fn accept(
    writing: &mut Writing,
    (terms, chains): (&Arc<Terms>, &ChainTerms),
    job: &AcceptJob,
    now: Timestamp,
) -> Result<Accepted, StoreFault> {
    let versions = versions(writing, terms, job)?;
    let others = (job.days.len() - versions.len()) as u64;
    if versions.is_empty() {
        return Ok(Accepted { others, ..Accepted::default() });
    }
    let cause = Cause { kind: CauseKind::Acceptance, made_by: Some(format!("of `{}`", job.rule)) };
    let source = ensure_source(&writing.db, "acceptance")?;
    let alarms = chains.category();
    let registrar = Registrar { source, terms: Arc::clone(terms), now, alarms, cause };
    let done = append_versions(writing, &registrar, &chains.covers(terms), versions.into_iter())?;
    Ok(Accepted { accepted: done.changed, others, not_kept: done.too_old + done.not_permitted })
}

/// The days that are as they were looked at, with their values accepted.
fn versions(
    writing: &mut Writing,
    terms: &Arc<Terms>,
    job: &AcceptJob,
) -> Result<Vec<NewVersion>, StoreFault> {
    let cuts = key_cuts(&writing.db, &terms.scope().reach)?;
    let Writing { db, vault, .. } = writing;
    let mut looking = Looking { db, vault, terms, cuts: &cuts };
    let mut versions = Vec::with_capacity(job.days.len());
    for AcceptDay { series, day, seq } in job.days.iter().copied() {
        let newest = looking.newest(FindingCursor { day, series })?.filter(|(_, newest, _)| *newest == seq);
        let accepted = newest.and_then(|(_, _, block)| block.accepting(job.rule));
        let note = Note { actor: terms.actor.clone(), reason: job.reason.clone() };
        versions.extend(accepted.map(|block| NewVersion {
            series,
            day,
            change: DayChange::Judged(block),
            note: Some(note),
        }));
    }
    Ok(versions)
}
