//! `tidstro register`.

use std::io::Write as _;
use std::path::Path;

use tidstro_flows::{activate_register, approve_register, is_on_server};
use tidstro_govern::{Activation, Approval, Decision, Explanation, RegisterVersion, RoleId, diff};
use tidstro_model::ActorId;

use super::coverage;
use super::leases::explain_subject;
use super::register_files::{in_use, is_kept, keep, parse, read, register_at};
use super::series::series_ask;
use super::{notice, now, open_existing, open_running};
use crate::Outcome;
use crate::args::{Arguments, RegisterCommand};
use crate::fault::CommandFault;
use crate::show::register::{checked_json, checked_text, diff_json, diff_text, faults_json};
use crate::show::{note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &RegisterCommand) -> Result<Outcome, CommandFault> {
    match command {
        RegisterCommand::Check { path, json } => check(arguments, path.as_deref(), *json),
        RegisterCommand::Diff { old, new, json } => compare(old, new, *json),
        RegisterCommand::Approve { path, actor } => approve(arguments, path, actor).await,
        RegisterCommand::Activate { path, actor } => activate(arguments, path, actor).await,
        RegisterCommand::Coverage { list, register, json } => coverage::run(arguments, list, register, *json),
        RegisterCommand::Notice { notice: id, form } => notice::notice(arguments, id.as_deref(), form),
        RegisterCommand::Record { role, controller, form } => {
            notice::record(arguments, *role, controller.as_deref(), form)
        }
        RegisterCommand::Explain { asked, subject: Some(subject), svg, .. } => {
            explain_subject(arguments, asked, subject, svg.as_deref()).await
        }
        RegisterCommand::Explain { asked, operation, .. } => {
            let workspace = open_existing(arguments).await?;
            let ask = series_ask(asked)?;
            let explanation = tidstro_flows::explain_ask(&workspace, &ask, *operation, now()).await?;
            show(&explanation, asked.json)
        }
    }
}

fn check(arguments: &Arguments, path: Option<&Path>, json: bool) -> Result<Outcome, CommandFault> {
    let files = match path {
        Some(path) => read(path)?,
        None => {
            in_use(arguments)?.ok_or_else(|| CommandFault::NoRegister { folder: arguments.data.clone() })?
        }
    };
    match (parse(&files), json) {
        (Ok(register), false) => {
            writeln!(std::io::stdout(), "{}", plain(&checked_text(&register, &files)))?;
        }
        (Ok(register), true) => writeln!(std::io::stdout(), "{}", checked_json(&register, &files))?,
        (Err(CommandFault::Register(faults)), true) => {
            writeln!(std::io::stdout(), "{}", faults_json(&faults))?;
            return Ok(Outcome::Refused);
        }
        (Err(fault), _) => return Err(fault),
    }
    Ok(Outcome::Done)
}

fn compare(old: &Path, new: &Path, json: bool) -> Result<Outcome, CommandFault> {
    let (old, new) = (register_at(old)?, register_at(new)?);
    let found = diff(&old, &new);
    let shown = if json { diff_json(&found).to_string() } else { diff_text(&found) };
    writeln!(std::io::stdout(), "{}", plain(&shown))?;
    Ok(if found.widens() { Outcome::Refused } else { Outcome::Done })
}

async fn approve(arguments: &Arguments, path: &Path, actor: &str) -> Result<Outcome, CommandFault> {
    let (given, actor) = (register_at(path)?, ActorId::parse(actor)?);
    let workspace = open_running(arguments).await?;
    match approve_register(&workspace, given, &actor, now()).await? {
        Approval::Approved(diff) => {
            let changes = diff_text(&diff);
            writeln!(std::io::stdout(), "{}\napproved by {actor}: {}", plain(&changes), diff.new)?;
            Ok(Outcome::Done)
        }
        Approval::NotNeeded(diff) => {
            let changes = diff_text(&diff);
            writeln!(std::io::stdout(), "{}\nnothing to approve: activate it", plain(&changes))?;
            Ok(Outcome::Done)
        }
        Approval::NotAnApprover { approvers } => Ok(refused(format_args!(
            "`{actor}` may not approve; the deciding register lets {} approve",
            who(&approvers)
        ))),
    }
}

fn who(roles: &[RoleId]) -> String {
    let roles: Vec<_> = roles.iter().map(|role| format!("`{role}`")).collect();
    if roles.is_empty() { "nobody".to_owned() } else { roles.join(", ") }
}

async fn activate(arguments: &Arguments, path: &Path, actor: &str) -> Result<Outcome, CommandFault> {
    let (given, actor) = (register_at(path)?, ActorId::parse(actor)?);
    let workspace = open_running(arguments).await?;
    let said = match activate_register(&workspace, given.clone(), &actor, now()).await? {
        Activation::NotApproved(diff) => {
            return Ok(refused(format_args!(
                "{}\nnot active: nobody approved what it widens; the running register stays. \
                 Have an approver run `tidstro register approve {} --actor …`",
                diff_text(&diff),
                path.display()
            )));
        }
        Activation::UnknownActor => {
            return Ok(refused(format_args!("`{actor}` is no actor of the deciding register")));
        }
        Activation::Activated(diff) => format!("{}\nactive: {}", diff_text(&diff), diff.new),
        Activation::Running | Activation::First => format!("active: {}", RegisterVersion::of(&given)),
    };
    if !is_on_server(&arguments.data) && !is_kept(&arguments.data, path) {
        keep(&arguments.data, &given)?;
    }
    writeln!(std::io::stdout(), "{}", plain(&said))?;
    Ok(Outcome::Done)
}

/// Says why not, on standard error.
fn refused(why: std::fmt::Arguments<'_>) -> Outcome {
    note(format_args!("tidstro: refused: {}", plain(&why.to_string())));
    Outcome::Refused
}

fn show(explanation: &Explanation, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    let granted = matches!(explanation.decision, Decision::Grant(_));
    if json {
        let checks: Vec<_> = explanation.checks.iter().map(check_json).collect();
        let answer = serde_json::json!({
            "granted": granted,
            "decision": explanation.decision.to_string(),
            "checks": checks,
        });
        writeln!(out, "{answer}")?;
    } else {
        writeln!(out, "{explanation}")?;
    }
    Ok(if granted { Outcome::Done } else { Outcome::Refused })
}

fn check_json(check: &tidstro_govern::Check) -> serde_json::Value {
    serde_json::json!({
        "step": check.step.word(),
        "passed": check.passed,
        "says": check.says,
        "place": check.place,
    })
}
