//! Moving in and out: what would change, and the change itself.
//!
//! What comes in: a move, and, to make it, the hash of the preview somebody looked at. What goes out: each step in order, or why there
//! is none. A last day that is over is an event of the subject (`tenancy-end`); everything else is rows of master data, as
//! `master import` takes them in. What was said before stays known. Never: a move that somebody else's change meanwhile made
//! another one.

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use tidstro_govern::{LeaseEvent, LeaseEventKind, Matter, Operation, Recorded, Target};
use tidstro_metering::master_file::{occupancy_lines, people_lines};
use tidstro_model::{AreaNo, DayRange, MasterRow, Occupancy, OccupancyNo, Person, PointNo};
use tidstro_store::{ItemChange, MasterFileRead, MasterImport, MasterOutcome, MasterRefusal, MasterRowRead};

use super::{BuildingsAsk, CHOICES, NAME, OccupantView, UnitView, Wanted, last_day, one_building};
use crate::answer::{given, granted};
use crate::{Answer, FlowFault, SubjectAsk, Workspace, record_lease_event};

/// A move. It has no `Debug`: nothing prints a person.
#[derive(Clone, PartialEq, Eq)]
pub enum Move {
    /// Somebody moves in, without a known end.
    In {
        /// The unit, by its first point.
        unit: PointNo,
        /// Who. Of somebody master data know by this reference, name and contact stay as they are.
        person: Person,
        /// The first local day.
        first_day: Date,
    },
    /// Somebody moves out, or a last day that was said before is corrected.
    Out {
        /// Whose time.
        occupancy: OccupancyNo,
        /// The last local day.
        last_day: Date,
    },
}

/// One thing a move changes. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum MoveStep {
    /// A person becomes known.
    NewPerson {
        /// The name.
        name: String,
        /// How the person is reached.
        contact: String,
    },
    /// An occupancy begins.
    Begins {
        /// Its first local day.
        first_day: Date,
        /// Its last local day; `None` while no end is known.
        last_day: Option<Date>,
        /// How many points it has.
        points: usize,
    },
    /// An occupancy ends earlier than was known.
    Ends {
        /// Its last local day.
        last_day: Date,
        /// What was known as the last one; `None` if no end was known.
        was: Option<Date>,
    },
}

/// What a move would change.
#[derive(Clone, PartialEq, Eq)]
pub struct MovePreview {
    /// What the unit is called.
    pub flat: Option<String>,
    /// What master data call the person.
    pub reference: String,
    /// The steps in order.
    pub steps: Vec<MoveStep>,
    /// By what the act names this preview: 64 hexadecimal digits. Another one once anything about the unit's people or the move
    /// is different.
    pub hash: String,
}

/// Why a move is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveRefusal {
    /// The building has no such unit or occupancy.
    NotThere,
    /// A person needs a reference and a name, each of one line.
    NoPerson,
    /// Somebody lives there on this day.
    Taken {
        /// The day.
        day: Date,
    },
    /// The last day lies before the first one.
    BeforeFirst {
        /// The first day.
        first_day: Date,
    },
    /// The day is known already.
    Known,
    /// The occupancy was erased.
    Erased,
}

/// What became of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveMade {
    /// It is done.
    Made,
    /// Something changed since the preview: nothing was done.
    Changed,
    /// It is none.
    Refused(MoveRefusal),
}

/// What a move would change, without changing it.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn preview_move(
    workspace: &Workspace,
    (asked, area): (&BuildingsAsk, AreaNo),
    wanted: &Move,
    now: Timestamp,
) -> Result<Answer<Result<MovePreview, MoveRefusal>>, FlowFault> {
    Ok(Answer::Given(given!(planned(workspace, (asked, area), wanted, now).await?).map(|plan| plan.preview)))
}

/// Makes a move that was looked at before.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn make_move(
    workspace: &Workspace,
    (asked, area): (&BuildingsAsk, AreaNo),
    (wanted, hash): (&Move, &str),
    now: Timestamp,
) -> Result<Answer<MoveMade>, FlowFault> {
    let plan = match given!(planned(workspace, (asked, area), wanted, now).await?) {
        // What is known already was somebody else's doing, since the preview offered it.
        Err(MoveRefusal::Known) => return Ok(Answer::Given(MoveMade::Changed)),
        Err(refusal) => return Ok(Answer::Given(MoveMade::Refused(refusal))),
        Ok(plan) if plan.preview.hash != hash => return Ok(Answer::Given(MoveMade::Changed)),
        Ok(plan) => plan,
    };
    let is_made = match plan.how {
        How::Event(event) => given!(end(workspace, asked, (plan.preview.reference, event), now).await?),
        How::Rows(rows) => given!(take_in(workspace, asked, (rows, false), now).await?).refused.is_empty(),
    };
    Ok(Answer::Given(if is_made { MoveMade::Made } else { MoveMade::Changed }))
}

/// A move, ready to be made.
struct Plan {
    preview: MovePreview,
    how: How,
}

/// How it is made.
enum How {
    /// By an event of the subject.
    Event(LeaseEvent),
    /// By rows of master data.
    Rows(Vec<MasterRow>),
}

async fn planned(
    workspace: &Workspace,
    (asked, area): (&BuildingsAsk, AreaNo),
    wanted: &Move,
    now: Timestamp,
) -> Result<Answer<Result<Plan, MoveRefusal>>, FlowFault> {
    let building = given!(one_building(workspace, asked, area, now).await?);
    let (zone, can_tell) = (workspace.zone(), asked.sees(workspace, &CHOICES));
    let today = zone.day_of(now);
    let happened = |day| (can_tell && day <= today).then(|| zone.day_start(day));
    let units = building.map(|building| building.units).unwrap_or_default();
    match plan_of(&units, wanted, happened) {
        Ok(plan) => checked(workspace, asked, plan, now).await,
        Err(refusal) => Ok(Answer::Given(Err(refusal))),
    }
}

/// The steps of a move by what is known of the units. `happened` is the instant of an end that is over and may be told as an event.
fn plan_of(
    units: &[UnitView],
    wanted: &Move,
    happened: impl Fn(Date) -> Option<Timestamp>,
) -> Result<Plan, MoveRefusal> {
    match wanted {
        Move::In { unit, person, first_day } => {
            let unit = units.iter().find(|found| found.unit == *unit && found.flat.is_some());
            moves_in(unit.ok_or(MoveRefusal::NotThere)?, person, *first_day)
        }
        Move::Out { occupancy, last_day } => {
            Ok(moves_out(units, *occupancy, *last_day)?.plan(happened(*last_day)))
        }
    }
}

/// What master data say to the rows of a plan, before they are taken in. Of a person they know nothing is new.
async fn checked(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    mut plan: Plan,
    now: Timestamp,
) -> Result<Answer<Result<Plan, MoveRefusal>>, FlowFault> {
    let How::Rows(rows) = &plan.how else { return Ok(Answer::Given(Ok(plan))) };
    let outcome = given!(take_in(workspace, asked, (rows.clone(), true), now).await?);
    if let Some(refused) = outcome.refused.into_iter().next() {
        return Ok(Answer::Given(Err(told(&refused.why))));
    }
    if !outcome.items.iter().any(|item| matches!(item.change, ItemChange::Person { .. })) {
        plan.preview.steps.retain(|step| !matches!(step, MoveStep::NewPerson { .. }));
    }
    Ok(Answer::Given(Ok(plan)))
}

/// Why a row of master data is refused, as a move would be.
fn told(refusal: &MasterRefusal) -> MoveRefusal {
    match refusal {
        MasterRefusal::OccupanciesOverlap { day, .. } => MoveRefusal::Taken { day: *day },
        MasterRefusal::Erased => MoveRefusal::Erased,
        _ => MoveRefusal::NotThere,
    }
}

fn moves_in(unit: &UnitView, person: &Person, first_day: Date) -> Result<Plan, MoveRefusal> {
    let person = said(person).ok_or(MoveRefusal::NoPerson)?;
    let days = DayRange::from(first_day);
    let taken = unit.occupants.iter().find_map(|occupant| occupant.days.intersect(days));
    if let Some(taken) = taken {
        return Err(MoveRefusal::Taken { day: taken.start() });
    }
    let steps = vec![
        MoveStep::NewPerson { name: person.name.clone(), contact: person.contact.clone() },
        MoveStep::Begins { first_day, last_day: None, points: unit.points.len() },
    ];
    let occupancy = occupancy_at(unit, &person.reference, days);
    let reference = person.reference.clone();
    let rows = vec![MasterRow::Person(person), MasterRow::Occupancy(occupancy)];
    Ok(Plan { preview: preview(unit, reference, steps), how: How::Rows(rows) })
}

/// A person with what is needed, without blanks around it. A reference stands in lists with others, so it has no blanks in it.
fn said(person: &Person) -> Option<Person> {
    let [reference, name, contact] =
        [&person.reference, &person.name, &person.contact].map(|text| text.trim());
    let is_one_line = |text: &str| text.len() <= 254 && !text.chars().any(char::is_control);
    let is_said = !reference.is_empty() && !name.is_empty() && !reference.contains(char::is_whitespace);
    let all = [reference, name, contact].into_iter().all(is_one_line);
    (is_said && all).then(|| Person {
        reference: reference.to_owned(),
        name: name.to_owned(),
        contact: contact.to_owned(),
    })
}

fn occupancy_at(unit: &UnitView, reference: &str, days: DayRange) -> Occupancy {
    let points = unit.points.iter().map(|place| place.own_id.clone()).collect();
    Occupancy { subject: reference.to_owned(), points, days }
}

/// Somebody who moves out, and the last day.
struct MovesOut<'a> {
    unit: &'a UnitView,
    occupant: &'a OccupantView,
    last_day: Date,
}

fn moves_out(
    units: &[UnitView],
    occupancy: OccupancyNo,
    last_day: Date,
) -> Result<MovesOut<'_>, MoveRefusal> {
    let lives = |unit: &'_ UnitView| unit.occupants.iter().position(|found| found.occupancy == occupancy);
    let found = units.iter().find_map(|unit| Some((unit, unit.occupants.get(lives(unit)?)?)));
    let (unit, occupant) = found.ok_or(MoveRefusal::NotThere)?;
    if last_day < occupant.days.start() {
        return Err(MoveRefusal::BeforeFirst { first_day: occupant.days.start() });
    }
    if super::last_day(occupant.days) == Some(last_day) {
        return Err(MoveRefusal::Known);
    }
    Ok(MovesOut { unit, occupant, last_day })
}

impl MovesOut<'_> {
    /// An earlier end is said where it happened, or as a row; a later one is a new occupancy of the same person, as
    /// a known one is never made longer.
    fn plan(self, happened: Option<Timestamp>) -> Plan {
        let Self { unit, occupant, last_day } = self;
        let end = last_day.tomorrow().unwrap_or(Date::MAX);
        let (step, how) = if end > occupant.days.end() {
            let first_day = occupant.days.end();
            let points = unit.points.len();
            let step = MoveStep::Begins { first_day, last_day: Some(last_day), points };
            (step, rows(unit, &occupant.reference, (first_day, end)))
        } else {
            let step = MoveStep::Ends { last_day, was: self::last_day(occupant.days) };
            let how = happened.map(|at| How::Event(ending(occupant.occupancy, at)));
            (step, how.unwrap_or_else(|| rows(unit, &occupant.reference, (occupant.days.start(), end))))
        };
        Plan { preview: preview(unit, occupant.reference.clone(), vec![step]), how }
    }
}

fn rows(unit: &UnitView, reference: &str, (start, end): (Date, Date)) -> How {
    // The days were compared before: an end is never before its start.
    let days = DayRange::new(start, end).unwrap_or(DayRange::from(start));
    How::Rows(vec![MasterRow::Occupancy(occupancy_at(unit, reference, days))])
}

const fn ending(occupancy: OccupancyNo, at: Timestamp) -> LeaseEvent {
    let (kind, matter) = (LeaseEventKind::TenancyEnd, Some(Matter::Occupancy(occupancy)));
    LeaseEvent { at, kind, matter, activity: None, days: None }
}

/// The hash is over who lives in the unit, by number and days, and over the steps: what was seen and what is wanted.
fn preview(unit: &UnitView, reference: String, steps: Vec<MoveStep>) -> MovePreview {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    add(&unit.unit.to_string());
    for occupant in &unit.occupants {
        add(&format!("{} {}", occupant.occupancy, occupant.days));
    }
    add(&reference);
    for step in &steps {
        match step {
            MoveStep::NewPerson { name, contact } => [name, contact].into_iter().for_each(|text| add(text)),
            MoveStep::Begins { first_day, last_day, points } => {
                add(&format!("begins {first_day} {last_day:?} {points}"));
            }
            MoveStep::Ends { last_day, was } => add(&format!("ends {last_day} {was:?}")),
        }
    }
    let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    MovePreview { flat: unit.flat.clone(), reference, steps, hash }
}

/// Records that an occupancy ended; whether it was recorded.
async fn end(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    (reference, event): (String, LeaseEvent),
    now: Timestamp,
) -> Result<Answer<bool>, FlowFault> {
    let subject = SubjectAsk {
        actor: asked.actor.clone(),
        purpose: asked.people.clone(),
        reference,
        factors: asked.factors,
    };
    let recorded = given!(record_lease_event(workspace, &subject, event, now).await?);
    Ok(Answer::Given(matches!(recorded, Recorded::Kept(_))))
}

/// Takes rows of master data in, or says what they would change.
async fn take_in(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    (rows, is_dry): (Vec<MasterRow>, bool),
    now: Timestamp,
) -> Result<Answer<MasterOutcome>, FlowFault> {
    let wanted = Wanted {
        purpose: &asked.people,
        column: NAME,
        operation: Operation::Store,
        target: Target::Everything,
        recipient: None,
    };
    let permit = granted!(asked.decided(workspace, wanted, now).await?);
    let import = import_of(workspace, rows);
    Ok(Answer::Given(workspace.store.import_master(&permit, import, is_dry, now).await?))
}

/// Rows as a file of the desk would say them: of people and occupancies one each.
fn import_of(workspace: &Workspace, rows: Vec<MasterRow>) -> MasterImport {
    let mut hash = Sha256::new();
    for row in &rows {
        let lines: Vec<String> = match row {
            MasterRow::Person(person) => people_lines([person.clone()]).collect(),
            MasterRow::Occupancy(occupancy) => {
                occupancy_lines([occupancy.clone()], workspace.zone()).collect()
            }
            _ => Vec::new(),
        };
        lines.iter().for_each(|line| hash.update(line.as_bytes()));
    }
    let (name, hash) = ("desk".to_owned(), hash.finalize().into());
    let file = MasterFileRead { name, hash, rows: rows.len() as u64, unread: 0 };
    let rows = (1..).zip(rows).map(|(line, row)| MasterRowRead { file: 0, line, row });
    MasterImport { files: vec![file], rows: rows.collect() }
}
