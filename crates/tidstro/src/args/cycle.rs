//! The command lines of `cycle` and `release`.

use clap::Args;
use jiff::SignedDuration;
use jiff::civil::Date;
use tidstro_flows::WantedState;
use tidstro_metering::cycle::DayState;

use super::{day, recipient};

#[derive(Debug, Args)]
pub(crate) struct Cycle {
    /// Who asks
    #[arg(long, default_value = "job:ingest")]
    pub(crate) actor: String,
    /// What for: an activity that computes from consumption; with `--list` one that reads it
    #[arg(long, default_value = "grid-reading")]
    pub(crate) purpose: String,
    /// One grid area, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) area: Option<String>,
    /// First operating day; default: a fortnight ago, and older ones are counted in the last line
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// First operating day that is not shown any more
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// How long before the deadline one is warned, such as 12h
    #[arg(long, default_value = "12h", value_name = "DURATION", value_parser = duration)]
    pub(crate) alarm: SignedDuration,
    /// Exit code 1 if a day is late, or within the alarm's time of its deadline and not out
    #[arg(long)]
    pub(crate) check: bool,
    /// The points of one day in a state: all, nothing, partly, collected, validated, estimated, released, released-late,
    /// corrected, late
    #[arg(long, value_name = "STATE", value_parser = wanted, requires_all = ["area", "day"], conflicts_with_all = ["from", "to", "check"])]
    pub(crate) list: Option<WantedState>,
    /// The operating day whose points are listed
    #[arg(long, value_name = "DATE", value_parser = day, requires = "list")]
    pub(crate) day: Option<Date>,
    /// Count the days anew from the values themselves; exit code 1 if a kept count was another
    #[arg(long, requires_all = ["area", "from"], conflicts_with_all = ["list", "check"])]
    pub(crate) recount: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Who releases
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity that exports consumption
    #[arg(long, default_value = "hub-reporting")]
    pub(crate) purpose: String,
    /// The grid area, by name
    #[arg(long, value_name = "NAME")]
    pub(crate) area: String,
    /// First operating day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Date,
    /// First operating day that is not released any more; default: one day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// Days in this state too: partly, or collected
    #[arg(long, value_name = "STATE", value_parser = also)]
    pub(crate) also: Vec<DayState>,
    /// To whom: a party of the register, with `@` and a country if it is not the party's own
    #[arg(long, value_name = "PARTY", value_parser = recipient)]
    pub(crate) recipient: tidstro_govern::Recipient,
    /// The actor's session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let read: Result<SignedDuration, jiff::Error> = text.parse();
    read.ok()
        .filter(|duration| !duration.is_negative())
        .ok_or_else(|| "write a time such as 12h, 2h30m or PT12H".to_owned())
}

fn wanted(text: &str) -> Result<WantedState, String> {
    WantedState::from_code(text).ok_or_else(|| {
        let states: Vec<_> = DayState::ALL.iter().map(|state| state.code()).collect();
        format!("write all, nothing, late, or one of {}", states.join(", "))
    })
}

fn also(text: &str) -> Result<DayState, String> {
    let state = DayState::from_code(text);
    state
        .filter(|state| matches!(state, DayState::Partly | DayState::Collected))
        .ok_or_else(|| "write partly or collected; what is validated or estimated goes out anyhow".to_owned())
}
