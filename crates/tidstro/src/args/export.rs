//! The command line of `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use tidstro_model::Resolution;

use super::{day, instant, recipient, resolution};

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Who exports: `staff:…` or `job:…`
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register that exports
    #[arg(long)]
    pub(crate) purpose: String,
    /// Who gets the files: a party of the register, or `PARTY@COUNTRY`
    #[arg(long = "for-party", value_name = "PARTY", value_parser = recipient)]
    pub(crate) recipient: Option<tidstro_govern::Recipient>,
    /// The building or grid area, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) area: String,
    /// First local day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Date,
    /// First local day after
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Date,
    /// The folder; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// What to export
    #[arg(long, value_enum, default_value_t = What::Series)]
    pub(crate) what: What,
    /// Which category of series; settlement has its own
    #[arg(long, default_value = "consumption")]
    pub(crate) category: String,
    /// raw, PT15M, PT1H, P1D, P1M or P1Y; default: PT1H of series. Settlement has the market's own
    #[arg(long, value_parser = resolution)]
    pub(crate) resolution: Option<Resolution>,
    /// As it was known at this instant, such as 2026-03-31T12:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) as_of: Option<jiff::Timestamp>,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// The report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// What an export is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Series of metering points, under pseudonyms
    Series,
    /// Settlement: sums of suppliers, balance responsibles and the area, by quarter
    Settlement,
}
