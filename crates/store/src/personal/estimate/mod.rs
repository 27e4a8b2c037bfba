//! Values for intervals that have none: made from what is stored, and registered as new versions.
//!
//! What comes in: a permit to correct, days, methods, and some series. What goes out: new versions in which missing intervals are
//! estimated, and an account of it by day. Days are read and versions added in one transaction, so nothing that came
//! between is overwritten; an area is many of them, so that others write in between. Never: a change of a value that was measured and not rejected, a day that is not over, or one
//! person's days in the shape of another's.

mod around;
mod family;
mod series;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use tidstro_govern::Operation;
use tidstro_metering::Limits;
use tidstro_metering::estimation::{Chain, DayFault, Profile};
use tidstro_model::{DayRange, Decimal, Findings, Interval, Method, PointNo, Resolution, SeriesNo};

use super::read::{SeriesQuery, closed_windows_of, key_cuts, newest_of_windows, series_numbers};
use super::{Cause, CauseKind, ChainTerms, NewVersion, Registrar, Writing, append_versions};
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::{SeriesEntry, SeriesKind, ensure_source};
use crate::{Store, StoreFault};
use around::{Around, around};
use series::Estimating;

/// What is estimated, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateJob {
    /// The local days; those that are not over are left out.
    pub days: DayRange,
    /// The methods, in the order in which they are asked for each gap.
    pub plan: Vec<Method>,
    /// Whose shape [`Method::Profile`] takes.
    pub profile: ProfileChoice,
    /// Whose shape [`Method::Neighbour`] takes; without one, that of the other children of the point's parent.
    pub check_meter: Option<PointNo>,
    /// Rules whose failing takes a value out of the count: it is estimated anew. Without any, no value is.
    pub rejected: Findings,
    /// Chains of estimates over more local days than this are told of.
    pub chain_days: u32,
    /// Only tell what would be made.
    pub is_dry: bool,
}

/// Which standard load profile a series gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileChoice {
    /// This one.
    Named(Arc<Profile>),
    /// The one that the rules name for its class, by name.
    ByClass(BTreeMap<String, Arc<Profile>>),
}

impl ProfileChoice {
    /// The profile of a series whose class has these limits.
    fn of(&self, limits: &Limits<'_>) -> Option<Arc<Profile>> {
        match self {
            Self::Named(profile) => Some(Arc::clone(profile)),
            Self::ByClass(profiles) => profiles.get(limits.profile?).cloned(),
        }
    }
}

/// What an estimation did.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EstimateOutcome {
    /// Series in which something was made, or could not be.
    pub series: Vec<EstimatedSeries>,
    /// Days that may not be changed after all: erased, or out of reach.
    pub not_kept: u64,
}

/// A series in which something was made, or could not be.
#[derive(Clone, PartialEq, Eq)]
pub struct EstimatedSeries {
    /// The series.
    pub entry: SeriesEntry,
    /// Days with estimates made now, and days that still lack values, in order.
    pub days: Vec<EstimatedDay>,
    /// Stretches that could not be estimated, and why.
    pub refused: Vec<(Interval, DayFault)>,
    /// Chains of estimates over too many days, as they are afterwards.
    pub chains: Vec<Chain>,
}

/// A local day. It has no `Debug`: sums belong to people.
#[derive(Clone, PartialEq, Eq)]
pub struct EstimatedDay {
    /// The local day.
    pub day: Date,
    /// How many intervals each method made a value for.
    pub made: Vec<(Method, u32)>,
    /// How many intervals still have no value.
    pub left: u32,
    /// Sum of the estimates made now, in the unit of the series; `None` where intervals are finer than the permit.
    pub estimated: Option<Decimal>,
    /// Sum of all values of the day afterwards; `None` where intervals are finer than the permit.
    pub sum: Option<Decimal>,
    /// What the register says passed on the day; `None` unless it was read at both midnights.
    pub register: Option<Decimal>,
}

impl Store {
    /// The series in scope that estimates can be made for, in order: what [`Store::estimate`] takes some of at a time.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct.
    pub async fn series_to_estimate(
        &self,
        permit: &Permit,
        asked: (DayRange, Option<SeriesNo>),
        now: Timestamp,
    ) -> Result<Vec<SeriesNo>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        let has_intervals = |entry: &SeriesEntry| entry.meta.kind == SeriesKind::Interval;
        self.threads.read(move |reading| series_numbers(&reading.db, &terms, asked, has_intervals)).await
    }

    /// Estimates what is missing on the days in scope of these series and registers it, or tells what it would be: one
    /// transaction. Alarms of series that are estimated for too long are kept under the permits for `alarms`.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct; nothing is kept on an error.
    pub async fn estimate(
        &self,
        (permit, alarms): (&Permit, &[Permit]),
        job: EstimateJob,
        series: Vec<SeriesNo>,
        now: Timestamp,
    ) -> Result<Disclosed<EstimateOutcome>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Correct, now)?;
        let chains = ChainTerms::of(self, alarms, now)?;
        let done = self
            .threads
            .write(move |writing| {
                writing.transact(|writing| estimate(writing, (&terms, &chains), (&job, &series), now))
            })
            .await?;
        Ok(Disclosed::new(done, permit))
    }
}

fn estimate(
    writing: &mut Writing,
    (terms, chains): (&Arc<Terms>, &ChainTerms),
    (job, series): (&EstimateJob, &[SeriesNo]),
    now: Timestamp,
) -> Result<EstimateOutcome, StoreFault> {
    let cuts = key_cuts(&writing.db, &terms.scope().reach)?;
    let today = writing.zone.day_of(now);
    let (mut outcome, mut versions) = (EstimateOutcome::default(), Vec::new());
    let query = SeriesQuery { series: None, days: job.days, resolution: Resolution::PT1H, as_of: None };
    let windows = closed_windows_of(&writing.db, terms, &query, series)?;
    let beside = Around::look_up(writing, &windows)?;
    let newest =
        newest_of_windows((&writing.db, &mut writing.vault), &windows, around(terms), (i64::MAX, &cuts))?;
    for (window, newest) in windows.iter().zip(newest) {
        let mut estimating = Estimating::new(writing, (terms, job), (&cuts, &beside), today);
        let (told, made) = estimating.series(window, newest)?;
        versions.extend(made);
        outcome.series.extend(told);
    }
    if !job.is_dry {
        outcome.not_kept = register(writing, (terms, chains), (job, versions), now)?;
    }
    Ok(outcome)
}

/// Adds the versions; returns how many were not kept.
fn register(
    writing: &mut Writing,
    (terms, chains): (&Arc<Terms>, &ChainTerms),
    (job, versions): (&EstimateJob, Vec<NewVersion>),
    now: Timestamp,
) -> Result<u64, StoreFault> {
    if versions.is_empty() {
        return Ok(0);
    }
    let methods: Vec<&str> = job.plan.iter().map(|method| method.code()).collect();
    let cause = Cause { kind: CauseKind::Estimation, made_by: Some(methods.join(", ")) };
    let source = ensure_source(&writing.db, "estimation")?;
    let alarms = chains.category();
    let registrar = Registrar { source, terms: Arc::clone(terms), now, alarms, cause };
    let done = append_versions(writing, &registrar, &chains.covers(terms), versions.into_iter())?;
    Ok(done.too_old + done.not_permitted)
}
