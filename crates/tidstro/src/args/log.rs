//! The command line of looks at the log.

use clap::Args;
use jiff::civil::Date;
use tidstro_govern::EventKind;
use tidstro_govern::log::Stream;

use super::day;

/// A stream of the log, or one kind of events in its stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) stream: Stream,
    pub(crate) kind: Option<EventKind>,
}

fn wanted(text: &str) -> Result<Wanted, String> {
    if let Some(stream) = Stream::from_word(text) {
        return Ok(Wanted { stream, kind: None });
    }
    let kind = EventKind::from_word(text).ok_or_else(|| {
        let kinds: Vec<_> = EventKind::ALL.iter().map(|kind| kind.word()).collect();
        format!("write `uses`, `facts`, or one of {}", kinds.join(", "))
    })?;
    Ok(Wanted { stream: kind.stream(), kind: Some(kind) })
}

/// Who looks, and what for.
#[derive(Debug, Args)]
pub(crate) struct LookArguments {
    /// Who looks: `staff:…`, or `resident:N` at their own
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register
    #[arg(long)]
    pub(crate) purpose: String,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// Only events before this number, as the answer before ended
    #[arg(long, value_name = "N")]
    pub(crate) before: Option<u64>,
    /// Events at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogSearch {
    #[command(flatten)]
    pub(crate) look: LookArguments,
    /// Which events: `uses`, `facts`, or one kind, such as `refused`
    #[arg(long, default_value = "uses", value_parser = wanted)]
    pub(crate) kind: Wanted,
    /// Only those of this actor
    #[arg(long, value_name = "ACTOR")]
    pub(crate) by: Option<String>,
    /// Only those for this activity
    #[arg(long, value_name = "ACTIVITY")]
    pub(crate) r#for: Option<String>,
    /// First local day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// The local day after the last
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) to: Option<Date>,
}

#[derive(Debug, Args)]
pub(crate) struct LogConcerning {
    #[command(flatten)]
    pub(crate) look: LookArguments,
    /// Whose data, by the reference of master data; default: the actor's own
    #[arg(long, value_name = "REF", requires = "log_purpose")]
    pub(crate) subject: Option<String>,
    /// The activity by which the actor may look at the log
    #[arg(long, value_name = "ACTIVITY", requires = "subject")]
    pub(crate) log_purpose: Option<String>,
}
