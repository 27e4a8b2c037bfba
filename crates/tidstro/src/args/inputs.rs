//! The command line of `inputs`.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// How many, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) last: u32,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}
