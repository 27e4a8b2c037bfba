//! `tidstro event`.

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::json;
use tidstro_calendar::Zone;
use tidstro_flows::{
    Answer, SubjectAsk, Workspace, case_clocks, case_events, keep_unknown_event, lease_events,
    record_case_event, record_lease_event,
};
use tidstro_govern::{CaseEvent, CaseStep, Language, LeaseEvent, LeaseEventKind, Matter, Moment, Recorded};
use tidstro_model::{ActivityId, ActorId, CaseId, DayRange, DossierNo, ObligationId, OccupancyNo, TriggerId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, EventCommand, EventList, EventRecord};
use crate::fault::CommandFault;
use crate::show::clock::clocks_table;
use crate::show::event::{case_event_json, case_table, lease_event_json, lease_table};
use crate::show::{note, plain};

/// What moves a clock of a case; every other word is a trigger of the register.
const EXTENSION: &str = "extension";
const PAUSE: &str = "pause";
const RESUME: &str = "resume";

pub(crate) async fn run(arguments: &Arguments, command: &EventCommand) -> Result<Outcome, CommandFault> {
    match command {
        EventCommand::Record(asked) => record(arguments, asked).await,
        EventCommand::List(asked) => list(arguments, asked).await,
        EventCommand::Aside(asked) => super::aside::run(arguments, asked).await,
    }
}

async fn record(arguments: &Arguments, asked: &EventRecord) -> Result<Outcome, CommandFault> {
    match (&asked.case, &asked.subject) {
        (Some(case), _) => record_in_case(arguments, asked, CaseId::parse(case)?).await,
        (None, Some(subject)) => record_of_subject(arguments, asked, subject).await,
        (None, None) => Err(missing(asked, "--case` or `--subject")),
    }
}

async fn record_in_case(
    arguments: &Arguments,
    asked: &EventRecord,
    case: CaseId,
) -> Result<Outcome, CommandFault> {
    let now = now();
    let (step, by) = (step(asked)?, ActorId::parse(&asked.actor)?);
    let workspace = open_existing(arguments).await?;
    let event = CaseEvent { case: case.clone(), at: moment(asked, now), step, by, recorded: now };
    let recorded = record_case_event(&workspace, event, now).await?;
    let outcome = tell(&recorded, asked)?;
    if outcome == Outcome::Done && !asked.json {
        let clocks = case_clocks(&workspace, Some(case), now).await?;
        write!(std::io::stdout(), "{}", clocks_table(&clocks, workspace.zone(), Language::English))?;
    }
    Ok(outcome)
}

fn step(asked: &EventRecord) -> Result<CaseStep, CommandFault> {
    let obligation = || -> Result<_, CommandFault> {
        Ok(ObligationId::parse(asked.obligation.as_deref().ok_or_else(|| missing(asked, "--obligation"))?)?)
    };
    let reason = || asked.reason.clone().ok_or_else(|| missing(asked, "--reason"));
    let by = || asked.extend.clone().ok_or_else(|| missing(asked, "--extend"));
    let step = match asked.kind.as_str() {
        EXTENSION => CaseStep::Extension { obligation: obligation()?, by: by()?, reason: reason()? },
        PAUSE => CaseStep::Pause { obligation: obligation()?, reason: reason()? },
        RESUME => CaseStep::Resume { obligation: obligation()? },
        trigger => CaseStep::Trigger { trigger: TriggerId::parse(trigger)?, starts: asked.from },
    };
    must_take_all(asked, &step)?;
    Ok(step)
}

/// An option that the kind has no use for would be dropped in silence, so it is refused.
fn must_take_all(asked: &EventRecord, step: &CaseStep) -> Result<(), CommandFault> {
    let given = [
        ("--from", asked.from.is_some(), matches!(step, CaseStep::Trigger { .. })),
        ("--obligation", asked.obligation.is_some(), !matches!(step, CaseStep::Trigger { .. })),
        ("--extend", asked.extend.is_some(), matches!(step, CaseStep::Extension { .. })),
        (
            "--reason",
            asked.reason.is_some(),
            matches!(step, CaseStep::Extension { .. } | CaseStep::Pause { .. }),
        ),
    ];
    match given.iter().find(|(_, given, taken)| *given && !*taken) {
        Some((option, _, _)) => Err(CommandFault::OptionNotTaken { kind: asked.kind.clone(), option }),
        None => Ok(()),
    }
}

fn missing(asked: &EventRecord, option: &'static str) -> CommandFault {
    CommandFault::OptionMissing { kind: asked.kind.clone(), option }
}

fn moment(asked: &EventRecord, now: Timestamp) -> Moment {
    match asked.on {
        Some(day) => Moment::Day(day),
        None => Moment::Instant(asked.at.unwrap_or(now)),
    }
}

async fn record_of_subject(
    arguments: &Arguments,
    asked: &EventRecord,
    subject: &str,
) -> Result<Outcome, CommandFault> {
    let now = now();
    let purpose = asked.purpose.as_deref().ok_or_else(|| missing(asked, "--purpose"))?;
    let ask = subject_ask(&asked.actor, purpose, subject, asked.second_factor)?;
    let workspace = open_existing(arguments).await?;
    let answer = match lease_event(asked, workspace.zone(), now)? {
        Some(event) => record_lease_event(&workspace, &ask, event, now).await?,
        None => {
            keep_unknown_event(&workspace, &ask, (asked.kind.clone(), described(asked, now)), now).await?
        }
    };
    match answer {
        Answer::Given(recorded) => tell(&recorded, asked),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn subject_ask(
    actor: &str,
    purpose: &str,
    reference: &str,
    second: bool,
) -> Result<SubjectAsk, CommandFault> {
    Ok(SubjectAsk {
        actor: ActorId::parse(actor)?,
        purpose: ActivityId::parse(purpose)?,
        reference: reference.to_owned(),
        factors: if second { 2 } else { 1 },
    })
}

/// Leases move at instants: a day means its first one. `None` for a kind that moves none.
fn lease_event(asked: &EventRecord, zone: &Zone, now: Timestamp) -> Result<Option<LeaseEvent>, CommandFault> {
    let occupancy = asked.occupancy.map(|number| Matter::Occupancy(OccupancyNo::new(number)));
    let dossier = asked.dossier.map(|number| Matter::Dossier(DossierNo::new(number)));
    let activity = asked.activity.as_deref().map(ActivityId::parse).transpose()?;
    let days = match (asked.from, asked.to) {
        (Some(from), Some(to)) => Some(DayRange::new(from, to)?),
        (Some(_), None) => return Err(missing(asked, "--to")),
        (None, _) => None,
    };
    Ok(LeaseEventKind::from_word(&asked.kind).map(|kind| LeaseEvent {
        at: asked.on.map_or_else(|| asked.at.unwrap_or(now), |day| zone.day_start(day)),
        kind,
        matter: occupancy.or(dossier),
        activity,
        days,
    }))
}

/// A report as it was given, as evidence.
fn described(asked: &EventRecord, now: Timestamp) -> String {
    let at = asked.on.map_or_else(|| asked.at.unwrap_or(now).to_string(), |day| day.to_string());
    let mut words = format!("{} at {at}", asked.kind);
    for (what, value) in [
        ("occupancy", asked.occupancy.map(|number| number.to_string())),
        ("dossier", asked.dossier.map(|number| number.to_string())),
        ("activity", asked.activity.clone()),
        ("from", asked.from.map(|day| day.to_string())),
        ("to", asked.to.map(|day| day.to_string())),
    ] {
        if let Some(value) = value {
            words = format!("{words}, {what} {value}");
        }
    }
    words
}

/// Whether it was recorded. What was not has an exit code of its own.
fn tell(recorded: &Recorded, asked: &EventRecord) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    match recorded {
        Recorded::Kept(seq) if asked.json => writeln!(out, "{}", json!({ "recorded": true, "fact": seq }))?,
        Recorded::Kept(seq) => writeln!(out, "recorded `{}` as fact {seq} of the log", asked.kind)?,
        Recorded::Aside(because) if asked.json => {
            let (aside, because) = (because.aside().word(), because.to_string());
            writeln!(out, "{}", json!({ "recorded": false, "aside": aside, "because": because }))?;
        }
        Recorded::Aside(because) => {
            let text = because.to_string();
            note(format_args!("not recorded, kept aside as {}: {}", because.aside(), plain(&text)));
        }
    }
    Ok(if matches!(recorded, Recorded::Kept(_)) { Outcome::Done } else { Outcome::Refused })
}

async fn list(arguments: &Arguments, asked: &EventList) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match (&asked.subject, &asked.actor, &asked.purpose) {
        (Some(subject), Some(actor), Some(purpose)) => {
            let ask = subject_ask(actor, purpose, subject, asked.second_factor)?;
            match lease_events(&workspace, &ask, now()).await? {
                Answer::Given(events) => list_of_subject(&events, workspace.zone(), asked.json),
                Answer::Refused(refuse) => Ok(refused(&refuse)),
            }
        }
        _ => list_of_case(&workspace, asked).await,
    }
}

fn list_of_subject(events: &[LeaseEvent], zone: &Zone, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    if json {
        for event in events {
            writeln!(out, "{}", lease_event_json(event))?;
        }
    } else if !events.is_empty() {
        write!(out, "{}", lease_table(events, zone))?;
    }
    Ok(listed(events.len()))
}

async fn list_of_case(workspace: &Workspace, asked: &EventList) -> Result<Outcome, CommandFault> {
    let case = asked.case.as_deref().map(CaseId::parse).transpose()?;
    let events = case_events(workspace, case).await?;
    let mut out = std::io::stdout();
    if asked.json {
        for event in &events {
            writeln!(out, "{}", case_event_json(event))?;
        }
    } else if !events.is_empty() {
        write!(out, "{}", case_table(&events, workspace.zone()))?;
    }
    Ok(listed(events.len()))
}

/// An empty answer says so, but not on standard output: there is nothing in it.
fn listed(count: usize) -> Outcome {
    if count == 0 {
        note(format_args!("nothing is recorded there"));
    }
    Outcome::Done
}
