//! The board of operating days and the points behind it, as tables and JSON.

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_flows::{AreaCycle, CycleLine, CyclePointLine, Released};
use tidstro_metering::cycle::{DayState, Standing};
use tidstro_model::Rule;

use super::Table;
use super::duration::rough;
use super::report::grouped;

/// What stands in a cell where there is nothing to say.
const NONE: &str = "–";
/// Cells of a bar.
const BAR: u64 = 30;
/// What a bar is made of, from what is out to what is not there.
const LEGEND: &str =
    "█ released  ◆ corrected since  ▓ validated  ▒ estimated  ? a rule failed  ░ partly  · nothing";

/// One area's board.
pub(crate) fn board_text(area: &AreaCycle, lines: &[&CycleLine], (zone, now): (&Zone, Timestamp)) -> String {
    let mut table = Table::new(&[
        "operating day",
        "",
        ">expected",
        ">nothing",
        ">partly",
        ">collected",
        ">validated",
        ">estimated",
        ">released",
        ">corrected",
        ">calls again",
        "due",
        "stands",
    ]);
    for line in lines {
        table.row(row(line, zone, now));
    }
    format!("{}\n{table}  {LEGEND}\n", area.area)
}

fn row(line: &CycleLine, zone: &Zone, now: Timestamp) -> Vec<String> {
    let number = |count: u64| if count == 0 { NONE.to_owned() } else { grouped(count) };
    let state = |state| number(line.count(state));
    vec![
        line.clock.day.strftime("%a %Y-%m-%d").to_string(),
        stacked(line),
        number(line.expected),
        number(line.nothing),
        state(DayState::Partly),
        state(DayState::Collected),
        state(DayState::Validated),
        state(DayState::Estimated),
        number(line.count(DayState::Released) + line.count(DayState::ReleasedLate)),
        state(DayState::Corrected),
        calls(line),
        due(line, zone),
        stands(line, now),
    ]
}

/// Calls that were made again, and cycles in which a meter was given up.
fn calls(line: &CycleLine) -> String {
    match (line.calls.retried, line.calls.failed) {
        (0, 0) => NONE.to_owned(),
        (retried, 0) => grouped(retried),
        (retried, failed) => format!("{}, {} given up", grouped(retried), grouped(failed)),
    }
}

/// The deadline by the local clock.
fn due(line: &CycleLine, zone: &Zone) -> String {
    let (day, time) = zone.clock_of(line.clock.due);
    format!("{} {:02}:{:02}", day.strftime("%a %d %b"), time.hour(), time.minute())
}

fn stands(line: &CycleLine, now: Timestamp) -> String {
    let left = line.clock.due.duration_since(now);
    let released_late = line.count(DayState::ReleasedLate);
    match line.standing {
        Standing::Done if released_late > 0 => format!("done, {} late", grouped(released_late)),
        Standing::Done => "done".to_owned(),
        Standing::Open => format!("{} left", rough(left)),
        Standing::Alarm => format!("ALARM: {} left", rough(left)),
        Standing::Late => format!("LATE by {}: {}", rough(left.abs()), grouped(line.late)),
    }
}

/// A bar with a part for each state. A state that something is in has a cell at least.
fn stacked(line: &CycleLine) -> String {
    let released = line.count(DayState::Released) + line.count(DayState::ReleasedLate);
    let parts = [
        ('█', released),
        ('◆', line.count(DayState::Corrected)),
        ('▓', line.count(DayState::Validated)),
        ('▒', line.count(DayState::Estimated)),
        ('?', line.count(DayState::Collected)),
        ('░', line.count(DayState::Partly)),
        ('·', line.nothing),
    ];
    let cells = cells(&parts.map(|(_, count)| count));
    parts.iter().zip(cells).map(|((letter, _), cells)| letter.to_string().repeat(cells)).collect()
}

/// How many of the bar's cells each count has: by its share, at least one if there is anything; what is left over or too
/// much is taken from the largest.
fn cells(counts: &[u64]) -> Vec<usize> {
    let whole: u64 = counts.iter().sum();
    let share = |count: u64| (count * BAR).checked_div(whole).unwrap_or(0).max(u64::from(count > 0));
    let mut cells: Vec<u64> = counts.iter().map(|count| share(*count)).collect();
    let used: u64 = cells.iter().sum();
    if let Some(largest) = cells.iter_mut().max() {
        *largest = if whole == 0 { 0 } else { (*largest + BAR).saturating_sub(used) };
    }
    cells.into_iter().map(|cells| usize::try_from(cells).unwrap_or(0)).collect()
}

/// One operating day for a program.
pub(crate) fn line_json(area: &str, line: &CycleLine) -> serde_json::Value {
    let mut json = serde_json::json!({
        "area": area,
        "day": line.clock.day.to_string(),
        "expected": line.expected,
        "nothing": line.nothing,
        "late": line.late,
        "standing": line.standing.word(),
        "resend_from": line.clock.resend_from.to_string(),
        "due": line.clock.due.to_string(),
        "called": line.calls.called,
        "called_again": line.calls.retried,
        "given_up": line.calls.failed,
    });
    if let Some(object) = json.as_object_mut() {
        for state in DayState::ALL {
            object.insert(state.code().to_owned(), line.count(state).into());
        }
    }
    json
}

/// The points of a day.
pub(crate) fn points_table(points: &[CyclePointLine]) -> Table {
    let mut table = Table::new(&[
        "point",
        "resolution",
        "state",
        ">there",
        ">estimated",
        "failed rules",
        ">calls",
        "last call failed by",
    ]);
    for point in points {
        table.row(vec![
            point.point.clone(),
            point.resolution.to_string(),
            state_word(point).to_owned(),
            format!("{}/{}", point.present, point.expected),
            point.estimated.to_string(),
            rules(point).join(", "),
            point.calls.tries.to_string(),
            point.calls.reason.clone().unwrap_or_else(|| NONE.to_owned()),
        ]);
    }
    table
}

fn state_word(point: &CyclePointLine) -> &'static str {
    point.state.map_or("nothing", DayState::code)
}

fn rules(point: &CyclePointLine) -> Vec<&'static str> {
    point.findings.rules().map(Rule::code).collect()
}

/// One point for a program.
pub(crate) fn point_json(point: &CyclePointLine) -> serde_json::Value {
    serde_json::json!({
        "point": point.point,
        "resolution": point.resolution.code(),
        "is_expected": point.is_expected,
        "state": state_word(point),
        "present": point.present,
        "expected": point.expected,
        "estimated": point.estimated,
        "findings": rules(point),
        "calls": point.calls.tries,
        "given_up": point.calls.is_failed,
        "reason": point.calls.reason,
    })
}

/// What a release came to, in words.
pub(crate) fn released_text(released: &Released) -> String {
    let mut parts = vec![
        format!("{} days of series released", grouped(released.first)),
        format!("{} corrections", grouped(released.corrections)),
        format!("{} were out already", grouped(released.unchanged)),
    ];
    for (state, count) in &released.left {
        parts.push(format!("{} left: {}", grouped(*count), state.map_or("nothing", DayState::code)));
    }
    if released.not_reached > 0 {
        parts.push(format!("{} out of the permit's reach", grouped(released.not_reached)));
    }
    parts.join("; ")
}

/// The same for a program.
pub(crate) fn released_json(released: &Released) -> serde_json::Value {
    let left: serde_json::Map<String, serde_json::Value> = released
        .left
        .iter()
        .map(|(state, count)| (state.map_or("nothing", DayState::code).to_owned(), (*count).into()))
        .collect();
    serde_json::json!({
        "released": released.first,
        "corrections": released.corrections,
        "unchanged": released.unchanged,
        "left": left,
        "not_reached": released.not_reached,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;
    use jiff::civil::date;
    use tidstro_flows::DayCalls;
    use tidstro_metering::cycle::DayClock;

    use super::*;

    fn line(day: i8, states: &[(DayState, u64)], calls: DayCalls, now: Timestamp) -> CycleLine {
        let clock = DayClock::of_market(date(2026, 11, day), &Zone::copenhagen()).unwrap();
        let states: BTreeMap<DayState, u64> = states.iter().copied().collect();
        let there: u64 = states.values().sum();
        let is_out = states.keys().all(|state| *state >= DayState::Released) && there == 12_000;
        let standing = clock.standing(is_out, now, SignedDuration::from_hours(12));
        let late = if standing == Standing::Late { 12_000 - there } else { 0 };
        CycleLine { clock, standing, expected: 12_000, nothing: 12_000 - there, states, late, calls }
    }

    /// The board of an area at a glance, as a golden text.
    #[test]
    fn an_area_at_a_glance() {
        let now: Timestamp = "2026-11-17T15:20:00Z".parse().unwrap();
        let none = DayCalls::default();
        let days = vec![
            line(
                9,
                &[(DayState::Released, 11_900), (DayState::ReleasedLate, 88), (DayState::Corrected, 12)],
                none,
                now,
            ),
            line(10, &[(DayState::Released, 11_999)], DayCalls { called: 96, retried: 5, failed: 1 }, now),
            line(
                11,
                &[(DayState::Validated, 11_200), (DayState::Estimated, 500), (DayState::Collected, 3)],
                DayCalls { called: 96, retried: 5, failed: 0 },
                now,
            ),
            line(16, &[(DayState::Partly, 8_000)], none, now),
            line(17, &[], none, now),
        ];
        let area = AreaCycle { area: "543".to_owned(), days };
        let shown = board_text(&area, &area.days.iter().collect::<Vec<_>>(), (&Zone::copenhagen(), now));
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn a_bar_has_its_cells_and_shows_the_smallest() {
        assert_eq!(cells(&[1, 0, 999_999]), [1, 0, 29]);
        assert_eq!(cells(&[0, 0]), [0, 0]);
        assert_eq!(cells(&[10, 10, 10]), [10, 10, 10]);
        for counts in [[1, 1, 1, 1, 1, 1, 1], [7, 3, 2_000, 0, 1, 900_000, 4]] {
            assert_eq!(cells(&counts).iter().sum::<usize>(), 30, "{counts:?}");
        }
    }
}
