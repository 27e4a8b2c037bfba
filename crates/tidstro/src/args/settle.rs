//! The command line of `settle`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_metering::settlement::{AggregationLevel, CalculationKind};

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
        /// As the calculation with this version left them; default: as they are now
        #[arg(long = "run", value_name = "VERSION")]
        run: Option<u64>,
        /// What suppliers owe for charges at each time, and not the energy; of a calculation
        #[arg(long, requires = "run")]
        amounts: bool,
        /// Every quarter as CSV, with the columns of the market's result files
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Run a calculation: the sums stay as they are now, under a version of their own
    Run {
        #[command(flatten)]
        asked: SettleArguments,
        /// Why: aggregation, balance_fixing, wholesale_fixing, first_correction_settlement, second_…, third_…
        #[arg(long, value_name = "KIND", value_parser = kind)]
        kind: CalculationKind,
        /// A trial that nobody but the operator sees
        #[arg(long)]
        internal: bool,
    },
    /// What the ten largest hours of a year come to, for each child that capacity is settled on (D19)
    ///
    /// The year ends with the month. Of each household only its own hours count. Nothing is kept: `--as-of` computes again what was
    /// computed at an earlier moment.
    Capacity {
        #[command(flatten)]
        asked: ChildArguments,
        /// The month, by any of its local days
        #[arg(long, value_name = "DATE", value_parser = day)]
        month: Date,
        /// The hours each value was made of
        #[arg(long)]
        hours: bool,
    },
    /// How much of each day is taxed as heating, for each child that heating is settled on (D14)
    ///
    /// By customer, of consumption points that master data call heated: for the calendar year, in net settlement group 6 for the settlement year. Points with
    /// own production and no net settlement group are listed. Nothing is kept: `--as-of` computes again what was computed at an earlier moment.
    Heating {
        #[command(flatten)]
        asked: ChildArguments,
        /// The year, by any of its local days; in group 6 the settlement year that it lies in
        #[arg(long, value_name = "DATE", value_parser = day)]
        year: Date,
        /// Every local day
        #[arg(long)]
        days: bool,
        /// What was given before, as `--json` printed it: days that stand so are left out. Lines of several runs may follow each other
        #[arg(long, value_name = "FILE")]
        given: Option<PathBuf>,
    },
    /// What customers of net settlement group 6 took more than they gave, for each child that it is settled on (D15)
    ///
    /// By customer, spread over the days of the settlement year: what the period came to once it is settled, two days after its end, and an
    /// estimate until then. Nothing is kept: `--as-of` computes again what was computed at an earlier moment.
    NetConsumption {
        #[command(flatten)]
        asked: ChildArguments,
        /// The settlement year, by any of its local days
        #[arg(long, value_name = "DATE", value_parser = day)]
        year: Date,
        /// Every local day
        #[arg(long)]
        days: bool,
        /// What was given before, as `--json` printed it: days that stand so are left out. Lines of several runs may follow each other
        #[arg(long, value_name = "FILE")]
        given: Option<PathBuf>,
    },
    /// Points and days with missing values: what the hub reminds of (RSM-018)
    Missing(SettleArguments),
    /// Which calculation stands for each local day
    Runs {
        #[command(flatten)]
        asked: SettleArguments,
        /// All that were run, with the one that took their place
        #[arg(long)]
        history: bool,
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

#[derive(Debug, Args)]
pub(crate) struct ChildArguments {
    /// The grid area, three digits
    #[arg(long, value_name = "AREA")]
    pub(crate) area: String,
    /// Values and master data as they were known at this instant; default: now
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<Timestamp>,
    /// Who asks
    #[arg(long, default_value = "job:hub")]
    pub(crate) actor: String,
    /// What for: an activity of the register that computes with values
    #[arg(long, default_value = "settlement")]
    pub(crate) purpose: String,
    /// One JSON object per line, with everything
    #[arg(long)]
    pub(crate) json: bool,
}

fn kind(word: &str) -> Result<CalculationKind, String> {
    let words = || CalculationKind::ALL.map(CalculationKind::word).join("`, `");
    CalculationKind::from_word(word).ok_or_else(|| format!("write one of `{}`", words()))
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
