//! The command line of `migrate`.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Where the data set is: sqlite:FOLDER, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "PLACE")]
    pub(crate) from: String,
    /// Where it goes: a new folder or an empty database, in the same form
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: String,
    /// One JSON object per table, with its SHA-256
    #[arg(long)]
    pub(crate) json: bool,
}
