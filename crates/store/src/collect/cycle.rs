//! The calls of a cycle: which meters are expected, and how far each has come.

use crate::db::{Connection, Row, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_calendar::epoch_day;
use tidstro_govern::Operation;
use tidstro_model::{AreaKind, DeviceId, DeviceNo};

use crate::gate::Terms;
use crate::personal::Writing;
use crate::reference::{DEVICE_COLUMNS, device_from, register_device};
use crate::{Permit, Store, StoreFault};

/// How long calls are kept: enough to see which meters fail again and again.
const KEPT: SignedDuration = SignedDuration::from_hours(100 * 24);

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallState {
    /// To be made, or made again.
    Waiting,
    /// The meter was read to the end of the cycle.
    Done,
    /// Given up in this cycle.
    Failed,
}

impl CallState {
    /// The word used in SQL and answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Done, Self::Failed].into_iter().find(|state| state.code() == code)
    }
}

/// One meter in one cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleCall {
    /// The meter.
    pub device: DeviceId,
    /// Its number.
    pub number: DeviceNo,
    /// The area of the point it hangs at; `None` if it hangs nowhere that the purpose of the permit reaches.
    pub area: Option<String>,
    /// How far it has come.
    pub state: CallState,
    /// How often it was called.
    pub tries: u32,
    /// When it may be called next.
    pub due: Timestamp,
    /// How many values the cycle should bring.
    pub expected: u32,
    /// How many of them came.
    pub received: u32,
    /// How many came of earlier cycles.
    pub late: u32,
    /// Why the last call did not reach its end: a word for lists, then what to do.
    pub reason: Option<(String, String)>,
    /// How far the meter's clock was ahead when it was last read.
    pub clock_ahead: Option<SignedDuration>,
    /// The end of the last interval that is stored of it, of any cycle.
    pub read_until: Option<Timestamp>,
}

impl Store {
    /// Makes a call of each meter that has none in the cycle yet, due at once. Gives all calls of these meters.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect series.
    pub async fn begin_cycle(
        &self,
        permit: &Permit,
        cycle: Timestamp,
        meters: Vec<(DeviceId, u32)>,
        now: Timestamp,
    ) -> Result<Vec<CycleCall>, StoreFault> {
        let terms = permit.must_allow(Operation::Collect, self.columns.series()?, now)?;
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| begin(writing, &terms, cycle, &meters, now))
        };
        self.threads.write(job).await
    }
}

fn begin(
    writing: &Writing,
    terms: &Terms,
    cycle: Timestamp,
    meters: &[(DeviceId, u32)],
    now: Timestamp,
) -> Result<Vec<CycleCall>, StoreFault> {
    forget_old(&writing.db, cycle)?;
    let mut calls = Vec::with_capacity(meters.len());
    for (device, expected) in meters {
        let number = register_device(&writing.db, *device)?;
        writing
            .db
            .prepare_cached(
                "-- begin_call
                 INSERT INTO collect_call (cycle_ms, device_no, state, due_ms, expected)
                 VALUES (?1, ?2, 'waiting', ?3, ?4) ON CONFLICT DO NOTHING",
            )?
            .execute(params![cycle.as_millisecond(), number.as_u32(), now.as_millisecond(), expected])?;
        let day = epoch_day(writing.zone.day_of(now));
        calls.push(call(&writing.db, terms, (cycle, number.as_u32(), day))?);
    }
    Ok(calls)
}

fn forget_old(db: &Connection, cycle: Timestamp) -> Result<(), StoreFault> {
    let before = cycle.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    db.prepare_cached(
        "-- forget_old_calls
         DELETE FROM collect_call WHERE cycle_ms < ?1",
    )?
    .execute([before.as_millisecond()])?;
    Ok(())
}

fn call(
    db: &Connection,
    terms: &Terms,
    (cycle, device, day): (Timestamp, u32, i32),
) -> Result<CycleCall, StoreFault> {
    let sql = format!(
        "-- cycle_call
         SELECT {DEVICE_COLUMNS}, a.name, a.kind, c.state, c.tries, c.due_ms, c.expected, c.received, c.late,
                c.reason, c.advice, c.clock_ahead_s, u.until_ms, c.device_no
         FROM collect_call c
         JOIN device d ON d.device_no = c.device_no
         LEFT JOIN installation i ON i.device_no = c.device_no AND i.start_day <= ?3 AND i.end_day > ?3
              AND i.retired_seq IS NULL
         LEFT JOIN point p ON p.point_no = i.point_no
         LEFT JOIN area a ON a.area_no = p.area_no
         LEFT JOIN collect_until u ON u.device_no = c.device_no
         WHERE c.cycle_ms = ?1 AND c.device_no = ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params![cycle.as_millisecond(), device, day])?;
    let row = rows.next()?.ok_or(StoreFault::Row { what: "collect_call" })?;
    read(&row, terms)
}

fn read(row: &Row<'_>, terms: &Terms) -> Result<CycleCall, StoreFault> {
    let (name, kind): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
    let kind = kind.as_deref().and_then(AreaKind::from_code);
    let is_reached = kind.is_some_and(|kind| terms.scope().areas.contains(&kind));
    let state: String = row.get(8)?;
    let (reason, advice): (Option<String>, Option<String>) = (row.get(14)?, row.get(15)?);
    let damaged = StoreFault::Row { what: "collect_call" };
    let instant = |ms| Timestamp::from_millisecond(ms).map_err(|_| StoreFault::Row { what: "collect_call" });
    Ok(CycleCall {
        device: device_from(row, 0)?,
        number: DeviceNo::new(row.get(18)?),
        area: name.filter(|_| is_reached),
        state: CallState::from_code(&state).ok_or(damaged)?,
        tries: row.get(9)?,
        due: instant(row.get(10)?)?,
        expected: row.get(11)?,
        received: row.get(12)?,
        late: row.get(13)?,
        reason: reason.zip(advice),
        clock_ahead: row.get::<_, Option<i64>>(16)?.map(SignedDuration::from_secs),
        read_until: row.get::<_, Option<i64>>(17)?.map(instant).transpose()?,
    })
}
