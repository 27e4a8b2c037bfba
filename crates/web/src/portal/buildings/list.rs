//! `/desk/buildings`: each building in a line, those that need a look first.

use maud::{Markup, html};
use tidstro_flows::{BuildingState, BuildingsView, Deadline, buildings};

use super::{asked, page as framed};
use crate::page::amount::{day, day_short};
use crate::portal::{Page, given};
use crate::visit::Visit;
use crate::words::Words;

/// How many deadlines of a building stand in its line.
const DEADLINES: usize = 2;

/// `GET /desk/buildings`.
pub(crate) async fn page(visit: Visit) -> Page {
    let words = visit.words();
    let asked = asked(&visit)?;
    let view = given(buildings(visit.web().workspace(), &asked, visit.now).await?)?;
    let body = html! {
        p { (words.say_with("buildings-counted", [("day", day(view.days.start(), words).into())])) " " (words.say("buildings-first")) }
        p { a href="/desk/buildings/letters" { (words.say("letters-title")) } }
        @if view.buildings.is_empty() { p.note { (words.say("buildings-none")) } }
        @else { (table(&view, words)) }
    };
    Ok(framed(&visit, words.say("way-buildings"), &body))
}

fn table(view: &BuildingsView, words: &Words) -> Markup {
    html! {
        div.wide tabindex="0" { table.board data-keys="" {
            caption { (words.say("buildings-caption")) }
            thead { tr {
                th scope="col" { (words.say("buildings-building")) }
                th scope="col" { (words.say("buildings-stands")) }
                th.number scope="col" { (words.say("buildings-read")) }
                th.number scope="col" { (words.say("buildings-silent")) }
                th.number scope="col" { (words.say("buildings-units")) }
                th.number scope="col" { (words.say("buildings-vacant")) }
                th scope="col" { (words.say("buildings-next")) }
            } }
            tbody { @for state in &view.buildings { (row(state, words)) } }
        } }
    }
}

fn row(state: &BuildingState, words: &Words) -> Markup {
    html! { tr {
        th scope="row" { a href=(format!("/desk/buildings/{}", state.area)) { (state.name) } }
        td { (stands(state, words)) }
        td.number { (parts(state)) }
        td.number { (state.silent) }
        td.number { (state.units) }
        td.number { (state.vacant) }
        td { @for due in state.deadlines.iter().take(DEADLINES) { div { (deadline(*due, words)) } } }
    } }
}

/// In a word. A building of which nobody counts is not called whole.
fn stands(state: &BuildingState, words: &Words) -> Markup {
    let (class, name) = match (state.points, state.silent, state.needs_a_look()) {
        (0, _, _) => ("tag", "building-nothing"),
        (_, 1.., _) => ("tag bad", "building-silent"),
        (_, _, true) => ("tag", "building-partly"),
        (_, _, false) => ("tag good", "building-whole"),
    };
    html! { span class=(class) { (words.say(name)) } }
}

fn parts(state: &BuildingState) -> String {
    if state.point_days == 0 {
        "–".to_owned()
    } else {
        format!("{}/{}", state.whole_days, state.point_days)
    }
}

fn deadline(due: Deadline, words: &Words) -> String {
    let name = words.say(&format!("deadline-{}", due.kind.word()));
    format!("{}: {name}", day_short(due.day, words))
}
