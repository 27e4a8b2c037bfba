//! Closed months of series are put into one row each: the same versions in less room, and faster to read.
//!
//! An actor, an area and a month come in; how many months were written goes out. It is a step at a time, each a short
//! transaction, so that a program can do it beside its other work and stop at any point. Nothing is disclosed: the permit is
//! to *store*, under each purpose that keeps the values anyway (`docs/DECISIONS/0028-months.md`).

mod beside;

pub use beside::{CompactNews, Quiet, compact_beside};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use tidstro_govern::{Activity, Ask, Operation, Target};
use tidstro_model::{ActorId, CategoryId, DayRange, Resolution};
use tidstro_store::{CompactBite, CompactCursor, Decided, Permit};

use crate::disclose::target_of;
use crate::findings::SERIES_CATEGORIES;
use crate::{Answer, FlowFault, Workspace};

/// Permits are asked for anew after this, well before they expire.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// Local days after which the values of a day change as a rule no more. D.1 closes on the 5th working day; no row of holidays
/// makes that more than two weeks.
const OPEN_DAYS: i32 = 14;

/// Series of one step.
const SERIES: u32 = 256;

/// What is to be compacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactAsk {
    /// Who does it: an actor with a role that stores series.
    pub actor: ActorId,
    /// One building or grid area, by name; all of them without one.
    pub area: Option<String>,
    /// Months before the one this day lies in; without it, every month that is closed.
    pub before: Option<Date>,
}

/// What was done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactReport {
    /// Months before the one this day lies in.
    pub before: Date,
    /// Months written, each of one series under one key.
    pub months: u64,
    /// Versions of local days that were put into them.
    pub versions: u64,
    /// Local days that stay as they are: whose they are has changed, they are erased, or they hold too much.
    pub left: u64,
    /// The month last worked on: its first local day.
    pub month: Option<Date>,
}

/// A compaction under way. Dropped at any point, nothing is lost; a new one goes on with what is left.
pub struct Compaction<'w> {
    workspace: &'w Workspace,
    asked: CompactAsk,
    permits: Vec<Permit>,
    permitted: Timestamp,
    next: Option<CompactCursor>,
    series: u32,
    report: CompactReport,
}

impl<'w> Compaction<'w> {
    /// Asks for what it needs; nothing is done yet.
    ///
    /// # Errors
    /// [`FlowFault::UnknownArea`], or if the store fails.
    pub async fn begin(
        workspace: &'w Workspace,
        asked: CompactAsk,
        now: Timestamp,
    ) -> Result<Answer<Self>, FlowFault> {
        let permits = match permits(workspace, &asked, now).await? {
            Answer::Given(permits) => permits,
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        };
        let before = asked.before.unwrap_or_else(|| first_open_day(workspace, now));
        let report = CompactReport { before, months: 0, versions: 0, left: 0, month: None };
        let (next, series) = (None, SERIES);
        Ok(Answer::Given(Self { workspace, asked, permits, permitted: now, next, series, report }))
    }

    /// Takes so many series a step, and not as many as a step for itself: whoever writes meanwhile waits for one.
    #[must_use]
    pub const fn in_bites_of(mut self, series: u32) -> Self {
        self.series = series;
        self
    }

    /// Takes the next step. Whether there may be another.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails, or a retention run is unfinished; what was done before stays.
    pub async fn step(&mut self, now: Timestamp) -> Result<Answer<bool>, FlowFault> {
        if now.duration_since(self.permitted) > RENEW_AFTER {
            match permits(self.workspace, &self.asked, now).await? {
                Answer::Given(permits) => self.permits = permits,
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
            self.permitted = now;
        }
        let store = &self.workspace.store;
        let bite = CompactBite { before: self.report.before, from: self.next, series: self.series };
        let step = store.compact_step(&self.permits, bite, now).await?;
        self.next = step.next;
        self.report.months += step.months;
        self.report.versions += step.versions;
        self.report.left += step.left;
        self.report.month = step.month.or(self.report.month);
        Ok(Answer::Given(step.next.is_some()))
    }

    /// What was done so far.
    #[must_use]
    pub const fn report(&self) -> &CompactReport {
        &self.report
    }
}

/// Compacts everything that is left.
///
/// # Errors
/// As [`Compaction::step`].
pub async fn compact(
    workspace: &Workspace,
    asked: CompactAsk,
    now: Timestamp,
) -> Result<Answer<CompactReport>, FlowFault> {
    let mut compaction = match Compaction::begin(workspace, asked, now).await? {
        Answer::Given(compaction) => compaction,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    loop {
        match compaction.step(now).await? {
            Answer::Given(true) => {}
            Answer::Given(false) => return Ok(Answer::Given(*compaction.report())),
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        }
    }
}

fn first_open_day(workspace: &Workspace, now: Timestamp) -> Date {
    let today = workspace.zone().day_of(now);
    today.checked_sub(OPEN_DAYS.days()).unwrap_or(Date::MIN)
}

/// A permit to store for each category of series and each purpose under which a role of the actor keeps it. Refused where there
/// is none.
async fn permits(
    workspace: &Workspace,
    asked: &CompactAsk,
    now: Timestamp,
) -> Result<Answer<Vec<Permit>>, FlowFault> {
    let target = target_of(workspace, &asked.actor, (None, asked.area.as_deref())).await?;
    let (mut permits, mut refused) = (Vec::new(), None);
    for ask in asks(workspace, &asked.actor, target)? {
        match workspace.store.permit(ask, now).await? {
            Decided::Granted(permit) => permits.push(permit),
            Decided::Refused(refuse) => refused = Some(refuse),
        }
    }
    match refused {
        Some(refuse) if permits.is_empty() => Ok(Answer::Refused(refuse)),
        _ => Ok(Answer::Given(permits)),
    }
}

fn asks(workspace: &Workspace, actor: &ActorId, target: Target) -> Result<Vec<Ask>, FlowFault> {
    let register = workspace.register();
    let mut asks = Vec::new();
    for category in SERIES_CATEGORIES {
        let category = CategoryId::parse(category)?;
        let stores = |activity: &&Activity| {
            activity.operations.contains(&Operation::Store) && activity.rule_for(&category).is_some()
        };
        for activity in register.activities().filter(stores) {
            asks.push(Ask {
                actor: actor.clone(),
                purpose: activity.id.clone(),
                operation: Operation::Store,
                category: category.clone(),
                target,
                days: DayRange::always(),
                // Nothing is seen; a year is coarse enough for every category.
                resolution: Resolution::P1Y,
                recipient: None,
                factors: 1,
            });
        }
    }
    // A purpose of others is no reason to refuse those of this actor, and nothing to be noted as tried.
    let holds = |ask: &Ask| {
        let actor = register.actors().find(|known| known.id == ask.actor);
        let activity = register.activity(&ask.purpose);
        let both = actor.zip(activity);
        both.is_some_and(|(actor, activity)| actor.roles.iter().any(|role| activity.roles.contains(role)))
    };
    if asks.iter().any(holds) {
        asks.retain(holds);
    }
    Ok(asks)
}
