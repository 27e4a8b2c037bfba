//! All alarms of one meter: what its messages say, and the events this adds to what is known.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::course::Course;
use super::{AlarmCode, Change, Evidence, Phase, Signal, Source, Told};

/// Something that became of an alarm, with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlarmEvent {
    /// When the message was made that says so, or when the meter logged it.
    pub at: Timestamp,
    /// What it says, and what became of it.
    pub signal: Signal,
}

/// Which alarm: each source tells of its own. A status byte that shows no error does not clear what the event log raised.
type Which = (Source, AlarmCode, Option<Phase>);

const fn which(signal: &Signal) -> Which {
    (signal.evidence.source, signal.code, signal.phase)
}

/// What is known of the alarms of one meter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeterAlarms(BTreeMap<Which, Course>);

/// An alarm that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingAlarm {
    /// Where it was read.
    pub source: Source,
    /// What it says.
    pub code: AlarmCode,
    /// Which phase, where it is about one.
    pub phase: Option<Phase>,
    /// Since when.
    pub since: Timestamp,
}

impl MeterAlarms {
    /// Takes in an event as it was stored, in any order.
    pub fn restore(&mut self, event: &AlarmEvent) {
        self.0.entry(which(&event.signal)).or_default().add(event.at, event.signal.change);
    }

    /// Takes in one message made at `at`; `told` is what the meter had told before it. Returns the events it adds, none
    /// if it says nothing new. An event that the newest message stands for, because this one came late, has the
    /// evidence of this one.
    pub fn take(&mut self, at: Timestamp, signals: &[Signal], told: &Told) -> Vec<AlarmEvent> {
        let mut news = Vec::new();
        for (which, (change, evidence)) in by_alarm(signals) {
            let (source, code, phase) = which;
            let event = |(at, change)| AlarmEvent { at, signal: Signal { code, phase, change, evidence } };
            if Told::is_of(source) && change != Change::Happened {
                // Most messages say that nothing stands, of alarms that never did.
                if change == Change::Cleared && !self.0.contains_key(&which) {
                    continue;
                }
                let course = self.0.entry(which).or_default();
                news.extend(
                    course.told(at, change == Change::Raised, told.newest(source)).into_iter().map(event),
                );
            } else if self.0.entry(which).or_default().add(at, change) {
                news.push(event((at, change)));
            }
        }
        news
    }

    /// The course of one alarm.
    pub(super) fn course(&mut self, (source, code): (Source, AlarmCode)) -> &mut Course {
        self.0.entry((source, code, None)).or_default()
    }

    /// What stands.
    pub fn standing(&self) -> impl Iterator<Item = StandingAlarm> + '_ {
        self.0.iter().filter_map(|((source, code, phase), course)| {
            let since = course.stands_since()?;
            Some(StandingAlarm { source: *source, code: *code, phase: *phase, since })
        })
    }
}

/// What one message says of each alarm. Where two of its records tell of the same one, the alarm counts.
fn by_alarm(signals: &[Signal]) -> BTreeMap<Which, (Change, Evidence)> {
    let mut said: BTreeMap<Which, (Change, Evidence)> = BTreeMap::new();
    for signal in signals {
        let entry = said.entry(which(signal)).or_insert((signal.change, signal.evidence));
        if signal.change == Change::Raised {
            *entry = (signal.change, signal.evidence);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarms::of_status;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn changes(events: &[AlarmEvent]) -> Vec<(AlarmCode, Change)> {
        events.iter().map(|event| (event.signal.code, event.signal.change)).collect()
    }

    #[test]
    fn a_status_byte_raises_and_clears_once() {
        let (mut alarms, mut told) = (MeterAlarms::default(), Told::default());
        let mut news = |second, status| {
            let news = alarms.take(at(second), &of_status(status), &told);
            told.hear(Source::StatusByte, at(second));
            changes(&news)
        };
        assert_eq!(news(1, 0x00), []);
        assert_eq!(news(2, 0x04), [(AlarmCode::LowBattery, Change::Raised)]);
        assert_eq!(news(3, 0x04), []);
        let both = [(AlarmCode::LowBattery, Change::Cleared), (AlarmCode::PermanentError, Change::Raised)];
        assert_eq!(news(4, 0x08), both);
        let standing: Vec<_> = alarms.standing().map(|alarm| (alarm.code, alarm.since)).collect();
        assert_eq!(standing, [(AlarmCode::PermanentError, at(4))]);
    }

    #[test]
    fn what_was_stored_goes_on_where_it_was() {
        let mut before = MeterAlarms::default();
        let events = before.take(at(2), &of_status(0x04), &Told::default());
        let mut after = MeterAlarms::default();
        for event in &events {
            after.restore(event);
        }
        assert_eq!(after, before);
    }

    #[test]
    fn sources_are_apart() {
        let mut alarms = MeterAlarms::default();
        let evidence = Evidence { source: Source::EventCode, raw: 7 };
        let logged = Signal { code: AlarmCode::LowBattery, phase: None, change: Change::Raised, evidence };
        assert_eq!(alarms.take(at(1), &[logged], &Told::default()).len(), 1);
        assert_eq!(alarms.take(at(1), &[logged], &Told::default()), [], "the same entry of the log again");
        assert_eq!(alarms.take(at(2), &of_status(0x00), &Told::default()), []);
        assert_eq!(alarms.standing().count(), 1, "the status byte knows nothing of the log");
    }

    #[test]
    fn of_two_records_in_one_message_the_alarm_counts() {
        let signal = |change, raw| {
            let evidence = Evidence { source: Source::ErrorFlags, raw };
            Signal { code: AlarmCode::Leak, phase: None, change, evidence }
        };
        let said = [signal(Change::Raised, 4), signal(Change::Cleared, 0)];
        let news = MeterAlarms::default().take(at(1), &said, &Told::default());
        assert_eq!(changes(&news), [(AlarmCode::Leak, Change::Raised)]);
        assert_eq!(news[0].signal.evidence.raw, 4);
    }
}
