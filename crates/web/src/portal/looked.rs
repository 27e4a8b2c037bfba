//! `/my-data/log`: who looked at one's own data, when, in which role and what for.
//!
//! What comes in: who is there, and a number of the log to go on from. What goes out: uses by others that name the person. Never: the name
//! of a member of staff, or what other people's data were used for.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{FlowFault, LookedAsk, LookedLine, LookedPage, Looker, who_looked};
use tidstro_govern::{EventKind, Operation, RoleId};

use super::{Page, given};
use crate::door::own_purpose;
use crate::page::amount::moment;
use crate::page::{Frame, Here};
use crate::visit::Visit;
use crate::words::Words;

/// The column by which somebody asks what is kept of their time somewhere.
const COLUMN: &str = "occupancy.start_day";
/// Uses on one page.
pub(crate) const LINES: u32 = 50;

/// Where to go on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    before: Option<u64>,
}

/// `GET /my-data/log`.
pub(crate) async fn page(visit: Visit, Query(Asked { before }): Query<Asked>) -> Page {
    let (words, there, workspace) = (visit.words(), visit.there()?, visit.web().workspace());
    let session = there.session();
    let purpose = own_purpose(workspace.register(), session.roles(), Operation::Read, COLUMN);
    let purpose = purpose.ok_or(FlowFault::NoCategory { of: "one's own time somewhere" })?;
    let asked = LookedAsk {
        actor: there.actor().clone(),
        purpose: purpose.activity,
        factors: session.factors(),
        other: None,
    };
    let found = given(who_looked(workspace, &asked, (before, LINES), visit.now).await?)?;
    let body = html! {
        p { a href="/my-data" { "← " (words.say("way-my-data")) } }
        p { (words.say("looked-what")) }
        p { (words.say("looked-areas")) }
        (table(&visit, &found))
        @if let Some(next) = found.next { p { a rel="next" href=(format!("/my-data/log?before={next}")) { (words.say("looked-earlier")) " →" } } }
    };
    Ok(Frame { visit: &visit, title: words.say("looked-title"), here: Here::MyData }.around(&body))
}

/// The uses as a table, or a sentence where there are none.
pub(crate) fn table(visit: &Visit, found: &LookedPage) -> Markup {
    let words = visit.words();
    if found.lines.is_empty() {
        return html! { p.note { (words.say("looked-nobody")) } };
    }
    html! { div.wide tabindex="0" { table {
        caption { (words.say("looked-caption")) }
        thead { tr {
            th scope="col" { (words.say("looked-when")) }
            th scope="col" { (words.say("looked-who")) }
            th scope="col" { (words.say("my-data-purpose")) }
            th scope="col" { (words.say("looked-did")) }
            th scope="col" { (words.say("looked-came")) }
        } }
        tbody { @for line in &found.lines { (row(visit, line)) } }
    } } }
}

fn row(visit: &Visit, line: &LookedLine) -> Markup {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let register = workspace.register();
    let purpose = line.purpose.as_ref().and_then(|id| register.activity(id));
    let category = line.category.as_ref().and_then(|id| register.category(id));
    html! { tr {
        th scope="row" { (moment(line.at, workspace.zone(), words)) }
        td { (who(visit, &line.by)) }
        td { (purpose.map_or("–", |activity| activity.text.in_language(words.language()))) }
        td {
            @if let Some(operation) = line.operation { (words.say(&format!("operation-{}", operation.word()))) ": " }
            (category.map_or("–", |category| category.text.in_language(words.language())))
        }
        td { (came(line.kind, words)) }
    } }
}

fn who(visit: &Visit, looker: &Looker) -> String {
    let words = visit.words();
    match looker {
        Looker::Roles(roles) => role_texts(visit, roles),
        Looker::Resident => words.say("looked-resident"),
        Looker::Former => words.say("looked-former"),
    }
}

fn role_texts(visit: &Visit, roles: &[RoleId]) -> String {
    let (register, language) = (visit.web().workspace().register(), visit.words().language());
    let texts: Vec<_> = roles
        .iter()
        .filter_map(|role| register.role(role))
        .map(|role| role.text.in_language(language))
        .collect();
    texts.join(", ")
}

/// What came of it: a use, a no, or something else of the log.
fn came(kind: EventKind, words: &Words) -> Markup {
    let class = match kind {
        EventKind::Refused => "tag bad",
        _ => "tag",
    };
    html! { span class=(class) { (words.say(&format!("kind-{}", kind.word()))) } }
}
