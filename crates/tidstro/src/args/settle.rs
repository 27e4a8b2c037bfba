//! The command line of `settle`.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use tidstro_metering::settlement::AggregationLevel;

use super::day;

#[derive(Debug, Subcommand)]
pub(crate) enum SettleCommand {
    /// The sums of a grid area, as the market reads them
    ///
    /// For people: kWh of each local day. With `--csv` or `--json`: every quarter.
    Show {
        #[command(flatten)]
        asked: SettleArguments,
        /// Over whom; default: all levels
        #[arg(long)]
        level: Option<Level>,
        /// Every quarter as CSV, with the columns of the market's result files
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Compute the sums again from the blocks and compare, to the digit; exit code 1 if one differs
    Verify(SettleArguments),
    /// Make every sum again from the blocks
    ///
    /// After a loss, or in a folder that has blocks from before sums were kept. It is in the log.
    Rebuild {
        /// Who asks
        #[arg(long, default_value = "job:hub")]
        actor: String,
        /// What for: an activity of the register that computes settlement sums
        #[arg(long, default_value = "settlement")]
        purpose: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SettleArguments {
    /// The grid area, three digits
    #[arg(long, value_name = "AREA")]
    pub(crate) area: String,
    /// First local day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Date,
    /// First local day after; default: the day after the first one
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// Who asks
    #[arg(long, default_value = "job:hub")]
    pub(crate) actor: String,
    /// What for: an activity of the register that reads or computes settlement sums
    #[arg(long, default_value = "settlement")]
    pub(crate) purpose: String,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Over whom sums are shown.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Level {
    /// Each supplier with its balance responsible
    Supplier,
    /// Each balance responsible
    BalanceResponsible,
    /// The whole area
    Area,
}

impl Level {
    pub(crate) const fn aggregation(self) -> AggregationLevel {
        match self {
            Self::Supplier => AggregationLevel::Supplier,
            Self::BalanceResponsible => AggregationLevel::BalanceResponsible,
            Self::Area => AggregationLevel::Area,
        }
    }
}
