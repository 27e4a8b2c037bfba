//! What `tidstro settle` prints: tables for people, lines of JSON or CSV for programs, and notes on standard error.

use std::io::{BufWriter, Write as _};

use tidstro_flows::{
    AmountsView, Answer, MissingLine, RebuiltCounts, RunsView, SettleAsk, SettledRun, SettlementView,
    UnfinishedRun, VerifiedView, Workspace, show_settlement_amounts,
};

use super::super::now;
use super::super::series::refused;
use crate::Outcome;
use crate::fault::CommandFault;
use crate::show::amounts::{AMOUNT_HEADER, amount_json, amount_row, amount_table, owed_table, total_table};
use crate::show::note;
use crate::show::report::counted;
use crate::show::settle::{
    CSV_HEADER, csv_row, day_table, differing_json, differing_table, left_json, left_table, run_json,
    run_table, unfinished_json, value_json, values,
};

pub(super) fn write_view(
    view: &SettlementView,
    zone: &tidstro_calendar::Zone,
    (json, csv): (bool, bool),
) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for value in view.lines.iter().flat_map(|line| values(line, zone)) {
            writeln!(out, "{}", value_json(&value)?)?;
        }
        for left in &view.left {
            writeln!(out, "{}", left_json(left))?;
        }
    } else if csv {
        writeln!(out, "{CSV_HEADER}")?;
        for value in view.lines.iter().flat_map(|line| values(line, zone)) {
            writeln!(out, "{}", csv_row(&value))?;
        }
    } else if !view.lines.is_empty() {
        write!(out, "{}", day_table(&view.lines))?;
    }
    out.flush()?;
    if !json && !view.left.is_empty() {
        note(format_args!("{}", left_table(&view.left)));
    }
    let left = counted(view.left.len() as u64, "block");
    note(format_args!("{}, {left} in no sum", counted(view.lines.len() as u64, "series")));
    Ok(Outcome::Done)
}

/// What suppliers owe by a calculation, below its energy.
pub(super) async fn write_owed(
    workspace: &Workspace,
    ask: &SettleAsk,
    version: u64,
) -> Result<Outcome, CommandFault> {
    match show_settlement_amounts(workspace, ask, version, now()).await? {
        Answer::Given(view) => {
            if !view.amounts.is_empty() {
                let mut out = BufWriter::new(std::io::stdout().lock());
                write!(out, "\n{}\n{}", owed_table(&view), total_table(&view))?;
                out.flush()?;
            }
            Ok(Outcome::Done)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

pub(super) fn write_amounts(view: &AmountsView, (json, csv): (bool, bool)) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for amount in &view.amounts {
            writeln!(out, "{}", amount_json(amount)?)?;
        }
    } else if csv {
        writeln!(out, "{AMOUNT_HEADER}")?;
        for amount in &view.amounts {
            writeln!(out, "{}", amount_row(amount))?;
        }
    } else if !view.amounts.is_empty() {
        write!(out, "{}", amount_table(&view.amounts))?;
    }
    out.flush()?;
    note(format_args!("{}", counted(view.amounts.len() as u64, "amount")));
    Ok(Outcome::Done)
}

pub(super) fn write_run(
    SettledRun { version, removed }: &SettledRun,
    json: bool,
) -> Result<Outcome, CommandFault> {
    for gone in removed {
        note(format_args!("calculation with version {gone} was never finished; what it had left is removed"));
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::json!({ "version": version, "removed": removed }))?;
    } else {
        writeln!(out, "calculation with version {version}; `tidstro settle show --run {version}` shows it")?;
    }
    Ok(Outcome::Done)
}

pub(super) fn write_missing(lines: &[MissingLine], json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for MissingLine { day, point } in lines {
        if json {
            let line = serde_json::json!({ "day": day.to_string(), "point": point.to_string() });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{day} {point}")?;
        }
    }
    out.flush()?;
    note(format_args!("{} with missing values", counted(lines.len() as u64, "point-day")));
    Ok(Outcome::Done)
}

pub(super) fn write_runs(
    RunsView { lines, unfinished }: &RunsView,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for line in lines {
            writeln!(out, "{}", run_json(line))?;
        }
        for run in unfinished {
            writeln!(out, "{}", unfinished_json(run))?;
        }
    } else if !lines.is_empty() {
        write!(out, "{}", run_table(lines))?;
    }
    out.flush()?;
    for UnfinishedRun { version, kind, days } in unfinished {
        let kind = kind.word();
        note(format_args!(
            "calculation with version {version} ({kind}, {days}) is not finished: it is under way, or was stopped; `tidstro settle run` of the same kind and days removes what it left"
        ));
    }
    note(format_args!("{}", counted(lines.len() as u64, "calculated day")));
    Ok(Outcome::Done)
}

pub(super) fn write_verified(view: &VerifiedView, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for line in &view.differing {
            writeln!(out, "{}", differing_json(line))?;
        }
    } else if !view.differing.is_empty() {
        write!(out, "{}", differing_table(&view.differing))?;
    }
    out.flush()?;
    note(format_args!("{} compared over {}", counted(view.sums, "sum"), counted(view.days, "day")));
    if view.beyond > 0 {
        note(format_args!("{} not compared: a block of them is erased", counted(view.beyond, "sum")));
    }
    if view.is_equal() {
        note(format_args!("all equal to the digit"));
        return Ok(Outcome::Done);
    }
    note(format_args!(
        "{} other than the blocks say, {} listed wrongly; run `tidstro settle rebuild`",
        counted(view.differing.len() as u64, "sum"),
        counted(view.left_differing, "block")
    ));
    Ok(Outcome::Refused)
}

pub(super) fn write_rebuilt(counts: RebuiltCounts, json: bool) -> Result<Outcome, CommandFault> {
    let RebuiltCounts { days, changed, beyond } = counts;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::json!({ "days": days, "changed": changed, "kept_erased": beyond }))?;
    } else {
        writeln!(out, "{} computed, {} changed", counted(days, "day"), counted(changed, "sum"))?;
        if beyond > 0 {
            writeln!(out, "{} left as they were: a block of them is erased", counted(beyond, "sum"))?;
        }
    }
    Ok(Outcome::Done)
}
