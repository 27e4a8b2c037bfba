//! `/desk/buildings/{area}`: the units of a building, with who lives there today and whether their meters are read.

use axum::extract::Path;
use jiff::civil::Date;
use maud::{Markup, html};
use tidstro_flows::{BuildingView, OccupantView, UnitView};

use super::{building, page as framed, unit_name};
use crate::page::amount::{day, day_short};
use crate::portal::Page;
use crate::portal::own::today;
use crate::visit::Visit;
use crate::words::Words;

/// `GET /desk/buildings/{area}`.
pub(crate) async fn page(visit: Visit, Path(area): Path<u32>) -> Page {
    let words = visit.words();
    let building = building(&visit, area).await?;
    let today = today(&visit);
    let body = html! {
        p { a href="/desk/buildings" { (words.say("building-back")) } }
        p { (words.say_with("buildings-counted", [("day", day(building.days.start(), words).into())])) }
        @if building.units.is_empty() { p.note { (words.say("building-empty")) } }
        @else { (table(&building, today, words)) }
    };
    Ok(framed(&visit, building.name.clone(), &body))
}

fn table(building: &BuildingView, today: Date, words: &Words) -> Markup {
    html! {
        div.wide tabindex="0" { table data-keys="" {
            caption { (words.say("building-units")) }
            thead { tr {
                th scope="col" { (words.say("building-unit")) }
                th scope="col" { (words.say("building-lives")) }
                th scope="col" { (words.say("building-since")) }
                th scope="col" { (words.say("building-coming")) }
                th.number scope="col" { (words.say("building-meters")) }
                th.number scope="col" { (words.say("buildings-silent")) }
            } }
            tbody { @for unit in &building.units { (row(building, unit, today, words)) } }
        } }
    }
}

fn row(building: &BuildingView, unit: &UnitView, today: Date, words: &Words) -> Markup {
    let lives = unit.on(today);
    html! { tr {
        th scope="row" {
            a href=(format!("/desk/buildings/{}/{}", building.area, unit.unit)) { (unit_name(unit.flat.as_deref(), words)) }
        }
        td { (who(unit, lives, words)) }
        td { @if let Some(lives) = lives { (day(lives.days.start(), words)) } }
        td { @for line in coming(unit, today, words) { div { (line) } } }
        td.number { (unit.points.len()) }
        td.number { (unit.silent()) }
    } }
}

/// Who lives there: the name where the purpose sees names, what master data call them otherwise.
fn who(unit: &UnitView, lives: Option<&OccupantView>, words: &Words) -> Markup {
    html! { @match (lives, &unit.flat) {
        (Some(lives), _) => (lives.name.as_ref().unwrap_or(&lives.reference)),
        (None, Some(_)) => span.tag { (words.say("building-vacant")) },
        (None, None) => {}
    } }
}

/// When somebody moves in or out after today.
fn coming(unit: &UnitView, today: Date, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for occupant in &unit.occupants {
        let last = super::last_day(occupant.days).filter(|last| *last >= today);
        let first = Some(occupant.days.start()).filter(|first| *first > today);
        let told = |name: &str, on: Date| format!("{}: {}", day_short(on, words), words.say(name));
        lines.extend(first.map(|on| told("deadline-move-in", on)));
        lines.extend(last.map(|on| told("deadline-move-out", on)));
    }
    lines
}
