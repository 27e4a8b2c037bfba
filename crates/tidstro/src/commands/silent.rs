//! `tidstro silent`.

use std::io::{BufWriter, Write as _};

use tidstro_calendar::Zone;
use tidstro_flows::{Answer, MeterQuiet, SilentAsk, silent_meters};
use tidstro_model::{ActivityId, ActorId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Silent};
use crate::fault::CommandFault;
use crate::show::duration::rough;
use crate::show::report::counted;
use crate::show::series::local;
use crate::show::{Table, note};

pub(crate) async fn run(arguments: &Arguments, command: &Silent) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let asked = SilentAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        expected: command.expect,
        intervals: command.intervals,
    };
    match silent_meters(&workspace, &asked, now()).await? {
        Answer::Given(meters) => write_meters(&meters, command, workspace.zone()),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn write_meters(meters: &[MeterQuiet], command: &Silent, zone: &Zone) -> Result<Outcome, CommandFault> {
    let shown: Vec<&MeterQuiet> = meters.iter().filter(|meter| meter.is_silent || command.all).collect();
    let mut out = BufWriter::new(std::io::stdout().lock());
    if command.json {
        for meter in shown {
            writeln!(out, "{}", meter_json(meter))?;
        }
    } else {
        if !shown.is_empty() {
            write!(out, "{}", table(&shown, zone))?;
        }
        let silent = meters.iter().filter(|meter| meter.is_silent).count() as u64;
        note(format_args!("{} of {} silent", silent, counted(meters.len() as u64, "meter")));
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn table(meters: &[&MeterQuiet], zone: &Zone) -> Table {
    let mut table = Table::new(&[
        "area",
        "point",
        "meter",
        ">expected every",
        ">quiet for",
        "last heard",
        ">gateways",
        ">best dBm",
    ]);
    for meter in meters {
        let last = meter.last.map(|at| local(at, zone));
        let silent = if meter.is_silent { "" } else { " (not silent)" };
        table.row(vec![
            meter.area.clone(),
            meter.point.clone(),
            meter.meter.to_string(),
            meter.expected.map_or_else(|| "–".to_owned(), rough),
            format!("{}{silent}", meter.quiet.map_or_else(|| "–".to_owned(), rough)),
            last.unwrap_or_else(|| "not in 60 days".to_owned()),
            meter.gateways.to_string(),
            meter.best_rssi_dbm.map_or_else(|| "–".to_owned(), |rssi| rssi.to_string()),
        ]);
    }
    table
}

fn meter_json(meter: &MeterQuiet) -> serde_json::Value {
    serde_json::json!({
        "meter": meter.meter.to_string(),
        "point": meter.point,
        "area": meter.area,
        "expected_s": meter.expected.map(|expected| expected.as_secs()),
        "last": meter.last.map(|last| last.to_string()),
        "quiet_s": meter.quiet.map(|quiet| quiet.as_secs()),
        "gateways": meter.gateways,
        "best_rssi_dbm": meter.best_rssi_dbm,
        "silent": meter.is_silent,
    })
}
