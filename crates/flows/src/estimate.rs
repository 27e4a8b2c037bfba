//! Values for intervals that have none.
//!
//! What comes in: who asks, what for, of which place and days, and by which method. What goes out: what was made day by
//! day, and what it adds up to beside the register, as far as the purpose sees values so fine. Measured values stay as they
//! are; one that comes later takes the place of its estimate. It is a step at a time, each a short transaction, so that it can be
//! stopped at any point; the same call again finds what is left to do. This file opens what the store discloses (see
//! `tests/doors.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_metering::estimation::Profile;
use tidstro_model::{Findings, Method, PointNo, Rule};
use tidstro_store::{EstimateJob, EstimatedSeries, ProfileChoice};

pub use tidstro_store::EstimatedDay;

use crate::answer::given;
use crate::disclose::{SeriesAsk, SeriesLine, line};
use crate::series_steps::{SeriesSteps, Which};
use crate::{Answer, FlowFault, Workspace};

/// Chains of estimates over more local days are told of, unless somebody says another number.
pub const CHAIN_DAYS: u32 = 14;

/// What is estimated, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateAsk {
    /// Of these count actor, purpose, category, point or area, series and days.
    pub asked: SeriesAsk,
    /// By which method.
    pub method: EstimateMethod,
    /// The standard load profile of [`EstimateMethod::Profile`], by name; without one, that of the series' class.
    pub profile: Option<String>,
    /// The metering point whose shape [`EstimateMethod::Neighbour`] takes; without one, those of the other children of the same
    /// parent.
    pub check_meter: Option<String>,
    /// Values that failed one of these rules are estimated anew; without any, no value is.
    pub rejected: Vec<Rule>,
    /// Chains of estimates over more local days are told of.
    pub chain_days: u32,
    /// Only tell what would be made.
    pub is_dry: bool,
}

/// How values are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EstimateMethod {
    /// A line over a gap of at most two hours, else the mean of like days.
    Auto,
    /// A line only.
    Linear,
    /// The mean of like days only.
    LikeDays,
    /// What the parent of a point leaves, less its other children; only for whole areas.
    Balance,
    /// The shape of a standard load profile.
    Profile,
    /// The shape of the other children of a point's parent, or of a check meter; only for whole areas.
    Neighbour,
}

impl EstimateMethod {
    /// Every method.
    pub const ALL: [Self; 6] =
        [Self::Auto, Self::Linear, Self::LikeDays, Self::Balance, Self::Profile, Self::Neighbour];

    /// The word used in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Linear => Method::Linear.code(),
            Self::LikeDays => Method::LikeDays.code(),
            Self::Balance => Method::Balance.code(),
            Self::Profile => Method::Profile.code(),
            Self::Neighbour => Method::Neighbour.code(),
        }
    }

    pub(crate) fn plan(self) -> Vec<Method> {
        match self {
            Self::Auto => vec![Method::Linear, Method::LikeDays],
            Self::Linear => vec![Method::Linear],
            Self::LikeDays => vec![Method::LikeDays],
            Self::Balance => vec![Method::Balance],
            Self::Profile => vec![Method::Profile],
            Self::Neighbour => vec![Method::Neighbour],
        }
    }
}

/// What an estimation did.
#[derive(Clone, PartialEq, Eq)]
pub struct EstimateReport {
    /// Series in which something was made, or could not be.
    pub series: Vec<SeriesEstimates>,
    /// Days that may not be changed after all: erased, or out of reach.
    pub not_kept: u64,
}

/// A series in which something was made, or could not be.
#[derive(Clone, PartialEq, Eq)]
pub struct SeriesEstimates {
    /// The series.
    pub line: SeriesLine,
    /// Days with estimates made now, and days that still lack values, in order.
    pub days: Vec<EstimatedDay>,
    /// Stretches that could not be estimated: from when, until when, and why.
    pub refused: Vec<(Timestamp, Timestamp, String)>,
    /// Chains of estimates over too many days, as they are afterwards.
    pub chains: Vec<EstimateChain>,
}

/// Estimates in a row, without a measured value between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstimateChain {
    /// Local day of the first one.
    pub first: Date,
    /// Local day of the last one.
    pub last: Date,
    /// How many.
    pub intervals: u64,
}

/// An estimation under way. Dropped at any point, what was done stays; a new one does what is left.
pub struct Estimation<'w> {
    steps: SeriesSteps<'w>,
    job: EstimateJob,
}

impl<'w> Estimation<'w> {
    /// Asks for what it needs; nothing is done yet.
    ///
    /// # Errors
    /// [`FlowFault`] for an unknown area or profile, or if the store fails.
    pub async fn begin(
        workspace: &'w Workspace,
        asked: EstimateAsk,
        now: Timestamp,
    ) -> Result<Answer<Self>, FlowFault> {
        let job = EstimateJob {
            days: asked.asked.days,
            plan: asked.method.plan(),
            profile: profile(workspace, &asked).await?,
            check_meter: check_meter(workspace, &asked).await?,
            rejected: Findings::of(&asked.rejected),
            chain_days: asked.chain_days,
            is_dry: asked.is_dry,
        };
        let steps = given!(SeriesSteps::begin(workspace, asked.asked, Which::OfIntervals, now).await?);
        Ok(Answer::Given(Self { steps, job }))
    }

    /// Estimates some series more, and registers it unless it is a dry run. What that did; `None` when nothing is left to do.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails; what was done before stays.
    pub async fn step(&mut self, now: Timestamp) -> Result<Answer<Option<EstimateReport>>, FlowFault> {
        if let Some(refuse) = self.steps.renew(now).await? {
            return Ok(Answer::Refused(refuse));
        }
        let series = self.steps.series();
        if series.is_empty() {
            return Ok(Answer::Given(None));
        }
        let (store, permits, count) = (&self.steps.workspace.store, self.steps.permits(), series.len());
        let done = store.estimate(permits, self.job.clone(), series, now).await?.open(permits.0)?;
        self.steps.did(count);
        let told = done.series.into_iter().map(self::series).collect();
        Ok(Answer::Given(Some(EstimateReport { series: told, not_kept: done.not_kept })))
    }

    /// How many series were looked at, and how many there are.
    #[must_use]
    pub const fn progress(&self) -> (usize, usize) {
        self.steps.progress()
    }
}

/// Estimates everything that was asked for, and tells it at once: for places that are not large.
///
/// # Errors
/// As [`Estimation::step`].
pub async fn estimate(
    workspace: &Workspace,
    asked: EstimateAsk,
    now: Timestamp,
) -> Result<Answer<EstimateReport>, FlowFault> {
    let mut estimation = given!(Estimation::begin(workspace, asked, now).await?);
    let mut whole = EstimateReport { series: Vec::new(), not_kept: 0 };
    while let Some(report) = given!(estimation.step(now).await?) {
        whole.series.extend(report.series);
        whole.not_kept += report.not_kept;
    }
    Ok(Answer::Given(whole))
}

/// The profile that is asked for, or those that the rules name for classes, as they are known now.
async fn profile(workspace: &Workspace, asked: &EstimateAsk) -> Result<ProfileChoice, FlowFault> {
    if asked.method != EstimateMethod::Profile {
        return Ok(ProfileChoice::ByClass(BTreeMap::new()));
    }
    if let Some(name) = asked.profile.clone().filter(|name| !name.is_empty()) {
        return Ok(ProfileChoice::Named(shares(workspace, name).await?));
    }
    let (rules, _) = workspace.store.rules().await?;
    let mut profiles = BTreeMap::new();
    for name in rules.profiles() {
        profiles.insert(name.to_owned(), shares(workspace, name.to_owned()).await?);
    }
    if profiles.is_empty() { Err(FlowFault::NoProfile) } else { Ok(ProfileChoice::ByClass(profiles)) }
}

/// The shares of one profile.
async fn shares(workspace: &Workspace, name: String) -> Result<Arc<Profile>, FlowFault> {
    let shares = workspace.store.profile_shares(Some(name.clone()), None).await?;
    if shares.is_empty() {
        return Err(FlowFault::UnknownProfile { name });
    }
    let shares = shares.into_iter().filter_map(|stated| Some((stated.at, stated.share?)));
    Ok(Arc::new(Profile::of(shares)))
}

/// The number of the check meter. One that nobody has is out of reach as well, so that an answer does not tell.
async fn check_meter(workspace: &Workspace, asked: &EstimateAsk) -> Result<Option<PointNo>, FlowFault> {
    let Some(name) = asked.check_meter.clone() else { return Ok(None) };
    let known = workspace.store.named_point(name).await?;
    Ok(Some(known.unwrap_or(PointNo::new(0))))
}

fn series(estimated: EstimatedSeries) -> SeriesEstimates {
    let refused = estimated.refused.into_iter();
    let chains = estimated.chains.into_iter();
    SeriesEstimates {
        line: line(estimated.entry),
        days: estimated.days,
        refused: refused.map(|(between, why)| (between.start(), between.end(), why.to_string())).collect(),
        chains: chains
            .map(|chain| EstimateChain {
                first: chain.first.0,
                last: chain.last.0,
                intervals: chain.intervals,
            })
            .collect(),
    }
}
