//! From when to when alarms stood, made out from the events that are known of one meter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::course::Course;
use super::{AlarmCode, AlarmEvent, Change, Evidence, Phase, Source};

/// One time an alarm stood, or something that happened at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Episode {
    /// What it says.
    pub code: AlarmCode,
    /// Which phase, where it is about one.
    pub phase: Option<Phase>,
    /// When it began.
    pub began: Timestamp,
    /// When it ended: the same instant for what only happened, `None` for what stands.
    pub ended: Option<Timestamp>,
    /// What its beginning was read from.
    pub evidence: Evidence,
}

impl Episode {
    /// Whether it stands.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.ended.is_none()
    }
}

/// The episodes of one meter, in no order of time. `events` are those that are known of it, in any order. An end whose
/// beginning is not known is left out.
#[must_use]
pub fn episodes(events: &[AlarmEvent]) -> Vec<Episode> {
    let mut alarms: BTreeMap<(Source, AlarmCode, Option<Phase>), Vec<&AlarmEvent>> = BTreeMap::new();
    for event in events {
        let signal = &event.signal;
        alarms.entry((signal.evidence.source, signal.code, signal.phase)).or_default().push(event);
    }
    let of_one = |((_, code, phase), events): (&(Source, AlarmCode, Option<Phase>), &Vec<&AlarmEvent>)| {
        let made = |(began, ended)| {
            let evidence = evidence_of(events, began)?;
            Some(Episode { code: *code, phase: *phase, began, ended, evidence })
        };
        times(events).into_iter().filter_map(made).collect::<Vec<_>>()
    };
    alarms.iter().flat_map(of_one).collect()
}

fn times(events: &[&AlarmEvent]) -> Vec<(Timestamp, Option<Timestamp>)> {
    let mut course = Course::default();
    for event in events {
        course.add(event.at, event.signal.change);
    }
    let mut times = course.times();
    let happened = events.iter().filter(|event| event.signal.change == Change::Happened);
    times.extend(happened.map(|event| (event.at, Some(event.at))));
    times
}

/// What the event at that instant was read from; an end is no beginning.
fn evidence_of(events: &[&AlarmEvent], at: Timestamp) -> Option<Evidence> {
    let begins = |event: &&&AlarmEvent| event.at == at && event.signal.change != Change::Cleared;
    events.iter().find(begins).map(|event| event.signal.evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarms::Signal;

    fn event(second: i64, code: AlarmCode, change: Change) -> AlarmEvent {
        let evidence = Evidence { source: Source::EventCode, raw: second.unsigned_abs() };
        let at = Timestamp::from_second(second).unwrap();
        AlarmEvent { at, signal: Signal { code, phase: None, change, evidence } }
    }

    #[test]
    fn each_time_it_stood_is_an_episode() {
        let leak = |second, change| event(second, AlarmCode::Leak, change);
        let events = [
            leak(9, Change::Raised),
            leak(1, Change::Raised),
            leak(5, Change::Cleared),
            event(3, AlarmCode::AccessDenied, Change::Happened),
            event(4, AlarmCode::Burst, Change::Cleared),
        ];
        let seconds: Vec<_> = episodes(&events)
            .iter()
            .map(|one| {
                (one.code, one.began.as_second(), one.ended.map(Timestamp::as_second), one.evidence.raw)
            })
            .collect();
        let access = (AlarmCode::AccessDenied, 3, Some(3), 3);
        assert_eq!(seconds, [access, (AlarmCode::Leak, 1, Some(5), 1), (AlarmCode::Leak, 9, None, 9)]);
    }
}
