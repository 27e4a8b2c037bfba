//! `/account`: who is logged in, with what roles, on which devices, and how they prove it.

use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::identity::{Device, SessionNo, devices, log_out_device, log_out_everywhere};

use super::Page;
use crate::answered::Problem;
use crate::page::amount::day;
use crate::page::{Frame, Here};
use crate::visit::{Posted, Visit};

/// `GET /account`.
pub(crate) async fn page(visit: Visit) -> Page {
    let (words, session, workspace) = (visit.words(), visit.there()?.session(), visit.web().workspace());
    let devices = devices(workspace, session).await?;
    let roles = session.roles().iter().filter_map(|role| workspace.register().role(role));
    let body = html! {
        dl {
            dt { (words.say("account-actor")) } dd { code { (session.actor()) } }
            dt { (words.say("account-roles")) } dd { @for role in roles { div { (role.text.in_language(words.language())) } } }
        }
        h2 { (words.say("account-proofs")) }
        ul.actions {
            li { a.button href="/account/password" { (words.say("account-password")) } }
            li { a.button href="/account/second-factor" { (words.say(if session.factors() > 1 { "account-second-anew" } else { "account-second" })) } }
        }
        h2 { (words.say("account-devices")) }
        div.wide tabindex="0" { table {
            thead { tr {
                th scope="col" { (words.say("account-browser")) } th scope="col" { (words.say("account-since")) }
                th scope="col" { (words.say("account-seen")) } th scope="col" { (words.say("account-end")) }
            } }
            tbody { @for device in &devices { (row(&visit, device, session.number())) } }
        } }
        @if devices.len() > 1 { form method="post" action="/account/devices" {
            (visit.token())
            button.second name="device" value="others" { (words.say("account-end-others")) }
        } }
    };
    Ok(Frame { visit: &visit, title: words.say("account-title"), here: Here::Account }.around(&body))
}

fn row(visit: &Visit, device: &Device, here: SessionNo) -> Markup {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    html! { tr {
        th scope="row" { (device.browser) }
        td { (day(zone.day_of(device.began), words)) }
        td { (day(zone.day_of(device.seen), words)) }
        td { @if device.session == here {
            span.tag.good { (words.say("account-this")) }
        } @else {
            form method="post" action="/account/devices" {
                (visit.token())
                button.quiet name="device" value=(device.session.as_u64()) { (words.say("frame-log-out")) }
            }
        } }
    } }
}

/// Which device is to be logged out.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    device: String,
}

/// `POST /account/devices`: logs out another device of the same account, or all others.
pub(crate) async fn log_out(visit: Visit, Posted(Chosen { device }): Posted<Chosen>) -> Page {
    let (workspace, session) = (visit.web().workspace(), visit.there()?.session());
    if device == "others" {
        log_out_everywhere(workspace, session, true, visit.now).await?;
    } else {
        let number = device.parse().map_err(|_| Problem::BadForm)?;
        log_out_device(workspace, session, SessionNo::new(number), visit.now).await?;
    }
    Ok(Redirect::to("/account").into_response())
}
