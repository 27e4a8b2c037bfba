//! The command line of `alarms`.

use clap::Args;
use jiff::civil::Date;

use super::day;

#[derive(Debug, Args)]
pub(crate) struct Alarms {
    /// Who asks: `staff:…`, `job:…` or `resident:N`
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register that reads alarms
    #[arg(long)]
    pub(crate) purpose: String,
    /// One metering point, by its own identifier or GSRN
    #[arg(long, value_name = "ID", conflicts_with = "area")]
    pub(crate) point: Option<String>,
    /// One building or grid area, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) area: Option<String>,
    /// Only what stands
    #[arg(long)]
    pub(crate) standing: bool,
    /// First local day whose events count
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// First local day whose events count no more
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}
