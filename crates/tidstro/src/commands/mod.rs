//! One file per command.

mod decode;
mod demo;
mod ingest;
mod leases;
mod log;
mod register;
mod series;

use std::path::Path;

use jiff::Timestamp;
use tidstro_flows::{FlowFault, Opening, Workspace};
use tidstro_telegram::KeyRing;

use crate::Outcome;
use crate::args::{Arguments, Command};
use crate::fault::CommandFault;

/// The register of the demo town: what a new data folder begins with.
const TOWN_REGISTER: &str = include_str!("../../../../registers/town.toml");
/// Variable that holds the master key instead of the file in the data folder.
const MASTER_KEY_VARIABLE: &str = "TIDSTRO_MASTER_KEY";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, CommandFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        match &arguments.command {
            Command::Demo(demo) => demo::run(arguments, demo).await,
            Command::Decode(decode) => decode::run(decode),
            Command::Ingest(ingest) => ingest::run(arguments, ingest).await,
            Command::Series(series) => series::run(arguments, series).await,
            Command::Register(register) => register::run(arguments, register).await,
            Command::Log(log) => log::run(arguments, log).await,
        }
    })
}

/// The present moment: the one place where the program reads the clock.
#[expect(clippy::disallowed_methods, reason = "the edge reads the clock once and passes the time on")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Text and name of the register in use. A new data folder begins with the town's.
pub(crate) fn register_text(arguments: &Arguments) -> Result<(String, String), CommandFault> {
    let kept = arguments.data.join("register.toml");
    let path = arguments.register.as_ref().unwrap_or(&kept);
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((text, path.display().to_string())),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound && arguments.register.is_none() => {
            Ok((TOWN_REGISTER.to_owned(), "register.toml".to_owned()))
        }
        Err(source) => Err(CommandFault::File { path: path.clone(), source }),
    }
}

/// Opens the data folder to ask about what it holds. A folder without data is a slip in `--data`, not a
/// reason to make a database and its keys there.
pub(crate) async fn open_existing(arguments: &Arguments) -> Result<Workspace, CommandFault> {
    if !holds_data(&arguments.data) && !arguments.data.is_file() {
        return Err(CommandFault::NoData { folder: arguments.data.clone() });
    }
    open(arguments).await
}

/// Whether a folder holds a database, or the keys of one.
pub(crate) fn holds_data(folder: &Path) -> bool {
    ["tidstro.sqlite", "keys.sqlite"].iter().any(|file| folder.join(file).exists())
}

/// Opens the data folder, or makes it, and keeps the register in it if it is new.
pub(crate) async fn open(arguments: &Arguments) -> Result<Workspace, CommandFault> {
    if arguments.data.is_file() {
        return Err(CommandFault::NotAFolder { folder: arguments.data.clone() });
    }
    let (register, register_file) = register_text(arguments)?;
    // What is no text is no key either: it must not fall back to the file in the folder.
    let master_key = std::env::var_os(MASTER_KEY_VARIABLE).map(|key| key.to_string_lossy().into_owned());
    let opening = Opening {
        folder: &arguments.data,
        register: &register,
        register_file: &register_file,
        master_key: master_key.as_deref(),
    };
    let workspace = Workspace::open(&opening, now()).await.map_err(|fault| match fault {
        FlowFault::Register(faults) => CommandFault::Register(faults),
        other => CommandFault::Flow(other),
    })?;
    let kept = arguments.data.join("register.toml");
    if !kept.exists() {
        std::fs::write(&kept, &register).map_err(|source| CommandFault::File { path: kept, source })?;
    }
    Ok(workspace)
}

/// The keys of a file; none without one.
pub(crate) fn keys(file: Option<&Path>) -> Result<KeyRing, CommandFault> {
    let Some(path) = file else { return Ok(KeyRing::new()) };
    let text = std::fs::read_to_string(path)
        .map_err(|source| CommandFault::File { path: path.to_owned(), source })?;
    KeyRing::parse(&text).map_err(|source| CommandFault::Keys { path: path.to_owned(), source })
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
