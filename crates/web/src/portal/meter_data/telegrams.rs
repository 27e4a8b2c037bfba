//! `/desk/meter-data/telegrams`: types of meters whose telegrams gave no reading, why, and what helps.

use std::collections::BTreeSet;

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{QuarantineLine, quarantine};
use tidstro_govern::Operation;

use super::super::{Page, given};
use super::Room;
use super::pages::Pages;
use crate::answered::Problem;
use crate::door::staff_purpose;
use crate::visit::Visit;
use crate::words::Words;

/// Which of them.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// One reason, or all.
    reason: Option<String>,
    from: Option<usize>,
}

/// `GET /desk/meter-data/telegrams`.
pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Page {
    let words = visit.words();
    let mut lines = lines(&visit).await?;
    let reasons: BTreeSet<String> = lines.iter().map(|line| line.reason.clone()).collect();
    // Only a reason there is can be in an address.
    let reason = asked.reason.filter(|reason| reasons.contains(reason));
    lines.retain(|line| reason.as_ref().is_none_or(|reason| line.reason == *reason));
    let pages = Pages::of(asked.from, lines.len());
    let path = format!("{}?reason={}", Room::Telegrams.path(), reason.as_deref().unwrap_or_default());
    let body = html! {
        p { (words.say("telegrams-what")) }
        @if reasons.len() > 1 { (filters(&reasons, reason.as_deref(), words)) }
        @if lines.is_empty() { p.note { (words.say("telegrams-none")) } } @else {
            (table(pages.rows(&lines), words))
            (pages.links(&path, words))
        }
    };
    Ok(Room::Telegrams.page(&visit, &body))
}

async fn lines(visit: &Visit) -> Result<Vec<QuarantineLine>, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let roles = there.session().roles();
    let purpose = staff_purpose(workspace.register(), roles, Operation::Read, "raw_telegram.sealed");
    let purpose = purpose.ok_or(Problem::NotYours)?.activity;
    given(quarantine(workspace, there.actor(), purpose.as_str(), visit.now).await?)
}

fn filters(reasons: &BTreeSet<String>, chosen: Option<&str>, words: &Words) -> Markup {
    html! {
        form.filters method="get" action=(Room::Telegrams.path()) {
            div.field { label for="reason" { (words.say("telegrams-only")) }
                select #reason name="reason" {
                    option value="" selected[chosen.is_none()] { (words.say("alarms-all")) }
                    @for reason in reasons { option value=(reason) selected[chosen == Some(reason)] { (reason) } }
                }
            }
            button.second { (words.say("alarms-show")) }
        }
    }
}

fn table(lines: &[QuarantineLine], words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-label=(words.say("meter-data-telegrams")) {
        thead { tr {
            th scope="col" { (words.say("telegrams-type")) }
            th.number scope="col" { (words.say("telegrams-count")) }
            th.number scope="col" { (words.say("alarms-meters")) }
            th scope="col" { (words.say("telegrams-reason")) }
            th scope="col" { (words.say("telegrams-do")) }
        } }
        tbody { @for line in lines { tr {
            th scope="row" { (kind(line, words)) }
            td.number { (line.telegrams) }
            td.number { (line.meters) }
            td { code { (line.reason) } }
            td { (words.say(advice(&line.reason))) }
        } } }
    } } }
}

/// Manufacturer, version, medium, as far as they could be read.
fn kind(line: &QuarantineLine, words: &Words) -> String {
    let maker = line.manufacturer.map(|maker| maker.to_string());
    let version = line.version.map(|version| format!("{version:02X}"));
    let medium = line.medium.map(|medium| medium.word().to_owned());
    let parts: Vec<String> = [maker, version, medium].into_iter().flatten().collect();
    if parts.is_empty() { words.say("telegrams-unknown") } else { parts.join(" ") }
}

/// What makes telegrams of such a reason readable.
fn advice(reason: &str) -> &'static str {
    match reason {
        "key-missing" => "advice-keys",
        "wrong-key" | "mac" | "tag" | "fragment-unproven" => "advice-compare-keys",
        "format-unknown" => "advice-full-frame",
        "older" => "advice-counters",
        "counter-reused" | "downgrade" => "advice-impostor",
        "fragment" | "push-piece" | "fragment-lost" => "advice-pieces",
        "layout-not-yet" | "mode-not-yet" => "advice-version",
        _ => "advice-damaged",
    }
}
