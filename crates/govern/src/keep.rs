//! Retention rules as the register writes them, and the ends they give.
//!
//! What comes in: a rule and the day or instant of its base event. What goes out: the instant from
//! which the lease is over, or, the other way round, the first local day that is still kept. Never: a
//! clock, a day of the week. Retention does not roll to working days (Reg. 1182/71 art. 3(4) is for
//! periods in which somebody must act).

use std::fmt;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{Amount, Event as ClockEvent, Period, Zone, end_of_year, erase_at_latest};

use crate::LeaseEventKind;
use crate::vocabulary::words;

/// The event at which a retention begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepFrom {
    /// The last day of the occupancy (or supply period) that the data belong to.
    OccupancyEnd,
    /// The day a value was registered, or the instant a dossier was opened.
    Registration,
    /// The last event of this kind that concerns the data.
    Event(LeaseEventKind),
}

impl KeepFrom {
    /// Every word a register may write here.
    #[must_use]
    pub fn words() -> Vec<&'static str> {
        let events =
            LeaseEventKind::ALL.iter().filter(|kind| kind.begins_retention()).map(|kind| kind.word());
        ["occupancy-end", "registration"].into_iter().chain(events).collect()
    }

    /// The word as registers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OccupancyEnd => "occupancy-end",
            Self::Registration => "registration",
            Self::Event(kind) => kind.word(),
        }
    }

    /// Reads a word as [`KeepFrom::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "occupancy-end" => Some(Self::OccupancyEnd),
            "registration" => Some(Self::Registration),
            _ => LeaseEventKind::from_word(word).filter(|kind| kind.begins_retention()).map(Self::Event),
        }
    }
}

impl fmt::Display for KeepFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

words!(
    /// What happens when the last lease on the data has ended.
    KeepThen {
        /// They are destroyed.
        Erase = "erase",
    }
);

/// How long a retention runs from its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepFor {
    /// A minimum: these periods, applied in this order. At least one.
    Periods(Vec<Period>),
    /// A maximum, read strictly: hours, days and weeks from an instant are elapsed time.
    AtMost(Amount),
    /// No time at all.
    AtOnce,
}

impl fmt::Display for KeepFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Periods(periods) => {
                let words: Vec<_> = periods.iter().map(Period::to_string).collect();
                f.write_str(&words.join(" + "))
            }
            Self::AtMost(amount) => write!(f, "at most {amount}"),
            Self::AtOnce => f.write_str("not a moment longer"),
        }
    }
}

/// One retention rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepRule {
    /// The event at which it begins.
    pub from: KeepFrom,
    /// Whether it begins at the end of that event's calendar year.
    pub end_of_year: bool,
    /// How long.
    pub keep_for: KeepFor,
    /// What follows.
    pub then: KeepThen,
}

impl fmt::Display for KeepRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = if self.end_of_year { ", end of the year" } else { "" };
        write!(f, "{}{year} + {}, then {}", self.from, self.keep_for, self.then)
    }
}

/// The retention of an activity: as long as the rule that keeps longest, of those whose event happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// The rules. At least one in a checked register.
    pub rules: Vec<KeepRule>,
    /// How long after its begin the lease is open; after that it is locked: kept, and opened only by order.
    pub lock_after: Option<Period>,
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().enumerate() {
            if index > 0 {
                f.write_str("; or ")?;
            }
            rule.fmt(f)?;
        }
        match self.lock_after {
            Some(period) => write!(f, "; locked after {period}"),
            None => Ok(()),
        }
    }
}

/// What a retention is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// An instant; its local day is the event day.
    At(Timestamp),
    /// A local day.
    Day(Date),
}

impl Base {
    pub(crate) fn day(self, zone: &Zone) -> Date {
        match self {
            Self::At(at) => zone.day_of(at),
            Self::Day(day) => day,
        }
    }
}

impl KeepRule {
    /// The instant from which data with this base are no longer kept.
    ///
    /// The event day is not counted; each period is added in the order written, a date that does not
    /// exist becomes the last day of its month, and nothing rolls (Reg. 1182/71 art. 3(1), (2)(c)).
    pub(crate) fn end(&self, base: Base, zone: &Zone) -> Timestamp {
        let base = if self.end_of_year { Base::Day(end_of_year(base.day(zone))) } else { base };
        match &self.keep_for {
            KeepFor::Periods(periods) => after_day(last_day(base.day(zone), periods), zone),
            KeepFor::AtMost(amount) => at_most(base, amount, zone),
            KeepFor::AtOnce => match base {
                Base::At(at) => at,
                Base::Day(day) => after_day(day, zone),
            },
        }
    }

    /// The first local day whose values are still kept `now`, for a rule that begins with registration.
    ///
    /// A value is registered on the day it is about or later, so a cut at its day never reaches further
    /// than the retention that begins with its registration.
    pub(crate) fn first_kept_day(&self, now: Timestamp, zone: &Zone) -> Date {
        let kept = |day: Date| self.end(Base::Day(day), zone) > now;
        let mut day = self.guess(zone.day_of(now));
        // Month ends make several days share one end, so the guess can be a few days off.
        while let Some(earlier) = day.yesterday().ok().filter(|&earlier| kept(earlier)) {
            day = earlier;
        }
        while !kept(day) {
            let Ok(later) = day.tomorrow() else { break };
            day = later;
        }
        day
    }

    fn guess(&self, today: Date) -> Date {
        match &self.keep_for {
            KeepFor::Periods(periods) => periods.iter().rev().fold(today, |day, period| period.before(day)),
            KeepFor::AtMost(Amount::Calendar(chain)) => {
                chain.periods().iter().rev().fold(today, |day, period| period.before(day))
            }
            KeepFor::AtMost(_) | KeepFor::AtOnce => today,
        }
    }
}

fn last_day(base: Date, periods: &[Period]) -> Date {
    periods.iter().fold(base, |day, period| period.after(day))
}

fn after_day(day: Date, zone: &Zone) -> Timestamp {
    day.tomorrow().map_or(Timestamp::MAX, |next| zone.day_start(next))
}

fn at_most(base: Base, amount: &Amount, zone: &Zone) -> Timestamp {
    let from = match base {
        Base::At(at) => ClockEvent::Instant(at),
        // Hours have no meaning from a day: the shorter reading begins them with the day itself.
        Base::Day(day) if matches!(amount, Amount::Hours(_)) => ClockEvent::Instant(zone.day_start(day)),
        Base::Day(day) => ClockEvent::Day(day),
    };
    // A checked register has no working days here, and what ends after the year 9999 does not end.
    erase_at_latest(from, amount, zone).map_or(Timestamp::MAX, |kept| kept.erase)
}

/// The instant at which a lock closes that runs from `begin`.
pub(crate) fn lock_closes(begin: Timestamp, after: Period, zone: &Zone) -> Timestamp {
    after_day(after.after(zone.day_of(begin)), zone)
}
