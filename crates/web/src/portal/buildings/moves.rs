//! `/desk/buildings/{area}/{unit}/preview` and `…/moves`: moving in and out.
//!
//! What comes in: a form of the unit's page. What goes out: first what would change, then, by the hash of what was shown, the change, after
//! which the unit's page is shown anew. Whoever moves stands in forms and in no address.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{
    BuildingView, Move, MoveMade, MovePreview, MoveRefusal, MoveStep, OccupantView, UnitView, make_move,
    preview_move,
};
use tidstro_model::{AreaNo, OccupancyNo, Person, PointNo};
use zeroize::Zeroizing;

use super::{asked, building, page as framed, unit, unit_name, unit_of};
use crate::answered::Problem;
use crate::page::amount::day;
use crate::portal::form::Field;
use crate::portal::own::today;
use crate::portal::{Page, given};
use crate::visit::{Posted, Visit};
use crate::words::Words;

/// What a form brought: of moving in, or of moving out.
#[derive(Deserialize, Default)]
pub(crate) struct Entered {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    occupancy: String,
    #[serde(default)]
    last_day: String,
    #[serde(default)]
    first_day: String,
    #[serde(default)]
    reference: Zeroizing<String>,
    #[serde(default)]
    name: Zeroizing<String>,
    #[serde(default)]
    contact: Zeroizing<String>,
    #[serde(default)]
    hash: String,
    /// What is wrong, and the field it stands beside.
    #[serde(skip)]
    wrong: Option<(&'static str, String)>,
}

const IN: &str = "in";
const OUT: &str = "out";

/// `POST /desk/buildings/{area}/{unit}/preview`: what would change.
pub(crate) async fn preview(
    visit: Visit,
    Path((area, unit)): Path<(u32, u32)>,
    Posted(entered): Posted<Entered>,
) -> Page {
    let wanted = match entered.wanted(unit)? {
        Ok(wanted) => wanted,
        Err(field) => return wrong(&visit, (area, unit), entered, (field, "move-no-day", None)).await,
    };
    let asked = asked(&visit)?;
    let about = (&asked, AreaNo::new(area));
    match given(preview_move(visit.web().workspace(), about, &wanted, visit.now).await?)? {
        Ok(preview) => Ok(shown(&visit, (area, unit), &preview, &entered)),
        Err(refusal) => refused(&visit, (area, unit), entered, &refusal).await,
    }
}

/// `POST /desk/buildings/{area}/{unit}/moves`: the change, if it is still the one that was shown.
pub(crate) async fn make(
    visit: Visit,
    Path((area, unit)): Path<(u32, u32)>,
    Posted(entered): Posted<Entered>,
) -> Page {
    let wanted = entered.wanted(unit)?.map_err(|_| Problem::BadForm)?;
    let asked = asked(&visit)?;
    let about = (&asked, AreaNo::new(area));
    let named = (&wanted, entered.hash.as_str());
    match given(make_move(visit.web().workspace(), about, named, visit.now).await?)? {
        MoveMade::Made => {
            Ok(Redirect::to(&format!("/desk/buildings/{area}/{unit}?done=yes")).into_response())
        }
        MoveMade::Changed => Err(Problem::Conflict),
        MoveMade::Refused(refusal) => refused(&visit, (area, unit), entered, &refusal).await,
    }
}

impl Entered {
    /// The move; or the field whose day cannot be read.
    fn wanted(&self, unit: u32) -> Result<Result<Move, &'static str>, Problem> {
        let day = |text: &str, field| text.trim().parse::<Date>().map_err(|_| field);
        match self.kind.as_str() {
            IN => Ok(day(&self.first_day, "first_day").map(|first_day| {
                let text = |field: &Zeroizing<String>| field.as_str().to_owned();
                let (reference, name, contact) =
                    (text(&self.reference), text(&self.name), text(&self.contact));
                let person = Person { reference, name, contact };
                Move::In { unit: PointNo::new(unit), person, first_day }
            })),
            OUT => {
                let number = self.occupancy.parse().map_err(|_| Problem::BadForm)?;
                let occupancy = OccupancyNo::new(number);
                Ok(day(&self.last_day, "last_day").map(|last_day| Move::Out { occupancy, last_day }))
            }
            _ => Err(Problem::BadForm),
        }
    }

    fn wrong_at(&self, field: &str) -> Option<String> {
        self.wrong.as_ref().filter(|(at, _)| *at == field).map(|(_, said)| said.clone())
    }
}

/// Says beside the field why there is no such move.
async fn refused(visit: &Visit, place: (u32, u32), entered: Entered, refusal: &MoveRefusal) -> Page {
    let day_field = if entered.kind == IN { "first_day" } else { "last_day" };
    let told = match refusal {
        MoveRefusal::NotThere => return Err(Problem::NotFound),
        MoveRefusal::NoPerson => ("reference", "move-no-person", None),
        MoveRefusal::Taken { day } => (day_field, "move-taken", Some(*day)),
        MoveRefusal::BeforeFirst { first_day } => (day_field, "move-before-first", Some(*first_day)),
        MoveRefusal::Known => (day_field, "move-known", None),
        MoveRefusal::Erased => (day_field, "move-erased", None),
    };
    wrong(visit, place, entered, told).await
}

/// The unit's page again, with what is wrong beside its field.
async fn wrong(
    visit: &Visit,
    (area, number): (u32, u32),
    mut entered: Entered,
    (field, name, on): (&'static str, &str, Option<Date>),
) -> Page {
    let words = visit.words();
    let said = match on {
        Some(on) => words.say_with(name, [("day", day(on, words).into())]),
        None => words.say(name),
    };
    entered.wrong = Some((field, said));
    let building = building(visit, area).await?;
    let unit = unit_of(&building, number)?;
    let body = unit::body(visit, (&building, unit), &entered, false);
    let mut page = framed(visit, unit_name(unit.flat.as_deref(), words), &body);
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(page)
}

/// What would change, and the button that changes it.
fn shown(visit: &Visit, (area, unit): (u32, u32), preview: &MovePreview, entered: &Entered) -> Response {
    let words = visit.words();
    let back = format!("/desk/buildings/{area}/{unit}");
    let fields = [
        ("kind", entered.kind.as_str()),
        ("occupancy", &entered.occupancy),
        ("last_day", &entered.last_day),
        ("first_day", &entered.first_day),
        ("reference", &entered.reference),
        ("name", &entered.name),
        ("contact", &entered.contact),
        ("hash", &preview.hash),
    ];
    let body = html! {
        p { (words.say_with("move-preview", [("unit", unit_name(preview.flat.as_deref(), words).into()), ("reference", preview.reference.as_str().into())])) }
        ol { @for step in &preview.steps { li { (step_told(step, words)) } } }
        form method="post" action=(format!("{back}/moves")) {
            (visit.token())
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button { (words.say("move-do")) } " " a href=(back) { (words.say("move-not")) }
        }
    };
    framed(visit, words.say("move-preview-title"), &body)
}

fn step_told(step: &MoveStep, words: &Words) -> String {
    let no_end = || words.say("unit-no-end");
    match step {
        MoveStep::NewPerson { name, contact } if contact.is_empty() => {
            words.say_with("move-step-person-paper", [("name", name.as_str().into())])
        }
        MoveStep::NewPerson { name, contact } => words.say_with(
            "move-step-person",
            [("name", name.as_str().into()), ("contact", contact.as_str().into())],
        ),
        MoveStep::Begins { first_day, last_day, points } => {
            let last = last_day.map_or_else(no_end, |last| day(last, words));
            let first = day(*first_day, words);
            words.say_with(
                "move-step-begins",
                [("first", first.into()), ("last", last.into()), ("points", (*points).into())],
            )
        }
        MoveStep::Ends { last_day, was } => {
            let was = was.map_or_else(no_end, |was| day(was, words));
            words.say_with("move-step-ends", [("last", day(*last_day, words).into()), ("was", was.into())])
        }
    }
}

/// The forms of a unit: who lives there moves out, somebody moves in.
pub(super) fn forms(
    visit: &Visit,
    (building, unit): (&BuildingView, &UnitView),
    entered: &Entered,
) -> Markup {
    let words = visit.words();
    let action = format!("/desk/buildings/{}/{}/preview", building.area, unit.unit);
    html! {
        @if !unit.occupants.is_empty() {
            details open[entered.kind == OUT] {
                summary { (words.say("move-out")) }
                (form_out(visit, unit, &action, entered))
            }
        }
        details open[entered.kind == IN] {
            summary { (words.say("move-in")) }
            (form_in(visit, &action, entered))
        }
    }
}

fn form_out(visit: &Visit, unit: &UnitView, action: &str, entered: &Entered) -> Markup {
    let words = visit.words();
    let last_day =
        field("last_day", words.say("move-last-day"), words.say("move-last-day-help"), "date", entered);
    let lives = unit.on(today(visit)).map(|occupant| occupant.occupancy.to_string()).unwrap_or_default();
    let chosen = if entered.occupancy.is_empty() { &lives } else { &entered.occupancy };
    html! {
        form.narrow method="post" action=(action) {
            (visit.token())
            input type="hidden" name="kind" value=(OUT);
            div.field {
                label for="occupancy" { (words.say("move-who")) }
                select id="occupancy" name="occupancy" { @for occupant in unit.occupants.iter().rev() {
                    @let number = occupant.occupancy.to_string();
                    option value=(number) selected[number == *chosen] { (called(occupant, words)) }
                } }
            }
            (last_day.draw_with(some(&entered.last_day), true))
            button.second { (words.say("move-look")) }
        }
    }
}

/// Who, by name or reference, and since when: the same person may have lived there twice.
fn called(occupant: &OccupantView, words: &Words) -> String {
    let name = occupant.name.as_ref().unwrap_or(&occupant.reference);
    format!("{name}, {}", day(occupant.days.start(), words))
}

fn form_in(visit: &Visit, action: &str, entered: &Entered) -> Markup {
    let words = visit.words();
    let text = |name, label: &str, help: &str, kind| {
        let help = if help.is_empty() { String::new() } else { words.say(help) };
        field(name, words.say(label), help, kind, entered)
    };
    html! {
        form.narrow method="post" action=(action) {
            (visit.token())
            input type="hidden" name="kind" value=(IN);
            (text("reference", "move-reference", "move-reference-help", "text").draw_with(some(&entered.reference), true))
            (text("name", "move-name", "", "text").draw_with(some(&entered.name), true))
            (text("contact", "move-contact", "move-contact-help", "text").draw_with(some(&entered.contact), false))
            (text("first_day", "move-first-day", "", "date").draw_with(some(&entered.first_day), true))
            button.second { (words.say("move-look")) }
        }
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A field of somebody else's data: browsers fill nothing in.
fn field<'a>(name: &'a str, label: String, help: String, kind: &'a str, entered: &Entered) -> Field<'a> {
    Field { name, label, help, kind, autocomplete: "off", wrong: entered.wrong_at(name) }
}
