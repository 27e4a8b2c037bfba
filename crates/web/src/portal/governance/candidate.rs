//! `/desk/governance/register/candidate`: a register that might take the place of the one that decides: what it changes, what that
//! widens, who may approve it, and the approval.
//!
//! The text is pasted, compared and given back with the page, so that what is approved is what was shown: the approval names its hash
//! and that of the register it was compared with. It becomes the one that decides by the command `register activate`, which asks the same
//! approval of the log.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{CandidateRegister, approve_register, compare_register};
use tidstro_govern::log::hex;
use tidstro_govern::{Approval, Change, Effect, Register, RegisterFaults};

use super::super::Page;
use super::Room;
use super::register::{hash, holders};
use crate::answered::Problem;
use crate::page::amount::moment;
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// The largest register that is compared here. What fills a form is sent with three signs for each that is no letter.
pub(crate) const FORM_BYTES: usize = 1 << 20;

/// What faults and places call the text.
const FILE: &str = "register.toml";

/// A register as it was pasted.
#[derive(Deserialize)]
pub(crate) struct Given {
    text: String,
}

/// The same, with what the page before showed.
#[derive(Deserialize)]
pub(crate) struct Previewed {
    text: String,
    running: String,
    hash: String,
}

/// `GET /desk/governance/register/candidate`.
pub(crate) async fn page(visit: Visit) -> Page {
    Ok(Room::Register.page(&visit, &form(&visit, "", None)))
}

/// `POST /desk/governance/register/candidate`: compares; nothing is changed.
pub(crate) async fn preview(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let text = as_in_files(&given.text);
    let register = match Register::parse(&text, FILE) {
        Ok(register) => register,
        Err(faults) => return Ok(faulty(&visit, &text, &faults)),
    };
    let compared = compare_register(visit.web().workspace(), &register).await?;
    Ok(Room::Register.page(&visit, &shown(&visit, &text, &compared)))
}

/// `POST /desk/governance/register/approval`: approves what was shown, and nothing else.
pub(crate) async fn approve(visit: Visit, Posted(given): Posted<Previewed>) -> Page {
    let (workspace, there) = (visit.web().workspace(), visit.there()?);
    let register = Register::parse(&as_in_files(&given.text), FILE).map_err(|_| Problem::BadForm)?;
    if hex(&workspace.register().hash()) != given.running || hex(&register.hash()) != given.hash {
        return Err(Problem::Conflict);
    }
    match approve_register(workspace, register, there.actor(), visit.now).await? {
        Approval::Approved(_) | Approval::NotNeeded(_) => {
            Ok(Redirect::to("/desk/governance/register#steps").into_response())
        }
        Approval::NotAnApprover { .. } => Err(Problem::NotYours),
    }
}

/// Browsers send line ends of two signs; files have one. The hash is of the file.
fn as_in_files(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn form(visit: &Visit, text: &str, faults: Option<&RegisterFaults>) -> Markup {
    let words = visit.words();
    let is_wrong = faults.is_some();
    html! {
        p { a href="/desk/governance/register" { "← " (words.say("governance-register")) } }
        p { (words.say("candidate-what")) }
        form method="post" action="/desk/governance/register/candidate" {
            (visit.token())
            @if let Some(faults) = faults { div.note.bad role="alert" #text-wrong {
                p { (words.say("candidate-faults")) }
                ul { @for fault in &faults.faults { li { code { (fault.line) ":" (fault.column) } " " (fault.fault) } } }
            } }
            div.field {
                label for="text" { (words.say("candidate-text")) }
                p.help #text-help { (words.say("candidate-text-help")) }
                // A browser drops the first line end of a text area.
                textarea.code #text name="text" rows="18" required spellcheck="false" aria-describedby=(if is_wrong { "text-wrong text-help" } else { "text-help" })
                    aria-invalid=[is_wrong.then_some("true")] { "\n" (text) }
            }
            button { (words.say("candidate-compare")) }
        }
    }
}

fn faulty(visit: &Visit, text: &str, faults: &RegisterFaults) -> Response {
    let mut page = Room::Register.page(visit, &form(visit, text, Some(faults)));
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    page
}

fn shown(visit: &Visit, text: &str, compared: &CandidateRegister) -> Markup {
    let words = visit.words();
    let diff = &compared.diff;
    let widens = diff.widenings().count();
    html! {
        p { a href="/desk/governance/register/candidate" { "← " (words.say("candidate-another")) } }
        dl.facts {
            dt { (words.say("candidate-running")) } dd { (diff.old.id) ", " (diff.old.edition) ", " (hash(diff.old.hash)) }
            dt { (words.say("candidate-new")) } dd { (diff.new.id) ", " (diff.new.edition) ", " (hash(diff.new.hash)) }
        }
        h2 #changes { (words.say("candidate-changes")) }
        @if diff.changes.is_empty() { p.note { (words.say("candidate-none")) } } @else {
            p { (words.say_with("candidate-count", [("all", diff.changes.len().into()), ("wider", widens.into())])) }
            (table(&diff.changes, words))
        }
        h2 { (words.say("candidate-approval")) }
        @if widens == 0 { p.note { (words.say("candidate-not-needed")) } (activation(words)) } @else { (approval(visit, text, compared)) }
    }
}

fn table(changes: &[Change], words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-labelledby="changes" {
        thead { tr {
            th scope="col" { (words.say("candidate-effect")) }
            th scope="col" { (words.say("candidate-aspect")) }
            th scope="col" { (words.say("candidate-subject")) }
            th scope="col" { (words.say("candidate-before")) }
            th scope="col" { (words.say("candidate-after")) }
        } }
        tbody { @for change in changes { tr {
            td { (effect(change.effect, words)) }
            td { (words.say(&format!("aspect-{}", change.aspect.word()))) }
            th scope="row" { (change.subject) }
            td { (change.before.as_deref().unwrap_or("–")) }
            td { (change.after.as_deref().unwrap_or("–")) }
        } } }
    } } }
}

fn effect(effect: Effect, words: &Words) -> Markup {
    let class = match effect {
        Effect::Wider => "tag bad",
        Effect::Narrower => "tag good",
        Effect::Neutral => "tag",
    };
    html! { span class=(class) { (words.say(&format!("effect-{}", effect.word()))) } }
}

/// Who may approve, who has, and the button of whoever may.
fn approval(visit: &Visit, text: &str, compared: &CandidateRegister) -> Markup {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let register = workspace.register();
    let approvers = register.approvers();
    let may = visit
        .session()
        .is_some_and(|there| there.session().roles().iter().any(|role| approvers.contains(role)));
    html! {
        p { (words.say("candidate-who")) " " (holders(register, approvers, words)) }
        @for step in &compared.approvals { p.note {
            (words.say_with("candidate-approved", [("when", moment(step.at, workspace.zone(), words).into())])) " " code { (step.actor) }
        } }
        @if !compared.approvals.is_empty() { (activation(words)) } @else if may {
            form method="post" action="/desk/governance/register/approval" {
                (visit.token())
                input type="hidden" name="running" value=(hex(&compared.diff.old.hash));
                input type="hidden" name="hash" value=(hex(&compared.diff.new.hash));
                textarea name="text" hidden { "\n" (text) }
                p { (words.say("candidate-approve-what")) }
                button { (words.say("candidate-approve")) }
            }
        } @else { p.note.mark { (words.say("candidate-not-you")) } }
    }
}

fn activation(words: &Words) -> Markup {
    html! { p { (words.say("candidate-activate")) " " code { "tidstro register activate FILE --actor …" } } }
}
