//! `tidstro event aside`.

use std::io::Write as _;

use serde_json::{Value, json};
use tidstro_calendar::Zone;
use tidstro_flows::{Answer, AsideAsk, AsideItem, Workspace, kept_aside, show_aside};
use tidstro_model::{ActivityId, ActorId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, EventAside};
use crate::fault::CommandFault;
use crate::show::series::local;
use crate::show::{Table, note, plain};

pub(crate) async fn run(arguments: &Arguments, asked: &EventAside) -> Result<Outcome, CommandFault> {
    let ask = AsideAsk {
        actor: ActorId::parse(&asked.actor)?,
        purpose: ActivityId::parse(&asked.purpose)?,
        factors: if asked.second_factor { 2 } else { 1 },
    };
    let workspace = open_existing(arguments).await?;
    match asked.show {
        Some(number) => show(&workspace, &ask, number, asked.json).await,
        None => list(&workspace, &ask, asked.json).await,
    }
}

async fn list(workspace: &Workspace, ask: &AsideAsk, json: bool) -> Result<Outcome, CommandFault> {
    let items = match kept_aside(workspace, ask, now()).await? {
        Answer::Given(items) => items,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let mut out = std::io::stdout();
    if json {
        for item in &items {
            writeln!(out, "{}", item_json(item))?;
        }
    } else if items.is_empty() {
        note(format_args!("nothing is kept aside"));
    } else {
        write!(out, "{}", table(&items, workspace.zone()))?;
    }
    Ok(Outcome::Done)
}

fn table(items: &[AsideItem], zone: &Zone) -> Table {
    let mut table = Table::new(&["number", "kept", "by", "line", "why"]);
    for item in items {
        table.row(vec![
            item.number.to_string(),
            local(item.kept, zone),
            item.by.to_string(),
            item.line.map(|line| line.to_string()).unwrap_or_default(),
            item.reason.to_string(),
        ]);
    }
    table
}

fn item_json(item: &AsideItem) -> Value {
    json!({
        "number": item.number,
        "kept": item.kept.to_string(),
        "by": item.by.as_str(),
        "line": item.line,
        "reason": item.reason.word(),
    })
}

/// The line as it came in. Bytes that are no text are shown as signs for it.
async fn show(
    workspace: &Workspace,
    ask: &AsideAsk,
    number: i64,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let found = match show_aside(workspace, ask, number, now()).await? {
        Answer::Given(found) => found,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let Some((item, line)) = found else {
        note(format_args!("number {number} is not kept aside, or no longer"));
        return Ok(Outcome::Refused);
    };
    let text = String::from_utf8_lossy(&line);
    let mut out = std::io::stdout();
    if json {
        let mut shown = item_json(&item);
        if let Value::Object(fields) = &mut shown {
            fields.insert("text".to_owned(), text.into());
        }
        writeln!(out, "{shown}")?;
    } else {
        writeln!(out, "{}", plain(&text))?;
    }
    Ok(Outcome::Done)
}
