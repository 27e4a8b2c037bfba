//! What a call came to, noted once what it brought is durable.

use crate::db::params;
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::Operation;
use tidstro_model::DeviceId;

use super::counter::{CounterUse, keep_meter_counter};
use super::cycle::CallState;
use crate::personal::{Writing, count_call};
use crate::reference::register_device;
use crate::{Permit, Store, StoreFault};

/// What a call came to.
#[derive(Debug, Clone)]
pub struct CallNote {
    /// In which cycle.
    pub cycle: Timestamp,
    /// The meter.
    pub device: DeviceId,
    /// How often it had been called before. If somebody else has noted a call since, nothing is counted.
    pub tries: u32,
    /// How far it has come now.
    pub state: CallState,
    /// When it may be called next.
    pub due: Timestamp,
    /// Values of the cycle that came in this call.
    pub received: u32,
    /// Values of earlier cycles that came in this call.
    pub late: u32,
    /// Why it did not reach its end: a word, then what to do. No value of a meter is in it.
    pub reason: Option<(&'static str, String)>,
    /// How far the meter's clock was ahead.
    pub clock_ahead: Option<SignedDuration>,
    /// The end of the last interval that is stored now.
    pub read_until: Option<Timestamp>,
    /// The highest counter the meter has shown.
    pub meter_counter: Option<(CounterUse, u32)>,
}

impl Store {
    /// Notes a call. Durable when this returns.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect series.
    pub async fn note_call(&self, permit: &Permit, note: CallNote, now: Timestamp) -> Result<(), StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.series()?, now)?;
        let job = move |writing: &mut Writing| writing.transact(|writing| keep(writing, &note));
        self.threads.write(job).await
    }
}

fn keep(writing: &Writing, note: &CallNote) -> Result<(), StoreFault> {
    let number = register_device(&writing.db, note.device)?;
    let device = number.as_u32();
    let (reason, advice) = match &note.reason {
        Some((reason, advice)) => (Some(*reason), Some(advice.as_str())),
        None => (None, None),
    };
    let noted = writing
        .db
        .prepare_cached(
            "-- note_call
             UPDATE collect_call
             SET tries = tries + 1, state = ?3, due_ms = ?4, received = received + ?5, late = late + ?6,
                 reason = ?7, advice = ?8, clock_ahead_s = coalesce(?9, clock_ahead_s)
             WHERE cycle_ms = ?1 AND device_no = ?2 AND tries = ?10",
        )?
        .execute(params![
            note.cycle.as_millisecond(),
            device,
            note.state.code(),
            note.due.as_millisecond(),
            note.received,
            note.late,
            reason,
            advice,
            note.clock_ahead.map(|ahead| ahead.as_secs()),
            note.tries,
        ])?;
    if noted > 0 {
        count_call(writing, (number, note.cycle), note.tries, note.state)?;
    }
    if let Some(until) = note.read_until {
        keep_until(writing, device, until)?;
    }
    match &note.meter_counter {
        Some((which, highest)) => keep_meter_counter(writing, which, *highest),
        None => Ok(()),
    }
}

fn keep_until(writing: &Writing, device: u32, until: Timestamp) -> Result<(), StoreFault> {
    writing
        .db
        .prepare_cached(
            "-- keep_until
             INSERT INTO collect_until (device_no, until_ms) VALUES (?1, ?2)
             ON CONFLICT (device_no) DO UPDATE SET until_ms = excluded.until_ms
             WHERE excluded.until_ms > collect_until.until_ms",
        )?
        .execute(params![device, until.as_millisecond()])?;
    Ok(())
}
