//! The command line of `silent`.

use clap::Args;
use jiff::SignedDuration;

#[derive(Debug, Args)]
pub(crate) struct Silent {
    /// Who asks
    #[arg(long, default_value = "job:ingest")]
    pub(crate) actor: String,
    /// What for: an activity of the register that reads telegrams
    #[arg(long, default_value = "validation")]
    pub(crate) purpose: String,
    /// The interval expected of every meter, such as 6h or 15m; default: each one's own, learned
    #[arg(long, value_name = "DURATION", value_parser = interval)]
    pub(crate) expect: Option<SignedDuration>,
    /// After how many of its intervals a meter is silent
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) intervals: u32,
    /// Meters that are not silent too
    #[arg(long)]
    pub(crate) all: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

fn interval(text: &str) -> Result<SignedDuration, String> {
    let read: Result<SignedDuration, jiff::Error> = text.parse();
    let positive = read.ok().filter(SignedDuration::is_positive);
    positive.ok_or_else(|| "write an interval such as 6h, 15m or PT6H".to_owned())
}
