//! `/desk/buildings/{area}/{unit}`: one unit: who lives there, its meters and which devices hung there, as known when; and the forms of
//! moving in and out.

use axum::extract::{Path, Query};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_calendar::Zone;
use tidstro_flows::{BuildingView, DeviceLine, MeterPlace, OccupantView, UnitView};

use super::moves::{self, Entered};
use super::{building, days_told, moment, page as framed, unit_name, unit_of};
use crate::portal::Page;
use crate::portal::own::today;
use crate::visit::Visit;
use crate::words::Words;

/// What was done before the page is shown.
#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: Option<String>,
}

/// `GET /desk/buildings/{area}/{unit}`.
pub(crate) async fn page(
    visit: Visit,
    Path((area, unit)): Path<(u32, u32)>,
    Query(Done { done }): Query<Done>,
) -> Page {
    let building = building(&visit, area).await?;
    let unit = unit_of(&building, unit)?;
    let body = body(&visit, (&building, unit), &Entered::default(), done.is_some());
    Ok(framed(&visit, unit_name(unit.flat.as_deref(), visit.words()), &body))
}

/// The whole page, with what was entered in its forms and is wrong.
pub(super) fn body(
    visit: &Visit,
    (building, unit): (&BuildingView, &UnitView),
    entered: &Entered,
    is_done: bool,
) -> Markup {
    let (words, today) = (visit.words(), today(visit));
    html! {
        p { a href=(format!("/desk/buildings/{}", building.area)) { (building.name) } }
        @if is_done { p.note role="status" { (words.say("move-done")) } }
        @if unit.flat.is_some() {
            h2 #people { (words.say("unit-people")) }
            @if unit.occupants.is_empty() { p.note { (words.say("unit-nobody")) } }
            @else { (people(unit, today, words)) }
            (moves::forms(visit, (building, unit), entered))
        }
        h2 #meters { (words.say("unit-meters")) }
        (meters(building, unit, today, words))
        h2 #devices { (words.say("unit-devices")) }
        p { (words.say("unit-devices-what")) }
        (devices(unit, visit.web().workspace().zone(), words))
    }
}

fn people(unit: &UnitView, today: Date, words: &Words) -> Markup {
    html! {
        div.wide tabindex="0" { table aria-labelledby="people" {
            thead { tr {
                th scope="col" { (words.say("unit-name")) }
                th scope="col" { (words.say("unit-reference")) }
                th scope="col" { (words.say("unit-days")) }
                th scope="col" { (words.say("unit-state")) }
            } }
            tbody { @for occupant in unit.occupants.iter().rev() { tr {
                th scope="row" { (occupant.name.as_deref().unwrap_or("–")) }
                td { (occupant.reference) }
                td { (days_told(occupant.days, words)) }
                td { (state(occupant, today, words)) }
            } } }
        } }
    }
}

fn state(occupant: &OccupantView, today: Date, words: &Words) -> Markup {
    let (class, name) = match (occupant.days.start() > today, occupant.days.contains(today)) {
        (true, _) => ("tag", "unit-coming"),
        (_, true) => ("tag good", "unit-lives"),
        (_, false) => ("tag", "unit-left"),
    };
    html! { span class=(class) { (words.say(name)) } }
}

fn meters(building: &BuildingView, unit: &UnitView, today: Date, words: &Words) -> Markup {
    let days = building.days.start().until(building.days.end()).map_or(0, |span| span.get_days());
    html! {
        div.wide tabindex="0" { table aria-labelledby="meters" {
            thead { tr {
                th scope="col" { (words.say("meters-what")) }
                th scope="col" { (words.say("meters-room")) }
                th scope="col" { (words.say("unit-point")) }
                th scope="col" { (words.say("unit-device")) }
                th scope="col" { (words.say("unit-read")) }
            } }
            tbody { @for place in &unit.points { tr {
                th scope="row" { (words.say(&format!("commodity-{}", place.commodity.code()))) }
                td { (place.room.as_deref().unwrap_or_default()) }
                td { (place.own_id) }
                td { @for line in place.on(today) { div { (line.device) } } }
                td { (read(place, days, words)) }
            } } }
        } }
    }
}

/// On how many of the days something was read, in words.
fn read(place: &MeterPlace, days: i32, words: &Words) -> Markup {
    let (class, name) = match place.days_read {
        None => return html! { "–" },
        Some(0) => ("tag bad", "building-silent"),
        Some(read) if i64::from(read) < i64::from(days) => ("tag", "building-partly"),
        Some(_) => ("tag good", "building-whole"),
    };
    html! { span class=(class) { (words.say(name)) } }
}

/// Every device that ever hung there, with both times: what holds no longer is told as such.
fn devices(unit: &UnitView, zone: &Zone, words: &Words) -> Markup {
    let lines = unit.points.iter().flat_map(|place| place.devices.iter().map(move |line| (place, line)));
    html! {
        div.wide tabindex="0" { table aria-labelledby="devices" {
            thead { tr {
                th scope="col" { (words.say("unit-device")) }
                th scope="col" { (words.say("unit-point")) }
                th scope="col" { (words.say("unit-hung")) }
                th scope="col" { (words.say("unit-registered")) }
                th scope="col" { (words.say("unit-holds")) }
            } }
            tbody { @for (place, line) in lines { tr {
                th scope="row" { (line.device) }
                td { (place.own_id) }
                td { (days_told(line.days, words)) }
                td { (moment(line.registered, zone, words)) }
                td { (holds(line, zone, words)) }
            } } }
        } }
    }
}

fn holds(line: &DeviceLine, zone: &Zone, words: &Words) -> Markup {
    html! { @match line.retired {
        None => span.tag.good { (words.say("unit-holds-yes")) },
        Some(at) => span.tag { (words.say_with("unit-holds-no", [("at", moment(at, zone, words).into())])) },
    } }
}
