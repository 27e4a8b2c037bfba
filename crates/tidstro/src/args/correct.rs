//! The command line of `correct`.

use std::path::PathBuf;

use clap::Args;
use tidstro_model::{Decimal, Quality};

use super::instant;

#[derive(Debug, Args)]
pub(crate) struct Correct {
    /// Rows `metering_point;at;value;quality;reason`, instead of one value on the command line
    #[arg(conflicts_with_all = ["point", "at", "value", "cancel", "reason", "series", "quality"])]
    pub(crate) file: Option<PathBuf>,
    /// Who says so
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register that corrects
    #[arg(long)]
    pub(crate) purpose: String,
    /// Which category of data
    #[arg(long, default_value = "consumption")]
    pub(crate) category: String,
    /// The metering point, by its identifier or GSRN
    #[arg(long, value_name = "ID", required_unless_present = "file", requires_all = ["at", "reason"])]
    pub(crate) point: Option<String>,
    /// Which of its series, where it has several
    #[arg(long, value_name = "N")]
    pub(crate) series: Option<u32>,
    /// Start of the interval, or instant of the reading, such as 2026-03-31T12:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<jiff::Timestamp>,
    /// What the value is: kWh or MJ of energy, else in the unit of the series
    #[arg(long, value_name = "NUMBER", value_parser = decimal, allow_hyphen_values = true, conflicts_with = "cancel")]
    pub(crate) value: Option<Decimal>,
    /// Where the value comes from: measured, estimated or calculated
    #[arg(long, default_value = "estimated", value_parser = quality)]
    pub(crate) quality: Quality,
    /// Withdraw the value: it is missing, and no older one is shown again
    #[arg(long)]
    pub(crate) cancel: bool,
    /// Why, in your words; kept sealed with the value
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Tell what would change, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// One JSON object per value
    #[arg(long)]
    pub(crate) json: bool,
}

fn decimal(text: &str) -> Result<Decimal, String> {
    Decimal::parse(text.as_bytes()).map_err(|fault| fault.to_string())
}

fn quality(text: &str) -> Result<Quality, String> {
    let read = Quality::from_word(text).filter(|quality| *quality != Quality::Missing);
    read.ok_or_else(|| "write measured, estimated or calculated; `--cancel` makes a value missing".to_owned())
}
