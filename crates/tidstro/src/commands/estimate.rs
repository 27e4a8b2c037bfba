//! `tidstro estimate`.

use std::io::{BufWriter, Write as _};

use serde::Serialize;
use serde_json::value::RawValue;
use tidstro_flows::{Answer, EstimateAsk, EstimateReport, EstimatedDay, SeriesEstimates, estimate};
use tidstro_model::{Decimal, Unit};

use super::series::{refused, series_ask};
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Estimate};
use crate::fault::CommandFault;
use crate::show::{Table, exact, note, plain, shown};

pub(crate) async fn run(arguments: &Arguments, command: &Estimate) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let asked = EstimateAsk {
        asked: series_ask(&command.asked)?,
        method: command.method,
        rejected: command.reject.clone(),
        chain_days: command.chain_days,
        is_dry: command.dry_run,
    };
    match estimate(&workspace, asked, now()).await? {
        Answer::Refused(refuse) => Ok(refused(&refuse)),
        Answer::Given(report) => {
            write(&report, command)?;
            let is_whole = report.not_kept == 0 && report.series.iter().all(|of| of.refused.is_empty());
            Ok(if is_whole { Outcome::Done } else { Outcome::Refused })
        }
    }
}

fn write(report: &EstimateReport, command: &Estimate) -> Result<(), CommandFault> {
    if command.asked.json {
        write_json(report)?;
    } else {
        write_table(report)?;
    }
    for series in &report.series {
        write_notes(series);
    }
    if report.not_kept > 0 {
        note(format_args!(
            "{} days are no longer kept, or are out of reach; nothing was made",
            report.not_kept
        ));
    }
    if command.dry_run {
        note(format_args!("a dry run: nothing was changed"));
    }
    Ok(())
}

/// What is no row: what could not be made, and chains that are too long.
fn write_notes(series: &SeriesEstimates) {
    let point = plain(&series.line.point);
    for (from, to, why) in &series.refused {
        note(format_args!("{point} from {from} to {to}: not estimated: {}", plain(why)));
    }
    for chain in &series.chains {
        note(format_args!(
            "{point}: {} estimates in a row from {} to {}; look for the measured values",
            chain.intervals, chain.first, chain.last
        ));
    }
}

fn write_table(report: &EstimateReport) -> Result<(), CommandFault> {
    let days = || report.series.iter().flat_map(|series| series.days.iter().map(move |day| (series, day)));
    if days().next().is_none() {
        note(format_args!("nothing is missing in that scope"));
        return Ok(());
    }
    let header = &["day", "point", ">series", "made", ">left", ">estimated", ">day", ">register"];
    let mut table = Table::new(header);
    for (series, day) in days() {
        let unit = series.line.unit;
        let number = |value: Option<Decimal>| value.map_or_else(String::new, |value| shown(value, unit));
        table.row(vec![
            day.day.to_string(),
            plain(&series.line.point).into_owned(),
            series.line.series.to_string(),
            made_text(day),
            day.left.to_string(),
            number(day.estimated),
            number(day.sum),
            number(day.register),
        ]);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    write!(out, "{table}")?;
    out.flush()?;
    Ok(())
}

fn made_text(day: &EstimatedDay) -> String {
    let made: Vec<_> = day.made.iter().map(|(method, count)| format!("{count} {}", method.code())).collect();
    made.join(", ")
}

/// What was made on one day of a series.
#[derive(Serialize)]
struct DayJson<'a> {
    day: String,
    point: &'a str,
    series: u32,
    made: Vec<MadeJson>,
    left: u32,
    estimated: Option<Box<RawValue>>,
    sum: Option<Box<RawValue>>,
    register: Option<Box<RawValue>>,
    unit: &'static str,
}

#[derive(Serialize)]
struct MadeJson {
    method: &'static str,
    intervals: u32,
}

fn write_json(report: &EstimateReport) -> Result<(), CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for series in &report.series {
        for day in &series.days {
            writeln!(out, "{}", serde_json::to_string(&day_json(series, day))?)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn day_json<'a>(series: &'a SeriesEstimates, day: &EstimatedDay) -> DayJson<'a> {
    // A decimal's own digits are always JSON.
    let number = |value: Option<Decimal>| value.and_then(|number| exact(number).ok());
    DayJson {
        day: day.day.to_string(),
        point: &series.line.point,
        series: series.line.series.as_u32(),
        made: day
            .made
            .iter()
            .map(|(method, intervals)| MadeJson { method: method.code(), intervals: *intervals })
            .collect(),
        left: day.left,
        estimated: number(day.estimated),
        sum: number(day.sum),
        register: number(day.register),
        unit: Unit::code(series.line.unit),
    }
}
