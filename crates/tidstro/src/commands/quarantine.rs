//! `tidstro quarantine`.

use std::io::Write as _;

use serde_json::json;
use tidstro_flows::{Answer, QuarantineLine, quarantine};
use tidstro_model::{ActorId, Medium};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Quarantine};
use crate::fault::CommandFault;
use crate::show::Table;

pub(crate) async fn run(arguments: &Arguments, command: &Quarantine) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let actor = ActorId::parse(&command.actor)?;
    match quarantine(&workspace, &actor, &command.purpose, now()).await? {
        Answer::Given(lines) => {
            print(&lines, command.json)?;
            Ok(Outcome::Done)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn print(lines: &[QuarantineLine], json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        for line in lines {
            let said = json!({
                "manufacturer": line.manufacturer.map(|manufacturer| manufacturer.to_string()),
                "version": line.version,
                "type": line.medium.map(|Medium(medium)| medium),
                "ci": line.ci,
                "reason": line.reason,
                "telegrams": line.telegrams,
                "meters": line.meters,
            });
            writeln!(out, "{said}")?;
        }
        return Ok(());
    }
    if lines.is_empty() {
        writeln!(out, "every telegram gave its readings")?;
        return Ok(());
    }
    let mut table = Table::new(&[
        ">telegrams",
        ">meters",
        "manufacturer",
        "version",
        "type",
        "CI",
        "reason",
        "what to do",
    ]);
    let dash = || "-".to_owned();
    for line in lines {
        table.row(vec![
            line.telegrams.to_string(),
            line.meters.to_string(),
            line.manufacturer.map_or_else(dash, |manufacturer| manufacturer.to_string()),
            line.version.map_or_else(dash, |version| format!("{version:02X}")),
            line.medium.map_or_else(dash, |medium| format!("{:02X} {}", medium.0, medium.word())),
            line.ci.map_or_else(dash, |ci| format!("{ci:02X}")),
            line.reason.clone(),
            advice(&line.reason).to_owned(),
        ]);
    }
    write!(out, "{table}")?;
    Ok(())
}

/// What makes telegrams of such a reason readable.
fn advice(reason: &str) -> &'static str {
    match reason {
        "key-missing" => "bring the keys with `keys import`",
        "wrong-key" | "mac" | "tag" => "compare the keys with the delivery note",
        "format-unknown" => "wait for a full frame of the type",
        "older" => "an old telegram, or a meter that began anew: `counters forget`",
        "counter-reused" | "downgrade" => "somebody may be sending in the meters' names",
        "fragment" => "wait for the other pieces of the messages",
        "push-piece" => "its other pieces did not come; nothing to do",
        "fragment-lost" => "pieces of the messages never came; look at the reception",
        "fragment-unproven" => "bring the keys, or compare them with the delivery note",
        "layout-not-yet" | "mode-not-yet" => "`decode-again` with a version that reads it",
        _ => "the telegram is damaged",
    }
}
