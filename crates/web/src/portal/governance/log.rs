//! `/desk/governance/log`: who did what, for which purpose; whether the log holds; the log to take along.
//!
//! What is looked for may name a member of staff, so it is sent in a form and stands in no address. Each look is in the log.

use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{AsideAsk, LogPage, LogQuery, search_log};
use tidstro_govern::log::Stream;
use tidstro_govern::{EventKind, Operation, Register};
use tidstro_model::{ActivityId, ActorId};

use super::super::{Page, given};
use super::Room;
use crate::answered::Problem;
use crate::door::staff_purpose;
use crate::page::amount::moment;
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// The column whose reader may look at the log.
pub(super) const COLUMN: &str = "event_aside.sealed";
/// Events on one page.
const LINES: u32 = 50;

/// What somebody looks for, as a form sends it: nothing for anything.
#[derive(Deserialize)]
pub(crate) struct Given {
    kind: String,
    actor: String,
    purpose: String,
    from: String,
    to: String,
    #[serde(default)]
    before: String,
}

/// What is wrong with the days that were given.
struct DayWrong;

/// `GET /desk/governance/log`.
pub(crate) async fn page(visit: Visit) -> Page {
    Ok(Room::Log.page(&visit, &whole(&visit, &Given::anything(), None, &html! {})))
}

/// `POST /desk/governance/log`: looks.
pub(crate) async fn find(visit: Visit, Posted(looked): Posted<Given>) -> Page {
    let words = visit.words();
    let Ok(query) = looked.query(&visit)? else {
        let body = whole(&visit, &looked, Some(words.say("log-days-wrong")), &html! {});
        let mut page = Room::Log.page(&visit, &body);
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page);
    };
    let asked = asks(&visit)?;
    let found = given(search_log(visit.web().workspace(), &asked, query, visit.now).await?)?;
    let found = html! { (table(&visit, &found)) (onward(&visit, &looked, found.next)) };
    Ok(Room::Log.page(&visit, &whole(&visit, &looked, None, &found)))
}

/// The ask of whoever looks at the log.
pub(super) fn asks(visit: &Visit) -> Result<AsideAsk, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let session = there.session();
    let purpose = staff_purpose(workspace.register(), session.roles(), Operation::Read, COLUMN);
    let purpose = purpose.ok_or(Problem::NotYours)?.activity;
    Ok(AsideAsk { actor: there.actor().clone(), purpose, factors: session.factors() })
}

impl Given {
    const fn anything() -> Self {
        let nothing = String::new;
        Self {
            kind: nothing(),
            actor: nothing(),
            purpose: nothing(),
            from: nothing(),
            to: nothing(),
            before: nothing(),
        }
    }

    /// What is looked for; days that are none are told beside their fields, everything else the form offers for choice.
    fn query(&self, visit: &Visit) -> Result<Result<LogQuery, DayWrong>, Problem> {
        let (stream, kind) = what(&self.kind).ok_or(Problem::BadForm)?;
        let actor = optional(&self.actor, |text| ActorId::parse(text).ok())?;
        let purpose = optional(&self.purpose, |text| ActivityId::parse(text).ok())?;
        let before = optional(&self.before, |text| text.parse().ok())?;
        let Some((start, end)) = self.days(visit) else { return Ok(Err(DayWrong)) };
        Ok(Ok(LogQuery { stream, actor, purpose, kind, start, end, before, limit: LINES }))
    }

    /// From the first instant of one day to the last of another; without them from the beginning, and to the end.
    fn days(&self, visit: &Visit) -> Option<(Timestamp, Timestamp)> {
        let zone = visit.web().workspace().zone();
        let day = |text: &str| text.parse::<Date>().ok();
        let start =
            if self.from.is_empty() { Timestamp::UNIX_EPOCH } else { zone.day_start(day(&self.from)?) };
        let end = if self.to.is_empty() { Timestamp::MAX } else { zone.day(day(&self.to)?).end() };
        (start < end).then_some((start, end))
    }
}

/// A stream, or one kind of events in its stream.
fn what(word: &str) -> Option<(Stream, Option<EventKind>)> {
    if word.is_empty() {
        return Some((Stream::Uses, None));
    }
    match Stream::from_word(word) {
        Some(stream) => Some((stream, None)),
        None => EventKind::from_word(word).map(|kind| (kind.stream(), Some(kind))),
    }
}

fn optional<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some).ok_or(Problem::BadForm) }
}

/// The page around what was found.
fn whole(visit: &Visit, looked: &Given, wrong: Option<String>, found: &Markup) -> Markup {
    let words = visit.words();
    html! {
        p { (words.say("log-what")) }
        (form(visit, looked, wrong))
        (found)
        h2 { (words.say("log-whole")) }
        p { (words.say("log-check-what")) }
        div.actions {
            form method="post" action="/desk/governance/log/check" { (visit.token()) button.second { (words.say("log-check")) } }
            form method="post" action="/desk/governance/log/bundle" { (visit.token()) button.second { (words.say("log-bundle")) } }
        }
    }
}

fn form(visit: &Visit, looked: &Given, wrong: Option<String>) -> Markup {
    let (words, register) = (visit.words(), visit.web().workspace().register());
    let is_wrong = wrong.is_some();
    html! { form method="post" action="/desk/governance/log" {
        (visit.token())
        @if let Some(text) = wrong { p.note.bad role="alert" #days-wrong { (text) } }
        div.asked {
            div.field { label for="kind" { (words.say("log-kind")) } (kinds(&looked.kind, words)) }
            div.field { label for="actor" { (words.say("log-who")) } (actors(&looked.actor, register, words)) }
            div.field { label for="purpose" { (words.say("my-data-purpose")) } (purposes(&looked.purpose, register, words)) }
            @for (name, label, value) in [("from", "log-from", &looked.from), ("to", "log-to", &looked.to)] {
                div.field {
                    label for=(name) { (words.say(label)) }
                    input id=(name) name=(name) type="date" value=(value) aria-invalid=[is_wrong.then_some("true")] aria-describedby=[is_wrong.then_some("days-wrong")];
                }
            }
        }
        button { (words.say("log-find")) }
    } }
}

fn kinds(chosen: &str, words: &Words) -> Markup {
    html! { select #kind name="kind" { @for &stream in Stream::ALL {
        optgroup label=(words.say(&format!("stream-{}", stream.word()))) {
            option value=(stream.word()) selected[chosen == stream.word()] { (words.say(&format!("log-all-{}", stream.word()))) }
            @for &kind in EventKind::ALL.iter().filter(|kind| kind.stream() == stream) {
                option value=(kind.word()) selected[chosen == kind.word()] { (words.say(&format!("kind-{}", kind.word()))) }
            }
        }
    } } }
}

fn actors(chosen: &str, register: &Register, words: &Words) -> Markup {
    html! { select #actor name="actor" {
        option value="" { (words.say("log-anybody")) }
        @for actor in register.actors() { option value=(actor.id) selected[chosen == actor.id.as_str()] { (actor.id) } }
    } }
}

fn purposes(chosen: &str, register: &Register, words: &Words) -> Markup {
    html! { select #purpose name="purpose" {
        option value="" { (words.say("log-any-purpose")) }
        @for activity in register.activities() {
            option value=(activity.id) selected[chosen == activity.id.as_str()] { (activity.text.in_language(words.language())) }
        }
    } }
}

fn table(visit: &Visit, found: &LogPage) -> Markup {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    if found.entries.is_empty() {
        return html! { p.note role="status" { (words.say("log-nothing")) } };
    }
    html! { div.wide tabindex="0" { table {
        caption { (words.say("log-found")) }
        thead { tr {
            th.number scope="col" { (words.say("log-number")) }
            th scope="col" { (words.say("register-when")) }
            th scope="col" { (words.say("log-kind")) }
            th scope="col" { (words.say("log-who")) }
            th scope="col" { (words.say("my-data-purpose")) }
            th scope="col" { (words.say("log-detail")) }
            th.number scope="col" { (words.say("log-concerned")) }
        } }
        tbody { @for entry in &found.entries { tr {
            th.number scope="row" { (entry.seq) }
            td { (moment(entry.at, zone, words)) }
            td { (words.say(&format!("kind-{}", entry.kind.word()))) }
            td { code { (entry.actor) } }
            td { @if let Some(purpose) = &entry.purpose { code { (purpose) } } }
            td { (entry.detail) @if let Some(rule) = &entry.rule { " " code { (rule) } } @if let Some(case) = &entry.case { " " (case) } }
            td.number { (entry.concerned) }
        } } }
    } } }
}

/// A button to what lies before, which sends the same again.
fn onward(visit: &Visit, looked: &Given, next: Option<u64>) -> Markup {
    let fields = [
        ("kind", &looked.kind),
        ("actor", &looked.actor),
        ("purpose", &looked.purpose),
        ("from", &looked.from),
        ("to", &looked.to),
    ];
    html! { @if let Some(next) = next { form method="post" action="/desk/governance/log" {
        (visit.token())
        @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
        input type="hidden" name="before" value=(next);
        button.second { (visit.words().say("looked-earlier")) }
    } } }
}
