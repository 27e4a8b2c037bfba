//! `/desk/governance/subject`: what is kept of one person, for which purpose and until when; and who looked at it.
//!
//! Whom it is about is sent in a form and stands in no address. A reference that nobody has is answered like a person of whom nothing is kept.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use tidstro_flows::{Answer, LeasesView, LookedAsk, subject_leases, who_looked};
use tidstro_govern::{Lease, LeaseState, Matter, Operation};
use tidstro_model::ActivityId;
use zeroize::Zeroizing;

use super::super::Page;
use super::super::form::Field;
use super::super::looked::{LINES, table as table_of_looks};
use super::Room;
use super::log::asks;
use crate::answered::Problem;
use crate::door::staff_purpose;
use crate::page::amount::{day, until};
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// The column by which somebody asks what is kept of another's time somewhere.
const COLUMN: &str = "occupancy.start_day";

/// Whom somebody asks about.
#[derive(Deserialize)]
pub(crate) struct Given {
    reference: Zeroizing<String>,
    /// What of it: what is kept, or who looked.
    #[serde(default)]
    what: What,
    /// The number of the log to go on from; empty from the newest.
    #[serde(default)]
    before: String,
}

/// What is told of a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// What is kept, by which purpose and until when.
    #[default]
    Kept,
    /// Who used data of theirs.
    Looked,
}

/// `GET /desk/governance/subject`.
pub(crate) async fn page(visit: Visit) -> Page {
    let body = form(&visit, None);
    Ok(Room::Subject.page(&visit, &body))
}

/// `POST /desk/governance/subject`: answered at once, since nothing is changed and an address would have to name somebody.
pub(crate) async fn show(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let reference = given.reference.trim();
    let told = match given.what {
        What::Kept => leases(&visit, reference).await?.map(|view| kept(&visit, &view)),
        What::Looked => looked(&visit, reference, given.before.parse().ok()).await?,
    };
    let Some(told) = told else { return Ok(nobody(&visit)) };
    let body = html! { (told) h2 { (visit.words().say("subject-another")) } (form(&visit, None)) };
    Ok(Room::Subject.page(&visit, &body))
}

/// The activity by which somebody sees what is kept of others.
fn purpose(visit: &Visit) -> Result<ActivityId, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let purpose = staff_purpose(workspace.register(), there.session().roles(), Operation::Read, COLUMN);
    Ok(purpose.ok_or(Problem::NotYours)?.activity)
}

async fn leases(visit: &Visit, reference: &str) -> Result<Option<LeasesView>, Problem> {
    let (there, workspace, purpose) = (visit.there()?, visit.web().workspace(), purpose(visit)?);
    let asked = (&purpose, there.session().factors());
    Ok(given_or_not(subject_leases(workspace, there.actor(), asked, Some(reference), visit.now).await?))
}

async fn looked(visit: &Visit, reference: &str, before: Option<u64>) -> Result<Option<Markup>, Problem> {
    let log = asks(visit)?;
    let other = Some((reference.to_owned(), log.purpose));
    let asked = LookedAsk { actor: log.actor, purpose: purpose(visit)?, factors: log.factors, other };
    let found = who_looked(visit.web().workspace(), &asked, (before, LINES), visit.now).await?;
    let words = visit.words();
    Ok(given_or_not(found).map(|found| {
        html! {
            h2 { (words.say("looked-staff-title")) }
            p { (words.say("looked-areas")) }
            (table_of_looks(visit, &found))
            @if let Some(next) = found.next { form method="post" action="/desk/governance/subject" {
                (visit.token())
                input type="hidden" name="reference" value=(reference);
                input type="hidden" name="before" value=(next);
                button.second name="what" value="looked" { (words.say("looked-earlier")) }
            } }
        }
    }))
}

/// Somebody who does not exist and somebody who may not be seen are told alike.
fn given_or_not<T>(answer: Answer<T>) -> Option<T> {
    match answer {
        Answer::Given(value) => Some(value),
        Answer::Refused(_) => None,
    }
}

fn nobody(visit: &Visit) -> Response {
    let body = form(visit, Some(visit.words().say("subject-nobody")));
    let mut page = Room::Subject.page(visit, &body);
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    page
}

fn form(visit: &Visit, wrong: Option<String>) -> Markup {
    let words = visit.words();
    let reference = Field {
        name: "reference",
        label: words.say("subject-reference"),
        help: words.say("subject-reference-help"),
        kind: "text",
        autocomplete: "off",
        wrong,
    };
    html! {
        p { (words.say("subject-what")) }
        form.narrow method="post" action="/desk/governance/subject" {
            (visit.token()) (reference.draw())
            div.actions {
                button name="what" value="kept" { (words.say("subject-show")) }
                button.second name="what" value="looked" { (words.say("looked-staff-title")) }
            }
        }
    }
}

fn kept(visit: &Visit, view: &LeasesView) -> Markup {
    let words = visit.words();
    html! {
        @if view.is_held { p.note.mark { (words.say("my-data-held")) } }
        h2 #kept { (words.say("my-data-kept")) }
        (table(visit, &view.leases))
        figure.drawn {
            figcaption { (words.say("my-data-drawn")) }
            div.wide tabindex="0" { (PreEscaped(view.chart.svg())) }
        }
    }
}

fn table(visit: &Visit, leases: &[Lease]) -> Markup {
    let words = visit.words();
    html! {
        div.wide tabindex="0" { table aria-labelledby="kept" {
            thead { tr {
                th scope="col" { (words.say("my-data-purpose")) }
                th scope="col" { (words.say("subject-matter")) }
                th scope="col" { (words.say("subject-state")) }
                th scope="col" { (words.say("subject-from")) }
                th scope="col" { (words.say("my-data-until")) }
                th scope="col" { (words.say("my-data-basis")) }
            } }
            tbody { @for lease in leases { (row(visit, lease)) } }
        } }
    }
}

fn row(visit: &Visit, lease: &Lease) -> Markup {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let activity = workspace.register().activity(&lease.activity);
    html! { tr {
        th scope="row" {
            @if let Some(activity) = activity { (activity.text.in_language(words.language())) br; }
            code { (lease.activity) }
        }
        td { (matter(lease.matter, words)) }
        td { (state(lease.state, words)) }
        td { @if matches!(lease.matter, Matter::Occupancy(_)) { (day(lease.kept_from, words)) } }
        td { @match lease.until {
            Some(end) => (until(end, workspace.zone(), words)),
            None => (words.say("subject-no-end")),
        } }
        td { @for basis in activity.iter().flat_map(|activity| &activity.basis) { div { (basis.gdpr) " " (basis.cite) } } }
    } }
}

/// By its number, which names nobody.
fn matter(matter: Matter, words: &Words) -> String {
    match matter {
        Matter::Occupancy(number) => {
            words.say_with("subject-occupancy", [("number", number.to_string().into())])
        }
        Matter::Dossier(number) => words.say_with("subject-dossier", [("number", number.to_string().into())]),
    }
}

fn state(state: LeaseState, words: &Words) -> Markup {
    let class = match state {
        LeaseState::Live => "tag good",
        LeaseState::Restricted | LeaseState::Locked => "tag bad",
        LeaseState::NotBegun | LeaseState::Kept | LeaseState::Ended => "tag",
    };
    html! { span class=(class) { (words.say(&format!("lease-{}", state.word().replace(' ', "-")))) } }
}
