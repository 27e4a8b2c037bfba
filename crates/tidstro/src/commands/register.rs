//! `tidstro register`.

use std::io::Write as _;
use std::path::Path;

use tidstro_govern::{Decision, Explanation, Register};

use super::leases::explain_subject;
use super::series::series_ask;
use super::{now, open_existing, register_text};
use crate::Outcome;
use crate::args::{Arguments, RegisterCommand};
use crate::fault::CommandFault;

pub(crate) async fn run(arguments: &Arguments, command: &RegisterCommand) -> Result<Outcome, CommandFault> {
    match command {
        RegisterCommand::Check { file } => check(arguments, file.as_deref()),
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

fn check(arguments: &Arguments, file: Option<&Path>) -> Result<Outcome, CommandFault> {
    let (text, name) = match file {
        Some(path) => {
            let unreadable = |source| CommandFault::File { path: path.to_owned(), source };
            (std::fs::read_to_string(path).map_err(unreadable)?, path.display().to_string())
        }
        None => register_text(arguments)?,
    };
    let register = Register::parse(&text, &name).map_err(CommandFault::Register)?;
    writeln!(
        std::io::stdout(),
        "{name}: register `{}`, edition {}: {} activities, {} categories, {} actors; no fault",
        register.id(),
        register.edition(),
        register.activities().count(),
        register.categories().count(),
        register.actors().count()
    )?;
    Ok(Outcome::Done)
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
