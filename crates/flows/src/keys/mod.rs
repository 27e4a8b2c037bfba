//! The keys of meters: brought in, listed, followed by others, handed to their owner.
//!
//! What comes in: key files and who brings them. What goes out: counts, lists that show no key, and, after two people agreed,
//! a file of keys. `ring` is what telegrams are decoded with. Never: a key in an answer that is not that file.

mod export;
mod file;
mod recipient;
mod ring;
mod titles;

use std::fmt;

use jiff::{Timestamp, civil::Date};
use tidstro_dlms::{KeyUse, TitleKey};
use tidstro_govern::Operation;
use tidstro_govern::log::hex;
use tidstro_model::{ActorId, Manufacturer, Medium, MeterNumber, Resolution, SystemTitle};
use tidstro_store::{
    Decided, KeyHolder, KeySecret, KeysTaken, MbusHolder, MeterKeyEntry, NewMeterKey, TakeHow as StoreTakeHow,
};
use tidstro_telegram::KeyFileEntry;

pub use export::{
    KeyExportAsk, KeyExportFile, KeyExportForm, KeyExportOutcome, KeyExportView, approve_key_export,
    ask_key_export, show_key_export, write_key_export,
};
pub use file::{KeyFile, KeysFault, parse_keys};
pub use recipient::{KeyRecipient, KeyRecipientFault};
pub(crate) use ring::StoredKeys;
pub(crate) use titles::{KeyPair, TitleKeys};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// The category of keys, seen whole.
const KEYS: (&str, Resolution) = ("meter-keys", Resolution::Raw);
/// The purpose keys are kept for.
const KEY_KEEPING: &str = "key-keeping";

/// Which meters a key is for: `KAM 12345678 v1B t07`, with `v*` or `t*` where it fits any version or type; or
/// `title 4B464D6750000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyMeter {
    /// Meters of M-Bus.
    Mbus {
        /// The manufacturer.
        manufacturer: Manufacturer,
        /// The meter number.
        number: MeterNumber,
        /// The version; `None` fits any.
        version: Option<u8>,
        /// The device type; `None` fits any.
        medium: Option<Medium>,
    },
    /// The DLMS meter with this system title.
    Title(SystemTitle),
}

impl KeyMeter {
    /// Which of the meter's keys a slot is: a number of M-Bus, a word of DLMS.
    #[must_use]
    pub fn slot_word(&self, slot: u8) -> String {
        let word = KeyUse::of_slot(slot).filter(|_| matches!(self, Self::Title(_))).map(KeyUse::word);
        word.map_or_else(|| slot.to_string(), str::to_owned)
    }
}

impl fmt::Display for KeyMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (manufacturer, number, version, medium) = match self {
            Self::Title(title) => return write!(f, "title {title}"),
            Self::Mbus { manufacturer, number, version, medium } => (manufacturer, number, version, medium),
        };
        write!(f, "{manufacturer} {number}")?;
        match version {
            Some(version) => write!(f, " v{version:02X}")?,
            None => f.write_str(" v*")?,
        }
        match medium {
            Some(Medium(medium)) => write!(f, " t{medium:02X}"),
            None => f.write_str(" t*"),
        }
    }
}

impl From<KeyHolder> for KeyMeter {
    fn from(holder: KeyHolder) -> Self {
        match holder {
            KeyHolder::Mbus(MbusHolder { manufacturer, number, version, medium }) => {
                Self::Mbus { manufacturer, number, version, medium }
            }
            KeyHolder::Title(title) => Self::Title(title),
        }
    }
}

/// How a file of keys is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeHow {
    /// New keys, and keys that follow others from the day they name.
    Import,
    /// Each follows a key that the meter has, from the day it names.
    Rotate,
}

/// What became of a file of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysOutcome {
    /// All are kept.
    Taken {
        /// Keys of meters or slots that had none.
        added: u64,
        /// Keys that follow another.
        followed: u64,
        /// Keys that were there already.
        unchanged: u64,
    },
    /// None is kept: these contradict what is there, in the order of the file.
    Conflicts(Vec<KeyClash>),
}

/// A key of a file that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyClash {
    /// Where it stands in its file.
    pub line: usize,
    /// Whose it is.
    pub meter: KeyMeter,
    /// Why not, and what to do.
    pub reason: String,
}

/// A key, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// Which meters it is for.
    pub meter: KeyMeter,
    /// Which of the meter's keys; 0 where it has one.
    pub slot: u8,
    /// 1, 2, … in the order in which the keys of a slot came.
    pub key_version: u32,
    /// The first local day it holds; `None` for ever so long ago.
    pub from: Option<Date>,
    /// The first local day it no longer holds; `None` where no end is known.
    pub to: Option<Date>,
    /// How many telegrams it opened.
    pub uses: u64,
    /// When it was last counted.
    pub last_used: Option<Timestamp>,
    /// 16 hexadecimal digits to compare: the same for the same key in this data folder.
    pub fingerprint: String,
}

/// Takes a file of keys in, all or none. The same file again changes nothing.
///
/// # Errors
/// [`FlowFault`] if the store fails; nothing is kept then.
pub async fn take_keys(
    workspace: &Workspace,
    actor: &ActorId,
    how: TakeHow,
    file: &KeyFile,
    now: Timestamp,
) -> Result<Answer<KeysOutcome>, FlowFault> {
    let (operation, how) = match how {
        TakeHow::Import => (Operation::Collect, StoreTakeHow::Import),
        TakeHow::Rotate => (Operation::Correct, StoreTakeHow::Rotate),
    };
    let permit = granted!(keeping(workspace, actor, operation, now).await?);
    let keys = file.meters.iter().map(new_key).chain(file.titles.iter().map(new_title_key)).collect();
    let taken = workspace.store.take_meter_keys(&permit, how, keys, now).await?;
    Ok(Answer::Given(match taken {
        KeysTaken::Taken { added, followed, unchanged } => KeysOutcome::Taken { added, followed, unchanged },
        KeysTaken::Conflicts(conflicts) => {
            let clash = |conflict: tidstro_store::KeyConflict| KeyClash {
                line: conflict.line,
                meter: conflict.holder.into(),
                reason: conflict.reason.to_string(),
            };
            KeysOutcome::Conflicts(conflicts.into_iter().map(clash).collect())
        }
    }))
}

/// Which keys there are, of every meter or of one meter number. The keys themselves are not shown.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn list_keys(
    workspace: &Workspace,
    actor: &ActorId,
    number: Option<MeterNumber>,
    now: Timestamp,
) -> Result<Answer<Vec<KeyLine>>, FlowFault> {
    let permit = granted!(keeping(workspace, actor, Operation::Read, now).await?);
    let listed = workspace.store.list_meter_keys(&permit, number.map(|number| number.0), now).await?;
    Ok(Answer::Given(listed.open(&permit)?.iter().map(line).collect()))
}

pub(crate) async fn keeping(
    workspace: &Workspace,
    actor: &ActorId,
    operation: Operation,
    now: Timestamp,
) -> Result<Decided, FlowFault> {
    workspace.permit_everything(actor, KEY_KEEPING, operation, KEYS, now).await
}

fn new_key(KeyFileEntry { entry, slot, from, to, line }: &KeyFileEntry) -> NewMeterKey {
    NewMeterKey {
        holder: KeyHolder::Mbus(MbusHolder {
            manufacturer: entry.manufacturer,
            number: entry.number,
            version: entry.version,
            medium: entry.medium,
        }),
        slot: *slot,
        from: *from,
        to: *to,
        secret: KeySecret::new(entry.key.bytes()),
        line: *line,
    }
}

fn new_title_key(TitleKey { title, used_for, key, from, to, line }: &TitleKey) -> NewMeterKey {
    NewMeterKey {
        holder: KeyHolder::Title(*title),
        slot: used_for.slot(),
        from: *from,
        to: *to,
        secret: KeySecret::new(key.bytes()),
        line: *line,
    }
}

fn line(entry: &MeterKeyEntry) -> KeyLine {
    let MeterKeyEntry { holder, slot, key_version, from, to, uses, last_used, fingerprint } = *entry;
    let fingerprint = hex(&fingerprint);
    KeyLine { meter: holder.into(), slot, key_version, from, to, uses, last_used, fingerprint }
}
