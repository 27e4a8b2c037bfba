//! The command line.

mod account;
mod alarms;
mod building;
mod collect;
mod correct;
mod counters;
mod cycle;
mod estimate;
mod event;
mod export;
mod ingest;
mod inputs;
mod keys;
mod log;
mod master;
mod migrate;
mod notice;
mod retention;
mod rules;
mod serve;
mod settle;
mod silent;
mod validate;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use tidstro_govern::log::Fingerprint;
use tidstro_model::Resolution;

pub(crate) use account::{AccountCommand, ByArguments, Decision, ReviewCommand, TokenCommand};
pub(crate) use alarms::Alarms;
pub(crate) use building::{BuildingBy, BuildingCommand};
pub(crate) use collect::Collect;
pub(crate) use correct::Correct;
pub(crate) use counters::CountersCommand;
pub(crate) use cycle::{Cycle, Release};
pub(crate) use estimate::Estimate;
pub(crate) use event::{ClockCommand, EventAside, EventCommand, EventList, EventRecord};
pub(crate) use export::{Export, What};
pub(crate) use ingest::Ingest;
pub(crate) use inputs::Inputs;
pub(crate) use keys::{DecodeAgain, KeyExportCommand, KeysCommand, KeysTake, Quarantine};
pub(crate) use log::{LogConcerning, LogSearch, LookArguments, Wanted};
pub(crate) use master::{GsrnCheck, MasterCommand};
pub(crate) use migrate::Migrate;
pub(crate) use notice::{FormArguments, Format, RecordRole};
pub(crate) use retention::RetentionCommand;
pub(crate) use rules::RulesCommand;
pub(crate) use serve::Serve;
pub(crate) use settle::{ChildArguments, Level, SettleArguments, SettleCommand};
pub(crate) use silent::Silent;
pub(crate) use validate::{DecisionWord, Findings, Validate};

/// Reads remote meters under law: decodes, keeps, validates and discloses what they said.
#[derive(Debug, Parser)]
#[command(name = "tidstro", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Folder of the database and its keys
    #[arg(long, global = true, default_value = "tidstro-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Register of processing activities, a file or a folder of them; default: the data folder's
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) register: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a town, read its meters, and show what came of it
    Demo(Demo),
    /// Decode telegrams to readings; keeps nothing
    Decode(Decode),
    /// Keep telegrams or interval data: raw first, decoded second
    Ingest(Ingest),
    /// Ask electricity meters for what they measured, every six hours
    ///
    /// Clock, load profile and event logs over DLMS, from the last stored interval to the end of the cycle. Meters that do not answer are
    /// asked again. Stopped or killed at any moment, the same command goes on where it was.
    Collect(Collect),
    /// Decode kept telegrams once more: what says something new becomes a version
    ///
    /// After a new version of the program, or when layouts or keys have changed. Nothing that is registered changes in place;
    /// the same command again adds nothing.
    DecodeAgain(DecodeAgain),
    /// The keys of meters: bring, list, let follow, hand out
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Who may log in: accounts, codes for letters, tokens of other programs, reviews of access
    #[command(subcommand)]
    Account(AccountCommand),
    /// The counters by which a telegram that is sent again is known
    #[command(subcommand)]
    Counters(CountersCommand),
    /// Master data of points, suppliers, devices and people: in, out, and checked
    #[command(subcommand)]
    Master(MasterCommand),
    /// Which types of meters send what gives no reading, and why
    Quarantine(Quarantine),
    /// What became of what was ingested: files and streams, the newest first
    ///
    /// How much of each was kept, and how many lines were refused for which reason. One that was cut short is `not ended`: the same
    /// command again does the rest.
    Inputs(Inputs),
    /// What is kept, for whoever may see it
    #[command(subcommand)]
    Series(Series),
    /// Series of an area, or its settlement, as Parquet files for analysts
    ///
    /// Files `area=…/month=…/part-N.parquet`, which DuckDB, DataFusion and Spark read as one table. A pseudonym stands for a metering
    /// point: the same one in every export for one purpose and recipient within a year, another one for another.
    Export(Export),
    /// The portal: pages for residents and staff
    Serve(Serve),
    /// Settlement: sums of a grid area for the electricity market
    #[command(subcommand)]
    Settle(SettleCommand),
    /// The rules that values are judged by as they come
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Judge what is kept anew, or say what other rules would find in it
    ///
    /// Days whose marks change get a new version; no value changes. Days that others were given stay, unless `--reopen` says why.
    /// Stopped at any moment, the same command does the rest. With `--dry-run` it counts what comes and goes by rule, lists it with
    /// what was compared, and changes nothing. The days before those asked for are judged too.
    Validate(Validate),
    /// What the rules of validation found, by rule, with why
    ///
    /// `--queue` tells what waits for a decision, by cause, and `--decide` estimates or accepts the days of one cause. What is decided waits no more;
    /// a value that comes later is judged anew.
    Findings(Findings),
    /// Say what a value is, or withdraw it: a new version, with your reason
    ///
    /// Only the intervals named change, each at its own moment, and what was known before stays readable.
    Correct(Correct),
    /// Make values for intervals that have none, from the values around them and on like days
    ///
    /// Between two readings of the register the estimates sum up to what it says passed. Measured values stay as they are, and
    /// one that comes later takes the place of its estimate.
    Estimate(Estimate),
    /// Meters that have fallen silent
    Silent(Silent),
    /// Buildings as their administrator sees them: whether meters are read, who lives where, who gets letters
    #[command(subcommand)]
    Building(BuildingCommand),
    /// How far operating days have come: what is there, what is out, what is late
    ///
    /// For each grid area and operating day how many interval series have nothing, are there in part, are whole, validated,
    /// estimated or released, and how long there is until the deadline (D.1: fifth working day, 21:00). `--check` is for a
    /// monitor, `--list` names the points behind a number.
    Cycle(Cycle),
    /// Let operating days go out: the newest versions are final, and what changes later corrects
    ///
    /// Days whose values are all there and that no rule stands against, or that are estimated. What is left is counted by its
    /// state. The same command again releases what has changed since, as corrections.
    Release(Release),
    /// Alarms of meters, the most severe first, and storms behind transformers
    Alarms(Alarms),
    /// The register of processing activities
    #[command(subcommand)]
    Register(RegisterCommand),
    /// What happened in cases, and to the leases of subjects
    #[command(subcommand)]
    Event(EventCommand),
    /// What must be done by when
    #[command(subcommand)]
    Clock(ClockCommand),
    /// The measures of the register, and whether they work
    #[command(subcommand)]
    Control(ControlCommand),
    /// What nobody keeps any more: preview, approval, erasure, certificate
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// The log of every use, and of what decides
    #[command(subcommand)]
    Log(Log),
    /// Move the data set to another place: a folder, or a database on a server
    ///
    /// Every row is counted and compared at the end; then the new place is open to use and the old one no longer is.
    /// Interrupted at any point, the same command goes on. Stop every program that uses the old place first. The master
    /// key and the register's file stay where they are.
    Migrate(Migrate),
    /// Print the SQL that makes the roles of a PostgreSQL database
    DatabaseRoles,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ControlCommand {
    /// Run the probe of every control, and tell who attests or what prints the others
    Check {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Same seed, same town
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Flats, at least 24
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(24..=60_000))]
    pub(crate) flats: u32,
    /// Local days, at least 14
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(14..=3_660))]
    pub(crate) days: u32,
    /// Electricity metering points, at least 200
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(200..=100_000))]
    pub(crate) points: u32,
    /// First local day; default: so that the last clock change lies in the middle
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) first_day: Option<Date>,
    /// Stop after the summary; without it the portal of the town is served until Ctrl-C
    #[arg(long)]
    pub(crate) no_serve: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// Lines of hex, rtl-wmbus or JSON, or P1 telegrams; `-` for standard input
    pub(crate) file: PathBuf,
    /// Keys of meters: CSV or TOML with manufacturer, id, version, type, key; or `system_title`, encryption,
    /// authentication; or both
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// One JSON object per reading
    #[arg(long)]
    pub(crate) json: bool,
    /// Read payloads that are in the clear although their header announces encryption
    #[arg(long)]
    pub(crate) assume_decrypted: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Series {
    /// Which series there are
    List(SeriesArguments),
    /// The values of series
    Show(SeriesArguments),
    /// Where a value comes from: every version of it, with when, why and by whom
    Why {
        #[command(flatten)]
        asked: SeriesArguments,
        /// Start of the interval, or instant of the reading, such as 2026-03-31T12:00:00Z
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        at: jiff::Timestamp,
        /// A file of intervals that was taken in: tell which of its lines said so
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Put the days of closed months together
    ///
    /// What is read stays the same, with every version; it takes less room and is read faster. It may be stopped at any point
    /// and runs beside everything else: the same command goes on. Not while a retention run is unfinished.
    Compact(SeriesCompact),
}

#[derive(Debug, Args)]
pub(crate) struct SeriesCompact {
    /// One building or grid area, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) area: Option<String>,
    /// Months before this one; default: those whose days are all more than two weeks ago
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub(crate) before: Option<Date>,
    /// Who does it: an actor with a role that stores series
    #[arg(long, default_value = "job:ingest")]
    pub(crate) actor: String,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who asks for what, and what for.
#[derive(Debug, Args)]
pub(crate) struct SeriesArguments {
    /// Who asks: `staff:…`, `job:…` or `resident:N`
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register
    #[arg(long)]
    pub(crate) purpose: String,
    /// Which category of data
    #[arg(long, default_value = "consumption")]
    pub(crate) category: String,
    /// One metering point, by its identifier or GSRN
    #[arg(long, value_name = "ID", conflicts_with = "area")]
    pub(crate) point: Option<String>,
    /// One building or grid area, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) area: Option<String>,
    /// One series, by number
    #[arg(long, value_name = "N")]
    pub(crate) series: Option<u32>,
    /// First local day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// First local day after
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// raw, PT15M, PT1H, P1D, P1M or P1Y
    #[arg(long, default_value = "P1D", value_parser = resolution)]
    pub(crate) resolution: Resolution,
    /// As it was known at this instant, such as 2026-03-31T12:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) as_of: Option<jiff::Timestamp>,
    /// To whom the answer would be handed: a party of the register, or `PARTY@COUNTRY`
    #[arg(long = "for-party", value_name = "PARTY", value_parser = recipient)]
    pub(crate) recipient: Option<tidstro_govern::Recipient>,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegisterCommand {
    /// Check a register
    Check {
        /// The file, or the folder whose files are read as one; default: the one in use
        path: Option<PathBuf>,
        /// The answer as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// What a change of the register changes; exit code 1 if it widens anything
    ///
    /// Compares two registers by their meaning: who may do more, what is kept longer, who is given data,
    /// which obligations become weaker. Comments and the order of things are no change. Exit code 0: nothing
    /// widens; 1: something does, and the new register needs an approval to become active.
    Diff {
        /// The register it was: a file or a folder
        old: PathBuf,
        /// The register it becomes: a file or a folder
        new: PathBuf,
        /// The answer as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Approve what a register widens, compared with the one that decides
    Approve {
        /// The register: a file or a folder
        path: PathBuf,
        /// Who approves: an actor with a role that the deciding register lets approve
        #[arg(long)]
        actor: String,
    },
    /// Make a register the one that decides in the data folder
    Activate {
        /// The register: a file or a folder
        path: PathBuf,
        /// Who does it: an actor of the deciding register
        #[arg(long)]
        actor: String,
    },
    /// Which rows of an obligations list the register serves, and by what; exit code 1 if one is forgotten
    Coverage {
        /// The list: YAML with `obligations`, each with `id`, `kind` and `text`
        list: PathBuf,
        /// A register, as a file or a folder; may be given several times; default: the one in use
        #[arg(long, value_name = "PATH")]
        register: Vec<PathBuf>,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// The privacy notice, made from the register
    ///
    /// What GDPR articles 13 and 14 ask: purposes, bases, data, recipients, retention, and the rights that follow
    /// from the bases. The version is the hash of the register.
    Notice {
        /// One notice of the register, by its id; default: all activities in one
        #[arg(long, value_name = "ID")]
        notice: Option<String>,
        #[command(flatten)]
        form: FormArguments,
    },
    /// The record of processing activities, made from the register
    ///
    /// What GDPR article 30 asks: of a controller (paragraph 1), or of the operator as a processor (paragraph 2).
    Record {
        /// Whose record; default: as a processor if the operator acts for others
        #[arg(long)]
        role: Option<RecordRole>,
        /// The controller, by its name in the register
        #[arg(long, value_name = "PARTY")]
        controller: Option<String>,
        #[command(flatten)]
        form: FormArguments,
    },
    /// Why the gate says yes or no
    Explain {
        #[command(flatten)]
        asked: SeriesArguments,
        /// What would be done: collect, store, read, compute, export, correct or erase
        #[arg(long, default_value = "read", value_parser = operation)]
        operation: tidstro_govern::Operation,
        /// Draw the leases of one subject over time instead: a reference of master data, or `me`
        #[arg(long, value_name = "REF", conflicts_with_all = ["point", "area", "series", "from", "to", "as_of"])]
        subject: Option<String>,
        /// The drawing as an SVG image
        #[arg(long, value_name = "FILE", requires = "subject")]
        svg: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Recompute every hash and check every signature
    Verify {
        /// A bundle to check instead; no data folder is needed
        bundle: Option<PathBuf>,
        /// Fingerprint that the bundle's key must have
        #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint, requires = "bundle")]
        key: Option<Fingerprint>,
        /// The report as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the whole log into a file that anybody can check
    Export {
        /// The file; it must not be there yet
        bundle: PathBuf,
        /// The report as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take in events that another program reports
    Import {
        /// JSON lines with at, kind, subjects, case, detail and prior; `-` for standard input
        file: PathBuf,
        /// Which program reports: an actor of the register
        #[arg(long)]
        actor: String,
        /// The report as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Look for events: by who, what for, kind and days, the newest first
    ///
    /// Asks for a purpose that reads what was kept aside as evidence. That somebody looked, and for what, is an
    /// event too.
    Search(Box<LogSearch>),
    /// Who used a person's data, when, in which role and what for
    ///
    /// Uses that name the person; asks for a whole building or grid area name nobody. What the person did is left out.
    Concerning(Box<LogConcerning>),
}

fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    Fingerprint::parse(text)
        .ok_or_else(|| "write the 64 hexadecimal digits that `log verify` shows".to_owned())
}

fn language(text: &str) -> Result<tidstro_govern::Language, String> {
    tidstro_govern::Language::from_word(text).ok_or_else(|| "write one of da, de, en".to_owned())
}

fn resolution(text: &str) -> Result<Resolution, String> {
    Resolution::from_code(text).ok_or_else(|| {
        let codes: Vec<_> = Resolution::ALL.iter().map(|resolution| resolution.code()).collect();
        format!("write one of {}", codes.join(", "))
    })
}

/// A local day. A clock time would be dropped in silence, so it is refused.
fn day(text: &str) -> Result<Date, String> {
    let fault = |reason: &dyn std::fmt::Display| format!("{reason}; write a local day such as 2026-03-31");
    if text.len() != "2026-03-31".len() {
        return Err(fault(&format_args!("has {} characters, a day has 10", text.chars().count())));
    }
    text.parse().map_err(|reason: jiff::Error| fault(&reason))
}

/// A month, by its first day.
fn month(text: &str) -> Result<Date, String> {
    if text.len() != "2026-03".len() {
        return Err("write a month such as 2026-03".to_owned());
    }
    day(&format!("{text}-01")).map_err(|_| "write a month such as 2026-03".to_owned())
}

/// A party, and after `@` the country the data would go to.
fn recipient(text: &str) -> Result<tidstro_govern::Recipient, String> {
    let (party, country) =
        text.split_once('@').map_or((text, None), |(party, country)| (party, Some(country)));
    let party = tidstro_govern::PartyId::parse(party).map_err(|fault| fault.to_string())?;
    let country = country.map(|code| {
        let read = tidstro_govern::Country::parse(code);
        read.ok_or_else(|| format!("`{code}` is not a country; write its two capital letters, such as `DK`"))
    });
    Ok(tidstro_govern::Recipient { party, country: country.transpose()? })
}

fn instant(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse()
        .map_err(|reason: jiff::Error| format!("{reason}; write an instant such as 2026-03-31T12:00:00Z"))
}

fn operation(text: &str) -> Result<tidstro_govern::Operation, String> {
    tidstro_govern::Operation::from_word(text)
        .ok_or_else(|| "write one of collect, store, read, compute, export, correct, erase".to_owned())
}
