//! `/my-data`: what is kept of a person, for which purpose, until when.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use maud::html;
use tidstro_flows::{FlowFault, LeasesView, subject_leases};
use tidstro_govern::{LeaseState, Operation};

use super::{Page, given};
use crate::answered::Problem;
use crate::door::own_purpose;
use crate::page::amount::day;
use crate::page::{Frame, Here};
use crate::visit::Visit;

/// The column by which somebody asks what is kept of their time somewhere.
const COLUMN: &str = "occupancy.start_day";

async fn leases(visit: &Visit) -> Result<LeasesView, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let session = there.session();
    let purpose = own_purpose(workspace.register(), session.roles(), Operation::Read, COLUMN);
    let purpose = purpose.ok_or(Problem::Fault(FlowFault::NoCategory { of: "one's own time somewhere" }))?;
    let asked = (&purpose.activity, session.factors());
    given(subject_leases(workspace, there.actor(), asked, None, visit.now).await?)
}

/// `GET /my-data`.
pub(crate) async fn page(visit: Visit) -> Page {
    let view = leases(&visit).await?;
    let (words, workspace) = (visit.words(), visit.web().workspace());
    let (register, zone) = (workspace.register(), workspace.zone());
    let kept = view.leases.iter().filter(|lease| lease.state != LeaseState::Ended);
    let body = html! {
        p { (words.say("my-data-what")) }
        @if view.is_held { p.note.mark { (words.say("my-data-held")) } }
        h2 { (words.say("my-data-kept")) }
        div.wide tabindex="0" { table {
            thead { tr {
                th scope="col" { (words.say("my-data-purpose")) }
                th scope="col" { (words.say("my-data-who")) }
                th scope="col" { (words.say("my-data-basis")) }
                th scope="col" { (words.say("my-data-until")) }
            } }
            tbody { @for lease in kept {
                @if let Some(activity) = register.activity(&lease.activity) { tr {
                    th scope="row" { (activity.text.in_language(words.language())) }
                    td { (register.party(&activity.controller).map(|party| party.name.as_str()).unwrap_or_default()) }
                    td { @for basis in &activity.basis { div { (basis.cite) } } }
                    td { @match lease.until {
                        Some(until) => (day(zone.day_of(until), words)),
                        None => (words.say("my-data-no-end")),
                    } }
                } }
            } }
        } }
        figure.chart {
            figcaption { (words.say("my-data-drawn")) }
            img src="/my-data/leases.svg" alt=(words.say("my-data-drawn-alt")) width="960";
        }
        h2 { (words.say("my-data-copy")) }
        p { (words.say("my-data-copy-what")) }
        p {
            a.button href="/my-data/copy.csv" download { (words.say("my-data-copy-table")) } " "
            a.button href="/my-data/copy.json" download { (words.say("my-data-copy-json")) }
        }
        p { a href="/my-data/log" { (words.say("looked-title")) } }
        p { a href="/privacy" { (words.say("way-privacy")) } }
    };
    Ok(Frame { visit: &visit, title: words.say("way-my-data"), here: Here::MyData }.around(&body))
}

/// `GET /my-data/leases.svg`: the same, drawn over time.
pub(crate) async fn drawn(visit: Visit) -> Page {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    Ok(([kind], leases(&visit).await?.chart.svg()).into_response())
}
