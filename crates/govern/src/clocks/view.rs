//! Clocks as they stand.
//!
//! What comes in: the register, the events of any number of cases, now. What goes out: one view for each
//! obligation that was started in each case. Never: an event after now; an obligation nobody started.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use tidstro_calendar::{ClockFault, Zone};
use tidstro_model::{CaseId, TriggerId};

use super::count::{CountFault, Counted};
use super::course::{Course, Extension, Pause};
use super::event::{CaseEvent, CaseStep, Moment, earliest, in_order, latest};
use crate::register::{ClockDirection, Obligation, Register, Texts};
use crate::vocabulary::words;

/// How near `plan_by` is when a clock is due.
const DUE: SignedDuration = SignedDuration::from_hours(24);

words!(
    /// How a clock stands.
    ClockState {
        /// There is more than a day until `plan_by`.
        Running = "running",
        /// `plan_by` is less than 24 hours away or past, and the legal bound is not over; or the law names no
        /// time, and it is due from the start.
        Due = "due",
        /// The legal bound is over, or the strict end of a contract's clock, and proof is missing.
        Overdue = "overdue",
        /// Everything that proves it is there, and was in time.
        Done = "done",
        /// Everything that proves it is there, and came too late.
        DoneLate = "done-late",
        /// It stands.
        Paused = "paused",
    }
);

/// One kind of event that proves an obligation, and the first of them in the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof<'r> {
    /// The kind.
    pub trigger: &'r TriggerId,
    /// When it happened; `None` while it is missing.
    pub at: Option<Moment>,
}

/// One clock in one case, at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockView<'r> {
    /// The case.
    pub case: CaseId,
    /// The obligation.
    pub obligation: &'r Obligation,
    /// When the event happened that started it.
    pub started: Moment,
    /// The local day something announced starts, from which a clock that counts back is counted.
    pub starts: Option<Date>,
    /// By when, and what it was counted by; `None` where the law names no time.
    pub counted: Option<Counted>,
    /// That it was extended.
    pub extension: Option<Extension>,
    /// The times it stood, in order.
    pub pauses: Vec<Pause>,
    /// How it stands.
    pub state: ClockState,
    /// What proves it, in the order of the register.
    pub proof: Vec<Proof<'r>>,
}

impl<'r> ClockView<'r> {
    /// The next step: the first proof that is missing, and what must be done in the words of the register.
    #[must_use]
    pub fn next(&self) -> Option<(&'r TriggerId, &'r Texts)> {
        let missing = self.proof.iter().find(|proof| proof.at.is_none())?;
        Some((missing.trigger, &self.obligation.text))
    }
}

/// Every clock that runs or ran: for each case and each obligation that something in it started, in the order
/// of `plan_by`, those without a time last.
///
/// `events` may be of any number of cases and in any order; those after `now` have not happened.
///
/// # Errors
/// [`CountFault`] if a clock cannot be counted, which no checked register gives.
pub fn clocks<'r>(
    register: &'r Register,
    events: &[CaseEvent],
    now: Timestamp,
) -> Result<Vec<ClockView<'r>>, CountFault> {
    let mut found = Vec::new();
    for (case, events) in cases(events, register.zone(), now) {
        for obligation in register.obligations() {
            let view = view(case, obligation, &events, register.zone(), now);
            let fault = |source| CountFault { case: case.clone(), obligation: obligation.id.clone(), source };
            found.extend(view.map_err(fault)?);
        }
    }
    // The sort keeps the order of cases and obligations where ends are equal.
    found
        .sort_by_key(|view| view.counted.as_ref().map_or(Timestamp::MAX, |counted| counted.deadline.plan_by));
    Ok(found)
}

/// What has happened, by case and in order.
fn cases<'e>(
    events: &'e [CaseEvent],
    zone: &Zone,
    now: Timestamp,
) -> BTreeMap<&'e CaseId, Vec<&'e CaseEvent>> {
    let mut cases: BTreeMap<&CaseId, Vec<&CaseEvent>> = BTreeMap::new();
    for event in events.iter().filter(|event| earliest(event.at, zone) <= now) {
        cases.entry(&event.case).or_default().push(event);
    }
    for events in cases.values_mut() {
        events.sort_by(|a, b| in_order(a, b, zone));
    }
    cases
}

fn view<'r>(
    case: &CaseId,
    obligation: &'r Obligation,
    events: &[&CaseEvent],
    zone: &'r Zone,
    now: Timestamp,
) -> Result<Option<ClockView<'r>>, ClockFault> {
    let Some(course) = Course::of(obligation, events, zone) else { return Ok(None) };
    let counted = course.counted()?;
    let proof = proofs(&course, events, zone);
    let state = state(&course, counted.as_ref(), &proof, zone, now);
    Ok(Some(ClockView {
        case: case.clone(),
        obligation,
        started: course.start.at,
        starts: course.start.starts,
        counted,
        extension: course.extension,
        pauses: course.pauses,
        state,
        proof,
    }))
}

/// The first event of each kind of proof that did not happen before the start. Notice ahead may be given
/// before anybody wrote down what it was for.
fn proofs<'r>(course: &Course<'r>, events: &[&CaseEvent], zone: &Zone) -> Vec<Proof<'r>> {
    let obligation = course.obligation;
    let is_ahead = obligation.clock.as_ref().is_some_and(|clock| clock.direction == ClockDirection::Before);
    let from = if is_ahead { Timestamp::MIN } else { earliest(course.start.at, zone) };
    let first = |wanted: &TriggerId| {
        let proves = |event: &&&CaseEvent| match &event.step {
            CaseStep::Trigger { trigger, .. } => trigger == wanted && latest(event.at, zone) >= from,
            _ => false,
        };
        events.iter().find(proves).map(|event| event.at)
    };
    obligation.proof.iter().map(|trigger| Proof { trigger, at: first(trigger) }).collect()
}

fn state(
    course: &Course<'_>,
    counted: Option<&Counted>,
    proof: &[Proof<'_>],
    zone: &Zone,
    now: Timestamp,
) -> ClockState {
    let bound = counted.map(Counted::bound);
    let proved: Option<Vec<Moment>> = proof.iter().map(|proof| proof.at).collect();
    if let Some(proved) = proved {
        let late = bound.is_some_and(|bound| proved.iter().any(|at| !is_before(*at, bound, zone)));
        return if late { ClockState::DoneLate } else { ClockState::Done };
    }
    if course.is_paused() {
        return ClockState::Paused;
    }
    match counted {
        Some(counted) if counted.bound() <= now => ClockState::Overdue,
        Some(counted) if counted.deadline.until_plan_by(now) >= DUE => ClockState::Running,
        _ => ClockState::Due,
    }
}

/// Whether something surely happened before an instant: a day whose clock time is not known must be over.
fn is_before(at: Moment, bound: Timestamp, zone: &Zone) -> bool {
    match at {
        Moment::Instant(at) => at < bound,
        Moment::Day(_) => latest(at, zone) <= bound,
    }
}
