//! The alarm of a series that is estimated for too long.
//!
//! What comes in: what was raised and cleared of a series before, its newest days, and the limit of its class. What goes
//! out: the events to add. It stands from the start of the first estimate on, so that its age is that of the estimates,
//! and ends with the first measured value. A chain that was broken in its middle ends and begins anew. Never: an alarm of
//! estimates that a measured value came after.

use jiff::{SignedDuration, Timestamp, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{Quality, Resolution};

use super::course::Course;
use super::{AlarmCode, AlarmEvent, Change, Evidence, MeterAlarms, Signal, Source};
use crate::IntervalBlock;
use crate::estimation::{Chain, chains};

/// The newest local days of one interval series.
#[derive(Debug, Clone, Copy)]
pub struct NewestDays<'a> {
    /// The newest version of each day that has one, in order: from a day before the chain on that reaches the last value, or
    /// from the first day of the series.
    pub days: &'a [(Date, IntervalBlock)],
    /// How days are divided.
    pub grid: (&'a Zone, Resolution),
    /// Which series, by its number: the evidence.
    pub series: u32,
}

impl NewestDays<'_> {
    /// When the last value's interval begins; `None` without any value.
    #[must_use]
    pub fn last_value(&self) -> Option<Timestamp> {
        let (day, block) = self.days.iter().rev().find(|(_, block)| block.present() > 0)?;
        let slot = block.marks().iter().rposition(|mark| mark.quality() != Quality::Missing)?;
        self.start_of(*day, slot)
    }

    /// What became of the alarm: an event that ends it, one that begins it, both, or nothing. `limit` is how many local days may
    /// be estimated; without one no chain is too long.
    pub fn watched(&self, alarms: &mut MeterAlarms, limit: Option<u32>) -> Vec<AlarmEvent> {
        let course = alarms.course((Source::Derived, AlarmCode::EstimateChain));
        let long = self.last_chain().filter(|chain| limit.is_some_and(|limit| chain.days() > limit));
        let mut events = Vec::new();
        if let Some(at) = self.ended(course, long.is_some()) {
            events.extend(self.added(course, (at, Change::Cleared)));
        }
        if let Some(first) = long.filter(|_| course.stands_since().is_none())
            && let Some(start) = self.start_of(first.first.0, first.first.1)
        {
            let at = course.newest().map_or(start, |newest| start.max(after(newest)));
            events.extend(self.added(course, (at, Change::Raised)));
        }
        events
    }

    /// When what stands ended: with the first measured value after its beginning. Where there is none (the estimates were
    /// withdrawn, the limit is another one) it ends as it began.
    fn ended(&self, course: &Course, is_long: bool) -> Option<Timestamp> {
        let since = course.stands_since()?;
        let measured = self.measured_since(since);
        if measured.is_none() && is_long {
            return None;
        }
        let newest = course.newest().unwrap_or(since);
        Some(measured.unwrap_or(since).max(after(newest)))
    }

    fn added(&self, course: &mut Course, (at, change): (Timestamp, Change)) -> Option<AlarmEvent> {
        let evidence = Evidence { source: Source::Derived, raw: self.series.into() };
        let signal = Signal { code: AlarmCode::EstimateChain, phase: None, change, evidence };
        course.add(at, change).then_some(AlarmEvent { at, signal })
    }

    /// The chain that the last value belongs to, if that is an estimate.
    fn last_chain(&self) -> Option<Chain> {
        let last = chains(self.days.iter().map(|(day, block)| (*day, block))).pop()?;
        let is_last = self.start_of(last.last.0, last.last.1) == self.last_value();
        is_last.then_some(last)
    }

    /// When the first interval begins, not before `since`, whose value is no estimate.
    fn measured_since(&self, since: Timestamp) -> Option<Timestamp> {
        let is_measured = |quality| matches!(quality, Quality::Measured | Quality::Calculated);
        let of_day = |(day, block): &(Date, IntervalBlock)| {
            let marks = block.marks().iter().enumerate();
            let measured = marks.filter(|(_, mark)| is_measured(mark.quality()));
            measured.filter_map(|(slot, _)| self.start_of(*day, slot)).find(|start| *start >= since)
        };
        self.days.iter().find_map(of_day)
    }

    fn start_of(&self, day: Date, slot: usize) -> Option<Timestamp> {
        let (zone, resolution) = self.grid;
        zone.slot_start(day, resolution, u32::try_from(slot).ok()?)
    }
}

/// The next instant that is told apart.
fn after(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::{collection::vec, prelude::*, sample::select};

    use std::sync::LazyLock;

    use super::*;

    static ZONE: LazyLock<Zone> = LazyLock::new(|| Zone::named("Europe/Copenhagen").unwrap());

    /// Days from 1 January 2026 on: each letter is two hours of one quality, `m`, `e`, or `-` for missing.
    fn days(text: &str) -> Vec<(Date, IntervalBlock)> {
        let quality = |letter| match letter {
            'm' => Quality::Measured,
            'e' => Quality::Estimated,
            _ => Quality::Missing,
        };
        let day = |letters: &str| {
            let mut block = IntervalBlock::empty(0);
            for letter in letters.chars() {
                let value = (letter != '-').then_some(1);
                (0..24 / letters.len()).for_each(|_| block.push(value, quality(letter)).unwrap());
            }
            block
        };
        (1..).map(|number| date(2026, 1, number)).zip(text.split(' ').map(day)).collect()
    }

    /// What is added to what is known, as day and hour of January.
    fn added(alarms: &mut MeterAlarms, text: &str, limit: Option<u32>) -> Vec<(Change, i8, i8)> {
        let zone = &*ZONE;
        let newest = NewestDays { days: &days(text), grid: (zone, Resolution::PT1H), series: 7 };
        let of_event = |event: AlarmEvent| {
            assert_eq!(event.signal.evidence.raw, 7);
            let local = zone.day_of(event.at);
            let hour = (event.at - zone.day_start(local)).total(jiff::Unit::Hour).unwrap();
            (event.signal.change, local.day(), format!("{hour:.0}").parse().unwrap())
        };
        newest.watched(alarms, limit).into_iter().map(of_event).collect()
    }

    #[test]
    fn a_chain_over_too_many_days_stands_until_a_measured_value() {
        let (mut alarms, limit) = (MeterAlarms::default(), Some(2));
        assert_eq!(added(&mut alarms, "me e", limit), [], "two days may be estimated");
        assert_eq!(added(&mut alarms, "me e e", limit), [(Change::Raised, 1, 12)]);
        assert_eq!(added(&mut alarms, "me e e e", limit), [], "it stands");
        assert_eq!(added(&mut alarms, "me e e e -", limit), [], "nothing was said");
        assert_eq!(added(&mut alarms, "me e e e em", limit), [(Change::Cleared, 5, 12)]);
        assert_eq!(added(&mut alarms, "me e e e em", limit), []);
        assert_eq!(alarms.standing().count(), 0);
    }

    #[test]
    fn without_a_limit_or_with_a_value_after_it_no_chain_is_too_long() {
        for (text, limit) in [("e e e", None), ("e e e m", Some(2)), ("e e -", Some(2)), ("- -", Some(0))] {
            assert_eq!(added(&mut MeterAlarms::default(), text, limit), [], "{text}");
        }
        assert_eq!(
            added(&mut MeterAlarms::default(), "e - e", Some(2)),
            [(Change::Raised, 1, 0)],
            "over a gap"
        );
    }

    #[test]
    fn what_stands_ends_whatever_takes_it_away() {
        for (after, expected) in [
            ("m m m", [(Change::Cleared, 1, 0)].as_slice()),
            ("- - -", &[(Change::Cleared, 1, 0)]),
            // Broken in the middle: the rest is a chain of its own.
            ("e m e e e", &[(Change::Cleared, 2, 0), (Change::Raised, 3, 0)]),
            ("m e e e", &[(Change::Cleared, 1, 0), (Change::Raised, 2, 0)]),
            ("e m e e", &[(Change::Cleared, 2, 0)]),
        ] {
            let mut alarms = MeterAlarms::default();
            added(&mut alarms, "e e e", Some(2));
            assert_eq!(added(&mut alarms, after, Some(2)), expected, "{after}");
        }
        let mut alarms = MeterAlarms::default();
        added(&mut alarms, "e e e", Some(2));
        assert_eq!(added(&mut alarms, "e e e", Some(9)), [(Change::Cleared, 1, 0)], "another limit");
        assert_eq!(added(&mut alarms, "e e e", Some(2)), [(Change::Raised, 1, 0)], "and back");
    }

    fn story() -> impl Strategy<Value = Vec<String>> {
        let day = select(vec!["m", "e", "-", "em", "me", "e-"]);
        vec(vec(day, 1..9).prop_map(|days| days.join(" ")), 1..12)
    }

    proptest! {
        /// Whatever a series was before, the alarm stands just when it is estimated for too long now.
        #[test]
        fn the_days_decide_and_not_what_was_told_before(story in story(), limit in 0_u32..4) {
            let mut alarms = MeterAlarms::default();
            for text in &story {
                added(&mut alarms, text, Some(limit));
                let is_raised_alone = !added(&mut MeterAlarms::default(), text, Some(limit)).is_empty();
                prop_assert_eq!(alarms.standing().count() == 1, is_raised_alone, "{}", text);
                prop_assert_eq!(added(&mut alarms, text, Some(limit)), [], "the same again is no news");
            }
        }
    }
}
