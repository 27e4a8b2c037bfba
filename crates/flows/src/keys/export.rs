//! Handing keys out: one asks, another approves by the hash, then the file is made.
//!
//! This file opens the keys of an approved request (see `tests/doors.rs`), to write them into the file their owner gets
//! (HeizkostenV § 5(5)). Never: the file without both people, or a second time.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date};
use tidstro_govern::log::{hex, unhex};
use tidstro_govern::{Ask, Operation, PartyId, Recipient, Target};
use tidstro_model::{ActivityId, ActorId, AreaNo, CategoryId, DayRange, Medium};
use tidstro_store::{Decided, ExportForm, ExportedKey, KeyApproval, KeyExport, KeyExportWritten};
use zeroize::Zeroizing;

use super::{KEYS, KeyMeter, KeyRecipient};
use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// The purpose keys are handed out for.
const KEY_HANDOVER: &str = "key-handover";

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyExportAsk {
    /// Who asks.
    pub actor: ActorId,
    /// Of the meters of which building or grid area, by name; `None` for all.
    pub area: Option<String>,
    /// Who gets the keys: a party of the register.
    pub party: PartyId,
    /// Why, in words.
    pub reason: String,
}

/// A request, for whoever approves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyExportView {
    /// Its number.
    pub number: u64,
    /// When it was asked for.
    pub asked: Timestamp,
    /// By whom.
    pub asked_by: ActorId,
    /// Of which area, by name; `None` for all.
    pub area: Option<String>,
    /// Who gets the keys.
    pub party: PartyId,
    /// Why.
    pub reason: String,
    /// How many keys.
    pub keys: u64,
    /// What an approval names, as 64 hexadecimal digits.
    pub hash: String,
    /// `asked`, `approved` or `written`.
    pub state: &'static str,
    /// Who approved it.
    pub approver: Option<ActorId>,
}

/// What became of an approval or of handing out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyExportOutcome<T> {
    /// It is done.
    Done(T),
    /// No: the reason and what to do.
    Refused(&'static str),
}

/// What the file is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyExportForm {
    /// Only the recipient opens it: a file of `age` that holds the CSV.
    Sealed(KeyRecipient),
    /// CSV, for whoever finds it. The log says so.
    Clear,
}

/// The file with the keys. Its bytes are wiped when dropped.
pub struct KeyExportFile {
    /// A key file in CSV, as `keys import` reads it, or the sealed form of one.
    pub bytes: Zeroizing<Vec<u8>>,
    /// How many keys.
    pub keys: u64,
}

/// Writes a request down.
///
/// # Errors
/// [`FlowFault::UnknownArea`]; or if the store fails.
pub async fn ask_key_export(
    workspace: &Workspace,
    ask: &KeyExportAsk,
    now: Timestamp,
) -> Result<Answer<KeyExportView>, FlowFault> {
    let area = match &ask.area {
        Some(name) => Some(area_called(workspace, name).await?),
        None => None,
    };
    let permit = granted!(handover(workspace, &ask.actor, (area, &ask.party), now).await?);
    let export = workspace.store.ask_key_export(&permit, ask.reason.clone(), now).await?;
    Ok(Answer::Given(view(workspace, export).await?))
}

/// A request by its number.
///
/// # Errors
/// [`FlowFault`] for a number that is not there, or if the store fails.
pub async fn show_key_export(workspace: &Workspace, number: u64) -> Result<KeyExportView, FlowFault> {
    view(workspace, workspace.store.key_export(number).await?).await
}

/// Approves a request by its hash.
///
/// # Errors
/// [`FlowFault`] for a number that is not there, or if the store fails.
pub async fn approve_key_export(
    workspace: &Workspace,
    actor: &ActorId,
    (number, hash): (u64, &str),
    now: Timestamp,
) -> Result<KeyExportOutcome<()>, FlowFault> {
    let Some(hash) = unhex(hash) else {
        return Ok(KeyExportOutcome::Refused("a hash has 64 hexadecimal digits; copy the request's"));
    };
    let approval = workspace.store.approve_key_export(number, hash, actor.clone(), now).await?;
    Ok(match approval {
        KeyApproval::Given => KeyExportOutcome::Done(()),
        KeyApproval::NotAnApprover => KeyExportOutcome::Refused(
            "the actor has no role that the register lets approve; ask somebody who has",
        ),
        KeyApproval::OwnRequest => {
            KeyExportOutcome::Refused("who asked for the keys cannot approve it; ask somebody else")
        }
        KeyApproval::NotWaiting => {
            KeyExportOutcome::Refused("the request is approved already, or was handed out; ask anew")
        }
        KeyApproval::OtherHash => {
            KeyExportOutcome::Refused("the hash is not this request's; look at the request and compare")
        }
    })
}

/// Makes the file of an approved request, once. It is a fact in the log, with its form, when this returns.
///
/// # Errors
/// [`FlowFault`] for a number that is not there, or if the store fails.
pub async fn write_key_export(
    workspace: &Workspace,
    actor: &ActorId,
    (number, form): (u64, &KeyExportForm),
    now: Timestamp,
) -> Result<Answer<KeyExportOutcome<KeyExportFile>>, FlowFault> {
    let export = workspace.store.key_export(number).await?;
    let permit = granted!(handover(workspace, actor, (export.area, &export.party), now).await?);
    let said = match form {
        KeyExportForm::Sealed(_) => ExportForm::Sealed,
        KeyExportForm::Clear => ExportForm::Clear,
    };
    let written = workspace.store.write_key_export(&permit, (number, said), now).await?;
    Ok(Answer::Given(match written.open(&permit)? {
        KeyExportWritten::Keys(keys) => {
            KeyExportOutcome::Done(KeyExportFile { bytes: file(&keys, form)?, keys: keys.len() as u64 })
        }
        KeyExportWritten::NotApproved => {
            KeyExportOutcome::Refused("nobody has approved the request; have it approved first")
        }
        KeyExportWritten::AlreadyWritten => {
            KeyExportOutcome::Refused("the keys were handed out before; ask anew")
        }
        KeyExportWritten::Changed => {
            KeyExportOutcome::Refused("the keys or their meters have changed since the request; ask anew")
        }
        KeyExportWritten::OtherTarget => {
            KeyExportOutcome::Refused("the request is for another area or party; ask anew")
        }
    }))
}

async fn handover(
    workspace: &Workspace,
    actor: &ActorId,
    (area, party): (Option<AreaNo>, &PartyId),
    now: Timestamp,
) -> Result<Decided, FlowFault> {
    let (category, resolution) = KEYS;
    let ask = Ask {
        actor: actor.clone(),
        purpose: ActivityId::parse(KEY_HANDOVER)?,
        operation: Operation::Export,
        category: CategoryId::parse(category)?,
        target: area.map_or(Target::Everything, Target::Area),
        days: DayRange::always(),
        resolution,
        recipient: Some(Recipient { party: party.clone(), country: None }),
        factors: 1,
    };
    Ok(workspace.store.permit(ask, now).await?)
}

async fn area_called(workspace: &Workspace, name: &str) -> Result<AreaNo, FlowFault> {
    let areas = workspace.store.areas().await?;
    let area = areas.iter().find(|area| area.name == name);
    area.map(|area| area.area).ok_or_else(|| FlowFault::UnknownArea { name: name.to_owned() })
}

async fn view(workspace: &Workspace, export: KeyExport) -> Result<KeyExportView, FlowFault> {
    let areas = workspace.store.areas().await?;
    let name = |number| areas.iter().find(|area| area.area == number).map(|area| area.name.clone());
    Ok(KeyExportView {
        number: export.number,
        asked: export.asked,
        asked_by: export.asked_by,
        area: export.area.and_then(name),
        party: export.party,
        reason: export.reason,
        keys: export.keys,
        hash: hex(&export.hash),
        state: export.state.word(),
        approver: export.approver,
    })
}

/// The bytes of the file.
fn file(keys: &[ExportedKey], form: &KeyExportForm) -> Result<Zeroizing<Vec<u8>>, FlowFault> {
    let text = csv(keys);
    Ok(Zeroizing::new(match form {
        KeyExportForm::Sealed(recipient) => recipient.seal(text.as_bytes())?,
        KeyExportForm::Clear => text.as_bytes().to_vec(),
    }))
}

/// A key file as [`parse_keys`](super::parse_keys) reads it: keys of M-Bus meters, then keys of DLMS meters under a
/// header of their own.
fn csv(keys: &[ExportedKey]) -> Zeroizing<String> {
    const LINE: usize = 160;
    // Room for everything, so that no shorter text with keys in it is left behind.
    let mut text = Zeroizing::new(String::with_capacity(LINE * (keys.len() + 2)));
    text.push_str("manufacturer,id,version,type,key,slot,from,to\n");
    keys.iter().for_each(|key| mbus_row(key, &mut text));
    if keys.iter().any(|key| matches!(key.holder.into(), KeyMeter::Title(_))) {
        text.push_str("system_title,encryption,authentication,broadcast,from,to\n");
    }
    keys.iter().for_each(|key| title_row(key, &mut text));
    text
}

// Writing into a string never fails.
fn mbus_row(key: &ExportedKey, text: &mut String) {
    let KeyMeter::Mbus { manufacturer, number, version, medium } = key.holder.into() else { return };
    let byte = |byte: Option<u8>| byte.map_or_else(String::new, |byte| format!("{byte:02X}"));
    let (version, medium) = (byte(version), byte(medium.map(|Medium(byte)| byte)));
    let _ = write!(text, "{manufacturer},{number},{version},{medium},");
    digits(key, text);
    let _ = writeln!(text, ",{:02X},{},{}", key.slot, day(key.from), day(key.to));
}

/// The key in the column of its slot.
fn title_row(key: &ExportedKey, text: &mut String) {
    let KeyMeter::Title(title) = key.holder.into() else { return };
    let _ = write!(text, "{title}");
    for slot in 0..3 {
        text.push(',');
        if slot == key.slot {
            digits(key, text);
        }
    }
    let _ = writeln!(text, ",{},{}", day(key.from), day(key.to));
}

fn digits(key: &ExportedKey, text: &mut String) {
    for byte in key.secret.bytes() {
        let _ = write!(text, "{byte:02X}");
    }
}

fn day(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}
