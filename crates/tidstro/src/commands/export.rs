//! `tidstro export`.

use std::io::Write as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tidstro_flows::{Answer, ExportAsk, ExportReport, export_series};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Export};
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::counted;

pub(crate) async fn run(arguments: &Arguments, command: &Export) -> Result<Outcome, CommandFault> {
    let asked = export_ask(command)?;
    let workspace = open_existing(arguments).await?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows, {per_sec}") {
        bar.set_style(style);
    }
    let exported =
        export_series(&workspace, &asked, (&command.out, &now), &|rows| bar.set_position(rows)).await;
    bar.finish_and_clear();
    match exported? {
        Answer::Given(report) => print(&report, command),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn export_ask(command: &Export) -> Result<ExportAsk, CommandFault> {
    Ok(ExportAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        category: CategoryId::parse(&command.category)?,
        area: command.area.clone(),
        days: DayRange::new(command.from, command.to)?,
        resolution: command.resolution,
        as_of: command.as_of,
        recipient: command.recipient.clone(),
        factors: if command.second_factor { 2 } else { 1 },
    })
}

fn print(report: &ExportReport, command: &Export) -> Result<Outcome, CommandFault> {
    let ExportReport { files, rows, points, bytes, pseudonym_key } = report;
    let mut out = std::io::stdout();
    if command.json {
        let folder = command.out.display().to_string();
        let report = json!({
            "out": folder, "files": files, "rows": rows, "points": points, "bytes": bytes,
            "pseudonym_key": pseudonym_key,
        });
        writeln!(out, "{report}")?;
    } else {
        let (rows, points, files) =
            (counted(*rows, "row"), counted(*points, "metering point"), counted(*files, "file"));
        writeln!(out, "{rows} of {points} in {files}, {bytes} bytes, pseudonym key {pseudonym_key}")?;
    }
    if *rows == 0 {
        note(format_args!("nothing is kept in that scope; no file was written"));
    }
    Ok(Outcome::Done)
}
