//! What a command can fail with, and the exit code it gives: the one place where faults become codes.

use std::path::PathBuf;

use tidstro_flows::FlowFault;
use tidstro_model::NameFault;
use tidstro_telegram::KeyFileFault;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFault {
    /// A use of the product failed.
    #[error(transparent)]
    Flow(#[from] FlowFault),
    /// A file named on the command line cannot be read.
    #[error("`{path}`: {source}; check the path")]
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
        source: KeyFileFault,
    },
    /// A register file does not hold together.
    #[error("{0}")]
    Register(tidstro_govern::RegisterFaults),
    /// A name on the command line is not one.
    #[error(transparent)]
    Name(#[from] NameFault),
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
            Self::Name(_) | Self::Range(_) | Self::OtherTown { .. } => 2,
            _ => 1,
        }
    }
}
