//! What became of one alarm of one meter over time, whatever the order in which its messages arrive.
//!
//! What comes in: what a message made at some instant says of the alarm, and when the newest message was made that was
//! heard before this one. What goes out: the events to add. Nothing is ever changed or taken back, and what says the
//! same again adds nothing.
//!
//! A status byte says that an alarm stands or does not; the message that was *made* last decides, not the one that
//! arrived last. A message that comes late is of the past: it adds the time it tells of, and the newest message ends it
//! again. An event of a log says what happened when; its place is its time.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Change;

/// Events of one alarm of one meter from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Course(BTreeMap<Timestamp, Moment>);

/// What there is of one instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Moment {
    raised: bool,
    cleared: bool,
    happened: bool,
}

impl Moment {
    const fn has(&mut self, change: Change) -> &mut bool {
        match change {
            Change::Raised => &mut self.raised,
            Change::Cleared => &mut self.cleared,
            Change::Happened => &mut self.happened,
        }
    }

    /// What it leaves behind; `None` where it changes nothing. Of two that contradict each other at one instant the
    /// alarm counts.
    const fn state(self) -> Option<bool> {
        match (self.raised, self.cleared) {
            (false, false) => None,
            (raised, _) => Some(raised),
        }
    }
}

impl Course {
    /// Adds an event as it stands, from a log or from the store. Returns whether it is new.
    pub(super) fn add(&mut self, at: Timestamp, change: Change) -> bool {
        let known = self.0.entry(at).or_default().has(change);
        !std::mem::replace(known, true)
    }

    /// Takes in that a message made at `at` says the alarm stands, or does not. `newest` is when the newest message was
    /// made that told of it and was taken in before this one. Returns the events this adds, none if nothing is new.
    pub(super) fn told(
        &mut self,
        at: Timestamp,
        stands: bool,
        newest: Option<Timestamp>,
    ) -> Vec<(Timestamp, Change)> {
        if self.stood_at(at) == stands {
            return Vec::new();
        }
        let is_last = self.state_after(at).is_none();
        let mut events = vec![(at, change_to(stands))];
        match newest {
            // Of two messages of one instant the one with the alarm counts.
            Some(newest) if newest == at && !stands => return Vec::new(),
            // The newest message said the other thing.
            Some(newest) if newest > at && is_last => events.push((newest, change_to(!stands))),
            _ => {}
        }
        events.retain(|(at, change)| self.add(*at, *change));
        events
    }

    /// From when to when it stood, in the order of time; the last one has no end if it stands.
    pub(super) fn times(&self) -> Vec<(Timestamp, Option<Timestamp>)> {
        let (mut times, mut since) = (Vec::new(), None);
        for (at, moment) in &self.0 {
            since = match (moment.state(), since) {
                (Some(true), None) => Some(*at),
                (Some(false), Some(began)) => {
                    times.push((began, Some(*at)));
                    None
                }
                (_, since) => since,
            };
        }
        times.extend(since.map(|began| (began, None)));
        times
    }

    /// Since when it stands; `None` if it does not.
    #[must_use]
    pub(super) fn stands_since(&self) -> Option<Timestamp> {
        self.times().last().filter(|(_, ended)| ended.is_none()).map(|(began, _)| *began)
    }

    /// When the newest event was.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.0.last_key_value().map(|(at, _)| *at)
    }

    /// Whether it stood at an instant, as far as is known.
    fn stood_at(&self, at: Timestamp) -> bool {
        self.0.range(..=at).rev().find_map(|(_, moment)| moment.state()).unwrap_or(false)
    }

    /// The next state after an instant, if one follows.
    fn state_after(&self, at: Timestamp) -> Option<bool> {
        let after = (std::ops::Bound::Excluded(at), std::ops::Bound::Unbounded);
        self.0.range(after).find_map(|(_, moment)| moment.state())
    }
}

const fn change_to(stands: bool) -> Change {
    if stands { Change::Raised } else { Change::Cleared }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Takes in messages in the order given and says what stands in the end.
    fn heard(messages: &[(i64, bool)]) -> (Course, u32) {
        let (mut course, mut newest, mut events) = (Course::default(), None, 0);
        for (at, stands) in messages {
            let at = second(*at);
            events += u32::try_from(course.told(at, *stands, newest).len()).unwrap();
            newest = newest.max(Some(at));
        }
        (course, events)
    }

    #[test]
    fn what_is_said_again_is_no_news() {
        let (course, events) = heard(&[(1, false), (2, true), (3, true), (4, false), (5, false), (6, true)]);
        assert_eq!((course.stands_since(), events), (Some(second(6)), 3));
    }

    #[test]
    fn the_message_made_last_decides() {
        let (course, _) = heard(&[(5, false), (1, true)]);
        assert_eq!(course.stands_since(), None, "a late alarm of the past is over");
        let (course, _) = heard(&[(1, true), (5, true), (3, false)]);
        assert_eq!(course.stands_since(), Some(second(5)), "it was away, and is there again");
        let (course, _) = heard(&[(5, true), (1, true)]);
        assert_eq!(course.stands_since(), Some(second(1)), "it began earlier than was known");
    }

    #[test]
    fn events_of_a_log_have_their_own_time() {
        let mut course = Course::default();
        assert!(course.add(second(9), Change::Raised));
        assert!(course.add(second(1), Change::Raised) && course.add(second(5), Change::Cleared));
        assert!(!course.add(second(5), Change::Cleared), "the same event again");
        assert_eq!(course.stands_since(), Some(second(9)));
        course.add(second(10), Change::Happened);
        assert_eq!(course.stands_since(), Some(second(9)), "what only happened ends nothing");
    }

    type Messages = Vec<(i64, bool)>;

    fn shuffled() -> impl Strategy<Value = (Messages, Messages)> {
        proptest::collection::vec((0_i64..40, any::<bool>()), 0..25)
            .prop_flat_map(|messages| (Just(messages.clone()), Just(messages).prop_shuffle()))
    }

    proptest! {
        /// The order of arrival changes nothing of what stands in the end, and neither does hearing all again.
        #[test]
        fn order_does_not_matter((messages, mut other) in shuffled()) {
            let stands = heard(&messages).0.stands_since().is_some();
            other.extend_from_slice(&messages);
            prop_assert_eq!(heard(&other).0.stands_since().is_some(), stands);
        }

        /// In the order of time events alternate, beginning with a raise, and the last message is what stands.
        #[test]
        fn in_order_it_is_raised_and_cleared_in_turn(states in proptest::collection::vec(any::<bool>(), 0..40)) {
            let (mut course, mut newest, mut last) = (Course::default(), None, false);
            for (at, stands) in (0..).map(second).zip(&states) {
                for (_, change) in course.told(at, *stands, newest) {
                    prop_assert_eq!(change == Change::Raised, !last);
                    last = change == Change::Raised;
                }
                newest = Some(at);
            }
            prop_assert_eq!(course.stands_since().is_some(), states.last().copied().unwrap_or(false));
        }
    }
}
