//! Series of an area, some at a time.
//!
//! What comes in: who asks, what for, of which place and days. What goes out: the numbers of some series more, and a permit to
//! judge or change them that is asked for anew before it expires. Each step of whoever uses it is a short transaction, so that others
//! write in between. Only numbers are held, so an area of millions is no matter of memory. Never: a value.

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{Operation, Refuse};
use tidstro_model::SeriesNo;
use tidstro_store::{Decided, Permit};

use crate::alarms::permits_to_watch;
use crate::answer::granted;
use crate::correct::finest;
use crate::disclose::{SeriesAsk, ask_for};
use crate::{Answer, FlowFault, Workspace};

/// Permits are asked for anew after this, well before they expire.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// Series of one step: a year of their days is a transaction of some seconds.
const STEP_SERIES: usize = 32;

/// What is done with which series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Every one in scope, and nothing is changed.
    ToJudge,
    /// Every one in scope is judged anew.
    Every,
    /// Values are made in those of intervals.
    OfIntervals,
}

impl Which {
    const fn operation(self) -> Operation {
        match self {
            Self::ToJudge => Operation::Compute,
            Self::Every | Self::OfIntervals => Operation::Correct,
        }
    }
}

/// Series under way. Dropped at any point, nothing is left to be undone.
pub(crate) struct SeriesSteps<'w> {
    pub(crate) workspace: &'w Workspace,
    asked: SeriesAsk,
    which: Which,
    permit: Permit,
    /// For alarms of series that are estimated for too long.
    alarms: Vec<Permit>,
    permitted: Timestamp,
    series: Vec<SeriesNo>,
    done: usize,
}

impl<'w> SeriesSteps<'w> {
    /// Asks for a permit and looks up the series; of the ask counts all but the resolution.
    pub(crate) async fn begin(
        workspace: &'w Workspace,
        asked: SeriesAsk,
        which: Which,
        now: Timestamp,
    ) -> Result<Answer<Self>, FlowFault> {
        let permit = granted!(permit(workspace, (&asked, which), now).await?);
        let of = (asked.days, asked.series);
        let series = match which {
            Which::ToJudge => workspace.store.series_to_judge(&permit, of, now).await?,
            Which::Every => workspace.store.series_to_change(&permit, of, now).await?,
            Which::OfIntervals => workspace.store.series_to_estimate(&permit, of, now).await?,
        };
        let alarms = alarms(workspace, (&asked, which), now).await?;
        Ok(Answer::Given(Self { workspace, asked, which, permit, alarms, permitted: now, series, done: 0 }))
    }

    /// Asks for the permits anew if they are old.
    pub(crate) async fn renew(&mut self, now: Timestamp) -> Result<Option<Refuse>, FlowFault> {
        if now.duration_since(self.permitted) > RENEW_AFTER {
            self.alarms = alarms(self.workspace, (&self.asked, self.which), now).await?;
            match permit(self.workspace, (&self.asked, self.which), now).await? {
                Decided::Granted(permit) => (self.permit, self.permitted) = (permit, now),
                Decided::Refused(refuse) => return Ok(Some(refuse)),
            }
        }
        Ok(None)
    }

    /// The permit to judge or correct.
    pub(crate) const fn permit(&self) -> &Permit {
        &self.permit
    }

    /// That permit, and those to keep alarms of what is estimated for too long.
    pub(crate) fn permits(&self) -> (&Permit, &[Permit]) {
        (&self.permit, &self.alarms)
    }

    /// The series of the next step; none when all are done.
    pub(crate) fn series(&self) -> Vec<SeriesNo> {
        self.series.iter().skip(self.done).take(STEP_SERIES).copied().collect()
    }

    /// A step was done: how many series it had.
    pub(crate) const fn did(&mut self, count: usize) {
        self.done += count;
    }

    /// How many series are done, and how many there are.
    pub(crate) const fn progress(&self) -> (usize, usize) {
        (self.done, self.series.len())
    }
}

/// Permits to keep alarms, where something is changed.
async fn alarms(
    workspace: &Workspace,
    (asked, which): (&SeriesAsk, Which),
    now: Timestamp,
) -> Result<Vec<Permit>, FlowFault> {
    match which {
        Which::ToJudge => Ok(Vec::new()),
        Which::Every | Which::OfIntervals => permits_to_watch(workspace, &asked.actor, now).await,
    }
}

async fn permit(
    workspace: &Workspace,
    (asked, which): (&SeriesAsk, Which),
    now: Timestamp,
) -> Result<Decided, FlowFault> {
    let resolution = finest(workspace, &asked.purpose, &asked.category);
    let ask = ask_for(workspace, &SeriesAsk { resolution, ..asked.clone() }, which.operation()).await?;
    Ok(workspace.store.permit(ask, now).await?)
}
