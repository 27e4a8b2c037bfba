//! `tidstro retention`.

use std::io::Write as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tidstro_flows::{
    Answer, PreviewState, RetentionCount, RetentionOutcome, RetentionPreview, approve_retention,
    preview_retention, retention_certificate, run_retention, show_retention,
};
use tidstro_govern::log::hex;
use tidstro_govern::{Protection, verify_certificate};
use tidstro_model::{ActivityId, ActorId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, RetentionCommand};
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::counted;

pub(crate) async fn run(arguments: &Arguments, command: &RetentionCommand) -> Result<Outcome, CommandFault> {
    match command {
        RetentionCommand::Preview { actor, json } => preview(arguments, actor, *json).await,
        RetentionCommand::Show { number, json } => show(arguments, *number, *json).await,
        RetentionCommand::Approve { number, actor, json } => approve(arguments, *number, actor, *json).await,
        RetentionCommand::Run { number, actor, json } => erase(arguments, *number, actor, *json).await,
        RetentionCommand::Certificate { check: Some(file), key, json, .. } => {
            check(file, key.as_deref(), *json)
        }
        RetentionCommand::Certificate { number, json, .. } => {
            certificate(arguments, number.unwrap_or_default(), *json).await
        }
    }
}

async fn preview(arguments: &Arguments, actor: &str, json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match preview_retention(&workspace, &ActorId::parse(actor)?, now()).await? {
        Answer::Given(view) => {
            print_view(&view, json)?;
            Ok(Outcome::Done)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn show(arguments: &Arguments, number: Option<u64>, json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match show_retention(&workspace, number).await? {
        Some(view) => {
            print_view(&view, json)?;
            Ok(Outcome::Done)
        }
        None => {
            note(format_args!("there is no preview yet; make one with `tidstro retention preview`"));
            Ok(Outcome::Refused)
        }
    }
}

async fn approve(
    arguments: &Arguments,
    number: u64,
    actor: &str,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let outcome = approve_retention(&workspace, &ActorId::parse(actor)?, number, now()).await?;
    print_outcome(number, &outcome, json)
}

async fn erase(arguments: &Arguments, number: u64, actor: &str, json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("erasing {bar:30} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    let progress = |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    };
    let run = run_retention(&workspace, &ActorId::parse(actor)?, number, now(), progress).await?;
    bar.finish_and_clear();
    match run {
        Answer::Given(outcome) => print_outcome(number, &outcome, json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn certificate(arguments: &Arguments, number: u64, json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match retention_certificate(&workspace, number).await? {
        Some(file) => {
            print_certificate(&file, None, json)?;
            Ok(Outcome::Done)
        }
        None => {
            note(format_args!("preview {number} has no certificate: it has not run, or erased nothing"));
            Ok(Outcome::Refused)
        }
    }
}

fn check(file: &Path, key: Option<&str>, json: bool) -> Result<Outcome, CommandFault> {
    let unreadable = |source| CommandFault::File { path: file.to_owned(), source };
    let content = std::fs::read_to_string(file).map_err(unreadable)?;
    print_certificate(&content, key, json)?;
    Ok(Outcome::Done)
}

/// The text of a certificate, once its signature is checked; or the file as it is.
fn print_certificate(file: &str, key: Option<&str>, json: bool) -> Result<(), CommandFault> {
    let text = verify_certificate(file, key)?;
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", file.trim_end())?;
    } else {
        write!(out, "{text}")?;
    }
    Ok(())
}

fn print_outcome(number: u64, outcome: &RetentionOutcome, json: bool) -> Result<Outcome, CommandFault> {
    let (word, ended) = match outcome {
        RetentionOutcome::Approved => ("approved", Outcome::Done),
        RetentionOutcome::Erased { .. } => ("erased", Outcome::Done),
        RetentionOutcome::Nothing => ("nothing", Outcome::Done),
        RetentionOutcome::Refused(_) => ("refused", Outcome::Refused),
    };
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", outcome_json(number, word, outcome))?;
        return Ok(ended);
    }
    match outcome {
        RetentionOutcome::Approved => writeln!(out, "preview {number} is approved and may run")?,
        RetentionOutcome::Nothing => writeln!(out, "preview {number}: there is nothing to erase")?,
        RetentionOutcome::Refused(why) => note(format_args!("preview {number}: {why}")),
        RetentionOutcome::Erased { certificate, left } => {
            write!(out, "{}", verify_certificate(certificate, None)?)?;
            if *left > 0 {
                note(format_args!("{} stay: something keeps or protects them", counted(*left, "part")));
            }
        }
    }
    Ok(ended)
}

fn outcome_json(number: u64, word: &str, outcome: &RetentionOutcome) -> Value {
    match outcome {
        RetentionOutcome::Approved | RetentionOutcome::Nothing => {
            json!({ "preview": number, "outcome": word })
        }
        RetentionOutcome::Refused(why) => json!({ "preview": number, "outcome": word, "reason": why }),
        RetentionOutcome::Erased { certificate, left } => {
            let certificate: Value = serde_json::from_str(certificate).unwrap_or_default();
            json!({ "preview": number, "outcome": word, "left": left, "certificate": certificate })
        }
    }
}

fn print_view(view: &RetentionPreview, json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", view_json(view))?;
        return Ok(());
    }
    let approver = view.approver.as_ref().map_or_else(String::new, |actor| format!(" by {actor}"));
    writeln!(
        out,
        "preview {} of {} by {}: {}{approver}",
        view.number,
        view.at,
        view.actor,
        view.state.word()
    )?;
    writeln!(out, "  hash {}", hex(&view.hash))?;
    for line in &view.counts {
        writeln!(out, "{}", line_text(line))?;
    }
    if view.state == PreviewState::Previewed && view.is_empty() {
        writeln!(out, "  nothing to erase")?;
    }
    Ok(())
}

fn line_text(line: &RetentionCount) -> String {
    let activity = line.activity.as_ref().map_or_else(String::new, |activity| format!("{activity}: "));
    let protection = line.protection.map_or_else(String::new, |protection| format!(", {protection}"));
    format!(
        "  {}{protection}: {} of {}, {}\n    {activity}{}",
        line.bucket,
        line.category,
        counted(line.subjects, "subject"),
        counted(line.parts, "part"),
        line.rule
    )
}

fn view_json(view: &RetentionPreview) -> Value {
    let line = |line: &RetentionCount| {
        json!({
            "bucket": line.bucket.word(),
            "category": line.category.as_str(),
            "activity": line.activity.as_ref().map(ActivityId::as_str),
            "rule": line.rule,
            "protection": line.protection.map(Protection::word),
            "subjects": line.subjects,
            "parts": line.parts,
        })
    };
    json!({
        "preview": view.number,
        "at": view.at.to_string(),
        "actor": view.actor.as_str(),
        "hash": hex(&view.hash),
        "state": view.state.word(),
        "approver": view.approver.as_ref().map(ActorId::as_str),
        "lines": view.counts.iter().map(line).collect::<Vec<_>>(),
    })
}
