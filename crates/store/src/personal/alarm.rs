//! Alarms of meters, as they are told: what is new becomes an event, sealed for whom it belongs to.
//!
//! What comes in: what messages of meters say of alarms, in any order. What goes out: how many events that added.
//! Events are only ever added: which alarms stand follows from them, so a restart changes nothing. Never: an event of
//! a day that is no longer kept, or one that no permit covers.

use crate::db::{Connection, params};
use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashSet;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::alarms::{
    AlarmCode, AlarmEvent, Change, Evidence, MeterAlarms, Phase, Signal, Source, Told,
};
use tidstro_model::{CategoryId, DeviceNo, KeyNo, PointNo, SeriesNo};

use super::Writing;
use super::append::Registrar;
use super::cover::Cover;
use super::place::Kind;
use crate::{StoreFault, log};

/// What one message of a meter says of its alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAlarms {
    /// The meter.
    pub device: DeviceNo,
    /// When the message was made, or received.
    pub at: Timestamp,
    /// Whether somebody said so; otherwise it is when the message was stored, and messages follow each other as they
    /// arrive.
    pub time_stated: bool,
    /// What it says.
    pub signals: Vec<Signal>,
}

impl ToldAlarms {
    fn tells_alarm(&self) -> bool {
        self.signals.iter().any(|signal| signal.change != Change::Cleared)
    }

    /// When it was made. One of which nobody says when is newer than all that were heard before.
    fn made(&self, told: &Told) -> Timestamp {
        let sources = self.signals.iter().map(|signal| signal.evidence.source);
        let newest = sources.filter_map(|source| told.newest(source)).max();
        let next = newest.and_then(|newest| newest.checked_add(SignedDuration::from_millis(1)).ok());
        if self.time_stated { self.at } else { next.map_or(self.at, |next| next.max(self.at)) }
    }
}

/// What became of alarms, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlarmCounts {
    /// Alarms that stand from some moment on.
    pub raised: u64,
    /// Alarms that stand no more.
    pub cleared: u64,
    /// What happened and does not stand.
    pub happened: u64,
    /// Messages with alarms that no permit covers; not kept.
    pub not_permitted: u64,
    /// Messages with alarms of local days that are no longer kept; not kept.
    pub too_old: u64,
}

impl AlarmCounts {
    pub(super) const fn count(&mut self, change: Change) {
        match change {
            Change::Raised => self.raised += 1,
            Change::Cleared => self.cleared += 1,
            Change::Happened => self.happened += 1,
        }
    }

    const fn events(&self) -> u64 {
        self.raised + self.cleared + self.happened
    }

    /// Adds other counts.
    pub const fn add(&mut self, other: &Self) {
        self.raised += other.raised;
        self.cleared += other.cleared;
        self.happened += other.happened;
        self.not_permitted += other.not_permitted;
        self.too_old += other.too_old;
    }
}

/// Takes in what messages say, in the order in which they arrived. Call inside [`Writing::transact`].
pub(super) fn take_alarms(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    messages: &[ToldAlarms],
) -> Result<AlarmCounts, StoreFault> {
    let mut counts = AlarmCounts::default();
    let Some(category) = &registrar.alarms else {
        counts.not_permitted = messages.iter().filter(|message| message.tells_alarm()).count() as u64;
        return Ok(counts);
    };
    let mut keeper = Keeper { covers, category, now: registrar.now, counts: &mut counts };
    for message in messages {
        keeper.take(writing, message)?;
    }
    note_events(writing, registrar, covers, &counts)?;
    Ok(counts)
}

/// Each batch with events is an event of the log.
pub(super) fn note_events(
    writing: &mut Writing,
    registrar: &Registrar,
    covers: &[Cover],
    counts: &AlarmCounts,
) -> Result<(), StoreFault> {
    let of_alarms = |cover: &&Cover| registrar.alarms.as_ref().is_some_and(|id| cover.is_for(id));
    if let Some(cover) = covers.iter().find(of_alarms).filter(|_| counts.events() > 0) {
        let detail = format!("{} events of alarms, source {}", counts.events(), registrar.source);
        log::append(writing, cover.terms().registered(detail, registrar.now))?;
    }
    Ok(())
}

/// Whether a message may be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Admitted {
    Yes,
    TooOld,
    NotPermitted,
}

/// Where an event is kept.
pub(super) struct Place {
    point: PointNo,
    day: i32,
    key: KeyNo,
}

/// Where an event at a point is kept, and whether it may be.
pub(super) fn admitted(
    writing: &mut Writing,
    (covers, category): (&[Cover], &CategoryId),
    (point, at): (PointNo, Timestamp),
) -> Result<(Place, Admitted), StoreFault> {
    let date = writing.zone.day_of(at);
    let day = epoch_day(date);
    let owner = writing.owner_of(point, Kind::Alarms, day)?;
    let area = writing.area_of(point)?;
    let is_reached =
        |cover: &Cover| cover.covers(category.as_str(), area) && cover.reaches(owner.occupancy, day);
    let admitted = if !covers.iter().any(is_reached) {
        Admitted::NotPermitted
    } else if owner.is_over || writing.is_erased(owner.key, date)? {
        Admitted::TooOld
    } else {
        Admitted::Yes
    };
    Ok((Place { point, day, key: owner.key }, admitted))
}

struct Keeper<'a> {
    covers: &'a [Cover],
    category: &'a CategoryId,
    now: Timestamp,
    counts: &'a mut AlarmCounts,
}

impl Keeper<'_> {
    fn take(&mut self, writing: &mut Writing, message: &ToldAlarms) -> Result<(), StoreFault> {
        let told = writing.told_of(message.device)?;
        let (before, at) = (*told, message.made(told));
        for signal in &message.signals {
            told.hear(signal.evidence.source, at);
        }
        let tells_alarm = message.tells_alarm();
        // Most messages are of a meter that has none and never had one.
        if !tells_alarm && !writing.had_alarms(message.device)? {
            return Ok(());
        }
        match self.admitted(writing, (message.device, at))?.1 {
            Admitted::Yes => {}
            Admitted::TooOld => {
                self.counts.too_old += u64::from(tells_alarm);
                return Ok(());
            }
            Admitted::NotPermitted => {
                self.counts.not_permitted += u64::from(tells_alarm);
                return Ok(());
            }
        }
        let alarms = writing.alarms_of(message.device)?;
        for event in alarms.take(at, &message.signals, &before) {
            self.keep(writing, message.device, &event)?;
        }
        Ok(())
    }

    fn admitted(
        &self,
        writing: &mut Writing,
        (device, at): (DeviceNo, Timestamp),
    ) -> Result<(Place, Admitted), StoreFault> {
        let day = epoch_day(writing.zone.day_of(at));
        let point = writing.point_of(device, day, self.now)?;
        admitted(writing, (self.covers, self.category), (point, at))
    }

    fn keep(
        &mut self,
        writing: &mut Writing,
        device: DeviceNo,
        event: &AlarmEvent,
    ) -> Result<(), StoreFault> {
        // The event of a late message may be of another day than the message.
        let (place, Admitted::Yes) = self.admitted(writing, (device, event.at))? else {
            self.counts.too_old += 1;
            return Ok(());
        };
        insert_event(writing, (AlarmOf::Device(device), &place), event)?;
        self.counts.count(event.signal.change);
        Ok(())
    }
}

pub(super) fn insert_event(
    writing: &mut Writing,
    (whose, place): (AlarmOf, &Place),
    event: &AlarmEvent,
) -> Result<(), StoreFault> {
    let number = next_number(&writing.db)?;
    let of = AlarmRow { number, point: place.point, whose, day: place.day };
    let (device, series) = whose.columns();
    let day = from_epoch_day(place.day).ok_or(StoreFault::Row { what: "alarm.day" })?;
    let sealing = writing.vault.key(place.key, day)?;
    let sealed = sealing.seal(writing.nonces.next()?, &of.sealed_for(place.key), &to_bytes(event))?;
    writing
        .db
        .prepare_cached(
            "-- insert_alarm
             INSERT INTO alarm (alarm_no, point_no, device_no, series_no, day, key_no, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            number,
            place.point.as_u32(),
            device,
            series,
            place.day,
            place.key.as_u32(),
            sealed
        ])?;
    writing.note_alarmed(whose);
    Ok(())
}

fn next_number(db: &Connection) -> Result<i64, StoreFault> {
    let number = db
        .prepare_cached(
            "-- next_alarm
             SELECT coalesce(max(alarm_no), 0) + 1 FROM alarm",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(number)
}

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlarmOf {
    /// A meter.
    Device(DeviceNo),
    /// A series that is estimated for too long.
    Series(SeriesNo),
}

impl AlarmOf {
    /// The numbers of device and series; 0 for the other.
    const fn columns(self) -> (u32, u32) {
        match self {
            Self::Device(device) => (device.as_u32(), 0),
            Self::Series(series) => (0, series.as_u32()),
        }
    }

    /// What [`AlarmOf::columns`] gives.
    pub(super) const fn from_columns((device, series): (u32, u32)) -> Self {
        match series {
            0 => Self::Device(DeviceNo::new(device)),
            series => Self::Series(SeriesNo::new(series)),
        }
    }
}

/// What stands in the clear of an event.
#[derive(Clone, Copy)]
pub(super) struct AlarmRow {
    pub(super) number: i64,
    pub(super) point: PointNo,
    pub(super) whose: AlarmOf,
    pub(super) day: i32,
}

impl AlarmRow {
    /// Key columns: an event moved to another row does not open.
    pub(super) fn sealed_for(&self, key: KeyNo) -> Vec<u8> {
        let (device, series) = self.whose.columns();
        let numbers = [self.point.as_u32(), device, key.as_u32()].map(u32::to_be_bytes).concat();
        let row =
            [b"alarm", self.number.to_be_bytes().as_slice(), &self.day.to_be_bytes(), &numbers].concat();
        // Rows of devices are sealed as they were before there were others.
        if series == 0 { row } else { [row.as_slice(), b"series", &series.to_be_bytes()].concat() }
    }
}

/// Bytes of an event: all the same, so that the length of what is sealed does not tell which alarm it is.
const EVENT_BYTES: usize = 80;

/// Instant and raw code, eight bytes each; then the words, filled up with spaces.
fn to_bytes(event: &AlarmEvent) -> Vec<u8> {
    let Signal { code, phase, change, evidence } = event.signal;
    let phase = phase.map_or("-", Phase::word);
    let words = format!("{} {phase} {} {}", code.word(), change.word(), evidence.source.word());
    let mut bytes = Vec::with_capacity(EVENT_BYTES);
    bytes.extend_from_slice(&event.at.as_millisecond().to_be_bytes());
    bytes.extend_from_slice(&evidence.raw.to_be_bytes());
    bytes.extend_from_slice(words.as_bytes());
    bytes.resize(EVENT_BYTES.max(bytes.len()), b' ');
    bytes
}

/// An event as it was sealed.
pub(super) fn event_from(bytes: &[u8]) -> Result<AlarmEvent, StoreFault> {
    read_event(bytes).ok_or(StoreFault::Row { what: "alarm.sealed" })
}

fn read_event(bytes: &[u8]) -> Option<AlarmEvent> {
    let (at_ms, rest) = bytes.split_first_chunk()?;
    let (raw, words) = rest.split_first_chunk()?;
    let mut words = std::str::from_utf8(words).ok()?.split_ascii_whitespace();
    let code = AlarmCode::from_word(words.next()?)?;
    let phase = match words.next()? {
        "-" => None,
        word => Some(Phase::from_word(word)?),
    };
    let change = Change::from_word(words.next()?)?;
    let evidence = Evidence { source: Source::from_word(words.next()?)?, raw: u64::from_be_bytes(*raw) };
    let at = Timestamp::from_millisecond(i64::from_be_bytes(*at_ms)).ok()?;
    Some(AlarmEvent { at, signal: Signal { code, phase, change, evidence } })
}

impl Writing {
    /// Remembers that something is stored of the alarms of a device or series.
    fn note_alarmed(&mut self, whose: AlarmOf) {
        match (whose, &mut self.alarmed, &mut self.chained) {
            (AlarmOf::Device(device), Some(known), _) => {
                known.insert(device);
            }
            (AlarmOf::Series(series), _, Some(known)) => {
                known.insert(series);
            }
            _ => {}
        }
    }

    /// Whether anything is stored of the alarms of a device.
    fn had_alarms(&mut self, device: DeviceNo) -> Result<bool, StoreFault> {
        if self.alarmed.is_none() {
            self.alarmed = Some(devices_with_alarms(&self.db)?);
        }
        Ok(self.alarmed.as_ref().is_some_and(|known| known.contains(&device)))
    }

    /// What is stored of the alarms of a device, looked up once.
    fn alarms_of(&mut self, device: DeviceNo) -> Result<&mut MeterAlarms, StoreFault> {
        if !self.alarms.contains_key(&device) {
            let mut stored = MeterAlarms::default();
            if self.had_alarms(device)? {
                for event in stored_events(self, AlarmOf::Device(device))? {
                    stored.restore(&event);
                }
            }
            self.alarms.insert(device, stored);
        }
        self.alarms.get_mut(&device).ok_or(StoreFault::Row { what: "alarm.device_no" })
    }
}

fn devices_with_alarms(db: &Connection) -> Result<FxHashSet<DeviceNo>, StoreFault> {
    let devices = db
        .prepare_cached(
            "-- devices_with_alarms
             SELECT DISTINCT e.device_no FROM alarm e WHERE e.device_no <> 0",
        )?
        .query_map([], |row| row.get(0).map(DeviceNo::new))?
        .collect::<Result<_, _>>()?;
    Ok(devices)
}

/// The events of a device or series that open: those of an erased day are as if they had never been.
pub(super) fn stored_events(writing: &mut Writing, whose: AlarmOf) -> Result<Vec<AlarmEvent>, StoreFault> {
    type Stored = (i64, PointNo, i32, KeyNo, Vec<u8>);
    let rows: Vec<Stored> = writing
        .db
        .prepare_cached(
            "-- alarms_of
             SELECT e.alarm_no, e.point_no, e.day, e.key_no, e.sealed FROM alarm e
             WHERE e.device_no = ?1 AND e.series_no = ?2",
        )?
        .query_map([whose.columns().0, whose.columns().1], |row| {
            let (point, key) = (PointNo::new(row.get(1)?), KeyNo::new(row.get(3)?));
            Ok((row.get(0)?, point, row.get(2)?, key, row.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut events = Vec::with_capacity(rows.len());
    for (number, point, day, key, sealed) in rows {
        let of = AlarmRow { number, point, whose, day };
        let date = from_epoch_day(day).ok_or(StoreFault::Row { what: "alarm.day" })?;
        match writing.vault.key(key, date) {
            Ok(sealing) => events.push(event_from(&sealing.open(&of.sealed_for(key), &sealed)?)?),
            Err(fault) if fault.is_erased() => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_survives_sealing_and_has_one_length() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        for code in AlarmCode::ALL {
            let evidence = Evidence { source: Source::ErrorFlags, raw: u64::MAX };
            for (phase, change) in [(None, Change::Raised), (Some(Phase::L3), Change::Happened)] {
                let event = AlarmEvent { at, signal: Signal { code: *code, phase, change, evidence } };
                let bytes = to_bytes(&event);
                assert_eq!(bytes.len(), EVENT_BYTES, "{code}");
                assert_eq!(event_from(&bytes).unwrap(), event);
            }
        }
        assert!(event_from(b"short").is_err());
    }
}
