//! Hints on a resident's first page: what their own meters say is wrong now.
//!
//! What comes in: who is there. What goes out: a sentence for each alarm that stands and that they can do something about, the others as
//! one. It is asked for under a purpose of its own; who has none, or no right to it any more, sees no hint.

use maud::{Markup, html};
use tidstro_flows::{AlarmAsk, AlarmLine, Answer, SeriesLine, show_alarms};
use tidstro_govern::Operation;
use tidstro_metering::alarms::AlarmCode;
use tidstro_model::DayRange;

use crate::answered::Problem;
use crate::door::own_purpose;
use crate::page::amount::day;
use crate::visit::Visit;

/// The column by which somebody asks what their own meters say.
const COLUMN: &str = "alarm.sealed";

/// The hints, or nothing.
pub(crate) async fn hints(visit: &Visit, lines: &[SeriesLine]) -> Result<Markup, Problem> {
    let alarms = standing(visit).await?;
    let (known, other): (Vec<_>, Vec<_>) = alarms.iter().partition(|alarm| word(alarm.code).is_some());
    if alarms.is_empty() {
        return Ok(html! {});
    }
    let words = visit.words();
    Ok(html! {
        section aria-labelledby="hints" {
            h2 #hints { (words.say("hints-title")) }
            @for alarm in known { p.note.mark { (told(visit, alarm, lines)) } }
            @if !other.is_empty() { p.note { (words.say("hint-other")) } }
        }
    })
}

async fn standing(visit: &Visit) -> Result<Vec<AlarmLine>, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let purpose = own_purpose(workspace.register(), there.session().roles(), Operation::Read, COLUMN);
    let Some(purpose) = purpose else { return Ok(Vec::new()) };
    let asked = AlarmAsk {
        actor: there.actor().clone(),
        purpose: purpose.activity,
        point: None,
        area: None,
        days: DayRange::always(),
        standing: true,
    };
    match show_alarms(workspace, &asked, visit.now).await? {
        Answer::Given(view) => Ok(view.alarms),
        Answer::Refused(_) => Ok(Vec::new()),
    }
}

fn told(visit: &Visit, alarm: &AlarmLine, lines: &[SeriesLine]) -> String {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    let line = lines.iter().find(|line| line.point == alarm.point);
    let what =
        line.map(|line| words.say(&format!("commodity-{}", line.commodity.code()))).unwrap_or_default();
    let filled = [("since", day(zone.day_of(alarm.since), words).into()), ("what", what.into())];
    words.say_with(&format!("hint-{}", word(alarm.code).unwrap_or("other")), filled)
}

/// What somebody can do something about themselves, or must not overlook.
const fn word(code: AlarmCode) -> Option<&'static str> {
    match code {
        AlarmCode::Leak => Some("leak"),
        AlarmCode::Burst => Some("burst"),
        AlarmCode::ReverseFlow => Some("reverse-flow"),
        AlarmCode::Smoke => Some("smoke"),
        AlarmCode::MissingNeutral | AlarmCode::NoVoltage => Some("supply"),
        _ => None,
    }
}
