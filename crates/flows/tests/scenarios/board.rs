//! The board of operating days: `then/board.csv`.
//!
//! Columns: `at` (the clock when somebody looks at all that was given), `day`, and any of those the board has: expected, nothing, late, stands, and the states.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tidstro_flows::{CycleAsk, CycleLine, cycle_board};
use tidstro_metering::cycle::DayState;
use tidstro_model::{ActivityId, DayRange};

use crate::common;
use crate::given::{AREA, Given};
use crate::tables::{day, instant, table};

/// Compares the board; returns how many days were compared.
pub(crate) async fn check(given: &Given, case: &Path) -> usize {
    let path = case.join("then/board.csv");
    let rows = table(&path);
    for row in &rows {
        let lines = board(given, instant(&row["at"])).await;
        let wanted = day(&row["day"]);
        let line = lines.iter().find(|line| line.clock.day == wanted);
        let line = line.unwrap_or_else(|| panic!("{}: {wanted} is not on the board", path.display()));
        for (column, expected) in row.iter().filter(|(column, _)| !["at", "day"].contains(&column.as_str())) {
            assert_eq!(&found(line, column), expected, "{}: {wanted}, {column}", path.display());
        }
    }
    rows.len()
}

async fn board(given: &Given, at: Timestamp) -> Vec<CycleLine> {
    let asked = CycleAsk {
        actor: common::actor(common::JOB),
        purpose: ActivityId::parse("grid-reading").unwrap(),
        area: Some(AREA.to_owned()),
        days: DayRange::always(),
        alarm: SignedDuration::from_hours(12),
    };
    let areas = common::given(cycle_board(&given.workspace, &asked, at).await.unwrap());
    areas.into_iter().flat_map(|area| area.days).collect()
}

fn found(line: &CycleLine, column: &str) -> String {
    match column {
        "expected" => line.expected.to_string(),
        "nothing" => line.nothing.to_string(),
        "late" => line.late.to_string(),
        "stands" => line.standing.word().to_owned(),
        "due" => line.clock.due.to_string(),
        state => {
            let state =
                DayState::from_code(state).unwrap_or_else(|| panic!("`{state}` is no column of the board"));
            line.count(state).to_string()
        }
    }
}
