//! `tidstro collect`: electricity meters asked for what they measured, cycle after cycle.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use tidstro_flows::{
    Answer, AreaCollected, CollectNews, CollectOptions, CycleReport, Meters, Workspace, collect,
};
use tidstro_model::ActorId;

use super::beside::compacting;
use super::series::refused;
use super::stop::Stop;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Collect};
use crate::fault::CommandFault;
use crate::show::report::counted;
use crate::show::{Table, note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &Collect) -> Result<Outcome, CommandFault> {
    let meters = read_meters(command)?;
    let mut stop = Stop::listen()?;
    let workspace = open_existing(arguments).await?;
    let actor = ActorId::parse(&command.actor)?;
    // Dropped wherever it is: what was noted is durable, and the same command goes on from there.
    tokio::select! {
        () = stop.asked() => Ok(Outcome::Done),
        ended = cycles(&workspace, command, &meters) => ended,
        never = compacting(&workspace, &actor, command.no_compact) => match never {},
    }
}

fn read_meters(command: &Collect) -> Result<Meters, CommandFault> {
    let path = &command.meters;
    let text =
        std::fs::read_to_string(path).map_err(|source| CommandFault::File { path: path.clone(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut table = |name: &str| std::fs::read_to_string(folder.join(name));
    Meters::parse(&text, &mut table).map_err(|source| CommandFault::Meters { path: path.clone(), source })
}

/// One cycle if one is named or `--once` says so; else one after the other.
async fn cycles(workspace: &Workspace, command: &Collect, meters: &Meters) -> Result<Outcome, CommandFault> {
    loop {
        let cycle = command.cycle.unwrap_or_else(|| meters.cycle_at(now()));
        let report = match one(workspace, command, meters, cycle).await? {
            Answer::Given(report) => report,
            Answer::Refused(refuse) => return Ok(refused(&refuse)),
        };
        write_report(&report, command.json)?;
        if command.once || command.cycle.is_some() {
            return Ok(if report.is_complete() { Outcome::Done } else { Outcome::Refused });
        }
        let next = cycle.saturating_add(meters.limits().cycle()).unwrap_or(Timestamp::MAX);
        let pause = Duration::try_from(next.duration_since(now())).unwrap_or_default();
        note(format_args!("next cycle in {} min", pause.as_secs() / 60));
        tokio::time::sleep(pause).await;
    }
}

async fn one(
    workspace: &Workspace,
    command: &Collect,
    meters: &Meters,
    cycle: Timestamp,
) -> Result<Answer<CycleReport>, CommandFault> {
    let passwords = |variable: &str| std::env::var(variable).ok();
    let options = CollectOptions {
        meters,
        cycle,
        is_once: command.once,
        passwords: &passwords,
        news: &|news| tell(&news),
    };
    Ok(collect(workspace, &ActorId::parse(&command.actor)?, &options, &now).await?)
}

/// Calls that did not reach their end; the others are in the table.
fn tell(news: &CollectNews<'_>) {
    let Some(fault) = news.fault else { return };
    let again = match news.again_in {
        Some(wait) => format!("again in {} s", wait.as_secs()),
        None => "given up in this cycle".to_owned(),
    };
    note(format_args!("{}: {}; {again}", news.device, plain(&fault.to_string())));
}

fn write_report(report: &CycleReport, as_json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if as_json {
        writeln!(out, "{}", report_json(report))?;
        return Ok(());
    }
    writeln!(out, "cycle {}", report.cycle)?;
    write!(out, "{}", table(report))?;
    if report.not_kept > 0 {
        let not_kept = counted(report.not_kept, "value");
        note(format_args!(
            "{not_kept} not kept: the register does not let them be, or they point the other way"
        ));
    }
    Ok(())
}

/// Meters that hang nowhere have no area.
fn area_name(name: &str) -> &str {
    if name.is_empty() { "(nowhere)" } else { name }
}

fn table(report: &CycleReport) -> Table {
    let mut table = Table::new(&[
        "area",
        ">meters",
        ">done",
        ">waiting",
        ">failed",
        ">expected",
        ">received",
        ">missing",
        ">late",
        ">retried",
        ">clocks wrong",
        "reasons",
    ]);
    for (name, area) in &report.areas {
        let numbers = [
            area.meters,
            area.done,
            area.waiting,
            area.failed,
            area.expected,
            area.received,
            area.missing(),
            area.late,
            area.retried,
            area.clocks_wrong,
        ];
        let numbers = numbers.iter().map(ToString::to_string);
        let row = std::iter::once(area_name(name).to_owned()).chain(numbers);
        table.row(row.chain([reasons(area)]).collect());
    }
    table
}

fn reasons(area: &AreaCollected) -> String {
    let reasons: Vec<_> = area.reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    reasons.join(", ")
}

fn report_json(report: &CycleReport) -> serde_json::Value {
    let area = |(name, area): (&String, &AreaCollected)| {
        serde_json::json!({
            "area": if name.is_empty() { None } else { Some(name) },
            "meters": area.meters,
            "done": area.done,
            "waiting": area.waiting,
            "failed": area.failed,
            "expected": area.expected,
            "received": area.received,
            "missing": area.missing(),
            "late": area.late,
            "retried": area.retried,
            "clocks_wrong": area.clocks_wrong,
            "reasons": area.reasons,
        })
    };
    serde_json::json!({
        "cycle": report.cycle.to_string(),
        "areas": report.areas.iter().map(area).collect::<Vec<_>>(),
        "blocks": report.blocks,
        "not_kept": report.not_kept,
    })
}
