//! `/desk/access/review`: who has which role, since when, last used; each confirmed or removed.

use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::identity::{
    AccessReview, ReviewDecision, ReviewLine, ReviewNo, begin_review, decide_review, newest_review,
};
use tidstro_model::{ActorId, RoleId};

use super::{REVIEW, day_or, page};
use crate::answered::Problem;
use crate::portal::form::{Nothing, Press};
use crate::portal::{Page, given};
use crate::visit::{Posted, Visit};

/// `GET /desk/access/review`.
pub(crate) async fn show(visit: Visit) -> Page {
    let (words, by) = (visit.words(), visit.there()?.session().by());
    let review = given(newest_review(visit.web().workspace(), &by, visit.now).await?)?;
    let begin = Press {
        action: "/desk/access/review/begin",
        fields: &[],
        label: words.say("review-begin"),
        class: if review.is_some() { "second" } else { "" },
    };
    let body = html! {
        p { (words.say("review-what")) }
        @if let Some(review) = &review { (table(&visit, review)) } @else { p { (words.say("review-none")) } }
        (begin.draw(&visit))
    };
    Ok(page(&visit, REVIEW, &body))
}

fn table(visit: &Visit, review: &AccessReview) -> Markup {
    let words = visit.words();
    html! {
        p { (words.say("review-begun")) " " (day_or(review.begun, "access-never", visit)) ". "
            strong { (words.say("review-open")) " " (review.open()) " / " (review.lines.len()) } }
        div.wide tabindex="0" { table data-keys {
            thead { tr {
                th scope="col" { (words.say("access-whose")) } th scope="col" { (words.say("review-role")) }
                th scope="col" { (words.say("account-since")) } th scope="col" { (words.say("access-seen")) }
                th scope="col" { (words.say("review-decision")) }
            } }
            tbody { @for line in &review.lines { tr {
                th scope="row" { code { (line.actor) } }
                td { (role_named(visit, &line.role)) }
                td { (day_or(line.since, "review-no-account", visit)) }
                td { (day_or(line.seen, "access-never", visit)) }
                td { (decision(visit, review.number, line)) }
            } } }
        } }
    }
}

fn role_named(visit: &Visit, role: &RoleId) -> String {
    let named = visit.web().workspace().register().role(role);
    named.map_or_else(|| role.to_string(), |role| role.text.in_language(visit.words().language()).to_owned())
}

fn decision(visit: &Visit, number: ReviewNo, line: &ReviewLine) -> Markup {
    let words = visit.words();
    let press = |decision: &'static str, label: &str, class| {
        let number = number.as_u32().to_string();
        let fields = [
            ("review", number.as_str()),
            ("actor", line.actor.as_str()),
            ("role", line.role.as_str()),
            ("decision", decision),
        ];
        let action = "/desk/access/review/decide";
        Press { action, fields: &fields, label: words.say(label), class }.draw(visit)
    };
    let by = || line.decided_by.as_ref().map(ToString::to_string).unwrap_or_default();
    html! { @match line.decision {
        Some(ReviewDecision::Confirmed) => { span.tag.good { (words.say("review-confirmed")) } " " (by()) }
        Some(ReviewDecision::Removed) => { span.tag.bad { (words.say("review-removed")) } " " (by()) }
        None => { div.actions {
            (press("confirmed", "review-confirm", "quiet")) (press("removed", "review-remove", "quiet"))
        } }
    } }
}

/// `POST /desk/access/review/begin`.
pub(crate) async fn begin(visit: Visit, Posted(Nothing {}): Posted<Nothing>) -> Page {
    let by = visit.proven(REVIEW)?.session().by();
    given(begin_review(visit.web().workspace(), &by, visit.now).await?)?;
    Ok(Redirect::to(REVIEW).into_response())
}

/// What is decided about which role of whom.
#[derive(Deserialize)]
pub(crate) struct Decided {
    review: u32,
    actor: String,
    role: String,
    decision: String,
}

/// `POST /desk/access/review/decide`.
pub(crate) async fn decide(visit: Visit, Posted(decided): Posted<Decided>) -> Page {
    let by = visit.proven(REVIEW)?.session().by();
    let actor = ActorId::parse(&decided.actor).map_err(|_| Problem::BadForm)?;
    let role = RoleId::parse(&decided.role).map_err(|_| Problem::BadForm)?;
    let decision = match decided.decision.as_str() {
        "confirmed" => ReviewDecision::Confirmed,
        "removed" => ReviewDecision::Removed,
        _ => return Err(Problem::BadForm),
    };
    let line = (ReviewNo::new(decided.review), actor, role);
    let was_there = given(decide_review(visit.web().workspace(), &by, line, decision, visit.now).await?)?;
    // One's own role is decided by somebody else, and a decided one stays.
    if was_there { Ok(Redirect::to(REVIEW).into_response()) } else { Err(Problem::Conflict) }
}
