//! `/desk/meter-data/silent`: meters of which nothing is heard any more.

use axum::extract::Query;
use jiff::SignedDuration;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_calendar::Zone;
use tidstro_flows::{MeterQuiet, SilentAsk, silent_meters};
use tidstro_govern::Operation;

use super::super::{Page, given};
use super::Room;
use super::pages::Pages;
use crate::answered::Problem;
use crate::door::staff_purpose;
use crate::page::amount::moment;
use crate::visit::Visit;
use crate::words::Words;

/// After how many of its own intervals a meter is silent.
const INTERVALS: u32 = 3;

/// Which of them.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// `all`, or only the silent ones.
    which: Option<String>,
    from: Option<usize>,
}

/// `GET /desk/meter-data/silent`.
pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Page {
    let words = visit.words();
    let mut meters = meters(&visit).await?;
    let (all, silent) = (meters.len(), meters.iter().filter(|meter| meter.is_silent).count());
    let shows_all = asked.which.as_deref() == Some("all");
    meters.retain(|meter| shows_all || meter.is_silent);
    let pages = Pages::of(asked.from, meters.len());
    let path = format!("{}?which={}", Room::Silent.path(), if shows_all { "all" } else { "silent" });
    let body = html! {
        p { (words.say("silent-what")) }
        p { (words.say_with("silent-count", [("silent", silent.into()), ("all", all.into())])) }
        (filters(shows_all, words))
        @if meters.is_empty() { p.note { (words.say("silent-none")) } } @else {
            (table(pages.rows(&meters), visit.web().workspace().zone(), words))
            (pages.links(&path, words))
        }
    };
    Ok(Room::Silent.page(&visit, &body))
}

async fn meters(visit: &Visit) -> Result<Vec<MeterQuiet>, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let roles = there.session().roles();
    let purpose = staff_purpose(workspace.register(), roles, Operation::Read, "raw_telegram.sealed");
    let asked = SilentAsk {
        actor: there.actor().clone(),
        purpose: purpose.ok_or(Problem::NotYours)?.activity,
        expected: None,
        intervals: INTERVALS,
    };
    given(silent_meters(workspace, &asked, visit.now).await?)
}

fn filters(shows_all: bool, words: &Words) -> Markup {
    html! {
        form.filters method="get" action=(Room::Silent.path()) {
            div.field { label for="which" { (words.say("alarms-which")) }
                select #which name="which" {
                    option value="silent" selected[!shows_all] { (words.say("silent-only")) }
                    option value="all" selected[shows_all] { (words.say("alarms-all")) }
                }
            }
            button.second { (words.say("alarms-show")) }
        }
    }
}

fn table(meters: &[MeterQuiet], zone: &Zone, words: &Words) -> Markup {
    let hours = |span: Option<SignedDuration>| {
        span.map_or_else(|| "–".to_owned(), |span| span.as_hours().to_string())
    };
    html! { div.wide tabindex="0" { table aria-label=(words.say("meter-data-silent")) {
        thead { tr {
            th scope="col" { (words.say("silent-meter")) }
            th scope="col" { (words.say("findings-area")) }
            th scope="col" { (words.say("findings-point")) }
            th.number scope="col" { (words.say("silent-quiet")) }
            th.number scope="col" { (words.say("silent-expected")) }
            th scope="col" { (words.say("silent-last")) }
            th.number scope="col" { (words.say("silent-gateways")) }
        } }
        tbody { @for meter in meters { tr {
            th scope="row" { (meter.meter) @if meter.is_silent { " " span.tag.bad { (words.say("meter-data-silent")) } } }
            td { (meter.area) }
            td { (meter.point) }
            td.number { (hours(meter.quiet)) }
            td.number { (hours(meter.expected)) }
            td { (meter.last.map_or_else(|| words.say("silent-never"), |last| moment(last, zone, words))) }
            td.number { (meter.gateways) }
        } } }
    } } }
}
