//! `/desk/meter-data`: how far each operating day has come, and by when it must be out.

use jiff::{SignedDuration, ToSpan as _};
use maud::{Markup, html};
use tidstro_calendar::Zone;
use tidstro_flows::{AreaCycle, CycleAsk, CycleLine, cycle_board};
use tidstro_govern::Operation;
use tidstro_metering::cycle::{DayState, Standing};
use tidstro_model::DayRange;

use super::super::own::today;
use super::super::{Page, given};
use super::Room;
use crate::answered::Problem;
use crate::door::staff_purpose;
use crate::page::amount::day_short;
use crate::visit::Visit;
use crate::words::Words;

/// How many operating days the board shows.
const DAYS: i32 = 14;
/// How long before the deadline one is warned.
const ALARM: SignedDuration = SignedDuration::from_hours(24);

/// `GET /desk/meter-data`.
pub(crate) async fn page(visit: Visit) -> Page {
    let words = visit.words();
    let areas = board(&visit).await?;
    let zone = visit.web().workspace().zone();
    let body = html! {
        p { (words.say("cycle-what")) }
        @if areas.is_empty() { p.note { (words.say("cycle-nothing")) } }
        @for area in &areas { (table(area, zone, words)) }
    };
    Ok(Room::Board.page(&visit, &body))
}

async fn board(visit: &Visit) -> Result<Vec<AreaCycle>, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let column = "series_block.sealed";
    let purpose = staff_purpose(workspace.register(), there.session().roles(), Operation::Compute, column);
    let today = today(visit);
    let first = today.checked_sub(DAYS.days()).unwrap_or(today);
    let asked = CycleAsk {
        actor: there.actor().clone(),
        purpose: purpose.ok_or(Problem::NotYours)?.activity,
        area: None,
        days: DayRange::new(first, today).map_err(|_| Problem::NotFound)?,
        alarm: ALARM,
    };
    given(cycle_board(workspace, &asked, visit.now).await?)
}

fn table(area: &AreaCycle, zone: &Zone, words: &Words) -> Markup {
    html! {
        div.wide tabindex="0" { table.board {
            caption { (words.say_with("cycle-area", [("area", area.area.as_str().into())])) }
            thead { tr {
                th scope="col" { (words.say("cycle-day")) }
                th scope="col" { (words.say("cycle-states")) }
                th.number scope="col" { (words.say("cycle-expected")) }
                th.number scope="col" { (words.say("cycle-none")) }
                @for state in DayState::ALL { th.number scope="col" { (words.say(&format!("day-{}", state.code()))) } }
                th scope="col" { (words.say("cycle-due")) }
                th scope="col" { (words.say("cycle-stands")) }
            } }
            tbody { @for line in area.days.iter().rev() { (row(line, zone, words)) } }
        } }
    }
}

fn row(line: &CycleLine, zone: &Zone, words: &Words) -> Markup {
    html! { tr {
        th scope="row" { (day_short(line.clock.day, words)) }
        td { (stacked(line, words)) }
        td.number { (line.expected) }
        td.number { (line.nothing) }
        @for state in DayState::ALL { td.number { (line.count(state)) } }
        td { (day_short(zone.day_of(line.clock.due), words)) }
        td { (standing(line.standing, words)) }
    } }
}

fn standing(standing: Standing, words: &Words) -> Markup {
    let (class, name) = match standing {
        Standing::Done => ("tag good", "standing-done"),
        Standing::Open => ("tag", "standing-open"),
        Standing::Alarm => ("tag bad", "standing-alarm"),
        Standing::Late => ("tag bad", "standing-late"),
    };
    html! { span class=(class) { (words.say(name)) } }
}

/// A bar with a part for each state. The numbers stand beside it, so that it needs no words of its own.
fn stacked(line: &CycleLine, words: &Words) -> Markup {
    let parts = DayState::ALL.map(|state| (state.code(), line.count(state)));
    let whole = line.expected.max(parts.iter().map(|(_, count)| count).sum()).max(1);
    let mut left = 0;
    html! {
        svg.stacked viewBox="0 0 200 16" role="img" aria-label=(words.say("cycle-states")) {
            rect.none x="0" y="0" width="200" height="16" {}
            @for (code, count) in parts {
                @let width = count.saturating_mul(200) / whole;
                rect class=(format!("day-{code}")) x=(left) y="0" width=(width) height="16" {}
                ({ left += width; "" })
            }
        }
    }
}
