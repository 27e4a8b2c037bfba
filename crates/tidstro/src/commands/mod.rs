//! One file per command.

mod access_file;
mod account;
mod account_review;
mod account_token;
mod alarms;
mod aside;
mod beside;
mod building;
mod clock;
mod collect;
mod control;
mod correct;
mod counters;
mod coverage;
mod cycle;
mod database_roles;
mod decode;
mod decode_again;
mod demo;
mod estimate;
mod event;
mod export;
mod findings_queue;
mod ingest;
mod inputs;
mod keys;
mod leases;
mod live;
mod log;
mod log_search;
mod master;
mod master_telling;
mod migrate;
mod notice;
mod quarantine;
mod register;
mod register_files;
mod release;
mod retention;
mod rules;
mod series;
mod series_compact;
mod serve;
pub(crate) mod settle;
mod silent;
mod stop;
mod validate;
mod validate_kept;

use std::path::Path;

use jiff::Timestamp;
use tidstro_flows::{FlowFault, KeyFile, Opening, Workspace, is_on_server, parse_keys};
use tidstro_govern::RegisterFile;
use tidstro_telegram::KeyRing;

use crate::Outcome;
use crate::args::{Arguments, Command};
use crate::fault::CommandFault;
use crate::show::note;

/// Variable that holds the master key instead of the file in the data folder.
const MASTER_KEY_VARIABLE: &str = "TIDSTRO_MASTER_KEY";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, CommandFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &arguments.command {
            Command::Demo(demo) => demo::run(arguments, demo).await,
            Command::Decode(decode) => decode::run(decode),
            Command::Ingest(ingest) => ingest::run(arguments, ingest).await,
            Command::Collect(asked) => collect::run(arguments, asked).await,
            Command::DecodeAgain(again) => decode_again::run(arguments, again).await,
            Command::Keys(keys) => keys::run(arguments, keys).await,
            Command::Account(command) => account::run(arguments, command).await,
            Command::Counters(command) => counters::run(arguments, command).await,
            Command::Master(command) => master::run(arguments, command).await,
            Command::Inputs(asked) => inputs::run(arguments, asked).await,
            Command::Quarantine(asked) => quarantine::run(arguments, asked).await,
            Command::Series(series) => series::run(arguments, series).await,
            Command::Export(export) => export::run(arguments, export).await,
            Command::Serve(command) => serve::run(arguments, command).await,
            Command::Settle(command) => settle::run(arguments, command).await,
            Command::Rules(command) => rules::run(arguments, command).await,
            Command::Validate(asked) => validate::run(arguments, asked).await,
            Command::Findings(asked) => validate::findings(arguments, asked).await,
            Command::Estimate(asked) => estimate::run(arguments, asked).await,
            Command::Correct(correct) => correct::run(arguments, correct).await,
            Command::Silent(silent) => silent::run(arguments, silent).await,
            Command::Building(command) => building::run(arguments, command).await,
            Command::Cycle(asked) => cycle::run(arguments, asked).await,
            Command::Release(asked) => release::run(arguments, asked).await,
            Command::Alarms(alarms) => alarms::run(arguments, alarms).await,
            Command::Register(register) => register::run(arguments, register).await,
            Command::Event(event) => event::run(arguments, event).await,
            Command::Clock(clock) => clock::run(arguments, clock).await,
            Command::Control(control) => control::run(arguments, control).await,
            Command::Retention(retention) => retention::run(arguments, retention).await,
            Command::Log(log) => log::run(arguments, log).await,
            Command::Migrate(command) => migrate::run(command),
            Command::DatabaseRoles => database_roles::run(),
        }
    })
}

/// The present moment: the one place where the program reads the clock.
#[expect(clippy::disallowed_methods, reason = "the edge reads the clock once and passes the time on")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Opens the data folder to ask about what it holds. A folder without data is a slip in `--data`, not a
/// reason to make a database and its keys there.
pub(crate) async fn open_existing(arguments: &Arguments) -> Result<Workspace, CommandFault> {
    if !holds_data(&arguments.data) && !arguments.data.is_file() {
        return Err(CommandFault::NoData { folder: arguments.data.clone() });
    }
    open(arguments).await
}

/// Whether a folder holds a database, or the keys of one. Of a server, opening tells.
pub(crate) fn holds_data(folder: &Path) -> bool {
    is_on_server(folder) || ["tidstro.sqlite", "keys.sqlite"].iter().any(|file| folder.join(file).exists())
}

/// Opens the data folder, or makes it, and keeps the register in it if it is new.
pub(crate) async fn open(arguments: &Arguments) -> Result<Workspace, CommandFault> {
    if arguments.data.is_file() {
        return Err(CommandFault::NotAFolder { folder: arguments.data.clone() });
    }
    let files = register_files::in_use(arguments)?;
    let files = files.as_deref().map(register_files::borrowed);
    let workspace = open_by(arguments, files.as_deref()).await?;
    if workspace.has_rules_aside() {
        note(format_args!(
            "`rules.toml` in the data folder is not read: take it in with `tidstro rules import`, then remove it"
        ));
    }
    if !is_on_server(&arguments.data) {
        register_files::keep_if_missing(&arguments.data, workspace.register())?;
    }
    Ok(workspace)
}

/// Opens the data folder by the register that decides in it, whatever lies beside it.
pub(crate) async fn open_running(arguments: &Arguments) -> Result<Workspace, CommandFault> {
    if !holds_data(&arguments.data) {
        return Err(CommandFault::NoData { folder: arguments.data.clone() });
    }
    open_by(arguments, None).await
}

async fn open_by(
    arguments: &Arguments,
    register: Option<&[RegisterFile<'_>]>,
) -> Result<Workspace, CommandFault> {
    // What is no text is no key either: it must not fall back to the file in the folder.
    let master_key = std::env::var_os(MASTER_KEY_VARIABLE).map(|key| key.to_string_lossy().into_owned());
    let opening = Opening { folder: &arguments.data, register, master_key: master_key.as_deref() };
    Workspace::open(&opening, now()).await.map_err(|fault| match fault {
        FlowFault::Register(faults) => CommandFault::Register(faults),
        other => CommandFault::Flow(other),
    })
}

/// The keys of a file; none without one.
pub(crate) fn key_file(file: Option<&Path>) -> Result<KeyFile, CommandFault> {
    let Some(path) = file else { return Ok(KeyFile::default()) };
    let text = std::fs::read_to_string(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|source| CommandFault::File { path: path.to_owned(), source })?;
    parse_keys(&text).map_err(|source| CommandFault::Keys { path: path.to_owned(), source })
}

/// The keys of a file to ingest with: of M-Bus meters only. Those of DLMS meters are taken from the store, where each use of
/// one is counted.
pub(crate) fn keys(file: Option<&Path>) -> Result<KeyRing, CommandFault> {
    let keys = key_file(file)?;
    match (keys.titles.first(), file) {
        (Some(key), Some(path)) => Err(CommandFault::TitleKeys { path: path.to_owned(), line: key.line }),
        _ => Ok(KeyRing::of(keys.meters)),
    }
}

/// A file, or standard input for `-`, with its name and length if known.
pub(crate) struct Input {
    pub(crate) reader: Box<dyn std::io::Read + Send>,
    pub(crate) name: String,
    pub(crate) bytes: Option<u64>,
}

impl Input {
    pub(crate) fn open(path: &Path) -> Result<Self, CommandFault> {
        if path.as_os_str() == "-" {
            return Ok(Self { reader: Box::new(std::io::stdin()), name: "stdin".to_owned(), bytes: None });
        }
        let unreadable = |source| CommandFault::File { path: path.to_owned(), source };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
        Ok(Self { reader: Box::new(file), name, bytes: Some(metadata.len()) })
    }
}
