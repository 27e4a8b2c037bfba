//! `tidstro building`.

use std::io::Write as _;
use std::path::Path;

use jiff::civil::Date;
use serde_json::{Value, json};
use tidstro_calendar::Zone;
use tidstro_flows::{
    Answer, BuildingState, BuildingView, BuildingsAsk, LetterLine, Letters, UnitView, Workspace, buildings,
    export_letters, letters, one_building,
};
use tidstro_govern::Recipient;
use tidstro_model::{ActivityId, ActorId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, BuildingBy, BuildingCommand};
use crate::fault::CommandFault;
use crate::show::report::counted;
use crate::show::series::local;
use crate::show::{Table, note};

pub(crate) async fn run(arguments: &Arguments, command: &BuildingCommand) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match command {
        BuildingCommand::List { by, json } => list(&workspace, &asked(by)?, *json).await,
        BuildingCommand::Show { name, by, json } => show(&workspace, &asked(by)?, name, *json).await,
        BuildingCommand::Letters { by, recipient, out, json } => match (recipient, out) {
            (Some(recipient), Some(out)) => write_file(&workspace, &asked(by)?, (recipient, out)).await,
            _ => list_letters(&workspace, &asked(by)?, *json).await,
        },
    }
}

fn asked(by: &BuildingBy) -> Result<BuildingsAsk, CommandFault> {
    Ok(BuildingsAsk {
        actor: ActorId::parse(&by.actor)?,
        people: ActivityId::parse(&by.purpose)?,
        meters: Some(ActivityId::parse(&by.meters)?),
        factors: if by.second_factor { 2 } else { 1 },
    })
}

async fn list(workspace: &Workspace, asked: &BuildingsAsk, is_json: bool) -> Result<Outcome, CommandFault> {
    let view = match buildings(workspace, asked, now()).await? {
        Answer::Given(view) => view,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut out = std::io::stdout().lock();
    if is_json {
        for state in &view.buildings {
            writeln!(out, "{}", state_json(state))?;
        }
        return Ok(Outcome::Done);
    }
    write!(out, "{}", states_table(&view.buildings))?;
    let looks = view.buildings.iter().filter(|state| state.needs_a_look()).count() as u64;
    note(format_args!("readings of {}: {} to look at", view.days, counted(looks, "building")));
    Ok(Outcome::Done)
}

fn states_table(states: &[BuildingState]) -> Table {
    let mut table = Table::new(&["building", ">read", ">of", ">silent", ">units", ">vacant", "next"]);
    for state in states {
        let next = state.deadlines.first().map(|due| format!("{} {}", due.day, due.kind.word()));
        table.row(vec![
            state.name.clone(),
            state.whole_days.to_string(),
            state.point_days.to_string(),
            state.silent.to_string(),
            state.units.to_string(),
            state.vacant.to_string(),
            next.unwrap_or_default(),
        ]);
    }
    table
}

fn state_json(state: &BuildingState) -> Value {
    let due =
        state.deadlines.iter().map(|due| json!({ "day": due.day.to_string(), "what": due.kind.word() }));
    json!({
        "building": state.name,
        "points": state.points,
        "silent": state.silent,
        "whole_days": state.whole_days,
        "point_days": state.point_days,
        "units": state.units,
        "vacant": state.vacant,
        "deadlines": due.collect::<Vec<_>>(),
    })
}

async fn show(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    name: &str,
    is_json: bool,
) -> Result<Outcome, CommandFault> {
    let view = match buildings(workspace, asked, now()).await? {
        Answer::Given(view) => view,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let area = view.buildings.iter().find(|state| state.name == name).map(|state| state.area);
    let found = match area {
        Some(area) => one_building(workspace, asked, area, now()).await?,
        None => Answer::Given(None),
    };
    match found {
        Answer::Given(Some(building)) => tell(&building, workspace.zone(), is_json),
        Answer::Given(None) => Err(tidstro_flows::FlowFault::UnknownArea { name: name.to_owned() }.into()),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn tell(building: &BuildingView, zone: &Zone, is_json: bool) -> Result<Outcome, CommandFault> {
    let (mut out, today) = (std::io::stdout().lock(), zone.day_of(now()));
    if is_json {
        for unit in &building.units {
            writeln!(out, "{}", unit_json(unit))?;
        }
        return Ok(Outcome::Done);
    }
    write!(out, "{}", units_table(&building.units, today))?;
    writeln!(out)?;
    write!(out, "{}", devices_table(&building.units, zone))?;
    note(format_args!("readings of {}", building.days));
    Ok(Outcome::Done)
}

fn units_table(units: &[UnitView], today: Date) -> Table {
    let mut table = Table::new(&["unit", "reference", "name", "days", ">points", ">silent"]);
    for unit in units {
        let lives = unit.on(today);
        table.row(vec![
            flat(unit),
            lives.map(|lives| lives.reference.clone()).unwrap_or_default(),
            lives.and_then(|lives| lives.name.clone()).unwrap_or_default(),
            lives.map(|lives| lives.days.to_string()).unwrap_or_default(),
            unit.points.len().to_string(),
            unit.silent().to_string(),
        ]);
    }
    table
}

fn devices_table(units: &[UnitView], zone: &Zone) -> Table {
    let mut table = Table::new(&["unit", "point", "device", "hung", "registered", "replaced"]);
    for unit in units {
        for place in &unit.points {
            for line in &place.devices {
                table.row(vec![
                    flat(unit),
                    place.own_id.clone(),
                    line.device.to_string(),
                    line.days.to_string(),
                    local(line.registered, zone),
                    line.retired.map(|at| local(at, zone)).unwrap_or_default(),
                ]);
            }
        }
    }
    table
}

fn flat(unit: &UnitView) -> String {
    unit.flat.clone().unwrap_or_else(|| "–".to_owned())
}

fn unit_json(unit: &UnitView) -> Value {
    let occupants = unit.occupants.iter().map(|occupant| {
        json!({
            "occupancy": occupant.occupancy.as_u32(),
            "reference": occupant.reference,
            "name": occupant.name,
            "days": occupant.days.to_string(),
        })
    });
    let points = unit.points.iter().map(|place| {
        let devices = place.devices.iter().map(|line| {
            json!({
                "device": line.device.to_string(),
                "days": line.days.to_string(),
                "registered": line.registered.to_string(),
                "retired": line.retired.map(|at| at.to_string()),
            })
        });
        json!({
            "point": place.own_id,
            "commodity": place.commodity.code(),
            "room": place.room,
            "days_read": place.days_read,
            "devices": devices.collect::<Vec<_>>(),
        })
    });
    json!({
        "unit": unit.flat,
        "occupants": occupants.collect::<Vec<_>>(),
        "points": points.collect::<Vec<_>>(),
    })
}

async fn list_letters(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    is_json: bool,
) -> Result<Outcome, CommandFault> {
    let found = match letters(workspace, asked, now()).await? {
        Answer::Given(found) => found,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut out = std::io::stdout().lock();
    if is_json {
        for line in &found.lines {
            writeln!(out, "{}", letter_json(line))?;
        }
        return Ok(Outcome::Done);
    }
    write!(out, "{}", letters_table(&found))?;
    let letters = counted(found.lines.len() as u64, "letter");
    note(format_args!("{letters} for {}, due by {}", found.month.strftime("%Y-%m"), found.by));
    Ok(Outcome::Done)
}

fn letters_table(found: &Letters) -> Table {
    let mut table = Table::new(&["building", "unit", "name", "reached by"]);
    for LetterLine { building, flat, name, contact } in &found.lines {
        let flat = flat.clone().unwrap_or_default();
        table.row(vec![building.clone(), flat, name.clone(), contact.clone()]);
    }
    table
}

fn letter_json(line: &LetterLine) -> Value {
    let LetterLine { building, flat, name, contact } = line;
    json!({ "building": building, "unit": flat, "name": name, "contact": contact })
}

async fn write_file(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    (recipient, out): (&Recipient, &Path),
) -> Result<Outcome, CommandFault> {
    match export_letters(workspace, asked, recipient.clone(), now()).await? {
        Answer::Given(text) => {
            let unwritable = |source| CommandFault::File { path: out.to_owned(), source };
            std::fs::write(out, text).map_err(unwritable)?;
            note(format_args!("wrote {}", out.display()));
            Ok(Outcome::Done)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}
