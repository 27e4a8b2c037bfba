//! Buildings, as those who administer them see them: whether their meters work, who lives where, who moves, and whom no mail
//! reaches.
//!
//! What comes in: who asks, and for which purposes of the register. What goes out: buildings by number, their units, and of people
//! what the purpose reaches. Never: how much anybody uses; nothing here asks for consumption. This file and `letters` open what the
//! store discloses (see `tests/doors.rs`).

mod letters;
mod moves;
mod one;
mod state;

pub use letters::{LetterLine, Letters, export_letters, letters};
pub use moves::{Move, MoveMade, MovePreview, MoveRefusal, MoveStep, make_move, preview_move};
pub use one::{BuildingView, DeviceLine, MeterPlace, OccupantView, UnitView, one_building};
pub use state::{BuildingState, BuildingsView, Deadline, DeadlineKind, buildings};

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{first_of_month, next_month};
use tidstro_govern::{Ask, Operation, PersonalColumn, Recipient, Target};
use tidstro_model::{ActivityId, ActorId, AreaNo, CategoryId, DayRange, Resolution};
use tidstro_store::{Decided, Occupant, OccupantPermits, PointRead};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Who looks after buildings, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildingsAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for, where it is about people: an activity of the register.
    pub people: ActivityId,
    /// What for, where it is about meters; `None` for whoever may not know of meters.
    pub meters: Option<ActivityId>,
    /// How many factors the actor's session has proved: 1 or 2.
    pub factors: u8,
}

/// A personal column, and in words what it is of.
type Column = (PersonalColumn<'static>, &'static str);

const OCCUPANCY: Column = (PersonalColumn { table: "occupancy", column: "start_day" }, "occupancies");
const NAME: Column = (PersonalColumn { table: "subject", column: "sealed_name" }, "names");
const CONTACT: Column = (PersonalColumn { table: "subject", column: "sealed_contact" }, "contacts");
const ALARM: Column = (PersonalColumn { table: "alarm", column: "sealed" }, "alarms of meters");
const CHOICES: Column = (PersonalColumn { table: "subject_event", column: "kind" }, "choices");

/// The category the register gives a column.
fn category_of(workspace: &Workspace, (column, of): &Column) -> Result<CategoryId, FlowFault> {
    let category = workspace.register().category_of(column);
    category.map(|category| category.id.clone()).ok_or(FlowFault::NoCategory { of })
}

/// What is asked of the gate.
struct Wanted<'a> {
    purpose: &'a ActivityId,
    column: Column,
    operation: Operation,
    target: Target,
    recipient: Option<Recipient>,
}

impl BuildingsAsk {
    /// Asks the gate.
    async fn decided(
        &self,
        workspace: &Workspace,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Decided, FlowFault> {
        let ask = Ask {
            actor: self.actor.clone(),
            purpose: wanted.purpose.clone(),
            operation: wanted.operation,
            category: category_of(workspace, &wanted.column)?,
            target: wanted.target,
            days: DayRange::always(),
            resolution: Resolution::Raw,
            recipient: wanted.recipient,
            factors: self.factors,
        };
        Ok(workspace.store.permit(ask, now).await?)
    }

    /// Asks to read a column of an area, or of everything.
    async fn reading(
        &self,
        workspace: &Workspace,
        (purpose, column): (&ActivityId, Column),
        area: Option<AreaNo>,
        now: Timestamp,
    ) -> Result<Decided, FlowFault> {
        let target = area.map_or(Target::Everything, Target::Area);
        let wanted = Wanted { purpose, column, operation: Operation::Read, target, recipient: None };
        self.decided(workspace, wanted, now).await
    }

    /// On how many days each point was read; nothing for whoever may not know of meters.
    async fn read(
        &self,
        workspace: &Workspace,
        (area, days): (Option<AreaNo>, DayRange),
        now: Timestamp,
    ) -> Result<Answer<Vec<PointRead>>, FlowFault> {
        let Some(meters) = &self.meters else { return Ok(Answer::Given(Vec::new())) };
        let permit = granted!(self.reading(workspace, (meters, ALARM), area, now).await?);
        Ok(Answer::Given(workspace.store.days_read(&permit, days, now).await?.open(&permit)?))
    }

    /// Whether the purpose about people may see a column at all: what it may not is not asked for, and not shown.
    fn sees(&self, workspace: &Workspace, column: &Column) -> bool {
        let activity = workspace.register().activity(&self.people);
        let category = category_of(workspace, column).ok();
        activity.zip(category).is_some_and(|(activity, category)| activity.rule_for(&category).is_some())
    }

    /// The occupancies of a building or of all, with names where the purpose sees them.
    async fn occupants(
        &self,
        workspace: &Workspace,
        area: Option<AreaNo>,
        now: Timestamp,
    ) -> Result<Answer<Vec<Occupant>>, FlowFault> {
        let occupancy = granted!(self.reading(workspace, (&self.people, OCCUPANCY), area, now).await?);
        let identity = match area.is_some() && self.sees(workspace, &NAME) {
            true => Some(granted!(self.reading(workspace, (&self.people, NAME), area, now).await?)),
            false => None,
        };
        let permits = OccupantPermits { occupancy: &occupancy, identity: identity.as_ref(), contact: None };
        let found = workspace.store.occupants(permits, Operation::Read, now).await?.open(&occupancy)?;
        Ok(Answer::Given(found))
    }
}

/// The last local days that are over, of which readings are counted. What a gateway brings once a day is there by then.
const DAYS: i32 = 3;

/// The days of which readings are counted, before a local day.
fn days_before(today: Date) -> Result<DayRange, FlowFault> {
    let first = today.checked_sub(jiff::ToSpan::days(DAYS)).unwrap_or(today);
    Ok(DayRange::new(first, today)?)
}

/// The last local day of an occupancy; `None` while no end is known.
fn last_day(days: DayRange) -> Option<Date> {
    if days.is_open() { None } else { days.end().yesterday().ok() }
}

/// The month whose information is due next, by its first day, and the last day by which residents have it: once a month, so that of
/// a month by the end of the next one (Directive (EU) 2023/1791, annex IX(2)).
fn information_due(today: Date) -> (Date, Date) {
    let this = first_of_month(today);
    let last = this.yesterday().map_or(this, first_of_month);
    (last, next_month(this).yesterday().unwrap_or(today))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn information_of_a_month_is_due_by_the_end_of_the_next() {
        assert_eq!(information_due(date(2026, 3, 20)), (date(2026, 2, 1), date(2026, 3, 31)));
        assert_eq!(information_due(date(2026, 1, 1)), (date(2025, 12, 1), date(2026, 1, 31)));
    }

    #[test]
    fn readings_are_counted_of_days_that_are_over() {
        let days = days_before(date(2026, 3, 1)).unwrap();
        assert_eq!((days.start(), days.end()), (date(2026, 2, 26), date(2026, 3, 1)));
    }
}
