//! `tidstro alarms`.

use std::io::{BufWriter, Write as _};

use tidstro_calendar::Zone;
use tidstro_flows::{AlarmAsk, AlarmsView, Answer, show_alarms};
use tidstro_model::{ActivityId, ActorId, DayRange};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Alarms, Arguments};
use crate::fault::CommandFault;
use crate::show::alarms::{alarm_json, alarm_table, storm_json, storm_table, summary};
use crate::show::note;

pub(crate) async fn run(arguments: &Arguments, command: &Alarms) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match show_alarms(&workspace, &ask_of(command)?, now()).await? {
        Answer::Given(view) => write_view(&view, workspace.zone(), command.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn ask_of(command: &Alarms) -> Result<AlarmAsk, CommandFault> {
    let always = DayRange::always();
    let (from, to) = (command.from.unwrap_or(always.start()), command.to.unwrap_or(always.end()));
    Ok(AlarmAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        point: command.point.clone(),
        area: command.area.clone(),
        days: DayRange::new(from, to)?,
        standing: command.standing,
    })
}

fn write_view(view: &AlarmsView, zone: &Zone, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for storm in &view.storms {
            writeln!(out, "{}", storm_json(storm))?;
        }
        for alarm in &view.alarms {
            writeln!(out, "{}", alarm_json(alarm))?;
        }
    } else {
        if !view.storms.is_empty() {
            writeln!(out, "{}", storm_table(&view.storms, zone))?;
        }
        if !view.alarms.is_empty() {
            write!(out, "{}", alarm_table(&view.alarms, zone))?;
        }
        note(format_args!("{}", summary(view)));
    }
    out.flush()?;
    Ok(Outcome::Done)
}
