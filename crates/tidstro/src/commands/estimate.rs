//! `tidstro estimate`.

use std::io::{BufWriter, Write as _};

use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::value::RawValue;
use tidstro_flows::{Answer, EstimateAsk, EstimateReport, EstimatedDay, Estimation, SeriesEstimates};
use tidstro_govern::Refuse;
use tidstro_model::{Decimal, Unit};

use super::series::{refused, series_ask};
use super::stop::Stop;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Estimate};
use crate::fault::CommandFault;
use crate::show::{Table, exact, note, plain, shown};

/// The most rows of the table: nobody reads more, and an area may have millions.
const ROWS_MAX: usize = 10_000;

pub(crate) async fn run(arguments: &Arguments, command: &Estimate) -> Result<Outcome, CommandFault> {
    let mut stop = Stop::listen()?;
    let workspace = open_existing(arguments).await?;
    let asked = EstimateAsk {
        asked: series_ask(&command.asked)?,
        method: command.method,
        profile: command.profile.clone(),
        check_meter: command.check_meter.clone(),
        rejected: command.reject.clone(),
        chain_days: command.chain_days,
        is_dry: command.dry_run,
    };
    let mut estimation = match Estimation::begin(&workspace, asked, now()).await? {
        Answer::Given(estimation) => estimation,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut told = Told::new(command.asked.json);
    let bar = ProgressBar::new(estimation.progress().1 as u64);
    let ended = steps(&mut estimation, (&mut told, &bar), &mut stop).await?;
    bar.finish_and_clear();
    match ended {
        Ended::Refused(refuse) => return Ok(refused(&refuse)),
        Ended::Stopped => note(format_args!("stopped; the same command does the rest")),
        Ended::Done => {}
    }
    told.end(command.dry_run)?;
    Ok(if told.is_whole { Outcome::Done } else { Outcome::Refused })
}

/// How an estimation ended.
enum Ended {
    Done,
    Stopped,
    Refused(Refuse),
}

/// Estimates step by step. Somebody who wants it to stop waits for the step under way, and is told of that too.
async fn steps(
    estimation: &mut Estimation<'_>,
    (told, bar): (&mut Told, &ProgressBar),
    stop: &mut Stop,
) -> Result<Ended, CommandFault> {
    loop {
        let is_stopped =
            tokio::select! { biased; () = stop.asked() => true, () = std::future::ready(()) => false };
        if is_stopped {
            return Ok(Ended::Stopped);
        }
        match estimation.step(now()).await? {
            Answer::Given(Some(report)) => bar.suspend(|| told.step(&report))?,
            Answer::Given(None) => return Ok(Ended::Done),
            Answer::Refused(refuse) => return Ok(Ended::Refused(refuse)),
        }
        bar.set_position(estimation.progress().0 as u64);
    }
}

/// What is told, as it comes; the rows of the table at the end.
struct Told {
    is_json: bool,
    table: Table,
    /// Days of series with something made or missing.
    days: usize,
    not_kept: u64,
    /// Whether everything that was tried could be made and kept.
    is_whole: bool,
}

impl Told {
    fn new(is_json: bool) -> Self {
        let header = &["day", "point", ">series", "made", ">left", ">estimated", ">day", ">register"];
        Self { is_json, table: Table::new(header), days: 0, not_kept: 0, is_whole: true }
    }

    fn step(&mut self, report: &EstimateReport) -> Result<(), CommandFault> {
        if self.is_json {
            write_json(report)?;
        }
        for series in &report.series {
            for day in &series.days {
                self.days += 1;
                if !self.is_json && self.days <= ROWS_MAX {
                    self.table.row(row(series, day));
                }
            }
            self.is_whole &= series.refused.is_empty();
            write_notes(series);
        }
        self.not_kept += report.not_kept;
        Ok(())
    }

    fn end(&mut self, is_dry: bool) -> Result<(), CommandFault> {
        match (self.is_json, self.days) {
            (true, _) => {}
            (false, 0) => note(format_args!("nothing is missing in that scope")),
            (false, _) => write_table(&self.table)?,
        }
        if !self.is_json && self.days > ROWS_MAX {
            note(format_args!("{} rows more; `--json` writes them all", self.days - ROWS_MAX));
        }
        if self.not_kept > 0 {
            self.is_whole = false;
            let days = self.not_kept;
            note(format_args!("{days} days are no longer kept, or are out of reach; nothing was made"));
        }
        if is_dry {
            note(format_args!("a dry run: nothing was changed"));
        }
        Ok(())
    }
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

fn write_table(table: &Table) -> Result<(), CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    write!(out, "{table}")?;
    out.flush()?;
    Ok(())
}

fn row(series: &SeriesEstimates, day: &EstimatedDay) -> Vec<String> {
    let unit = series.line.unit;
    let number = |value: Option<Decimal>| value.map_or_else(String::new, |value| shown(value, unit));
    vec![
        day.day.to_string(),
        plain(&series.line.point).into_owned(),
        series.line.series.to_string(),
        made_text(day),
        day.left.to_string(),
        number(day.estimated),
        number(day.sum),
        number(day.register),
    ]
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
