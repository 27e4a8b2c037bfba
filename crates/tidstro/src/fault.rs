//! What a command can fail with, and the exit code it gives: the one place where faults become codes.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use tidstro_flows::{BrokerFault, ExportFault, FlowFault, GatewaysFault, KeysFault};
use tidstro_model::NameFault;

use crate::commands::settle::GivenFault;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFault {
    /// A use of the product failed.
    #[error(transparent)]
    Flow(#[from] FlowFault),
    /// A file named on the command line cannot be read.
    #[error("`{path}`: {source}; {}", advice(source.kind()))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key file does not hold together.
    #[error("`{path}`: {source}")]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeysFault,
    },
    /// A calculation for the market over days that are none of its kind.
    #[error("{0}, or add `--internal` for a trial")]
    Calculation(tidstro_metering::settlement::SettlementFault),
    /// A file of values given before does not hold together.
    #[error("`{path}` line {line}: {source}")]
    Given {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: GivenFault,
    },
    /// A correction without what it corrects.
    #[error(
        "nothing to correct; give `--point`, `--at`, `--reason` and one of `--value` and `--cancel`, or a file of rows"
    )]
    NothingToCorrect,
    /// Rules to judge by that are not the ones that judge.
    #[error(
        "`{path}` is not what judges; take it in with `tidstro rules import`, or try it with `--dry-run`"
    )]
    RulesNotTakenIn {
        /// The file.
        path: PathBuf,
    },
    /// A key file to ingest with has keys of DLMS meters.
    #[error(
        "`{path}` line {line}: has keys of DLMS meters, which are used from the store only; bring them with `keys import`"
    )]
    TitleKeys {
        /// The file.
        path: PathBuf,
        /// The first line with one.
        line: usize,
    },
    /// A broker's address is none. It may hold a password, and is not shown.
    #[error("the broker's address {0}")]
    Broker(BrokerFault),
    /// A description of an export does not hold together.
    #[error("`{path}`: {source}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: tidstro_telegram::uplink::FormFault,
    },
    /// A file of gateways does not hold together.
    #[error("`{path}`: {source}")]
    Gateways {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: GatewaysFault,
    },
    /// A file of meters does not hold together.
    #[error("`{path}`: {source}")]
    Meters {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: tidstro_flows::MetersFault,
    },
    /// Gateways cannot be listened to at an address.
    #[error("`{address}`: {source}; name an address and port of this machine that nobody uses")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Gateways would send in the clear.
    #[error(
        "others reach `{address}`, and nothing here encrypts what they send; listen at 127.0.0.1 behind something that \
         does, or say with `--behind-proxy` that it stands before this address"
    )]
    Unencrypted {
        /// The address.
        address: SocketAddr,
    },
    /// The sentences of the portal do not hold together.
    #[error(transparent)]
    Words(#[from] tidstro_web::WordsFault),
    /// A maker's key file does not hold together, or does not open.
    #[error("`{path}`: {source}")]
    Kem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: tidstro_telegram::KemFault,
    },
    /// A maker's key file without its password.
    #[error("`{path}` is a KEM file; give its password in a file with `--password-file`")]
    KemPassword {
        /// The file.
        path: PathBuf,
    },
    /// A register file does not hold together.
    #[error("the register does not hold together; correct these places\n{0}")]
    Register(tidstro_govern::RegisterFaults),
    /// An obligations list does not hold together.
    #[error("the obligations list cannot be used: {0}")]
    Rows(#[from] tidstro_govern::coverage::RowsFault),
    /// A register folder without a register in it.
    #[error("`{path}` is a folder without a file `*.toml`; put the register there, or name its file")]
    EmptyRegister {
        /// The folder.
        path: PathBuf,
    },
    /// No register is named, and the data folder has no copy of its own.
    #[error(
        "`{folder}` has no copy of its register; name one, or run any command on the folder to get it back"
    )]
    NoRegister {
        /// The data folder.
        folder: PathBuf,
    },
    /// A data folder with two registers.
    #[error("`{folder}` holds `register.toml` and a folder `register`; remove the one that does not decide")]
    TwoRegisters {
        /// The data folder.
        folder: PathBuf,
    },
    /// There is no such notice or record.
    #[error(transparent)]
    Notice(#[from] tidstro_govern::NoticeFault),
    /// A controller named for the record of a processor.
    #[error("`--controller` names whose record it is; leave it out, or ask for `--role controller`")]
    ProcessorRecord,
    /// A certificate does not hold.
    #[error(transparent)]
    Certificate(#[from] tidstro_govern::CertificateFault),
    /// A name on the command line is not one.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// A kind of event needs an option that is not given.
    #[error("`{kind}` needs `{option}`")]
    OptionMissing {
        /// The kind of event.
        kind: String,
        /// The option.
        option: &'static str,
    },
    /// An option is given that the kind of event has no use for.
    #[error("`{kind}` takes no `{option}`; leave it out")]
    OptionNotTaken {
        /// The kind of event.
        kind: String,
        /// The option.
        option: &'static str,
    },
    /// A day range on the command line ends before it starts.
    #[error("`--to` lies before `--from`; swap them")]
    Range(#[from] tidstro_model::RangeFault),
    /// The data folder holds another town.
    #[error(
        "`{folder}` holds the town of {there}, asked was {asked}; take another folder with `--data`, or remove this one"
    )]
    OtherTown {
        /// The folder.
        folder: PathBuf,
        /// Its plan.
        there: String,
        /// The plan asked for.
        asked: String,
    },
    /// The data folder holds data, but not a demo town's.
    #[error(
        "`{folder}` holds data that are not a demo town's, and invented people do not go among real ones; \
         take another folder with `--data`"
    )]
    NotATown {
        /// The folder.
        folder: PathBuf,
    },
    /// A question about a folder in which nothing was ever kept.
    #[error(
        "`{folder}` holds no data; check `--data`, or begin with `tidstro demo` or `tidstro ingest FILE`"
    )]
    NoData {
        /// The folder.
        folder: PathBuf,
    },
    /// Something stands where the data folder should be.
    #[error("`{folder}` is a file, the data go into a folder; name one with `--data`")]
    NotAFolder {
        /// The path.
        folder: PathBuf,
    },
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(#[from] std::io::Error),
    /// Answers cannot be written as JSON.
    #[error("standard output: {0}")]
    Json(#[from] serde_json::Error),
}

impl CommandFault {
    /// 2 for bad use, 1 for the rest.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Name(_)
            | Self::Broker(_)
            | Self::Unencrypted { .. }
            | Self::OptionMissing { .. }
            | Self::KemPassword { .. }
            | Self::OptionNotTaken { .. }
            | Self::Notice(_)
            | Self::ProcessorRecord
            | Self::Range(_)
            | Self::Calculation(_)
            | Self::OtherTown { .. }
            | Self::NotATown { .. }
            | Self::Flow(
                FlowFault::UnknownArea { .. }
                | FlowFault::UnknownProfile { .. }
                | FlowFault::UnknownActor { .. }
                | FlowFault::Export(ExportFault::OpenDays),
            ) => 2,
            _ => 1,
        }
    }

    /// Whether the reader of standard output went away.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let kind = match self {
            Self::Output(fault) => Some(fault.kind()),
            Self::Json(fault) => fault.io_error_kind(),
            _ => None,
        };
        kind == Some(ErrorKind::BrokenPipe)
    }
}

/// What to do about a file that cannot be read or written.
const fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::IsADirectory => "name a file in it",
        ErrorKind::InvalidData => "give a text file in UTF-8",
        ErrorKind::PermissionDenied => "give this user the right to it",
        _ => "check the path",
    }
}
