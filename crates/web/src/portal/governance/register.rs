//! `/desk/governance/register`: the register that decides, to be read: what became of it, its activities, categories and parties.

use axum::extract::Path;
use axum::response::{Html, IntoResponse as _};
use maud::{Markup, html};
use tidstro_flows::{RegisterStep, RegisterStepKind, register_history};
use tidstro_govern::log::hex;
use tidstro_govern::{Activity, RecordOf, Register, RoleId, record, subjects_in_words};
use tidstro_model::PartyId;

use super::super::Page;
use super::{Room, operations, roles};
use crate::answered::Problem;
use crate::page::amount::moment;
use crate::visit::Visit;
use crate::words::Words;

/// Digits of a hash that are enough to compare by eye.
const SHORT: usize = 12;

/// `GET /desk/governance/register`.
pub(crate) async fn page(visit: Visit) -> Page {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let register = workspace.register();
    let steps = register_history(workspace).await?;
    let body = html! {
        p { (words.say("register-what")) }
        (version(register, words))
        p { a.button href="/desk/governance/register/candidate" { (words.say("register-compare")) } }
        h2 #activities { (words.say("register-activities")) }
        (activities(register, words))
        h2 #categories { (words.say("register-categories")) }
        (categories(register, words))
        h2 #parties { (words.say("register-parties")) }
        (parties(register, words))
        h2 #steps { (words.say("register-steps")) }
        (history(&visit, &steps))
    };
    Ok(Room::Register.page(&visit, &body))
}

/// `GET /desk/governance/records/{party}`: the record of processing activities of a controller, or of the operator as a processor
/// (GDPR art. 30), as the register makes it.
pub(crate) async fn record_of(visit: Visit, Path(party): Path<String>) -> Page {
    let register = visit.web().workspace().register();
    let party = PartyId::parse(&party).map_err(|_| Problem::NotFound)?;
    let of = if party == *register.operator() {
        RecordOf::of_operator(register)
    } else {
        RecordOf::Controller(party)
    };
    let record = record(register, &of, visit.words().language()).map_err(|_| Problem::NotFound)?;
    Ok(Html(record.to_html()).into_response())
}

/// The first digits of a hash. The whole one is its title.
pub(super) fn hash(hash: [u8; 32]) -> Markup {
    let whole = hex(&hash);
    html! { code title=(whole) { (whole.get(..SHORT).unwrap_or_default()) } }
}

/// Who has one of the roles: the roles in words, and the actors behind them.
pub(super) fn holders(register: &Register, held: &[RoleId], words: &Words) -> Markup {
    let actors = register.actors().filter(|actor| actor.roles.iter().any(|role| held.contains(role)));
    html! { (roles(register, held, words)) @for actor in actors { " " code { (actor.id) } } }
}

fn version(register: &Register, words: &Words) -> Markup {
    let keep =
        register.log_keep().map_or_else(|| words.say("register-log-for-ever"), |keep| keep.to_string());
    html! { dl.facts {
        dt { (words.say("register-name")) } dd { code { (register.id()) } }
        dt { (words.say("register-edition")) } dd { (register.edition()) }
        dt { (words.say("register-hash")) } dd { (hash(register.hash())) }
        dt { (words.say("register-approvers")) } dd { (holders(register, register.approvers(), words)) }
        dt { (words.say("register-log-keep")) } dd { (keep) }
    } }
}

fn activities(register: &Register, words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-labelledby="activities" {
        thead { tr {
            th scope="col" { (words.say("my-data-purpose")) }
            th scope="col" { (words.say("my-data-who")) }
            th scope="col" { (words.say("register-does")) }
            th scope="col" { (words.say("register-roles")) }
        } }
        tbody { @for activity in register.activities() { tr {
            th scope="row" { (link(activity, words)) }
            td { (party_name(register, &activity.controller)) }
            td { (operations(&activity.operations, words)) }
            td { (roles(register, &activity.roles, words)) }
        } } }
    } } }
}

/// An activity by its words, leading to its page.
pub(super) fn link(activity: &Activity, words: &Words) -> Markup {
    html! {
        a href=(format!("/desk/governance/activities/{}", activity.id)) { (activity.text.in_language(words.language())) }
    }
}

pub(super) fn party_name<'r>(register: &'r Register, party: &PartyId) -> &'r str {
    register.party(party).map(|party| party.name.as_str()).unwrap_or_default()
}

fn categories(register: &Register, words: &Words) -> Markup {
    let language = words.language();
    html! { div.wide tabindex="0" { table aria-labelledby="categories" {
        thead { tr {
            th scope="col" { (words.say("register-category")) }
            th scope="col" { (words.say("register-of-whom")) }
            th scope="col" { (words.say("register-finest")) }
            th scope="col" { (words.say("register-used-by")) }
        } }
        tbody { @for category in register.categories() {
            @let used = register.activities().filter(|activity| activity.rule_for(&category.id).is_some());
            tr {
                th scope="row" {
                    (category.text.in_language(language)) br; code { (category.id) }
                    @if category.special { " " span.tag.bad { (words.say("register-special")) } }
                }
                td { @for kind in &category.subjects { div { (subjects_in_words(kind, language)) } } }
                td { (category.finest) }
                td { @for activity in used { div { a href=(format!("/desk/governance/activities/{}", activity.id)) { (activity.id) } } } }
            }
        } }
    } } }
}

fn parties(register: &Register, words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-labelledby="parties" {
        thead { tr {
            th scope="col" { (words.say("register-party")) }
            th scope="col" { (words.say("register-kind")) }
            th scope="col" { (words.say("register-country")) }
            th scope="col" { (words.say("register-record")) }
        } }
        tbody { @for party in register.parties() {
            @let has_record = party.id == *register.operator() || register.activities().any(|activity| activity.controller == party.id);
            tr {
                th scope="row" { (party.name) br; code { (party.id) } }
                td { (words.say(&format!("party-{}", party.kind.word()))) }
                td { (party.country) @if let Some(transfer) = &party.transfer { ": " (transfer.cite) } }
                td { @if has_record { a href=(format!("/desk/governance/records/{}", party.id)) { (words.say("register-record-open")) } } }
            }
        } }
    } } }
}

fn history(visit: &Visit, steps: &[RegisterStep]) -> Markup {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    html! { div.wide tabindex="0" { table aria-labelledby="steps" {
        thead { tr {
            th scope="col" { (words.say("register-when")) }
            th scope="col" { (words.say("register-step")) }
            th scope="col" { (words.say("register-by")) }
            th scope="col" { (words.say("register-hash")) }
        } }
        tbody { @for step in steps { tr {
            th scope="row" { (moment(step.at, zone, words)) }
            td { (kind(step, words)) @if !step.widenings.is_empty() { (widenings(step, words)) } }
            td { code { (step.actor) } }
            td { (hash(step.hash)) }
        } } }
    } } }
}

fn kind(step: &RegisterStep, words: &Words) -> String {
    words.say(match step.kind {
        RegisterStepKind::Approved => "register-approved",
        RegisterStepKind::Activated => "register-activated",
    })
}

fn widenings(step: &RegisterStep, words: &Words) -> Markup {
    html! { details {
        summary { (words.say_with("register-widenings", [("count", step.widenings.len().into())])) }
        ul { @for line in &step.widenings { li { (line) } } }
    } }
}
