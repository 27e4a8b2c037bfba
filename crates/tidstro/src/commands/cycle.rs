//! `tidstro cycle`: how far operating days have come, and what must be done about it.

use std::io::{BufWriter, Write as _};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tidstro_calendar::Zone;
use tidstro_flows::{
    Answer, AreaCycle, CycleAsk, CycleLine, CyclePointAsk, CyclePointLine, WantedState, Workspace,
    cycle_board, cycle_points, recount_cycle,
};
use tidstro_metering::cycle::Standing;
use tidstro_model::{ActivityId, ActorId, DayRange};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Cycle};
use crate::fault::CommandFault;
use crate::show::cycle::{board_text, line_json, point_json, points_table};
use crate::show::note;
use crate::show::report::counted;

/// How many days back the board goes if nobody says.
const DAYS_SHOWN: i32 = 14;

pub(crate) async fn run(arguments: &Arguments, command: &Cycle) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match (command.list, command.day) {
        (Some(wanted), Some(day)) => list(&workspace, command, (wanted, day)).await,
        _ if command.recount => recount(&workspace, command).await,
        _ => board(&workspace, command).await,
    }
}

fn ask_of(command: &Cycle) -> Result<CycleAsk, CommandFault> {
    let always = DayRange::always();
    let (from, to) = (command.from.unwrap_or(always.start()), command.to.unwrap_or(always.end()));
    Ok(CycleAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        area: command.area.clone(),
        days: DayRange::new(from, to)?,
        alarm: command.alarm,
    })
}

async fn board(workspace: &Workspace, command: &Cycle) -> Result<Outcome, CommandFault> {
    let at = now();
    let areas = match cycle_board(workspace, &ask_of(command)?, at).await? {
        Answer::Given(areas) => areas,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let shown_from = command
        .from
        .unwrap_or_else(|| workspace.zone().day_of(at).checked_sub(DAYS_SHOWN.days()).unwrap_or(Date::MIN));
    let mut out = BufWriter::new(std::io::stdout().lock());
    for area in &areas {
        let lines: Vec<&CycleLine> = area.days.iter().filter(|line| line.clock.day >= shown_from).collect();
        if command.json {
            for line in &lines {
                writeln!(out, "{}", line_json(&area.area, line))?;
            }
        } else if !lines.is_empty() {
            writeln!(out, "{}", board_text(area, &lines, (workspace.zone(), at)))?;
        }
    }
    out.flush()?;
    let is_well = say_what_presses(&areas, shown_from);
    Ok(if is_well || !command.check { Outcome::Done } else { Outcome::Refused })
}

/// Says what is late or near its deadline, also of days that are not shown. Whether nothing is.
fn say_what_presses(areas: &[AreaCycle], shown_from: Date) -> bool {
    let mut is_well = true;
    if areas.iter().all(|area| area.days.is_empty()) {
        note(format_args!("nothing came of any grid area in these days"));
    }
    for area in areas {
        for standing in [Standing::Late, Standing::Alarm] {
            let days: Vec<&CycleLine> = area.days.iter().filter(|line| line.standing == standing).collect();
            let Some(oldest) = days.first() else { continue };
            is_well = false;
            let older = days.iter().filter(|line| line.clock.day < shown_from).count();
            note(format_args!(
                "{}: {} {}, the oldest {}{}",
                area.area,
                counted(days.len() as u64, "day"),
                if standing == Standing::Late { "late" } else { "near the deadline and not out" },
                oldest.clock.day,
                if older > 0 { format!(" ({older} not shown; give `--from`)") } else { String::new() },
            ));
        }
    }
    is_well
}

async fn list(
    workspace: &Workspace,
    command: &Cycle,
    (wanted, day): (WantedState, Date),
) -> Result<Outcome, CommandFault> {
    let asked = CyclePointAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        area: command.area.clone().unwrap_or_default(),
        day,
        wanted,
    };
    match cycle_points(workspace, &asked, now()).await? {
        Answer::Given(points) => write_points(&points, command.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn write_points(points: &[CyclePointLine], json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for point in points {
            writeln!(out, "{}", point_json(point))?;
        }
    } else if !points.is_empty() {
        write!(out, "{}", points_table(points))?;
    }
    out.flush()?;
    note(format_args!("{}", counted(points.len() as u64, "point")));
    Ok(Outcome::Done)
}

async fn recount(workspace: &Workspace, command: &Cycle) -> Result<Outcome, CommandFault> {
    let others = match recount_cycle(workspace, &ask_of(command)?, now()).await? {
        Answer::Given(others) => others,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut out = std::io::stdout();
    for day in &others {
        if command.json {
            writeln!(out, "{}", serde_json::json!({ "day": day.to_string(), "was_otherwise": true }))?;
        } else {
            writeln!(out, "{day} was counted otherwise; it is right now")?;
        }
    }
    note(format_args!("{} counted otherwise", counted(others.len() as u64, "day")));
    Ok(if others.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// The board of the demo's grid areas, as text.
pub(super) async fn demo_text(
    workspace: &Workspace,
    (actor, days): (&ActorId, DayRange),
    at: Timestamp,
) -> Result<Answer<String>, CommandFault> {
    let asked = CycleAsk {
        actor: actor.clone(),
        purpose: ActivityId::parse("grid-reading")?,
        area: None,
        days,
        alarm: jiff::SignedDuration::from_hours(12),
    };
    let areas = match cycle_board(workspace, &asked, at).await? {
        Answer::Given(areas) => areas,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    let zone: &Zone = workspace.zone();
    let text = areas.iter().map(|area| board_text(area, &area.days.iter().collect::<Vec<_>>(), (zone, at)));
    Ok(Answer::Given(text.collect()))
}
