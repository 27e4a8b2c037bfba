//! The command line of events and clocks.

use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;
use tidstro_calendar::Amount;
use tidstro_govern::Language;

use super::{day, instant, language};

#[derive(Debug, Subcommand)]
pub(crate) enum EventCommand {
    /// Record what happened in a case, or to the leases of a subject
    ///
    /// In a case: a trigger of the register's obligations, such as `access.received`, or `extension`, `pause`,
    /// `resume` of the clock of one obligation. To a subject: consent-given, consent-withdrawn,
    /// objection-upheld, restriction-set, restriction-lifted, hold-set, hold-lifted, lock-opened,
    /// lock-closed, account-delivered, tenancy-end, and whatever else the register's `keep` names. What is
    /// not admitted is kept aside, sealed, as evidence; the exit code is then 1.
    #[command(group(ArgGroup::new("whose").required(true).args(["case", "subject"])))]
    Record(Box<EventRecord>),
    /// The events of a case, or of a subject
    #[command(group(ArgGroup::new("whose").required(true).args(["case", "subject"])))]
    List(EventList),
    /// What was not admitted and is kept aside as evidence
    ///
    /// Lines of `log import` and events of `event record`, with who reported them and why they are no part of
    /// any state. What they say is sealed and may name anybody: `--show` opens one of them.
    Aside(EventAside),
}

#[derive(Debug, Args)]
pub(crate) struct EventRecord {
    /// What happened
    pub(crate) kind: String,
    /// Who records it: `staff:…` or `job:…`
    #[arg(long)]
    pub(crate) actor: String,
    /// In which case; a new name opens one. Not a person's name
    #[arg(long, value_name = "ID", conflicts_with_all = ["purpose", "occupancy", "dossier", "activity", "to"])]
    pub(crate) case: Option<String>,
    /// To whom, by the reference of master data
    #[arg(long, value_name = "REF", requires = "purpose", conflicts_with_all = ["obligation", "extend", "reason"])]
    pub(crate) subject: Option<String>,
    /// What for: an activity of the register
    #[arg(long)]
    pub(crate) purpose: Option<String>,
    /// Only this occupancy of the subject
    #[arg(long, value_name = "N", conflicts_with = "dossier")]
    pub(crate) occupancy: Option<u32>,
    /// Only this dossier of the subject
    #[arg(long, value_name = "N")]
    pub(crate) dossier: Option<u32>,
    /// Only for this activity of the register
    #[arg(long)]
    pub(crate) activity: Option<String>,
    /// When, such as 2026-03-31T12:00:00Z; default: now
    #[arg(long, value_name = "INSTANT", value_parser = instant, conflicts_with = "on")]
    pub(crate) at: Option<jiff::Timestamp>,
    /// On which local day, where the clock time is not known
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) on: Option<Date>,
    /// First local day an account is for; in a case, the day something announced starts
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// First local day after those an account is for
    #[arg(long, value_name = "DATE", value_parser = day, requires = "from")]
    pub(crate) to: Option<Date>,
    /// Whose clock an extension, pause or resume moves
    #[arg(long, value_name = "ID")]
    pub(crate) obligation: Option<String>,
    /// By how much a clock is extended, such as P2M
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub(crate) extend: Option<Amount>,
    /// Why a clock is extended or stands, without names
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// The answer as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EventList {
    /// Of one case
    #[arg(long, value_name = "ID")]
    pub(crate) case: Option<String>,
    /// Of one subject, by the reference of master data
    #[arg(long, value_name = "REF", requires_all = ["actor", "purpose"])]
    pub(crate) subject: Option<String>,
    /// Who asks: `staff:…` or `job:…`
    #[arg(long, requires = "subject")]
    pub(crate) actor: Option<String>,
    /// What for: an activity of the register
    #[arg(long, requires = "subject")]
    pub(crate) purpose: Option<String>,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EventAside {
    /// Who asks: `staff:…`
    #[arg(long)]
    pub(crate) actor: String,
    /// What for: an activity of the register
    #[arg(long)]
    pub(crate) purpose: String,
    /// Open the one with this number
    #[arg(long, value_name = "N")]
    pub(crate) show: Option<i64>,
    /// The session has proved a second factor
    #[arg(long)]
    pub(crate) second_factor: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// What must be done by when, the nearest first
    ///
    /// `plan by` is the strict end. Where the law gives longer, because the hour or day of the event is not
    /// counted or the last day is no working day, `ends` is the outer bound.
    List {
        /// Of one case
        #[arg(long, value_name = "ID")]
        case: Option<String>,
        /// Only what is not done
        #[arg(long)]
        open: bool,
        /// Language of the next step: da, de or en
        #[arg(long, default_value = "en", value_parser = language)]
        language: Language,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// How one clock was counted
    Explain {
        /// The case
        case: String,
        /// The obligation
        obligation: String,
        /// Language of what must be done: da, de or en
        #[arg(long, default_value = "en", value_parser = language)]
        language: Language,
        /// The answer as one JSON object
        #[arg(long)]
        json: bool,
    },
}

fn amount(text: &str) -> Result<Amount, String> {
    Amount::parse(text).map_err(|fault| fault.to_string())
}
