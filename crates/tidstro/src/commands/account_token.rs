//! `tidstro account token`: what other programs log in with.

use std::io::Write as _;
use std::path::Path;

use serde_json::json;
use tidstro_flows::identity::{
    IssuedToken, NewToken, TokenLine, TokenNo, issue_token, list_tokens, withdraw_token,
};
use tidstro_flows::{Answer, Workspace};

use super::account::{given, of, private};
use super::now;
use super::series::refused;
use crate::Outcome;
use crate::args::{ByArguments, TokenCommand};
use crate::fault::CommandFault;
use crate::show::{Table, note};

pub(super) async fn run(workspace: &Workspace, command: &TokenCommand) -> Result<Outcome, CommandFault> {
    match command {
        TokenCommand::Issue { acts_as, purposes, label, until, out, by } => {
            let wanted = NewToken {
                actor: acts_as.clone(),
                label: label.clone(),
                scopes: purposes.clone(),
                ends: workspace.zone().day_start(*until),
            };
            issue(workspace, (wanted, by), out).await
        }
        TokenCommand::List { by, json } => list(workspace, by, *json).await,
        TokenCommand::Withdraw { number, by } => {
            let was_good = given!(withdraw_token(workspace, &of(by), TokenNo::new(*number), now()).await?);
            let told = if was_good { "is worthless now" } else { "was not good" };
            writeln!(std::io::stdout(), "token {number} {told}")?;
            Ok(Outcome::Done)
        }
    }
}

async fn issue(
    workspace: &Workspace,
    (wanted, by): (NewToken, &ByArguments),
    path: &Path,
) -> Result<Outcome, CommandFault> {
    let mut file = private(path)?;
    let actor = wanted.actor.clone();
    let refusal = match issue_token(workspace, &of(by), wanted, now()).await? {
        Answer::Given(IssuedToken::Issued(number, token)) => {
            writeln!(file, "{}", token.as_str())?;
            file.sync_all()?;
            let (number, path) = (number.as_u32(), path.display());
            writeln!(
                std::io::stdout(),
                "token {number} of {actor} is in `{path}`; whoever reads the file acts as {actor}"
            )?;
            return Ok(Outcome::Done);
        }
        Answer::Refused(refuse) => {
            std::fs::remove_file(path)?;
            return Ok(refused(&refuse));
        }
        Answer::Given(IssuedToken::UnknownActor) => format!("`{actor}` is no job of the register"),
        Answer::Given(IssuedToken::NotItsPurpose(purpose)) => {
            format!("the register gives `{actor}` no role in `{purpose}`; leave it out, or add the role")
        }
        Answer::Given(IssuedToken::NoScope) => "a token needs a purpose; add `--purpose`".to_owned(),
        Answer::Given(IssuedToken::WrongEnd) => {
            "a token ends later than now and within a year; give another `--until`".to_owned()
        }
    };
    std::fs::remove_file(path)?;
    note(format_args!("{refusal}"));
    Ok(Outcome::Refused)
}

async fn list(workspace: &Workspace, by: &ByArguments, json: bool) -> Result<Outcome, CommandFault> {
    let lines = given!(list_tokens(workspace, &of(by), now()).await?);
    let mut out = std::io::stdout();
    if json {
        for line in &lines {
            writeln!(out, "{}", line_json(line))?;
        }
        return Ok(Outcome::Done);
    }
    if lines.is_empty() {
        writeln!(out, "there is no token; make one with `tidstro account token issue`")?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&[">token", "acts as", "for", "purposes", "until", "last used", "withdrawn"]);
    for line in &lines {
        table.row(vec![
            line.token.as_u32().to_string(),
            line.actor.to_string(),
            line.label.clone(),
            scopes(line).join(", "),
            line.ends.to_string(),
            line.seen.map_or_else(|| "never".to_owned(), |seen| seen.to_string()),
            line.withdrawn.map_or_else(|| "-".to_owned(), |at| at.to_string()),
        ]);
    }
    write!(out, "{table}")?;
    Ok(Outcome::Done)
}

fn scopes(line: &TokenLine) -> Vec<&str> {
    line.scopes.iter().map(tidstro_model::ActivityId::as_str).collect()
}

fn line_json(line: &TokenLine) -> serde_json::Value {
    json!({
        "token": line.token.as_u32(),
        "actor": line.actor.as_str(),
        "label": line.label,
        "purposes": scopes(line),
        "issued_by": line.made_by.as_str(),
        "issued": line.made.to_string(),
        "until": line.ends.to_string(),
        "last_used": line.seen.map(|seen| seen.to_string()),
        "withdrawn": line.withdrawn.map(|at| at.to_string()),
    })
}
