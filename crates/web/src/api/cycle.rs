//! `/api/v1/cycle`: how far each operating day has come, and by when it must be out.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::{SignedDuration, ToSpan as _};
use serde::{Deserialize, Serialize};
use tidstro_flows::{CycleAsk, CycleLine, cycle_board};
use tidstro_metering::cycle::DayState;
use tidstro_model::DayRange;
use utoipa::ToSchema;

use super::Answered;
use super::answer::json;
use super::asked::{Asked, day, text};
use super::caller::{Caller, Does};
use super::page::{Page, Piece, Place};
use super::slip::Slip;
use crate::portal::{given, own::today};
use crate::visit::Visit;

/// How many operating days there are, unless the caller says which.
const DAYS: i32 = 14;
/// The most operating days of one answer.
const MOST_DAYS: i32 = 400;
/// How long before the deadline one is warned.
const ALARM: SignedDuration = SignedDuration::from_hours(24);

/// Which operating days.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CycleQuery {
    /// One grid area, by name.
    #[param(min_length = 1, max_length = 100, pattern = "^[ -~]+$")]
    area: Option<String>,
    /// The first operating day; without it, fourteen days before `to`.
    #[param(format = Date)]
    from: Option<String>,
    /// The first day after the last; without it, today.
    #[param(format = Date)]
    to: Option<String>,
    /// What for: an activity of the register. Without it, the first that suits.
    #[param(pattern = "^[a-z][a-z0-9:.-]{0,63}$")]
    purpose: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the piece before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// One operating day of a grid area.
#[derive(Serialize, ToSchema)]
#[schema(as = CycleDay)]
pub(crate) struct CycleItem {
    /// The grid area.
    area: String,
    /// The operating day.
    #[schema(format = Date)]
    day: String,
    /// Interval series that should have values.
    expected: u64,
    /// Of these, those of which nothing is there.
    nothing: u64,
    /// The others, by their state: `partly`, `collected`, `validated`, `estimated`, `released`, `released-late`, `corrected`.
    states: BTreeMap<&'static str, u64>,
    /// What was not released when the deadline had passed, and is not yet.
    late: u64,
    /// How the day stands to its deadline.
    standing: &'static str,
    /// By when it must be out.
    #[schema(format = DateTime)]
    due: String,
    /// Meters that were called.
    called: u64,
    /// Calls that were made again.
    called_again: u64,
    /// Meters that were given up.
    given_up: u64,
}

/// Operating days that are over, from the oldest, area by area.
#[utoipa::path(get, operation_id = "listCycleDays", path = "/api/v1/cycle", tag = "operation", params(CycleQuery),
    responses((status = 200, description = "A piece of the board.", body = Page<CycleItem>)))]
pub(crate) async fn list(visit: Visit, Asked(asked): Asked<CycleQuery>) -> Answered {
    let piece = Piece::asked(asked.limit, asked.cursor.as_deref())?;
    let caller = Caller::of(&visit)?;
    let ask = CycleAsk {
        actor: caller.actor().clone(),
        purpose: caller.purpose(Does::Cycle, (asked.purpose.as_deref(), None))?.activity,
        days: operating_days(&visit, &asked)?,
        area: text("area", asked.area)?,
        alarm: ALARM,
    };
    let board = cycle_board(visit.web().workspace(), &ask, visit.now).await.map_err(Slip::of_area)?;
    let lines = given(board)?.into_iter().flat_map(|area| {
        let name = area.area;
        area.days.into_iter().map(move |line| (name.clone(), line))
    });
    json(StatusCode::OK, &piece.of(lines, place, |(area, line)| item(area, &line)))
}

/// The days asked for: with an end, and not more than a year and a little.
fn operating_days(visit: &Visit, asked: &CycleQuery) -> Result<DayRange, Slip> {
    let end = asked.to.as_deref().map_or_else(|| Ok(today(visit)), |given| day("to", given))?;
    let usual = end.checked_sub(DAYS.days()).unwrap_or(end);
    let start = asked.from.as_deref().map_or(Ok(usual), |given| day("from", given))?;
    let earliest = end.checked_sub(MOST_DAYS.days()).unwrap_or(end);
    if start < earliest { Err(Slip::TooManyDays { most: MOST_DAYS }) } else { Ok(DayRange::new(start, end)?) }
}

fn place((area, line): &(String, CycleLine)) -> Place {
    let day = line.clock.day;
    let ordered = i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day());
    Place::at(ordered, area)
}

fn item(area: String, line: &CycleLine) -> CycleItem {
    CycleItem {
        area,
        day: line.clock.day.to_string(),
        expected: line.expected,
        nothing: line.nothing,
        states: DayState::ALL.into_iter().map(|state| (state.code(), line.count(state))).collect(),
        late: line.late,
        standing: line.standing.word(),
        due: line.clock.due.to_string(),
        called: line.calls.called,
        called_again: line.calls.retried,
        given_up: line.calls.failed,
    }
}
