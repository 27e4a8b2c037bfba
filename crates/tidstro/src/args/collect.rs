//! The command line of `collect`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// Where the meters are and how they are spoken to: TOML with `[client]` and a `[[meter]]` for each
    pub(crate) meters: PathBuf,
    /// The end of one cycle, such as 2026-03-10T12:00:00Z; default: the present one, and those that follow
    #[arg(long, value_name = "INSTANT")]
    pub(crate) cycle: Option<Timestamp>,
    /// Ask each meter that is due once, wait for nobody, and end
    #[arg(long)]
    pub(crate) once: bool,
    /// Leave closed months as they are; without it they are compacted between the calls
    #[arg(long)]
    pub(crate) no_compact: bool,
    /// Who collects
    #[arg(long, default_value = "job:ingest")]
    pub(crate) actor: String,
    /// One JSON object per cycle
    #[arg(long)]
    pub(crate) json: bool,
}
