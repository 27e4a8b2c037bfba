//! The command line of `master`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use jiff::{Timestamp, civil::Date};
use tidstro_model::CheckDigit;

use super::{day, recipient};

#[derive(Debug, Subcommand)]
pub(crate) enum MasterCommand {
    /// Take in files of master data, or say what they would change
    ///
    /// The columns of a file say what it is about: places, points of the market, supplies, installations, people, occupancies
    /// (docs/MASTER-DATA.md). All files are one step. A bad row is refused with its line and the others are kept. What holds
    /// no longer is retired and stays known.
    Import {
        /// The files, CSV with `;`
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        /// Which metering point numbers are taken: with a right check digit, or any; default: what the register says
        /// (`check_digits`)
        #[arg(long, value_enum)]
        gsrn: Option<GsrnCheck>,
        /// Who brings them: an actor that registers master data
        #[arg(long)]
        actor: String,
        /// The report as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write places, points of the market and installations as files that `import` reads
    Export {
        /// What was known at this instant; default: now
        #[arg(long, value_name = "INSTANT")]
        as_of: Option<Timestamp>,
        /// Only what held on this local day
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Date>,
        /// The folder to write to; made if it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Write people and their occupancies as files that `import` reads, for a purpose that exports them
    ///
    /// The gate is asked for identities, contacts and occupancies: what the purpose does not reach is left out.
    People {
        /// Who exports
        #[arg(long)]
        actor: String,
        /// What for: an activity of the register that exports all three
        #[arg(long)]
        purpose: String,
        /// Who gets the files: a party of the register, or `PARTY@COUNTRY`
        #[arg(long = "for-party", value_name = "PARTY", value_parser = recipient)]
        recipient: Option<tidstro_govern::Recipient>,
        /// One building or grid area, by name; default: all
        #[arg(long, value_name = "NAME")]
        area: Option<String>,
        /// The folder to write to; made if it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// List virtual points that have no child points in use, or children without quarters or hours (D.1 s. 7)
    Check {
        /// The local day; default: today
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Date>,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
}

/// Whether the check digits of GSRN and GLN count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GsrnCheck {
    /// A wrong check digit is refused
    Strict,
    /// Check digits are kept as they are, for data of others
    Any,
}

impl GsrnCheck {
    pub(crate) const fn check(self) -> CheckDigit {
        match self {
            Self::Strict => CheckDigit::Required,
            Self::Any => CheckDigit::Ignored,
        }
    }
}
