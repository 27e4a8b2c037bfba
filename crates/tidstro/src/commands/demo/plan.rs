//! Which town the demo makes. The folder remembers it, so that a second run is the same run.

use std::path::PathBuf;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tidstro_calendar::Zone;
use tidstro_model::DayRange;
use tidstro_world::TownPlan;

use crate::args::{Arguments, Demo};
use crate::commands::holds_data;
use crate::fault::CommandFault;

/// The plan of the command, with the first day the folder remembers.
pub(super) fn town_plan(
    arguments: &Arguments,
    command: &Demo,
    zone: &Zone,
    now: Timestamp,
) -> Result<TownPlan, CommandFault> {
    let path = arguments.data.join("town").join("plan.txt");
    let kept = std::fs::read_to_string(&path).ok();
    let kept_first_day = kept.as_deref().and_then(|text| text.trim().rsplit(' ').next()?.parse().ok());
    let first_day = command
        .first_day
        .or(kept_first_day)
        .unwrap_or_else(|| around_last_clock_change(zone, zone.day_of(now), command.days));
    let plan = TownPlan {
        seed: command.seed,
        flats: command.flats,
        days: command.days,
        grid_points: command.points,
        memory_months: TownPlan::MAX_MEMORY_MONTHS,
        first_day,
    };
    match kept {
        Some(there) if there.trim() != described(&plan) => Err(CommandFault::OtherTown {
            folder: arguments.data.clone(),
            there: there.trim().to_owned(),
            asked: described(&plan),
        }),
        Some(_) => Ok(plan),
        None if holds_data(&arguments.data) => Err(CommandFault::NotATown { folder: arguments.data.clone() }),
        None => keep(path, &plan).map(|()| plan),
    }
}

fn keep(path: PathBuf, plan: &TownPlan) -> Result<(), CommandFault> {
    let folder = path.parent().map_or_else(PathBuf::new, PathBuf::from);
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, described(plan)))
        .map_err(|source| CommandFault::File { path, source })
}

fn described(plan: &TownPlan) -> String {
    format!(
        "seed {}, {} flats, {} days, {} points, {} months before, from {}",
        plan.seed, plan.flats, plan.days, plan.grid_points, plan.memory_months, plan.first_day
    )
}

/// The first of `days` that end before today and have the newest clock change possible in the middle.
fn around_last_clock_change(zone: &Zone, today: Date, days: u32) -> Date {
    let half = i64::from(days / 2);
    let mut middle = today.saturating_sub((i64::from(days) - half).days());
    // Clocks change twice a year; a year back there is always one.
    for _ in 0..370 {
        if zone.slots(middle, tidstro_model::Resolution::PT1H) != Some(24) {
            break;
        }
        middle = middle.saturating_sub(1.days());
    }
    middle.saturating_sub(half.days())
}

/// The local days of the plan.
pub(super) fn days_of(plan: &TownPlan) -> DayRange {
    let end = plan.first_day.saturating_add(i64::from(plan.days).days());
    DayRange::new(plan.first_day, end).unwrap_or_else(|_| DayRange::from(plan.first_day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_last_clock_change_lies_in_the_middle() {
        let zone = Zone::copenhagen();
        assert_eq!(around_last_clock_change(&zone, date(2026, 11, 22), 40), date(2026, 10, 5));
        // Too soon after October's change for 40 whole days: March's.
        assert_eq!(around_last_clock_change(&zone, date(2026, 10, 30), 40), date(2026, 3, 9));
    }
}
