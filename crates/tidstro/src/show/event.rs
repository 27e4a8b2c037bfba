//! Events as tables and JSON.

use serde_json::{Value, json};
use tidstro_calendar::Zone;
use tidstro_govern::{CaseEvent, CaseStep, LeaseEvent, Matter, Moment};

use super::Table;
use super::series::local;

/// The moment in the zone's clock time, or the day where that is all that is known.
pub(crate) fn moment(at: Moment, zone: &Zone) -> String {
    match at {
        Moment::Instant(at) => local(at, zone),
        Moment::Day(day) => day.to_string(),
    }
}

/// The moment as JSON: an instant in UTC, or a local day.
pub(crate) fn moment_json(at: Moment) -> Value {
    match at {
        Moment::Instant(at) => at.to_string().into(),
        Moment::Day(day) => day.to_string().into(),
    }
}

/// The events of cases.
pub(crate) fn case_table(events: &[CaseEvent], zone: &Zone) -> Table {
    let mut table = Table::new(&["at", "case", "what", "more", "by", "recorded"]);
    for event in events {
        let (what, more) = step(&event.step);
        table.row(vec![
            moment(event.at, zone),
            event.case.to_string(),
            what,
            more,
            event.by.to_string(),
            local(event.recorded, zone),
        ]);
    }
    table
}

fn step(step: &CaseStep) -> (String, String) {
    match step {
        CaseStep::Trigger { trigger, starts } => {
            (trigger.to_string(), starts.map(|day| format!("starts {day}")).unwrap_or_default())
        }
        CaseStep::Extension { obligation, by, reason } => {
            ("extension".to_owned(), format!("{obligation} by {by}: {reason}"))
        }
        CaseStep::Pause { obligation, reason } => ("pause".to_owned(), format!("{obligation}: {reason}")),
        CaseStep::Resume { obligation } => ("resume".to_owned(), obligation.to_string()),
    }
}

/// One event of a case. A trigger has `starts`, the others have `obligation`.
pub(crate) fn case_event_json(event: &CaseEvent) -> Value {
    let mut fields = vec![
        ("case", event.case.as_str().into()),
        ("at", moment_json(event.at)),
        ("by", event.by.as_str().into()),
        ("recorded", event.recorded.to_string().into()),
    ];
    fields.extend(step_json(&event.step));
    fields.extend(event.step.obligation().map(|obligation| ("obligation", obligation.as_str().into())));
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn step_json(step: &CaseStep) -> Vec<(&'static str, Value)> {
    match step {
        CaseStep::Trigger { trigger, starts } => {
            let starts = starts.map(|day| day.to_string()).into();
            vec![("what", trigger.as_str().into()), ("starts", starts)]
        }
        CaseStep::Extension { by, reason, .. } => vec![
            ("what", "extension".into()),
            ("extend", by.to_string().into()),
            ("reason", reason.as_str().into()),
        ],
        CaseStep::Pause { reason, .. } => {
            vec![("what", "pause".into()), ("reason", reason.as_str().into())]
        }
        CaseStep::Resume { .. } => vec![("what", "resume".into())],
    }
}

/// What moved leases.
pub(crate) fn lease_table(events: &[LeaseEvent], zone: &Zone) -> Table {
    let mut table = Table::new(&["at", "what", "of", "for", "days"]);
    for event in events {
        table.row(vec![
            local(event.at, zone),
            event.kind.to_string(),
            event.matter.map_or_else(|| "everything".to_owned(), matter),
            event.activity.as_ref().map_or_else(|| "every purpose".to_owned(), ToString::to_string),
            event.days.map(|days| days.to_string()).unwrap_or_default(),
        ]);
    }
    table
}

fn matter(matter: Matter) -> String {
    match matter {
        Matter::Occupancy(number) => format!("occupancy {number}"),
        Matter::Dossier(number) => format!("dossier {number}"),
    }
}

/// One event that moved leases.
pub(crate) fn lease_event_json(event: &LeaseEvent) -> Value {
    let (occupancy, dossier) = match event.matter {
        Some(Matter::Occupancy(number)) => (Some(number.as_u32()), None),
        Some(Matter::Dossier(number)) => (None, Some(number.as_u32())),
        None => (None, None),
    };
    json!({
        "at": event.at.to_string(),
        "what": event.kind.word(),
        "occupancy": occupancy,
        "dossier": dossier,
        "activity": event.activity.as_ref().map(tidstro_model::ActivityId::as_str),
        "from": event.days.map(|days| days.start().to_string()),
        "to": event.days.map(|days| days.end().to_string()),
    })
}
