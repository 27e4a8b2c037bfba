//! `tidstro validate` without a dry run: what is kept is judged anew.

use std::collections::BTreeMap;
use std::io::Write as _;

use indicatif::ProgressBar;
use serde_json::json;
use tidstro_flows::{AnewAsk, AnewReport, Answer, ValidationAnew, rules_now};
use tidstro_govern::Refuse;
use tidstro_model::Rule;

use super::series::{refused, series_ask};
use super::stop::Stop;
use super::validate::rules_of;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Validate};
use crate::fault::CommandFault;
use crate::show::report::counted;
use crate::show::{Table, note};

pub(super) async fn run(arguments: &Arguments, command: &Validate) -> Result<Outcome, CommandFault> {
    let mut stop = Stop::listen()?;
    let workspace = open_existing(arguments).await?;
    if let Some(path) = &command.rules {
        let (judging, _) = rules_now(&workspace).await?;
        if rules_of(path)? != judging {
            return Err(CommandFault::RulesNotTakenIn { path: path.clone() });
        }
    }
    let asked = AnewAsk { asked: series_ask(&command.asked)?, reopen: command.reopen.clone() };
    let mut judging = match ValidationAnew::begin(&workspace, asked, now()).await? {
        Answer::Given(judging) => judging,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let bar = ProgressBar::new(judging.report().series as u64);
    // Stopped between two steps or in the middle of one: a step is done whole or not at all.
    let ended = tokio::select! {
        () = stop.asked() => None,
        ended = steps(&mut judging, &bar) => Some(ended?),
    };
    bar.finish_and_clear();
    if let Some(Some(refuse)) = ended {
        return Ok(refused(&refuse));
    }
    print(&judging.report(), command.asked.json)?;
    if ended.is_none() {
        note(format_args!("stopped; the same command does the rest"));
    }
    Ok(Outcome::Done)
}

async fn steps(judging: &mut ValidationAnew<'_>, bar: &ProgressBar) -> Result<Option<Refuse>, CommandFault> {
    loop {
        match judging.step(now()).await? {
            Answer::Given(true) => bar.set_position(judging.report().judged as u64),
            Answer::Given(false) => return Ok(None),
            Answer::Refused(refuse) => return Ok(Some(refuse)),
        }
    }
}

fn print(report: &AnewReport, is_json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout().lock();
    if is_json {
        writeln!(out, "{}", report_json(report))?;
        return Ok(());
    }
    let mut table = Table::new(&["rule", ">came", ">went"]);
    for rule in Rule::ALL {
        let of = |counts: &BTreeMap<Rule, u64>| counts.get(&rule).copied().unwrap_or(0);
        let (came, went) = (of(&report.came), of(&report.went));
        if came + went > 0 {
            table.row(vec![rule.to_string(), came.to_string(), went.to_string()]);
        }
    }
    if report.changed > 0 {
        write!(out, "{table}")?;
    }
    let AnewReport { series, judged, changed, .. } = report;
    writeln!(out, "{judged} of {series} series judged, {} with other marks", counted(*changed, "day"))?;
    if report.released > 0 {
        let days = counted(report.released, "day");
        note(format_args!("{days} left: others were given them; `--reopen REASON` judges them too"));
    }
    if report.not_kept > 0 {
        note(format_args!("{} left: erased, or out of reach", counted(report.not_kept, "day")));
    }
    Ok(())
}

fn report_json(report: &AnewReport) -> serde_json::Value {
    let codes = |counts: &BTreeMap<Rule, u64>| {
        counts.iter().map(|(rule, count)| (rule.code(), *count)).collect::<BTreeMap<_, _>>()
    };
    json!({
        "series": report.series,
        "judged": report.judged,
        "days_changed": report.changed,
        "days_released": report.released,
        "days_not_kept": report.not_kept,
        "came": codes(&report.came),
        "went": codes(&report.went),
    })
}
