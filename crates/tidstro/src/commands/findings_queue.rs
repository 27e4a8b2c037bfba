//! `tidstro findings --queue` and `--recount`: what waits for a decision, and deciding it.

use std::io::{BufWriter, Write as _};

use indicatif::ProgressBar;
use serde_json::json;
use tidstro_flows::{
    Answer, CauseLine, DecideOutcome, Decision, DecisionAsk, DecisionDone, DecisionEffect, DecisionLine,
    DecisionPreview, FindingCause, FindingCursor, FindingsAsk, OpenFindingLine, Workspace, area_called,
    decide, finding_causes, open_findings, preview_decision, recount_findings,
};
use tidstro_model::Rule;

use super::series::{refused, series_ask};
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, DecisionWord, Findings};
use crate::fault::CommandFault;
use crate::show::report::counted;
use crate::show::{Table, note, plain};

pub(super) async fn run(arguments: &Arguments, command: &Findings) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    if command.recount {
        return recount(&workspace, command).await;
    }
    let asked = ask_of(command)?;
    match (cause_of(&workspace, command).await?, command.decide) {
        (Some(cause), Some(word)) => decided(&workspace, (asked, cause, word), command).await,
        (Some(cause), None) => list(&workspace, (&asked, &cause), command).await,
        (None, _) => causes(&workspace, &asked, command.asked.json).await,
    }
}

fn ask_of(command: &Findings) -> Result<FindingsAsk, CommandFault> {
    let asked = series_ask(&command.asked)?;
    Ok(FindingsAsk {
        actor: asked.actor,
        purpose: asked.purpose,
        category: asked.category,
        factors: asked.factors,
    })
}

/// The cause whose days are meant, if one is.
async fn cause_of(workspace: &Workspace, command: &Findings) -> Result<Option<FindingCause>, CommandFault> {
    let Some((rule, area)) = command.rule.zip(command.asked.area.as_deref()) else { return Ok(None) };
    let area = area_called(workspace, area).await?;
    Ok(Some(FindingCause { area, rule, resolution: command.asked.resolution }))
}

async fn causes(workspace: &Workspace, asked: &FindingsAsk, json: bool) -> Result<Outcome, CommandFault> {
    let causes = match finding_causes(workspace, asked, now()).await? {
        Answer::Given(causes) => causes,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for line in &causes {
            writeln!(out, "{}", cause_json(line))?;
        }
    } else if !causes.is_empty() {
        write!(out, "{}", causes_table(&causes))?;
    }
    out.flush()?;
    let days = causes.iter().map(|line| line.days).sum();
    note(format_args!("{} of series to decide about", counted(days, "day")));
    Ok(Outcome::Done)
}

fn causes_table(causes: &[CauseLine]) -> Table {
    let mut table = Table::new(&["rule", "area", "resolution", ">days", "oldest", "newest"]);
    for CauseLine { cause, area_name, days, first, last } in causes {
        table.row(vec![
            cause.rule.to_string(),
            area_name.clone(),
            cause.resolution.code().to_owned(),
            days.to_string(),
            first.to_string(),
            last.to_string(),
        ]);
    }
    table
}

fn cause_json(CauseLine { cause, area_name, days, first, last }: &CauseLine) -> serde_json::Value {
    json!({
        "rule": cause.rule.code(),
        "area": area_name,
        "resolution": cause.resolution.code(),
        "days": days,
        "oldest": first.to_string(),
        "newest": last.to_string(),
    })
}

/// The days of a cause, the oldest first, as many as are wanted.
async fn waiting(
    workspace: &Workspace,
    (asked, cause): (&FindingsAsk, &FindingCause),
    limit: usize,
) -> Result<Answer<(Vec<OpenFindingLine>, bool)>, CommandFault> {
    Ok(match open_findings(workspace, asked, cause, (None, limit), now()).await? {
        Answer::Given(page) => Answer::Given((page.lines, page.next.is_some())),
        Answer::Refused(refuse) => Answer::Refused(refuse),
    })
}

async fn list(
    workspace: &Workspace,
    of: (&FindingsAsk, &FindingCause),
    command: &Findings,
) -> Result<Outcome, CommandFault> {
    let (lines, has_more) = match waiting(workspace, of, command.limit).await? {
        Answer::Given(found) => found,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut table = Table::new(&["day", "point", ">series", ">failed", ">values", "rules"]);
    for found in &lines {
        if command.asked.json {
            writeln!(out, "{}", found_json(found))?;
        } else {
            table.row(row(found));
        }
    }
    if !command.asked.json && !lines.is_empty() {
        write!(out, "{table}")?;
    }
    out.flush()?;
    let more = if has_more { "; there are more, give `--limit`" } else { "" };
    note(format_args!("{}{more}", counted(lines.len() as u64, "day")));
    Ok(Outcome::Done)
}

fn row(found: &OpenFindingLine) -> Vec<String> {
    vec![
        found.day.to_string(),
        plain(&found.line.point).to_string(),
        found.line.series.to_string(),
        found.failed.to_string(),
        format!("{} of {}", found.present, found.expected),
        rules(found).join(", "),
    ]
}

fn rules(found: &OpenFindingLine) -> Vec<&'static str> {
    found.open.rules().map(Rule::code).collect()
}

fn found_json(found: &OpenFindingLine) -> serde_json::Value {
    json!({
        "day": found.day.to_string(),
        "point": found.line.point,
        "series": found.line.series.as_u32(),
        "failed": found.failed,
        "present": found.present,
        "expected": found.expected,
        "rules": rules(found),
    })
}

async fn decided(
    workspace: &Workspace,
    (asked, cause, word): (FindingsAsk, FindingCause, DecisionWord),
    command: &Findings,
) -> Result<Outcome, CommandFault> {
    let (lines, has_more) = match waiting(workspace, (&asked, &cause), command.limit).await? {
        Answer::Given(found) => found,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let chosen = lines.iter().map(|found| FindingCursor { day: found.day, series: found.line.series });
    let decision = match word {
        DecisionWord::Estimate => Decision::Estimate(command.method),
        DecisionWord::Accept => Decision::Accept { reason: command.reason.clone().unwrap_or_default() },
    };
    let asked = DecisionAsk { asked, cause, chosen: chosen.collect(), decision };
    let preview = match preview_decision(workspace, &asked, now()).await? {
        Answer::Given(preview) => preview,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    if has_more {
        note(format_args!("there are more than {}; they wait on", command.limit));
    }
    if command.dry_run {
        return show(&preview, command.asked.json);
    }
    match decide(workspace, &asked, &preview.hash, now()).await? {
        Answer::Given(DecideOutcome::Done(done)) => tell(done, command.asked.json),
        Answer::Given(DecideOutcome::Changed) => {
            note(format_args!("something changed meanwhile and nothing was done; run it again"));
            Ok(Outcome::Refused)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

/// What a decision would do.
fn show(preview: &DecisionPreview, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut table = Table::new(&["day", "point", ">series", "would"]);
    for line in &preview.lines {
        if json {
            writeln!(out, "{}", line_json(line))?;
        } else {
            let DecisionLine { found, effect } = line;
            let place = plain(&found.line.point).to_string();
            table.row(vec![found.day.to_string(), place, found.line.series.to_string(), effect_text(effect)]);
        }
    }
    if !json && !preview.lines.is_empty() {
        write!(out, "{table}")?;
    }
    out.flush()?;
    note(format_args!("{}; nothing was done", counted(preview.lines.len() as u64, "day")));
    Ok(Outcome::Done)
}

fn effect_text(effect: &DecisionEffect) -> String {
    match effect {
        DecisionEffect::Accepts(count) => format!("accept {}", counted((*count).into(), "value")),
        DecisionEffect::Makes { made, left: 0, .. } => format!("make {}", counted((*made).into(), "value")),
        DecisionEffect::Makes { made, left, .. } => {
            format!("make {}, and {left} are still missing", counted((*made).into(), "value"))
        }
        DecisionEffect::Nothing => "make none".to_owned(),
    }
}

fn line_json(DecisionLine { found, effect }: &DecisionLine) -> serde_json::Value {
    let (accepts, makes, left) = match effect {
        DecisionEffect::Accepts(count) => (*count, 0, 0),
        DecisionEffect::Makes { made, left, .. } => (0, *made, *left),
        DecisionEffect::Nothing => (0, 0, 0),
    };
    json!({
        "day": found.day.to_string(),
        "point": found.line.point,
        "series": found.line.series.as_u32(),
        "accepts": accepts,
        "makes": makes,
        "still_missing": left,
    })
}

fn tell(done: DecisionDone, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    if json {
        let told = json!({ "decided": done.decided, "left": done.left, "others": done.others });
        writeln!(out, "{told}")?;
    } else {
        writeln!(out, "{} decided", counted(done.decided, "day"))?;
    }
    if done.left > 0 {
        note(format_args!("{}: no value can be made; they wait on", counted(done.left, "day")));
    }
    if done.others > 0 {
        note(format_args!(
            "{}: changed meanwhile, or may not be changed; left as they are",
            counted(done.others, "day")
        ));
    }
    Ok(if done.left + done.others == 0 { Outcome::Done } else { Outcome::Refused })
}

async fn recount(workspace: &Workspace, command: &Findings) -> Result<Outcome, CommandFault> {
    let bar = ProgressBar::new(0);
    let progress = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let others = match recount_findings(workspace, &series_ask(&command.asked)?, &progress, now()).await? {
        Answer::Given(others) => others,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    bar.finish_and_clear();
    if command.asked.json {
        writeln!(std::io::stdout(), "{}", json!({ "days_otherwise": others }))?;
    }
    note(format_args!("{} of series waited otherwise; what waits is right now", counted(others, "day")));
    Ok(if others == 0 { Outcome::Done } else { Outcome::Refused })
}
