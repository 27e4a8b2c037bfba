//! `tidstro rules`.

use std::io::Write as _;
use std::path::Path;

use serde_json::json;
use tidstro_flows::{Answer, RulesAsk, RulesVersion, rules_history, rules_now, take_in_rules};
use tidstro_govern::log::hex;
use tidstro_model::{ActivityId, ActorId, CategoryId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, RulesCommand};
use crate::fault::CommandFault;
use crate::show::{Table, note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &RulesCommand) -> Result<Outcome, CommandFault> {
    match command {
        RulesCommand::Import { file, actor, purpose, category } => {
            let asked = RulesAsk {
                actor: ActorId::parse(actor)?,
                purpose: ActivityId::parse(purpose)?,
                category: CategoryId::parse(category)?,
            };
            import(arguments, &asked, file).await
        }
        RulesCommand::Show => show(arguments).await,
        RulesCommand::History { json } => history(arguments, *json).await,
    }
}

async fn import(arguments: &Arguments, asked: &RulesAsk, path: &Path) -> Result<Outcome, CommandFault> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CommandFault::File { path: path.to_owned(), source })?;
    let workspace = open_existing(arguments).await?;
    match take_in_rules(&workspace, asked, (path.to_owned(), text), now()).await? {
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
        Answer::Given(Some(no)) => {
            note(format_args!(
                "rules {no} judge what comes from now on; `tidstro validate` judges what is kept anew"
            ));
        }
        Answer::Given(None) => note(format_args!("these rules judge already")),
    }
    Ok(Outcome::Done)
}

async fn show(arguments: &Arguments) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let (_, text) = rules_now(&workspace).await?;
    write!(std::io::stdout().lock(), "{text}")?;
    Ok(Outcome::Done)
}

async fn history(arguments: &Arguments, is_json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let versions = rules_history(&workspace).await?;
    let mut out = std::io::stdout().lock();
    if is_json {
        for version in &versions {
            writeln!(out, "{}", version_json(version))?;
        }
    } else if versions.is_empty() {
        note(format_args!("the rules of the program judge; none were taken in"));
    } else {
        write!(out, "{}", table(&versions))?;
    }
    Ok(Outcome::Done)
}

fn table(versions: &[RulesVersion]) -> Table {
    let mut table = Table::new(&[">no", "name", "taken in", "by", "SHA-256"]);
    for version in versions {
        table.row(vec![
            version.no.to_string(),
            plain(&version.name).to_string(),
            version.taken_in.to_string(),
            version.actor.clone(),
            hex(&version.hash),
        ]);
    }
    table
}

fn version_json(version: &RulesVersion) -> serde_json::Value {
    json!({
        "no": version.no,
        "name": version.name,
        "taken_in": version.taken_in.to_string(),
        "actor": version.actor,
        "sha256": hex(&version.hash),
    })
}
