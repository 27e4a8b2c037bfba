//! `tidstro log search` and `tidstro log concerning`.

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use tidstro_calendar::Zone;
use tidstro_flows::{
    Answer, AsideAsk, LogEntry, LogQuery, LookedAsk, LookedLine, Looker, search_log, who_looked,
};
use tidstro_model::{ActivityId, ActorId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, LogConcerning, LogSearch, LookArguments, Wanted};
use crate::fault::CommandFault;
use crate::show::series::local;
use crate::show::{Table, note};

pub(crate) async fn search(arguments: &Arguments, asked: &LogSearch) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let look = AsideAsk {
        actor: ActorId::parse(&asked.look.actor)?,
        purpose: ActivityId::parse(&asked.look.purpose)?,
        factors: factors(&asked.look),
    };
    let query = query(asked, workspace.zone())?;
    let page = match search_log(&workspace, &look, query, now()).await? {
        Answer::Given(page) => page,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let lines: Vec<_> = page.entries.iter().map(entry_json).collect();
    let mut table = Table::new(&["no", "at", "kind", "by", "for", "what"]);
    page.entries.iter().for_each(|entry| table.row(entry_row(entry, workspace.zone())));
    print(asked.look.json, &lines, &table, page.next)
}

pub(crate) async fn concerning(
    arguments: &Arguments,
    asked: &LogConcerning,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let LookArguments { before, limit, json, .. } = asked.look;
    let log_purpose = asked.log_purpose.as_deref().map(ActivityId::parse).transpose()?;
    let ask = LookedAsk {
        actor: ActorId::parse(&asked.look.actor)?,
        purpose: ActivityId::parse(&asked.look.purpose)?,
        factors: factors(&asked.look),
        other: asked.subject.clone().zip(log_purpose),
    };
    let page = match who_looked(&workspace, &ask, (before, limit), now()).await? {
        Answer::Given(page) => page,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let lines: Vec<_> = page.lines.iter().map(line_json).collect();
    let mut table = Table::new(&["no", "at", "who", "for", "what", "came of it"]);
    page.lines.iter().for_each(|line| table.row(line_row(line, workspace.zone())));
    print(json, &lines, &table, page.next)
}

const fn factors(look: &LookArguments) -> u8 {
    if look.second_factor { 2 } else { 1 }
}

fn query(asked: &LogSearch, zone: &Zone) -> Result<LogQuery, CommandFault> {
    let Wanted { stream, kind } = asked.kind;
    Ok(LogQuery {
        stream,
        kind,
        actor: asked.by.as_deref().map(ActorId::parse).transpose()?,
        purpose: asked.r#for.as_deref().map(ActivityId::parse).transpose()?,
        start: asked.from.map_or(Timestamp::UNIX_EPOCH, |day| zone.day_start(day)),
        end: asked.to.map_or(Timestamp::MAX, |day| zone.day_start(day)),
        before: asked.look.before,
        limit: asked.look.limit,
    })
}

fn print(json: bool, lines: &[Value], table: &Table, next: Option<u64>) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    if json {
        for line in lines {
            writeln!(out, "{line}")?;
        }
    } else if lines.is_empty() {
        note(format_args!("nothing found"));
    } else {
        write!(out, "{table}")?;
    }
    if let Some(next) = next {
        note(format_args!("there may be earlier ones: ask again with `--before {next}`"));
    }
    Ok(Outcome::Done)
}

fn entry_row(entry: &LogEntry, zone: &Zone) -> Vec<String> {
    let purpose = entry.purpose.as_ref().map(ToString::to_string);
    let rule = entry.rule.as_ref().map_or_else(String::new, |rule| format!(" ({rule})"));
    vec![
        entry.seq.to_string(),
        local(entry.at, zone),
        entry.kind.to_string(),
        entry.actor.to_string(),
        purpose.unwrap_or_default(),
        format!("{}{rule}", entry.detail.lines().next().unwrap_or_default()),
    ]
}

fn entry_json(entry: &LogEntry) -> Value {
    json!({
        "number": entry.seq,
        "at": entry.at.to_string(),
        "kind": entry.kind.word(),
        "actor": entry.actor.as_str(),
        "purpose": entry.purpose.as_ref().map(ActivityId::as_str),
        "rule": entry.rule,
        "case": entry.case,
        "detail": entry.detail,
        "concerned": entry.concerned,
    })
}

fn line_row(line: &LookedLine, zone: &Zone) -> Vec<String> {
    let word = |text: Option<String>| text.unwrap_or_default();
    let operation = word(line.operation.map(|operation| operation.to_string()));
    let category = word(line.category.as_ref().map(ToString::to_string));
    vec![
        line.seq.to_string(),
        local(line.at, zone),
        looker(&line.by),
        word(line.purpose.as_ref().map(ToString::to_string)),
        format!("{operation} {category}"),
        line.kind.to_string(),
    ]
}

fn line_json(line: &LookedLine) -> Value {
    json!({
        "number": line.seq,
        "at": line.at.to_string(),
        "by": looker(&line.by),
        "purpose": line.purpose.as_ref().map(ActivityId::as_str),
        "operation": line.operation.map(tidstro_govern::Operation::word),
        "category": line.category.as_ref().map(ToString::to_string),
        "kind": line.kind.word(),
    })
}

/// By role. Staff have names, and those are not told.
fn looker(looker: &Looker) -> String {
    match looker {
        Looker::Roles(roles) => roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Looker::Resident => "another resident".to_owned(),
        Looker::Former => "no longer in the register".to_owned(),
    }
}
