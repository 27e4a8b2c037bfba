//! `/desk/governance/activities/{activity}`: one processing activity, which is one purpose, with all that the register says of it.

use axum::extract::Path;
use maud::{Markup, html};
use tidstro_govern::{Activity, Register, keep_in_words, subjects_in_words};
use tidstro_model::{ActivityId, CategoryId};

use super::super::Page;
use super::register::{holders, party_name};
use super::{Room, operations};
use crate::answered::Problem;
use crate::visit::Visit;
use crate::words::Words;

/// `GET /desk/governance/activities/{activity}`.
pub(crate) async fn page(visit: Visit, Path(activity): Path<String>) -> Page {
    let (words, register) = (visit.words(), visit.web().workspace().register());
    let id = ActivityId::parse(&activity).map_err(|_| Problem::NotFound)?;
    let activity = register.activity(&id).ok_or(Problem::NotFound)?;
    let body = html! {
        p { a href="/desk/governance/register" { "← " (words.say("governance-register")) } }
        h2 { (activity.text.in_language(words.language())) " " code { (activity.id) } }
        dl.facts {
            (why(activity, register, words))
            (who(activity, register, words))
            (how_long(activity, words))
            dt { (words.say("register-place")) } dd { code { (register.place(activity.lines.id)) } }
        }
        h2 #data { (words.say("register-data")) }
        (data(activity, register, words))
    };
    Ok(Room::Register.page(&visit, &body))
}

fn why(activity: &Activity, register: &Register, words: &Words) -> Markup {
    html! {
        dt { (words.say("my-data-who")) } dd { (party_name(register, &activity.controller)) }
        @if let Some(instruction) = &activity.instruction { dt { (words.say("register-instruction")) } dd { (instruction) } }
        dt { (words.say("my-data-basis")) }
        dd { @for basis in &activity.basis { div { (basis.gdpr) " " (basis.cite) } } }
        @if let Some(necessity) = &activity.necessity { dt { (words.say("register-necessity")) } dd { (necessity) } }
        dt { (words.say("register-of-whom")) }
        dd { @for kind in &activity.subjects { div { (subjects_in_words(kind, words.language())) } } }
        dt { (words.say("register-areas")) }
        dd { @for area in &activity.areas { code { (area.code()) } " " } @for kind in &activity.dossiers { code { (kind) } " " } }
    }
}

fn who(activity: &Activity, register: &Register, words: &Words) -> Markup {
    html! {
        dt { (words.say("register-does")) } dd { (operations(&activity.operations, words)) }
        dt { (words.say("register-roles")) }
        dd { (holders(register, &activity.roles, words)) @if activity.own_only { div { (words.say("register-own-only")) } } }
        dt { (words.say("register-factors")) } dd { (activity.factors) }
        @if let Some(hours) = &activity.hours { dt { (words.say("register-hours")) } dd { (hours.from) "–" (hours.to) " (" (hours.calendar) ")" } }
        dt { (words.say("register-recipients")) }
        dd { @for party in &activity.recipients { div { (party_name(register, party)) } } @if activity.recipients.is_empty() { (words.say("register-nobody")) } }
    }
}

fn how_long(activity: &Activity, words: &Words) -> Markup {
    html! {
        dt { (words.say("register-keep")) }
        dd { @for line in keep_in_words(&activity.keep, words.language()) { div { (line) } } }
        @if let Some(reason) = &activity.despite_restriction { dt { (words.say("register-despite")) } dd { (reason) } }
    }
}

fn data(activity: &Activity, register: &Register, words: &Words) -> Markup {
    let text = |id: &CategoryId| {
        register.category(id).map(|category| category.text.in_language(words.language())).unwrap_or_default()
    };
    html! { div.wide tabindex="0" { table aria-labelledby="data" {
        thead { tr { th scope="col" { (words.say("register-category")) } th scope="col" { (words.say("register-finest")) } } }
        tbody { @for rule in &activity.data { tr {
            th scope="row" { (text(&rule.category)) br; code { (rule.category) } }
            td { (rule.finest) }
        } } }
    } } }
}
