//! `tidstro migrate`.

use std::io::Write as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tidstro_flows::{MigrationReport, migrate, place};
use tidstro_govern::log::hex;

use super::now;
use crate::Outcome;
use crate::args::Migrate;
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::counted;

pub(crate) fn run(command: &Migrate) -> Result<Outcome, CommandFault> {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("moving {pos} rows {per_sec} {msg}") {
        bar.set_style(style);
    }
    let progress = |table: &str, rows: u64| {
        bar.set_message(table.to_owned());
        bar.inc(rows);
    };
    let report = migrate(place(&command.from), place(&command.to), &progress, now())?;
    bar.finish_and_clear();
    show(&report, command.json)?;
    Ok(Outcome::Done)
}

fn show(report: &MigrationReport, json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if report.was_done {
        note(format_args!("the data set was moved there before; there is nothing left to do"));
    } else if json {
        for table in &report.tables {
            let said = json!({ "table": table.name, "rows": table.rows, "sha256": hex(&table.digest) });
            writeln!(out, "{said}")?;
        }
    } else {
        let rows = report.tables.iter().map(|table| table.rows).sum();
        let (tables, rows) = (counted(report.tables.len() as u64, "table"), counted(rows, "row"));
        writeln!(out, "{tables} with {rows} moved and compared; the data set is at the new place only")?;
    }
    for path in &report.left {
        note(format_args!("`{}` was not moved; the new place needs what it says", path.display()));
    }
    Ok(())
}
