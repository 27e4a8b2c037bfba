//! `/desk/governance/retention`: what no activity keeps any more, by category and with the reason; its approval by a second person; the
//! certificates of what has gone.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{
    PreviewState, RetentionCount, RetentionOutcome, RetentionPreview, approve_retention, list_retention,
    retention_certificate, show_retention,
};
use tidstro_govern::log::hex;
use tidstro_govern::{Bucket, keep_in_words};

use super::super::Page;
use super::Room;
use super::register::{hash, holders, link};
use crate::answered::Problem;
use crate::page::amount::moment;
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// Which preview somebody approves, and what it showed.
#[derive(Deserialize)]
pub(crate) struct Given {
    preview: String,
    hash: String,
}

/// `GET /desk/governance/retention`.
pub(crate) async fn page(visit: Visit) -> Page {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let previews = list_retention(workspace).await?;
    let newest = previews.first().filter(|preview| preview.state != PreviewState::Done);
    let body = html! {
        p { (words.say("retention-what")) }
        h2 #newest { (words.say("retention-newest")) }
        @match newest {
            Some(preview) => (shown(&visit, preview)),
            None => { p.note { (words.say("retention-none")) " " code { "tidstro retention preview" } } },
        }
        h2 #done { (words.say("retention-done")) }
        (done(&visit, &previews))
    };
    Ok(Room::Retention.page(&visit, &body))
}

/// `POST /desk/governance/retention/approval`: approves the preview that was shown, if it still waits.
pub(crate) async fn approve(visit: Visit, Posted(given): Posted<Given>) -> Page {
    let (workspace, there) = (visit.web().workspace(), visit.there()?);
    let number: u64 = given.preview.parse().map_err(|_| Problem::BadForm)?;
    let newest = show_retention(workspace, None).await?;
    if newest.is_none_or(|preview| preview.number != number || hex(&preview.hash) != given.hash) {
        return Err(Problem::Conflict);
    }
    if !may_approve(&visit) {
        return Err(Problem::NotYours);
    }
    match approve_retention(workspace, there.actor(), number, visit.now).await? {
        RetentionOutcome::Approved => Ok(Redirect::to("/desk/governance/retention").into_response()),
        // Somebody else was first, or it is their own: the page says which.
        _ => Err(Problem::Conflict),
    }
}

/// `GET /desk/governance/retention/{preview}/certificate`: the signed file, which names nobody.
pub(crate) async fn certificate(visit: Visit, Path(preview): Path<String>) -> Page {
    let number: u64 = preview.parse().map_err(|_| Problem::NotFound)?;
    let file = retention_certificate(visit.web().workspace(), number).await?.ok_or(Problem::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"certificate-{number}.json\"")),
    ];
    Ok((headers, file).into_response())
}

fn may_approve(visit: &Visit) -> bool {
    let approvers = visit.web().workspace().register().approvers();
    visit.session().is_some_and(|there| there.session().roles().iter().any(|role| approvers.contains(role)))
}

fn shown(visit: &Visit, preview: &RetentionPreview) -> Markup {
    let (words, workspace) = (visit.words(), visit.web().workspace());
    html! {
        dl.facts {
            dt { (words.say("retention-number")) } dd { (preview.number) " " (state(preview.state, words)) }
            dt { (words.say("retention-at")) } dd { (moment(preview.at, workspace.zone(), words)) }
            dt { (words.say("register-by")) } dd { code { (preview.actor) } }
            @if let Some(approver) = &preview.approver { dt { (words.say("retention-approved-by")) } dd { code { (approver) } } }
            dt { (words.say("register-hash")) } dd { (hash(preview.hash)) }
        }
        @if preview.counts.is_empty() { p.note { (words.say("retention-empty")) } } @else { (counts(visit, &preview.counts)) }
        (approval(visit, preview))
    }
}

fn counts(visit: &Visit, counts: &[RetentionCount]) -> Markup {
    let words = visit.words();
    html! { div.wide tabindex="0" { table {
        caption { (words.say("retention-goes")) }
        thead { tr {
            th scope="col" { (words.say("register-category")) }
            th scope="col" { (words.say("retention-fate")) }
            th scope="col" { (words.say("retention-why")) }
            th.number scope="col" { (words.say("retention-people")) }
            th.number scope="col" { (words.say("retention-parts")) }
        } }
        tbody { @for count in counts { (row(visit, count)) } }
    } } }
}

fn row(visit: &Visit, count: &RetentionCount) -> Markup {
    let (words, register) = (visit.words(), visit.web().workspace().register());
    let category = register.category(&count.category);
    html! { tr {
        th scope="row" { (category.map(|category| category.text.in_language(words.language())).unwrap_or_default()) br; code { (count.category) } }
        td { (fate(count, words)) }
        td { (why(visit, count)) }
        td.number { (count.subjects) }
        td.number { (count.parts) }
    } }
}

fn fate(count: &RetentionCount, words: &Words) -> Markup {
    let class = if count.bucket == Bucket::Protected { "tag good" } else { "tag" };
    html! {
        span class=(class) { (words.say(&format!("bucket-{}", count.bucket.word()))) }
        @if let Some(protection) = count.protection { " " (words.say(&format!("protection-{}", protection.word()))) }
    }
}

/// The purpose that kept it longest, and how long that was.
fn why(visit: &Visit, count: &RetentionCount) -> Markup {
    let (words, register) = (visit.words(), visit.web().workspace().register());
    let activity = count.activity.as_ref().and_then(|id| register.activity(id));
    html! { @match activity {
        Some(activity) => { (link(activity, words)) @for line in keep_in_words(&activity.keep, words.language()) { div.faint { (line) } } },
        None => { (words.say("retention-no-activity")) },
    } }
}

/// Who may approve, why somebody may not, and the button of whoever may.
fn approval(visit: &Visit, preview: &RetentionPreview) -> Markup {
    let (words, register) = (visit.words(), visit.web().workspace().register());
    let is_own = visit.session().is_some_and(|there| *there.actor() == preview.actor);
    html! { @match preview.state {
        PreviewState::Previewed if preview.is_empty() => {},
        PreviewState::Previewed if is_own => { p.note.mark { (words.say("retention-own")) } },
        PreviewState::Previewed if !may_approve(visit) => {
            p.note.mark { (words.say("retention-not-you")) " " (holders(register, register.approvers(), words)) }
        },
        PreviewState::Previewed => { form method="post" action="/desk/governance/retention/approval" {
            (visit.token())
            input type="hidden" name="preview" value=(preview.number);
            input type="hidden" name="hash" value=(hex(&preview.hash));
            p { (words.say("retention-approve-what")) }
            button.danger { (words.say("retention-approve")) }
        } },
        PreviewState::Approved | PreviewState::Running => { p { (words.say("retention-run")) " " code { "tidstro retention run " (preview.number) } } },
        PreviewState::Done => {},
    } }
}

fn state(state: PreviewState, words: &Words) -> Markup {
    let class = if state == PreviewState::Previewed { "tag bad" } else { "tag" };
    html! { span class=(class) { (words.say(&format!("preview-{}", state.word()))) } }
}

fn done(visit: &Visit, previews: &[RetentionPreview]) -> Markup {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    let done: Vec<_> = previews.iter().filter(|preview| preview.state == PreviewState::Done).collect();
    if done.is_empty() {
        return html! { p.note { (words.say("retention-nothing-done")) } };
    }
    html! { div.wide tabindex="0" { table aria-labelledby="done" {
        thead { tr {
            th.number scope="col" { (words.say("retention-number")) }
            th scope="col" { (words.say("retention-at")) }
            th scope="col" { (words.say("retention-approved-by")) }
            th scope="col" { (words.say("retention-certificate")) }
        } }
        tbody { @for preview in done { tr {
            th.number scope="row" { (preview.number) }
            td { (moment(preview.at, zone, words)) }
            td { @if let Some(approver) = &preview.approver { code { (approver) } } }
            td { a href=(format!("/desk/governance/retention/{}/certificate", preview.number)) { (words.say("retention-certificate-take")) } }
        } } }
    } } }
}
