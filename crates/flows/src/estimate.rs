//! Values for intervals that have none.
//!
//! What comes in: who asks, what for, of which place and days, and by which method. What goes out: what was made day by
//! day, and what it adds up to beside the register, as far as the purpose sees values so fine. Measured values stay as they
//! are; one that comes later takes the place of its estimate. This file opens what the store discloses (see
//! `tests/doors.rs`).

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::Operation;
use tidstro_model::{Findings, Method, Rule};
use tidstro_store::{EstimateJob, EstimatedSeries};

pub use tidstro_store::EstimatedDay;

use crate::answer::granted;
use crate::correct::finest;
use crate::disclose::{SeriesAsk, SeriesLine, ask_for, line};
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
}

impl EstimateMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Linear, Self::LikeDays];

    /// The word used in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Linear => Method::Linear.code(),
            Self::LikeDays => Method::LikeDays.code(),
        }
    }

    fn plan(self) -> Vec<Method> {
        match self {
            Self::Auto => vec![Method::Linear, Method::LikeDays],
            Self::Linear => vec![Method::Linear],
            Self::LikeDays => vec![Method::LikeDays],
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

/// Estimates what is missing, and registers it unless it is a dry run.
///
/// # Errors
/// [`FlowFault`] for an unknown area, or if the store fails; nothing is kept then.
pub async fn estimate(
    workspace: &Workspace,
    asked: EstimateAsk,
    now: Timestamp,
) -> Result<Answer<EstimateReport>, FlowFault> {
    let resolution = finest(workspace, &asked.asked.purpose, &asked.asked.category);
    let whole = SeriesAsk { resolution, ..asked.asked };
    let ask = ask_for(workspace, &whole, Operation::Correct).await?;
    let permit = granted!(workspace.store.permit(ask, now).await?);
    let job = EstimateJob {
        days: whole.days,
        series: whole.series,
        plan: asked.method.plan(),
        rejected: Findings::of(&asked.rejected),
        chain_days: asked.chain_days,
        is_dry: asked.is_dry,
    };
    let done = workspace.store.estimate(&permit, job, now).await?.open(&permit)?;
    let series = done.series.into_iter().map(series).collect();
    Ok(Answer::Given(EstimateReport { series, not_kept: done.not_kept }))
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
