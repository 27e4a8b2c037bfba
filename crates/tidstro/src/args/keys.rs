//! The command line of `keys`, `quarantine` and `decode-again`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tidstro_flows::KeyRecipient;
use tidstro_govern::PartyId;
use tidstro_model::MeterNumber;

use super::day;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Bring keys in, all of a file or none
    ///
    /// The file is CSV with the header `manufacturer,id,version,type,key`, which may go on with `slot,from,to`; TOML with
    /// `[[key]]` tables of the same names; or Kamstrup's KEM. A key that is there already changes nothing. Telegrams
    /// that waited for a key are decoded at once.
    Import(KeysTake),
    /// Which keys there are: whose, slot, version, days, uses and fingerprint; never a key
    List {
        /// One meter number, of whatever manufacturer
        #[arg(long, value_name = "NUMBER", value_parser = meter_number)]
        meter: Option<MeterNumber>,
        /// Who asks: an actor that keeps keys
        #[arg(long)]
        actor: String,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Bring keys that follow those the meters have
    ///
    /// Each holds from a day on, its own or `--from`. The one before it ends there, and stays for telegrams that come late.
    Rotate {
        #[command(flatten)]
        take: KeysTake,
        /// The first local day of the new keys, where the file names none
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Option<Date>,
    },
    /// Hand keys to their owner: one asks, another approves, then the file is written
    #[command(subcommand)]
    Export(KeyExportCommand),
}

#[derive(Debug, Args)]
pub(crate) struct KeysTake {
    /// The key file
    pub(crate) file: PathBuf,
    /// A file with the password of a KEM file; its line end is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Who brings them: an actor that keeps keys
    #[arg(long)]
    pub(crate) actor: String,
    /// Who decodes what waited for them
    #[arg(long, default_value = "job:ingest", value_name = "ACTOR")]
    pub(crate) reader: String,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyExportCommand {
    /// Ask for the keys of an area, or of all meters; shows the hash that an approval names
    Ask {
        /// One building or grid area, by name; default: all meters
        #[arg(long, value_name = "NAME")]
        area: Option<String>,
        /// Who gets the keys: a party of the register
        #[arg(long = "for-party", value_name = "PARTY", value_parser = party)]
        party: PartyId,
        /// Why, in words without names
        #[arg(long)]
        reason: String,
        /// Who asks: an actor that hands keys out
        #[arg(long)]
        actor: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show a request, and how far it has come
    Show {
        /// Its number
        number: u64,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Approve a request by its hash; somebody else than who asked
    Approve {
        /// Its number
        number: u64,
        /// Its hash, as `keys export show` shows it
        hash: String,
        /// Who approves: an actor with a role that the register lets approve
        #[arg(long)]
        actor: String,
    },
    /// Write the keys of an approved request into a file that only this user can read, once
    Write {
        /// Its number
        number: u64,
        /// The file; it must not be there yet
        file: PathBuf,
        /// The public key of whoever gets the file, as `age-keygen` prints it: only they open it, with `age --decrypt`
        #[arg(long, value_name = "AGE1…", value_parser = recipient, required_unless_present = "in_the_clear")]
        to_recipient: Option<KeyRecipient>,
        /// Seal nothing: whoever finds the file reads the keys, and the log says that it was so
        #[arg(long, conflicts_with = "to_recipient")]
        in_the_clear: bool,
        /// Who writes: an actor that hands keys out
        #[arg(long)]
        actor: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    /// Who asks
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register
    #[arg(long, default_value = "validation")]
    pub(crate) purpose: String,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DecodeAgain {
    /// The first local day of reception to decode again
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) since: Date,
    /// Keys of meters beside the stored ones: CSV or TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// Who decodes
    #[arg(long, default_value = "job:ingest")]
    pub(crate) actor: String,
    /// The report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

fn meter_number(text: &str) -> Result<MeterNumber, String> {
    MeterNumber::parse(text).map_err(|fault| format!("`{text}` {fault}"))
}

fn recipient(text: &str) -> Result<KeyRecipient, String> {
    KeyRecipient::parse(text).map_err(|fault| format!("`{text}` {fault}"))
}

fn party(text: &str) -> Result<PartyId, String> {
    PartyId::parse(text).map_err(|fault| fault.to_string())
}
