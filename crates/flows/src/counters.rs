//! Counters of a meter that began anew: its radio was exchanged, its battery was empty, or it was set up again.
//!
//! What comes in: which meter, from which local day on, and why. What goes out: the fact in the log, and a meter whose
//! telegrams count again. Never: a way for telegrams from before that day to count a second time, or for less protection than
//! the meter has shown.

use jiff::{Timestamp, civil::Date};
use tidstro_govern::Operation;
use tidstro_model::{ActorId, MeterId};
use tidstro_telegram::MeterCounters;

use crate::answer::granted;
use crate::keys::keeping;
use crate::{Answer, FlowFault, Workspace};

/// Why counters began anew. A word and no text, so that nobody's name gets into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnewReason {
    /// The radio or the electronics were exchanged.
    Exchanged,
    /// The battery was empty.
    BatteryEmpty,
    /// The meter was set up again.
    SetUpAgain,
}

impl AnewReason {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Exchanged, Self::BatteryEmpty, Self::SetUpAgain];

    /// The word used in the log and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exchanged => "exchanged",
            Self::BatteryEmpty => "battery-empty",
            Self::SetUpAgain => "set-up-again",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// What is said of a meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountersAnew {
    /// Who says so: an actor that may change keys, for counters belong to them.
    pub actor: ActorId,
    /// Which meter.
    pub meter: MeterId,
    /// The first local day on which its counters count anew.
    pub from: Date,
    /// Why.
    pub reason: AnewReason,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountersOutcome {
    /// What the meter sends from that day on counts.
    Begun,
    /// No such meter was ever heard or placed.
    UnknownMeter,
    /// The day is still to come: until then everything would be refused.
    DayAhead,
}

/// Lets the counters of a meter begin anew.
///
/// # Errors
/// [`FlowFault`] if the store fails; nothing is changed then.
pub async fn begin_counters_anew(
    workspace: &Workspace,
    said: &CountersAnew,
    now: Timestamp,
) -> Result<Answer<CountersOutcome>, FlowFault> {
    let permit = granted!(keeping(workspace, &said.actor, Operation::Correct, now).await?);
    let start = workspace.zone().day_start(said.from);
    if start > now {
        return Ok(Answer::Given(CountersOutcome::DayAhead));
    }
    let change = move |known: Option<&[u8]>| {
        let known = known.and_then(|bytes| MeterCounters::from_bytes(bytes).ok());
        let mut counters = known.unwrap_or_default();
        counters.begin_anew(start);
        counters.to_bytes()
    };
    let why = format!("from {} on: {}", said.from, said.reason.word());
    let device = workspace.store.begin_counters_anew(&permit, said.meter, (why, change), now).await?;
    let outcome = if device.is_some() { CountersOutcome::Begun } else { CountersOutcome::UnknownMeter };
    Ok(Answer::Given(outcome))
}
