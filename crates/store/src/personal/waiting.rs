//! Telegrams that gave no reading, and telegrams to be decoded once more.
//!
//! What comes in: why a telegram gave nothing. What goes out: which meters' telegrams wait and for what, those telegrams
//! themselves, and a count of unknown types that names no meter. Never: a telegram whose key is gone.

use crate::db::{Connection, DbFault, Row, params};
use jiff::Timestamp;
use tidstro_calendar::epoch_day;
use tidstro_govern::Operation;
use tidstro_model::{DeviceId, DeviceNo, KeyNo, Manufacturer, Medium};

use super::Writing;
use super::telegram::{Heard, Receipt, StoredTelegram, TelegramNo, instant, telegram_row};
use crate::reference::{DEVICE_COLUMNS, StoredFormat, device_from, formats, keep_formats};
use crate::{Disclosed, Permit, Store, StoreFault};

/// Why a telegram gave no reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// A short stable code, such as `key-missing`.
    pub reason: String,
    /// The CI field that says how the telegram goes on, where it could be read.
    pub ci: Option<u8>,
}

/// Telegrams of one meter that wait for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The meter's number in the store.
    pub device: DeviceNo,
    /// The meter their headers name.
    pub meter: DeviceId,
    /// Why they gave no reading; `None` if nobody has tried.
    pub reason: Option<String>,
}

/// Telegrams without readings of one type of meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineLine {
    /// The manufacturer, of DLMS the letters in the system title; `None` where neither is there.
    pub manufacturer: Option<Manufacturer>,
    /// The version of an M-Bus device.
    pub version: Option<u8>,
    /// The type of an M-Bus device.
    pub medium: Option<Medium>,
    /// The CI field that says how the telegrams go on, where it could be read.
    pub ci: Option<u8>,
    /// Why they gave no reading.
    pub reason: String,
    /// How many telegrams.
    pub telegrams: u64,
    /// Of how many meters.
    pub meters: u64,
}

/// Where reading kept telegrams goes on: after this one of this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptCursor {
    key: i64,
    received_ms: i64,
    number: i64,
}

/// Marks what became of telegrams: the same one again (`repeat`) is done, too. One that gave readings once keeps them,
/// whatever became of it now.
pub(super) fn settle_telegrams<'t>(
    db: &Connection,
    telegrams: impl Iterator<Item = (TelegramNo, Option<&'t Unread>)>,
) -> Result<(), StoreFault> {
    let mut settle = db.prepare_cached(
        "-- settle_telegram
         UPDATE raw_telegram
         SET state = CASE WHEN CAST(?2 AS TEXT) IS NULL OR ?2 = 'repeat' THEN 'decoded' ELSE 'quarantined' END, reason = ?2, ci = ?3
         WHERE telegram_no = ?1 AND (CAST(?2 AS TEXT) IS NULL OR state <> 'decoded')",
    )?;
    for (number, unread) in telegrams {
        let (reason, ci) = (unread.map(|unread| unread.reason.as_str()), unread.and_then(|unread| unread.ci));
        settle.execute(params![number.as_i64(), reason, ci])?;
    }
    Ok(())
}

/// Which meters' telegrams gave no reading, and why.
fn waiting(db: &Connection) -> Result<Vec<Waiting>, StoreFault> {
    let sql = format!(
        "-- waiting
         SELECT w.device_no, w.reason, {DEVICE_COLUMNS}
         FROM (SELECT DISTINCT device_no, reason FROM raw_telegram WHERE state <> 'decoded') w
              JOIN device d USING (device_no)
         ORDER BY w.device_no, w.reason"
    );
    let waiting = db
        .prepare_cached(&sql)?
        .query_map([], |row| {
            let device = DeviceNo::new(row.get(0)?);
            Ok(Waiting { device, meter: device_from(row, 2)?, reason: row.get(1)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(waiting)
}

/// How many telegrams of each type of meter gave no reading, most first.
fn unknown_types(db: &Connection) -> Result<Vec<QuarantineLine>, StoreFault> {
    let types = db
        .prepare_cached(
            "-- unknown_types
             SELECT d.manufacturer, d.version, d.medium, t.ci, t.reason, count(*), count(DISTINCT t.device_no),
                    substr(d.title, 1, 3) AS maker
             FROM raw_telegram t JOIN device d USING (device_no)
             WHERE t.state <> 'decoded' AND t.reason IS NOT NULL
             GROUP BY d.manufacturer, d.version, d.medium, maker, t.ci, t.reason
             ORDER BY count(*) DESC, d.manufacturer NULLS FIRST, d.version NULLS FIRST, d.medium NULLS FIRST,
                      maker NULLS FIRST, t.ci NULLS FIRST, t.reason",
        )?
        .query_map([], |row| {
            Ok(QuarantineLine {
                manufacturer: maker(row)?,
                version: row.get(1)?,
                medium: row.get::<_, Option<u8>>(2)?.map(Medium),
                ci: row.get(3)?,
                reason: row.get(4)?,
                telegrams: row.get::<_, i64>(5)?.unsigned_abs(),
                meters: row.get::<_, i64>(6)?.unsigned_abs(),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(types)
}

/// The M-Bus field, or the letters of a system title.
fn maker(row: &Row<'_>) -> Result<Option<Manufacturer>, DbFault> {
    let field: Option<u16> = row.get(0)?;
    // Of a title that does not begin with letters nobody knows the maker.
    let letters = || String::from_utf8(row.get::<_, Option<Vec<u8>>>(7).ok().flatten()?).ok();
    Ok(field.map(Manufacturer::from_field).or_else(|| Manufacturer::parse(&letters()?).ok()))
}

/// The columns that [`KeptRow::read`] reads.
pub(super) const COLUMNS: &str = "t.telegram_no, t.digest, t.received_ms, t.key_no, t.reason, t.sealed, t.device_no, \
     t.time_stated, t.state = 'decoded', d.manufacturer, d.number, d.version, d.medium, d.title, d.name";

/// Telegrams of one meter that wait for one thing, oldest first, at most `limit`, after number `after`. Those that are
/// erased are left out, so that the last number read goes out too; `None` at the end.
fn waiting_telegrams(
    writing: &mut Writing,
    waiting: &Waiting,
    after: Option<TelegramNo>,
    limit: u32,
) -> Result<(Vec<StoredTelegram>, Option<TelegramNo>), StoreFault> {
    let sql = format!(
        "-- waiting_telegrams
         SELECT {COLUMNS} FROM raw_telegram t JOIN device d USING (device_no)
         WHERE t.state <> 'decoded' AND t.device_no = ?1 AND t.reason IS NOT DISTINCT FROM ?2 AND t.telegram_no > ?3
         ORDER BY t.telegram_no LIMIT ?4"
    );
    let after = after.map_or(0, TelegramNo::as_i64);
    let rows = writing
        .db
        .prepare_cached(&sql)?
        .query_map(params![waiting.device.as_u32(), waiting.reason, after, limit], KeptRow::read)?
        .collect::<Result<Vec<_>, _>>()?;
    let last = rows.last().map(|row| TelegramNo::new(row.number));
    Ok((opened(writing, rows)?, last))
}

/// Kept telegrams received since an instant, decoded or not, owner by owner and in the order of time, at most `limit` and
/// what else belongs to the last one's local day.
fn kept_since(
    writing: &mut Writing,
    since: Timestamp,
    after: Option<KeptCursor>,
    limit: u32,
) -> Result<(Vec<StoredTelegram>, Option<KeptCursor>), StoreFault> {
    let start = KeptCursor { key: i64::MIN, received_ms: i64::MIN, number: i64::MIN };
    let KeptCursor { key, received_ms, number } = after.unwrap_or(start);
    let sql = format!(
        "-- kept_since
         SELECT {COLUMNS} FROM raw_telegram t CROSS JOIN device d
         WHERE d.device_no = t.device_no AND t.received_ms >= ?1 AND (t.key_no, t.received_ms, t.telegram_no) > (?2, ?3, ?4)
         ORDER BY t.key_no, t.received_ms, t.telegram_no"
    );
    let mut kept: Vec<KeptRow> = Vec::new();
    {
        let mut statement = writing.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![since.as_millisecond(), key, received_ms, number])?;
        while let Some(row) = rows.next()? {
            let row = KeptRow::read(&row)?;
            // What one meter says of one moment stays together: of two such telegrams the later one corrects.
            let is_full = u32::try_from(kept.len()).is_ok_and(|count| count >= limit);
            if is_full && kept.last().is_some_and(|last| last.owner_day(writing) != row.owner_day(writing)) {
                break;
            }
            kept.push(row);
        }
    }
    let cursor = kept.last().map(|row| KeptCursor {
        key: i64::from(row.key.as_u32()),
        received_ms: row.received_ms,
        number: row.number,
    });
    Ok((opened(writing, kept)?, cursor))
}

/// A kept telegram as it lies in the database.
pub(super) struct KeptRow {
    number: i64,
    digest: Vec<u8>,
    received_ms: i64,
    key: KeyNo,
    reason: Option<String>,
    sealed: Vec<u8>,
    device: DeviceNo,
    meter: DeviceId,
    time_stated: bool,
    is_decoded: bool,
}

impl KeptRow {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, DbFault> {
        Ok(Self {
            number: row.get(0)?,
            digest: row.get(1)?,
            received_ms: row.get(2)?,
            key: KeyNo::new(row.get(3)?),
            reason: row.get(4)?,
            sealed: row.get(5)?,
            device: DeviceNo::new(row.get(6)?),
            time_stated: row.get(7)?,
            is_decoded: row.get(8)?,
            meter: device_from(row, 9)?,
        })
    }

    /// Whose it is, and of which local day.
    fn owner_day(&self, writing: &Writing) -> (KeyNo, Option<i32>) {
        let day = instant(self.received_ms).ok().map(|at| epoch_day(writing.zone.day_of(at)));
        (self.key, day)
    }

    /// `None` if it is erased.
    pub(super) fn open(self, writing: &mut Writing) -> Result<Option<StoredTelegram>, StoreFault> {
        let received = instant(self.received_ms)?;
        let key_columns = telegram_row(&self.digest, self.received_ms, self.key);
        let frame = match writing.vault.key(self.key, writing.zone.day_of(received)) {
            Ok(sealing) => sealing.open(&key_columns, &self.sealed)?,
            Err(fault) if fault.is_erased() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let receipt = Receipt {
            telegram: TelegramNo::new(self.number),
            heard: Heard::Again,
            device: self.device,
            is_decoded: self.is_decoded,
            is_tried: self.is_decoded || self.reason.is_some(),
            received,
            time_stated: self.time_stated,
        };
        Ok(Some(StoredTelegram { receipt, meter: self.meter, frame, reason: self.reason }))
    }
}

pub(super) fn opened(writing: &mut Writing, rows: Vec<KeptRow>) -> Result<Vec<StoredTelegram>, StoreFault> {
    rows.into_iter().filter_map(|row| row.open(writing).transpose()).collect()
}

impl Store {
    /// Which meters' telegrams gave no reading, and why.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn waiting(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<Waiting>>, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        let found = self.threads.read(|reading| waiting(&reading.db)).await?;
        Ok(Disclosed::new(found, permit))
    }

    /// Telegrams of one meter that wait for one thing, oldest first, at most `limit`, after number `after`; and the number
    /// to go on after, `None` at the end.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn waiting_telegrams(
        &self,
        permit: &Permit,
        of: &Waiting,
        (after, limit): (Option<TelegramNo>, u32),
        now: Timestamp,
    ) -> Result<(Disclosed<Vec<StoredTelegram>>, Option<TelegramNo>), StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        let of = of.clone();
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| waiting_telegrams(writing, &of, after, limit))
        };
        let (telegrams, last) = self.threads.write(job).await?;
        Ok((Disclosed::new(telegrams, permit), last))
    }

    /// Kept telegrams received since an instant, decoded or not, at most `limit` and what else belongs to the local day of
    /// the last one; and where to go on, `None` at the end.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn kept_telegrams(
        &self,
        permit: &Permit,
        since: Timestamp,
        (after, limit): (Option<KeptCursor>, u32),
        now: Timestamp,
    ) -> Result<(Disclosed<Vec<StoredTelegram>>, Option<KeptCursor>), StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        let job =
            move |writing: &mut Writing| writing.transact(|writing| kept_since(writing, since, after, limit));
        let (telegrams, cursor) = self.threads.write(job).await?;
        Ok((Disclosed::new(telegrams, permit), cursor))
    }

    /// How many telegrams of each type of meter gave no reading, most first.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read telegrams.
    pub async fn unknown_types(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<QuarantineLine>>, StoreFault> {
        permit.must_allow(Operation::Read, self.columns.telegrams()?, now)?;
        let types = self.threads.read(|reading| unknown_types(&reading.db)).await?;
        Ok(Disclosed::new(types, permit))
    }

    /// The formats of compact frames known so far.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn formats(&self) -> Result<Vec<StoredFormat>, StoreFault> {
        self.threads.read(|reading| formats(&reading.db)).await
    }

    /// Keeps formats that telegrams taught.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn keep_formats(
        &self,
        permit: &Permit,
        learned: Vec<StoredFormat>,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        let job =
            move |writing: &mut Writing| writing.transact(|writing| keep_formats(&writing.db, &learned, now));
        self.threads.write(job).await
    }
}
