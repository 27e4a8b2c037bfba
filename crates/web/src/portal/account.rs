//! `/account`: who is logged in, with what roles, on which devices.

use maud::html;
use tidstro_flows::identity::devices;

use super::Page;
use crate::page::amount::day;
use crate::page::{Frame, Here};
use crate::visit::Visit;

/// `GET /account`.
pub(crate) async fn page(visit: Visit) -> Page {
    let (words, there, workspace) = (visit.words(), visit.there()?, visit.web().workspace());
    let session = there.session();
    let devices = devices(workspace, session).await?;
    let roles = session.roles().iter().filter_map(|role| workspace.register().role(role));
    let body = html! {
        dl {
            dt { (words.say("account-actor")) } dd { code { (session.actor()) } }
            dt { (words.say("account-roles")) } dd { @for role in roles { div { (role.text.in_language(words.language())) } } }
        }
        h2 { (words.say("account-devices")) }
        div.wide { table {
            thead { tr { th scope="col" { (words.say("account-browser")) } th scope="col" { (words.say("account-since")) } th scope="col" { (words.say("account-seen")) } } }
            tbody { @for device in &devices { tr {
                th scope="row" { (device.browser) @if device.session == session.number() { " " span.tag.good { (words.say("account-this")) } } }
                td { (day(workspace.zone().day_of(device.began), words)) }
                td { (day(workspace.zone().day_of(device.seen), words)) }
            } } }
        } }
    };
    Ok(Frame { visit: &visit, title: words.say("account-title"), here: Here::Account }.around(&body))
}
