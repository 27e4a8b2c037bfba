//! The desk of whoever administers buildings: how they stand, who lives where, who moves, and who gets letters.
//!
//! What comes in: asks of staff whom the door let in, for the purpose that the register gives their roles. What goes out: pages; a
//! building, a unit and an occupancy are numbers in addresses and forms. Never: a name or reference in an address.

pub(crate) mod building;
pub(crate) mod letters;
pub(crate) mod list;
pub(crate) mod moves;
pub(crate) mod unit;

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use tidstro_calendar::Zone;
use tidstro_flows::{BuildingView, BuildingsAsk, UnitView, one_building};
use tidstro_govern::Operation;
use tidstro_model::{AreaNo, DayRange, PointNo};

use super::given;
use crate::answered::Problem;
use crate::door::{Desk, staff_purpose};
use crate::page::amount::day;
use crate::page::{Frame, Here};
use crate::visit::Visit;
use crate::words::Words;

/// The column by which somebody knows whether meters work.
const METERS: &str = "alarm.sealed";

/// What the visitor asks by.
fn asked(visit: &Visit) -> Result<BuildingsAsk, Problem> {
    let (there, register) = (visit.there()?, visit.web().workspace().register());
    let (roles, actor) = (there.session().roles(), there.actor().clone());
    let people = Desk::Buildings.purpose(register, roles).ok_or(Problem::NotYours)?.activity;
    let meters = staff_purpose(register, roles, Operation::Read, METERS).map(|purpose| purpose.activity);
    Ok(BuildingsAsk { actor, people, meters, factors: there.session().factors() })
}

/// One building.
async fn building(visit: &Visit, area: u32) -> Result<BuildingView, Problem> {
    let found = one_building(visit.web().workspace(), &asked(visit)?, AreaNo::new(area), visit.now).await?;
    given(found)?.ok_or(Problem::NotFound)
}

/// A unit of a building.
fn unit_of(building: &BuildingView, unit: u32) -> Result<&UnitView, Problem> {
    building.units.iter().find(|found| found.unit == PointNo::new(unit)).ok_or(Problem::NotFound)
}

fn page(visit: &Visit, title: String, body: &Markup) -> Response {
    Frame { visit, title, here: Here::At(Desk::Buildings) }.around(body)
}

/// What a unit is called.
fn unit_name(flat: Option<&str>, words: &Words) -> String {
    flat.map_or_else(|| words.say("building-common"), str::to_owned)
}

/// The days of somebody in words: from when to when.
fn days_told(days: DayRange, words: &Words) -> Markup {
    let last = last_day(days);
    html! {
        (day(days.start(), words)) " – "
        @match last { Some(last) => (day(last, words)), None => span.faint { (words.say("unit-no-end")) } }
    }
}

/// The last local day; `None` while no end is known.
fn last_day(days: DayRange) -> Option<Date> {
    if days.is_open() { None } else { days.end().yesterday().ok() }
}

/// A moment in words: day and time of day.
fn moment(at: Timestamp, zone: &Zone, words: &Words) -> String {
    let (date, clock) = zone.clock_of(at);
    format!("{}, {:02}:{:02}", day(date, words), clock.hour(), clock.minute())
}
