//! Invocation counters of associations: ours, reserved before use, and the highest each meter has shown.
//!
//! A nonce of AES-GCM is a system title and a counter (IEC 62056-5-3 § 5.3.3), so a counter may be used once under a key.
//! A range is durable before it is handed out, and what is left of it is never used. It also begins no lower than
//! the seconds since 2024: after a restore of an old backup the counters lie above all that were used since, as long as a key
//! is used less than once a second on average.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use tidstro_govern::Operation;
use tidstro_model::SystemTitle;

use crate::meter_keys::KeySecret;
use crate::personal::Writing;
use crate::seal::Vault;
use crate::{Permit, Store, StoreFault};

/// 2024-01-01T00:00:00Z in seconds.
const FLOOR_SECOND: i64 = 1_704_067_200;
/// Bytes of a challenge (IEC 62056-5-3 § 5.5.2: 8 to 64).
const CHALLENGE: usize = 16;

/// Counters of our client that nobody has used, and a challenge that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterLease {
    /// The first one.
    pub first: u32,
    /// The first one that is not ours.
    pub end: u32,
    /// The highest counter the meter has shown under this key.
    pub meter: Option<u32>,
    /// Random bytes for the meter to prove its keys with.
    pub challenge: [u8; CHALLENGE],
}

/// Which counters are meant.
#[derive(Debug, Clone)]
pub struct CounterUse {
    /// Our client.
    pub client: SystemTitle,
    /// The meter.
    pub meter: SystemTitle,
    /// Its encryption key.
    pub key: KeySecret,
}

impl CounterUse {
    fn client_print(&self, vault: &Vault) -> [u8; 32] {
        vault.commit("client counter", &[&self.client.0[..], self.key.bytes()].concat())
    }

    fn meter_print(&self, vault: &Vault) -> [u8; 32] {
        vault.commit("meter counter", &[&self.meter.0[..], self.key.bytes()].concat())
    }
}

impl Store {
    /// Reserves `count` counters of our client. Durable when this returns.
    ///
    /// # Errors
    /// [`StoreFault::CountersUsedUp`] if the key has no more; [`StoreFault::PermitForOther`] for a permit that is
    /// not to collect series.
    pub async fn lease_counters(
        &self,
        permit: &Permit,
        which: CounterUse,
        count: u32,
        now: Timestamp,
    ) -> Result<CounterLease, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.series()?, now)?;
        self.threads
            .write(move |writing| writing.transact(|writing| lease(writing, &which, count, now)))
            .await
    }
}

pub(super) fn lease(
    writing: &Writing,
    which: &CounterUse,
    count: u32,
    now: Timestamp,
) -> Result<CounterLease, StoreFault> {
    let print = which.client_print(&writing.vault);
    let floor = u32::try_from(now.as_second() - FLOOR_SECOND).unwrap_or_default();
    // Counter 0 is what a meter has heard before anything was said.
    let first = stored(&writing.db, &print)?.unwrap_or_default().max(floor).max(1);
    let end = first.checked_add(count).ok_or(StoreFault::CountersUsedUp)?;
    raise(&writing.db, &print, end)?;
    let meter = stored(&writing.db, &which.meter_print(&writing.vault))?;
    let mut challenge = [0; CHALLENGE];
    SystemRandom::new().fill(&mut challenge).map_err(|_| StoreFault::NoRandomness)?;
    Ok(CounterLease { first, end, meter, challenge })
}

/// Keeps the highest counter a meter has shown. Call inside [`Writing::transact`].
pub(super) fn keep_meter_counter(
    writing: &Writing,
    which: &CounterUse,
    highest: u32,
) -> Result<(), StoreFault> {
    raise(&writing.db, &which.meter_print(&writing.vault), highest)
}

fn stored(db: &Connection, print: &[u8; 32]) -> Result<Option<u32>, StoreFault> {
    let counter = db
        .prepare_cached(
            "-- invocation_counter
             SELECT counter FROM invocation_counter WHERE print = ?1",
        )?
        .query_row([print], |row| row.get(0))
        .optional()?;
    Ok(counter)
}

fn raise(db: &Connection, print: &[u8; 32], counter: u32) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- raise_invocation_counter
         INSERT INTO invocation_counter (print, counter) VALUES (?1, ?2)
         ON CONFLICT (print) DO UPDATE SET counter = excluded.counter
         WHERE excluded.counter > invocation_counter.counter",
    )?
    .execute(params![print, counter])?;
    Ok(())
}
