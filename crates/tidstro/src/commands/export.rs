//! `tidstro export`.

use std::io::Write as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tidstro_flows::{Answer, ExportAsk, ExportReport, export_series, export_settlement};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, Resolution};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Export, What};
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
    let to = (command.out.as_path(), &now as &(dyn Fn() -> jiff::Timestamp + Sync));
    let exported = match command.what {
        What::Series => export_series(&workspace, &asked, to, &|rows| bar.set_position(rows)).await,
        What::Settlement => export_settlement(&workspace, &asked, to).await,
    };
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
        resolution: command.resolution.unwrap_or(match command.what {
            What::Series => Resolution::PT1H,
            What::Settlement => Resolution::PT15M,
        }),
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
        let (rows, files) = (counted(*rows, "row"), counted(*files, "file"));
        match pseudonym_key {
            Some(key) => {
                let points = counted(*points, "metering point");
                writeln!(out, "{rows} of {points} in {files}, {bytes} bytes, pseudonym key {key}")?;
            }
            None => writeln!(out, "{rows} in {files}, {bytes} bytes")?,
        }
    }
    if *rows == 0 {
        note(format_args!("nothing is kept in that scope; no file was written"));
    }
    Ok(Outcome::Done)
}
