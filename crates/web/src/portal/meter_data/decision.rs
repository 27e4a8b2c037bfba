//! `/desk/meter-data/findings/preview` and `…/decision`: what a decision about many days would do, and doing it.
//!
//! The preview carries the days, the decision and a hash over what it showed; the act names that hash. Somebody else's decision, or a
//! value that came between, makes the hash another one, and nothing is done.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{
    DecideOutcome, Decision, DecisionAsk, DecisionEffect, DecisionLine, DecisionPreview, FindingCursor,
    decide, preview_decision,
};

use super::super::{Page, given};
use super::findings::{
    BULK_DAYS, CauseAsked, PAGE_DAYS, Shown, cursor, cursor_of, field_of, marked, method, waiting,
};
use super::{Room, purposes};
use crate::answered::Problem;
use crate::page::amount::{day, shown};
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// A decision, as a form brings it.
#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(flatten)]
    cause: CauseAsked,
    decision: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    reason: String,
    /// `marked`, `page` or `bulk`.
    #[serde(default)]
    which: String,
    after: Option<String>,
    #[serde(default)]
    hash: String,
    /// Marks, one for each day.
    #[serde(flatten)]
    marks: BTreeMap<String, String>,
}

impl Given {
    /// The decision, or the name of what is wrong with it.
    fn decision(&self) -> Result<Decision, &'static str> {
        match self.decision.as_str() {
            "estimate" => method(&self.method).map(Decision::Estimate).ok_or("decision-no-method"),
            "accept" if self.reason.trim().is_empty() => Err("decision-no-reason"),
            "accept" => Ok(Decision::Accept { reason: self.reason.trim().to_owned() }),
            _ => Err("decision-none"),
        }
    }

    fn ask(
        &self,
        visit: &Visit,
        (chosen, decision): (Vec<FindingCursor>, Decision),
    ) -> Result<DecisionAsk, Problem> {
        let asked = purposes::ask(visit, (&self.cause.purpose, &self.cause.category))?;
        Ok(DecisionAsk { asked, cause: self.cause.cause()?, chosen, decision })
    }

    /// Where the page began.
    fn after(&self) -> Option<FindingCursor> {
        self.after.as_deref().and_then(cursor)
    }

    /// The days that are meant.
    async fn chosen(&self, visit: &Visit) -> Result<Vec<FindingCursor>, Problem> {
        let part = match self.which.as_str() {
            "page" => (self.after(), PAGE_DAYS),
            "bulk" => (None, BULK_DAYS),
            _ => return Ok(marked(&self.marks)),
        };
        let found = waiting(visit, &self.cause, part).await?;
        Ok(found.lines.iter().map(cursor_of).collect())
    }
}

/// `POST /desk/meter-data/findings/preview`: nothing is changed.
pub(crate) async fn preview(visit: Visit, Posted(given_fields): Posted<Given>) -> Page {
    let chosen = given_fields.chosen(&visit).await?;
    let decision = match given_fields.decision() {
        _ if chosen.is_empty() => Err("decision-no-days"),
        decision => decision,
    };
    let decision = match decision {
        Ok(decision) => decision,
        Err(wrong) => return wrongly(&visit, &given_fields, wrong).await,
    };
    let asked = given_fields.ask(&visit, (chosen, decision))?;
    let preview = given(preview_decision(visit.web().workspace(), &asked, visit.now).await?)?;
    let title = visit.words().say("decision-title");
    Ok(Room::Findings.page_called(&visit, title, &page(&visit, &given_fields, &preview)))
}

/// The page of days again, with what is wrong.
async fn wrongly(visit: &Visit, given: &Given, wrong: &'static str) -> Page {
    let waiting = waiting(visit, &given.cause, (given.after(), PAGE_DAYS)).await?;
    let (cause, after, marked) = (&given.cause, given.after(), &given.marks);
    Ok(Shown { cause, after, waiting: &waiting, marked, wrong: Some(wrong) }.refused(visit))
}

/// `POST /desk/meter-data/findings/decision`: does what the preview showed, and nothing else.
pub(crate) async fn act(visit: Visit, Posted(given_fields): Posted<Given>) -> Page {
    let decision = given_fields.decision().map_err(|_| Problem::BadForm)?;
    let asked = given_fields.ask(&visit, (marked(&given_fields.marks), decision))?;
    match given(decide(visit.web().workspace(), &asked, &given_fields.hash, visit.now).await?)? {
        DecideOutcome::Changed => Err(Problem::Conflict),
        DecideOutcome::Done(done) => {
            let path = given_fields.cause.path();
            let told = format!("decided={}&left={}&others={}", done.decided, done.left, done.others);
            Ok(Redirect::to(&format!("{path}&{told}")).into_response())
        }
    }
}

fn page(visit: &Visit, given: &Given, preview: &DecisionPreview) -> Markup {
    let words = visit.words();
    let will = preview.lines.iter().filter(|line| line.effect.is_something()).count();
    let not = preview.lines.len() - will;
    html! {
        p { a href=(given.cause.path()) { "← " (given.cause.title(words)) } }
        p { (words.say_with("preview-will", [("days", will.into())])) }
        @if not > 0 { p.note.mark { (words.say_with("preview-not", [("days", not.into())])) } }
        @if preview.gone > 0 { p.note { (words.say_with("preview-gone", [("days", preview.gone.into())])) } }
        @if given.decision == "accept" { dl.facts { dt { (words.say("decision-reason")) } dd { (given.reason.trim()) } } }
        @if will > 0 { (confirm(visit, given, preview)) }
        (table(&preview.lines, words))
    }
}

/// The act: the same days and decision, and the hash of what stands on the page.
fn confirm(visit: &Visit, given: &Given, preview: &DecisionPreview) -> Markup {
    let words = visit.words();
    html! {
        form method="post" action="/desk/meter-data/findings/decision" {
            (visit.token()) (given.cause.fields())
            input type="hidden" name="decision" value=(given.decision);
            input type="hidden" name="method" value=(given.method);
            input type="hidden" name="reason" value=(given.reason);
            input type="hidden" name="hash" value=(preview.hash);
            @for line in &preview.lines { input type="hidden" name=(field_of(cursor_of(&line.found))) value="on"; }
            button { (words.say(if given.decision == "accept" { "preview-accept" } else { "preview-estimate" })) }
        }
    }
}

fn table(lines: &[DecisionLine], words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-label=(words.say("decision-title")) {
        thead { tr {
            th scope="col" { (words.say("findings-day")) }
            th scope="col" { (words.say("findings-point")) }
            th scope="col" { (words.say("preview-becomes")) }
            th.number scope="col" { (words.say("preview-sum")) }
        } }
        tbody { @for DecisionLine { found, effect } in lines { tr {
            td { (day(found.day, words)) }
            th scope="row" { (found.line.point) }
            td { (effect_text(effect, words)) }
            td.number { (sum(effect).map(|sum| shown(found.line.unit).text(sum, words.language())).unwrap_or_default()) }
        } } }
    } } }
}

fn effect_text(effect: &DecisionEffect, words: &Words) -> String {
    match effect {
        DecisionEffect::Accepts(values) => words.say_with("becomes-accepted", [("values", (*values).into())]),
        DecisionEffect::Makes { made, left: 0, .. } => {
            words.say_with("becomes-made", [("values", (*made).into())])
        }
        DecisionEffect::Makes { made, left, .. } => {
            words.say_with("becomes-made-some", [("values", (*made).into()), ("left", (*left).into())])
        }
        DecisionEffect::Nothing => words.say("becomes-nothing"),
    }
}

/// What the day sums up to afterwards, where the purpose sees its values.
const fn sum(effect: &DecisionEffect) -> Option<tidstro_model::Decimal> {
    match effect {
        DecisionEffect::Makes { sum, .. } => *sum,
        DecisionEffect::Accepts(_) | DecisionEffect::Nothing => None,
    }
}
