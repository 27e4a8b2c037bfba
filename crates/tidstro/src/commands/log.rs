//! `tidstro log`.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use tidstro_flows::{export_log, import_events, verify_bundle, verify_log};
use tidstro_govern::log::{BundleReport, Fingerprint, Imported, LogReport, StreamReport, hex};
use tidstro_model::ActorId;

use super::{Input, log_search, now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Log};
use crate::fault::CommandFault;
use crate::show::report::counted;

/// Lines kept aside that are named one by one.
const NAMED: usize = 20;

pub(crate) async fn run(arguments: &Arguments, command: &Log) -> Result<Outcome, CommandFault> {
    match command {
        Log::Verify { bundle: Some(bundle), key, json } => check_bundle(bundle, *key, *json),
        Log::Verify { bundle: None, json, .. } => check(arguments, *json).await,
        Log::Export { bundle, json } => export(arguments, bundle, *json).await,
        Log::Import { file, actor, json } => import(arguments, file, actor, *json).await,
        Log::Search(asked) => log_search::search(arguments, asked).await,
        Log::Concerning(asked) => log_search::concerning(arguments, asked).await,
    }
}

async fn check(arguments: &Arguments, json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    show_log(&verify_log(&workspace).await?, None, json)?;
    Ok(Outcome::Done)
}

/// Opens no data folder: whoever checks a bundle needs none.
fn check_bundle(path: &Path, expected: Option<Fingerprint>, json: bool) -> Result<Outcome, CommandFault> {
    let Input { mut reader, name, .. } = Input::open(path)?;
    let BundleReport { at, log } = verify_bundle(&mut *reader, &name, expected)?;
    show_log(&log, Some(at), json)?;
    Ok(Outcome::Done)
}

async fn export(arguments: &Arguments, bundle: &Path, json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let BundleReport { at, log } = export_log(&workspace, bundle, now()).await?;
    show_log(&log, Some(at), json)?;
    Ok(Outcome::Done)
}

async fn import(
    arguments: &Arguments,
    file: &Path,
    actor: &str,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let Input { mut reader, name, .. } = Input::open(file)?;
    let imported = import_events(&workspace, &ActorId::parse(actor)?, &mut *reader, &name, now()).await?;
    show_import(&imported, json)?;
    Ok(if imported.aside.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn show_import(imported: &Imported, json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        let aside = |(line, reason): &(u64, _)| json!({ "line": line, "reason": format!("{reason}") });
        let aside: Vec<_> = imported.aside.iter().map(aside).collect();
        writeln!(out, "{}", json!({ "appended": imported.appended, "aside": aside }))?;
        return Ok(());
    }
    let aside = imported.aside.len();
    let (appended, kept) = (counted(imported.appended, "event"), counted(aside as u64, "line"));
    writeln!(out, "{appended} appended, {kept} kept aside as evidence")?;
    for (line, reason) in imported.aside.iter().take(NAMED) {
        writeln!(out, "  line {line}: {reason}")?;
    }
    if aside > NAMED {
        writeln!(out, "  and {} more", aside - NAMED)?;
    }
    Ok(())
}

fn show_log(log: &LogReport, made: Option<jiff::Timestamp>, json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        let streams: Vec<_> = log.streams.iter().map(stream_json).collect();
        let (origin, key) = (log.origin.to_string(), log.key.to_string());
        let made = made.map(|at| at.to_string());
        let events = log.events();
        let report =
            json!({ "origin": origin, "key": key, "made": made, "events": events, "streams": streams });
        writeln!(out, "{report}")?;
        return Ok(());
    }
    writeln!(out, "log {}, signed with the key\n  {}", log.origin, log.key)?;
    for stream in &log.streams {
        writeln!(out, "  {}", stream_text(stream))?;
    }
    let made = made.map_or_else(String::new, |at| format!("bundle of {at}: "));
    let events = counted(log.events(), "event");
    writeln!(out, "{made}{events}, each with the hash of its content and of all before it")?;
    Ok(())
}

fn stream_text(stream: &StreamReport) -> String {
    let StreamReport { stream: id, events, segments_live, segments_expired, events_open, .. } = stream;
    let (events, segments) = (counted(*events, "event"), counted(*segments_live, "closed segment"));
    let expired = match segments_expired {
        0 => String::new(),
        expired => format!(", {expired} expired"),
    };
    let checkpoint = match stream.last_checkpoint {
        Some(at) => format!("last checkpoint {at}, {} since", counted(*events_open, "event")),
        None => "no checkpoint yet".to_owned(),
    };
    format!("{id}: {events}, {segments}{expired}; {checkpoint}")
}

fn stream_json(stream: &StreamReport) -> Value {
    json!({
        "stream": stream.stream.to_string(),
        "events": stream.events,
        "events_since_checkpoint": stream.events_open,
        "last_event": stream.last_seq,
        "segments_live": stream.segments_live,
        "segments_expired": stream.segments_expired,
        "last_checkpoint": stream.last_checkpoint.map(|at| at.to_string()),
        "head": hex(&stream.head),
    })
}
