//! `tidstro account review`: who has which role, looked at now and then.

use std::io::Write as _;

use serde_json::json;
use tidstro_flows::identity::{
    AccessReview, ReviewDecision, ReviewLine, begin_review, decide_review, newest_review,
};
use tidstro_flows::{Answer, Workspace};
use tidstro_model::{ActorId, RoleId};

use super::account::{given, of};
use super::now;
use super::series::refused;
use crate::Outcome;
use crate::args::{ByArguments, Decision, ReviewCommand};
use crate::fault::CommandFault;
use crate::show::{Table, note};

pub(super) async fn run(workspace: &Workspace, command: &ReviewCommand) -> Result<Outcome, CommandFault> {
    match command {
        ReviewCommand::Begin { by } => {
            let number = given!(begin_review(workspace, &of(by), now()).await?).as_u32();
            writeln!(
                std::io::stdout(),
                "review {number} has begun; `tidstro account review show` lists what to decide"
            )?;
            Ok(Outcome::Done)
        }
        ReviewCommand::Show { by, json } => show(workspace, by, *json).await,
        ReviewCommand::Decide { whose, role, decision, by } => {
            decide(workspace, (whose, role, *decision), by).await
        }
    }
}

async fn show(workspace: &Workspace, by: &ByArguments, json: bool) -> Result<Outcome, CommandFault> {
    let Some(review) = given!(newest_review(workspace, &of(by), now()).await?) else { return Ok(none()) };
    let mut out = std::io::stdout();
    if json {
        for line in &review.lines {
            writeln!(out, "{}", line_json(&review, line))?;
        }
        return Ok(Outcome::Done);
    }
    writeln!(
        out,
        "review {}: {} of {} roles to decide",
        review.number.as_u32(),
        review.open(),
        review.lines.len()
    )?;
    let mut table = Table::new(&["actor", "role", "account since", "last log-in", "decided", "by"]);
    let dash = || "-".to_owned();
    for line in &review.lines {
        table.row(vec![
            line.actor.to_string(),
            line.role.to_string(),
            line.since.map_or_else(dash, |since| since.to_string()),
            line.seen.map_or_else(dash, |seen| seen.to_string()),
            line.decision.map_or_else(dash, |decision| decision.word().to_owned()),
            line.decided_by.as_ref().map_or_else(dash, ToString::to_string),
        ]);
    }
    write!(out, "{table}")?;
    Ok(Outcome::Done)
}

fn none() -> Outcome {
    note(format_args!("there was no review yet; begin one with `tidstro account review begin`"));
    Outcome::Refused
}

fn line_json(review: &AccessReview, line: &ReviewLine) -> serde_json::Value {
    json!({
        "review": review.number.as_u32(),
        "actor": line.actor.as_str(),
        "role": line.role.as_str(),
        "since": line.since.map(|since| since.to_string()),
        "last_login": line.seen.map(|seen| seen.to_string()),
        "decision": line.decision.map(ReviewDecision::word),
        "decided_by": line.decided_by.as_ref().map(ActorId::as_str),
    })
}

async fn decide(
    workspace: &Workspace,
    (whose, role, decision): (&ActorId, &RoleId, Decision),
    by: &ByArguments,
) -> Result<Outcome, CommandFault> {
    let Some(review) = given!(newest_review(workspace, &of(by), now()).await?) else { return Ok(none()) };
    let (decision, told) = match decision {
        Decision::Confirm => (ReviewDecision::Confirmed, "is confirmed"),
        Decision::Remove => (
            ReviewDecision::Removed,
            "is removed: take it out of the register, until then the account is shut",
        ),
    };
    let line = (review.number, whose.clone(), role.clone());
    if given!(decide_review(workspace, &of(by), line, decision, now()).await?) {
        writeln!(std::io::stdout(), "role {role} of {whose} {told}")?;
        return Ok(Outcome::Done);
    }
    note(format_args!(
        "the review has no role `{role}` of `{whose}`, or it is your own, which somebody else decides about"
    ));
    Ok(Outcome::Refused)
}
