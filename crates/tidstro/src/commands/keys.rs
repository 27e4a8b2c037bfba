//! `tidstro keys`.

use std::io::Write as _;
use std::path::Path;

use jiff::civil::Date;
use serde_json::{Value, json};
use tidstro_flows::{
    Answer, KeyExportAsk, KeyExportForm, KeyExportOutcome, KeyExportView, KeyFile, KeyLine, KeyMeter,
    KeysOutcome, TakeHow, Workspace, approve_key_export, ask_key_export, decode_quarantined, list_keys,
    parse_keys, show_key_export, take_keys, write_key_export,
};
use tidstro_model::{ActorId, Medium, MeterNumber};
use tidstro_telegram::parse_kem;

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, KeyExportCommand, KeysCommand, KeysTake};
use crate::fault::CommandFault;
use crate::show::report::counted;
use crate::show::{Table, note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &KeysCommand) -> Result<Outcome, CommandFault> {
    match command {
        KeysCommand::Import(take) => bring(arguments, TakeHow::Import, take, None).await,
        KeysCommand::Rotate { take, from } => bring(arguments, TakeHow::Rotate, take, *from).await,
        KeysCommand::List { meter, actor, json } => list(arguments, *meter, actor, *json).await,
        KeysCommand::Export(command) => export(arguments, command).await,
    }
}

async fn bring(
    arguments: &Arguments,
    how: TakeHow,
    take: &KeysTake,
    from: Option<Date>,
) -> Result<Outcome, CommandFault> {
    let mut file = key_file(&take.file, take.password_file.as_deref())?;
    file.meters.iter_mut().for_each(|key| key.from = key.from.or(from));
    file.titles.iter_mut().for_each(|key| key.from = key.from.or(from));
    let (actor, reader) = (ActorId::parse(&take.actor)?, ActorId::parse(&take.reader)?);
    let workspace = open_existing(arguments).await?;
    match take_keys(&workspace, &actor, how, &file, now()).await? {
        Answer::Refused(refuse) => Ok(refused(&refuse)),
        Answer::Given(outcome @ KeysOutcome::Taken { .. }) => {
            let decoded = decode(&workspace, &reader).await?;
            print_taken(&outcome, decoded, take.json)
        }
        Answer::Given(outcome) => print_taken(&outcome, None, take.json),
    }
}

/// Decodes what waited for the keys; `None` if the reader may not.
async fn decode(workspace: &Workspace, reader: &ActorId) -> Result<Option<u64>, CommandFault> {
    Ok(match decode_quarantined(workspace, reader, &now).await? {
        Answer::Given(count) => Some(count),
        Answer::Refused(refuse) => {
            note(format_args!(
                "the telegrams that waited stay where they are until the next ingest: `{reader}` was refused by {}: {}",
                refuse.rule,
                plain(&refuse.detail)
            ));
            None
        }
    })
}

/// The keys of a file: a KEM file where there is a password, or where the file is XML.
fn key_file(path: &Path, password: Option<&Path>) -> Result<KeyFile, CommandFault> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|source| CommandFault::File { path: path.to_owned(), source })
            .map(zeroize::Zeroizing::new)
    };
    let text = read(path)?;
    let Some(password) = password else {
        let is_xml = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
        if is_xml {
            return Err(CommandFault::KemPassword { path: path.to_owned() });
        }
        return parse_keys(&text).map_err(|source| CommandFault::Keys { path: path.to_owned(), source });
    };
    let password = read(password)?;
    let kem = parse_kem(&text, password.trim_end_matches(['\r', '\n']));
    kem.map(KeyFile::from).map_err(|source| CommandFault::Kem { path: path.to_owned(), source })
}

fn print_taken(outcome: &KeysOutcome, decoded: Option<u64>, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    match outcome {
        KeysOutcome::Taken { added, followed, unchanged } => {
            if json {
                let taken = json!({
                    "outcome": "taken", "added": added, "followed": followed, "unchanged": unchanged,
                    "telegrams_decoded": decoded,
                });
                writeln!(out, "{taken}")?;
                return Ok(Outcome::Done);
            }
            writeln!(
                out,
                "{} added, {followed} that follow another, {unchanged} there already",
                counted(*added, "key")
            )?;
            if let Some(count) = decoded.filter(|count| *count > 0) {
                writeln!(out, "{} that waited for a key decoded now", counted(count, "telegram"))?;
            }
            Ok(Outcome::Done)
        }
        KeysOutcome::Conflicts(clashes) => {
            for clash in clashes {
                if json {
                    let said = json!({
                        "outcome": "conflict", "line": clash.line, "meter": clash.meter.to_string(),
                        "reason": clash.reason,
                    });
                    writeln!(out, "{said}")?;
                } else {
                    note(format_args!("entry at {}: {}: {}", clash.line, clash.meter, clash.reason));
                }
            }
            note(format_args!("none of the keys is kept; correct the file and bring it again"));
            Ok(Outcome::Refused)
        }
    }
}

async fn list(
    arguments: &Arguments,
    meter: Option<MeterNumber>,
    actor: &str,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match list_keys(&workspace, &ActorId::parse(actor)?, meter, now()).await? {
        Answer::Given(lines) => {
            print_list(&lines, json)?;
            Ok(Outcome::Done)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn print_list(lines: &[KeyLine], json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        for line in lines {
            writeln!(out, "{}", line_json(line))?;
        }
        return Ok(());
    }
    let mut table =
        Table::new(&["meter", ">slot", ">version", "from", "to", ">uses", "last used", "fingerprint"]);
    let day = |day: Option<Date>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    for line in lines {
        table.row(vec![
            line.meter.to_string(),
            line.meter.slot_word(line.slot),
            line.key_version.to_string(),
            day(line.from),
            day(line.to),
            line.uses.to_string(),
            line.last_used.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%dT%H:%MZ").to_string()),
            line.fingerprint.clone(),
        ]);
    }
    write!(out, "{table}")?;
    Ok(())
}

fn line_json(line: &KeyLine) -> Value {
    let mut said = match line.meter {
        KeyMeter::Mbus { manufacturer, number, version, medium } => json!({
            "manufacturer": manufacturer.to_string(),
            "id": number.to_string(),
            "version": version,
            "type": medium.map(|Medium(medium)| medium),
            "slot": line.slot,
        }),
        KeyMeter::Title(title) => {
            json!({ "system_title": title.to_string(), "slot": line.meter.slot_word(line.slot) })
        }
    };
    let rest = json!({
        "key_version": line.key_version,
        "from": line.from.map(|day| day.to_string()),
        "to": line.to.map(|day| day.to_string()),
        "uses": line.uses,
        "last_used": line.last_used.map(|at| at.to_string()),
        "fingerprint": line.fingerprint,
    });
    if let (Value::Object(said), Value::Object(rest)) = (&mut said, rest) {
        said.extend(rest);
    }
    said
}

async fn export(arguments: &Arguments, command: &KeyExportCommand) -> Result<Outcome, CommandFault> {
    match command {
        KeyExportCommand::Ask { area, party, reason, actor, json } => {
            let actor = ActorId::parse(actor)?;
            let (area, party, reason) = (area.clone(), party.clone(), reason.clone());
            let workspace = open_existing(arguments).await?;
            let ask = KeyExportAsk { actor, area, party, reason };
            match ask_key_export(&workspace, &ask, now()).await? {
                Answer::Given(view) => print_view(&view, *json),
                Answer::Refused(refuse) => Ok(refused(&refuse)),
            }
        }
        KeyExportCommand::Show { number, json } => {
            let workspace = open_existing(arguments).await?;
            print_view(&show_key_export(&workspace, *number).await?, *json)
        }
        KeyExportCommand::Approve { number, hash, actor } => {
            let workspace = open_existing(arguments).await?;
            let actor = ActorId::parse(actor)?;
            match approve_key_export(&workspace, &actor, (*number, hash), now()).await? {
                KeyExportOutcome::Done(()) => {
                    writeln!(std::io::stdout(), "request {number} is approved; the keys may be written")?;
                    Ok(Outcome::Done)
                }
                KeyExportOutcome::Refused(why) => Ok(not_now(*number, why)),
            }
        }
        KeyExportCommand::Write { number, file, to_recipient, in_the_clear: _, actor } => {
            let workspace = open_existing(arguments).await?;
            // The command line has one of the two.
            let form = to_recipient.clone().map_or(KeyExportForm::Clear, KeyExportForm::Sealed);
            write(&workspace, (*number, &form), file, &ActorId::parse(actor)?).await
        }
    }
}

fn not_now(number: u64, why: &str) -> Outcome {
    note(format_args!("request {number}: {why}"));
    Outcome::Refused
}

/// The file is made before the keys leave the store: keys that are handed out must have a place to go.
async fn write(
    workspace: &Workspace,
    (number, form): (u64, &KeyExportForm),
    path: &Path,
    actor: &ActorId,
) -> Result<Outcome, CommandFault> {
    let unwritable = |source| CommandFault::File { path: path.to_owned(), source };
    let mut file = private(path).map_err(unwritable)?;
    let written = write_key_export(workspace, actor, (number, form), now()).await;
    let outcome = match written {
        Ok(Answer::Given(KeyExportOutcome::Done(export))) => {
            file.write_all(&export.bytes).and_then(|()| file.sync_all()).map_err(unwritable)?;
            let keys = counted(export.keys, "key");
            let told = match form {
                KeyExportForm::Sealed(_) => "sealed and written; give the file to its owner",
                KeyExportForm::Clear => "written in the clear; give the file to its owner and delete it here",
            };
            writeln!(std::io::stdout(), "{keys} {told}")?;
            return Ok(Outcome::Done);
        }
        Ok(Answer::Given(KeyExportOutcome::Refused(why))) => Ok(not_now(number, why)),
        Ok(Answer::Refused(refuse)) => Ok(refused(&refuse)),
        Err(fault) => Err(fault.into()),
    };
    std::fs::remove_file(path).map_err(unwritable)?;
    outcome
}

/// A new file that only this user can read.
fn private(path: &Path) -> Result<std::fs::File, std::io::Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn print_view(view: &KeyExportView, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", view_json(view))?;
        return Ok(Outcome::Done);
    }
    let approver = view.approver.as_ref().map_or_else(String::new, |actor| format!(" by {actor}"));
    let of = view.area.as_ref().map_or_else(|| "all meters".to_owned(), |area| format!("`{area}`"));
    writeln!(
        out,
        "request {} of {} by {}: {}{approver}",
        view.number, view.asked, view.asked_by, view.state
    )?;
    let keys = counted(view.keys, "key");
    writeln!(out, "  {keys} of {} for {}: {}", plain(&of), view.party, plain(&view.reason))?;
    writeln!(out, "  hash {}", view.hash)?;
    Ok(Outcome::Done)
}

fn view_json(view: &KeyExportView) -> Value {
    json!({
        "request": view.number,
        "asked": view.asked.to_string(),
        "asked_by": view.asked_by.as_str(),
        "area": view.area,
        "party": view.party.as_str(),
        "reason": view.reason,
        "keys": view.keys,
        "hash": view.hash,
        "state": view.state,
        "approver": view.approver.as_ref().map(ActorId::as_str),
    })
}
