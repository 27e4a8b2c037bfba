//! Where a value comes from: every version of one interval or reading.
//!
//! What comes in: a permit to read, a point's series and an instant. What goes out: each version in which that value became
//! something else, the oldest first, with when it was registered, why, from where and by whom. Never: a version whose key
//! the permit does not reach, or a value finer than the permit.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::Block;
use tidstro_model::{DayRange, Decimal, Mark, Quality, SeriesNo};

use super::cause::{CauseKind, Note, note_of};
use super::correct::{place_of, value_at};
use super::read::{Window, key_cuts, seq_as_of, stored_day, windows};
use super::versions::{AnyVersion, KeyCuts, versions_of_day};
use crate::gate::{Disclosed, Permit, Terms};
use crate::reference::SeriesEntry;
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// Which value is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WhyQuery {
    /// One series, or every series in scope that has a value there.
    pub series: Option<SeriesNo>,
    /// Start of the interval, or instant of the reading.
    pub at: Timestamp,
    /// The versions known at this moment; `None` for now.
    pub as_of: Option<Timestamp>,
}

/// The versions of one value. It has no `Debug`: nothing prints a person's values.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueHistory {
    /// Its series.
    pub entry: SeriesEntry,
    /// Whether the permit shows the values too.
    pub is_shown: bool,
    /// The versions, the oldest first.
    pub versions: Vec<ValueVersion>,
}

/// A version in which a value became something else.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueVersion {
    /// Number of the registration.
    pub registered_seq: i64,
    /// When it was registered.
    pub registered: Timestamp,
    /// What made it.
    pub cause: CauseKind,
    /// The file or upload it came from, or the kind of job.
    pub source: String,
    /// The rules or methods, by name.
    pub made_by: Option<String>,
    /// Who registered it, as far as the log still says so.
    pub actor: Option<String>,
    /// Who said so, and why, where a person did.
    pub note: Option<Note>,
    /// The value, where there is one and the permit shows it.
    pub value: Option<Decimal>,
    /// Its quality, whether it corrects, the rules it failed, the method of an estimate.
    pub mark: Mark,
}

impl Store {
    /// The versions of one value, series by series.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read.
    pub async fn why(
        &self,
        permit: &Permit,
        query: WhyQuery,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<ValueHistory>>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Read, now)?;
        let zone = self.zone.clone();
        let told = self
            .threads
            .read(move |reading| histories((&reading.db, &mut reading.vault), &zone, &terms, &query))
            .await?;
        Ok(Disclosed::new(told, permit))
    }
}

fn histories(
    (db, vault): (&Connection, &mut Vault),
    zone: &Zone,
    terms: &Terms,
    query: &WhyQuery,
) -> Result<Vec<ValueHistory>, StoreFault> {
    let day = zone.day_of(query.at);
    let days = DayRange::new(day, day.tomorrow().unwrap_or(day));
    let days = days.map_err(|_| StoreFault::Row { what: "local day out of range" })?;
    let cuts = key_cuts(db, &terms.scope().reach)?;
    let last_seq = seq_as_of(db, query.as_of)?;
    let mut told = Vec::new();
    for window in windows(db, terms, days, query.series)? {
        let Ok(place) = place_of(zone, &window.entry, query.at) else { continue };
        let is_shown = window.entry.meta.resolution >= terms.scope().finest;
        let asked = Asked { period: epoch_day(day), place, last_seq, is_shown };
        let versions = versions((db, vault), (&window, &cuts), &asked)?;
        if !versions.is_empty() {
            told.push(ValueHistory { entry: window.entry, is_shown, versions });
        }
    }
    Ok(told)
}

/// One value of one local day.
struct Asked {
    period: i32,
    /// Slot, or second of the local day.
    place: u32,
    last_seq: i64,
    is_shown: bool,
}

/// The versions in reach; those that a key seals which the newest one is not sealed with may be somebody else's.
fn versions(
    (db, vault): (&Connection, &mut Vault),
    (window, cuts): (&Window, &KeyCuts),
    asked: &Asked,
) -> Result<Vec<ValueVersion>, StoreFault> {
    if stored_day(db, vault, (window, cuts), asked.period, asked.last_seq)?.is_none() {
        return Ok(Vec::new());
    }
    let mut stored = versions_of_day(db, vault, (asked.period, window.entry.meta.series))?;
    stored.retain(|version| version.seq <= asked.last_seq);
    let Some(newest) = stored.last().map(|version| version.key) else { return Ok(Vec::new()) };
    let (mut told, mut last) = (Vec::new(), None);
    for AnyVersion { seq, block, .. } in stored.into_iter().filter(|version| version.key == newest) {
        let said = said_at(&block, asked.place);
        if said != last && !(last.is_none() && is_nothing(said)) {
            let key = (asked.period, window.entry.meta.series, seq);
            let note = note_of(db, vault, key)?;
            told.extend(value_version(db, seq, (said, asked.is_shown), note)?);
            last = said;
        }
    }
    Ok(told)
}

/// What a version says of a place.
type Said = Option<(Option<Decimal>, Mark)>;

fn said_at(block: &Block, place: u32) -> Said {
    let mark = match block {
        Block::Interval(block) => block.mark(place as usize),
        Block::Register(block) => block.readings().find(|(at, ..)| *at == place).map(|(.., mark)| mark),
    };
    mark.map(|mark| (value_at(block, place), mark))
}

/// Whether nobody has said anything yet.
fn is_nothing(said: Said) -> bool {
    said.is_none_or(|(_, mark)| mark.quality() == Quality::Missing && !mark.is_correction())
}

/// A version with its registration. A reading that is not there any more is missing.
fn value_version(
    db: &Connection,
    seq: i64,
    (said, is_shown): (Said, bool),
    note: Option<Note>,
) -> Result<Option<ValueVersion>, StoreFault> {
    let (value, mark) = said.unwrap_or((None, Mark::new(Quality::Missing).corrected()));
    let version = |registration: Registration| ValueVersion {
        registered_seq: seq,
        registered: registration.registered,
        cause: registration.cause,
        source: registration.source,
        made_by: registration.made_by,
        actor: registration.actor,
        note,
        value: value.filter(|_| is_shown),
        mark,
    };
    Ok(registration_of(db, seq)?.map(version))
}

/// When, why and by whom versions were registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// When.
    pub registered: Timestamp,
    /// What made the versions.
    pub cause: CauseKind,
    /// The file or upload they came from, or the kind of job.
    pub source: String,
    /// The rules or methods, by name.
    pub made_by: Option<String>,
    /// Who registered them, as far as the log still says so.
    pub actor: Option<String>,
}

/// A registration by its number.
pub(super) fn registration_of(db: &Connection, seq: i64) -> Result<Option<Registration>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- registration_of
             SELECT r.registered_ms, s.name, r.cause, r.made_by,
                    (SELECT max(e.actor) FROM event e JOIN log_stream l ON l.stream_no = e.stream_no
                     WHERE l.stream = 'uses' AND l.writer = 1 AND e.event_seq = r.permit_seq)
             FROM registration r JOIN source s ON s.source_no = r.source_no WHERE r.registered_seq = ?1",
        )?
        .query_row(params![seq], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    let Some((registered_ms, source, cause, made_by, actor)) = found else { return Ok(None) };
    let damaged = |what| StoreFault::Row { what };
    let registered = Timestamp::from_millisecond(registered_ms);
    Ok(Some(Registration {
        registered: registered.map_err(|_| damaged("registration.registered_ms"))?,
        cause: CauseKind::from_word(&cause).ok_or(damaged("registration.cause"))?,
        source,
        made_by,
        actor,
    }))
}
