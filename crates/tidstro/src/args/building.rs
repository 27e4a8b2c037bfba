//! The command line of `building`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::recipient;

#[derive(Debug, Subcommand)]
pub(crate) enum BuildingCommand {
    /// Whether readings are complete, what is silent, who moves next: a line for each building
    List {
        #[command(flatten)]
        by: BuildingBy,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// One building: its units, who lives there, their meters, and which devices hung where, as known when
    Show {
        /// Its name
        name: String,
        #[command(flatten)]
        by: BuildingBy,
        /// One JSON object per unit
        #[arg(long)]
        json: bool,
    },
    /// Residents without an e-mail address, who get the information of the month on paper
    ///
    /// Without `--out` they are shown. A file is an export: it goes to a party of the register that the purpose names.
    Letters {
        #[command(flatten)]
        by: BuildingBy,
        /// Who gets the file: a party of the register, or `PARTY@COUNTRY`
        #[arg(long = "for-party", value_name = "PARTY", value_parser = recipient, requires = "out")]
        recipient: Option<tidstro_govern::Recipient>,
        /// The file to write: CSV with `;`
        #[arg(long, value_name = "FILE", requires = "recipient")]
        out: Option<PathBuf>,
        /// One JSON object per line
        #[arg(long, conflicts_with = "out")]
        json: bool,
    },
}

/// Who looks after buildings.
#[derive(Debug, Args)]
pub(crate) struct BuildingBy {
    /// Who asks
    #[arg(long)]
    pub(crate) actor: String,
    /// What for, where it is about people: an activity of the register that reads occupancies
    #[arg(long, default_value = "property-administration")]
    pub(crate) purpose: String,
    /// What for, where it is about meters: an activity of the register that reads alarms
    #[arg(long, default_value = "device-monitoring", value_name = "PURPOSE")]
    pub(crate) meters: String,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
}
