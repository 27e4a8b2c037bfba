//! Counters that begin anew, on somebody's word.
//!
//! A meter comes in, and why its counters began anew; what the rules of telegrams make of what they know of it is kept in
//! the transaction of the fact in the log. Counters belong to keys, so that who may change keys may say this.

use crate::db::{Connection, OptionalExtension, params};
use jiff::Timestamp;
use tidstro_govern::{Event, EventKind, Operation};
use tidstro_model::{DeviceNo, MeterId};

use super::category;
use crate::gate::Terms;
use crate::personal::{Writing, change_counters};
use crate::{Permit, Store, StoreFault, log};

impl Store {
    /// Changes what is known of a meter's counters, and writes down why; gives the device's number, or `None` for a meter
    /// that the store does not know. `why` has no name in it.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct keys.
    pub async fn begin_counters_anew(
        &self,
        permit: &Permit,
        meter: MeterId,
        (why, change): (String, impl Fn(Option<&[u8]>) -> Vec<u8> + Send + 'static),
        now: Timestamp,
    ) -> Result<Option<DeviceNo>, StoreFault> {
        let terms = permit.must_allow(Operation::Correct, &category()?, now)?;
        let job = move |writing: &mut Writing| {
            writing.transact(|writing| begin_anew(writing, &terms, meter, (&why, &change), now))
        };
        self.threads.write(job).await
    }
}

fn begin_anew(
    writing: &mut Writing,
    terms: &Terms,
    meter: MeterId,
    (why, change): (&str, impl FnOnce(Option<&[u8]>) -> Vec<u8>),
    now: Timestamp,
) -> Result<Option<DeviceNo>, StoreFault> {
    let Some(device) = known_device(&writing.db, meter)? else { return Ok(None) };
    change_counters(writing, device, change)?;
    let detail = format!("device {device} {why}");
    let event = Event::new(now, EventKind::MeterCountersBegan, terms.actor.clone(), detail);
    log::append(writing, Event { purpose: Some(terms.grant.activity.clone()), ..event })?;
    Ok(Some(device))
}

/// The number of an M-Bus device, if it was ever heard or placed.
fn known_device(db: &Connection, meter: MeterId) -> Result<Option<DeviceNo>, StoreFault> {
    let device: Option<u32> = db
        .prepare_cached(
            "-- known_meter
             SELECT device_no FROM device
             WHERE manufacturer = ?1 AND number = ?2 AND version = ?3 AND medium = ?4",
        )?
        .query_row(
            params![meter.manufacturer.field(), meter.number.0, meter.version, meter.medium.0],
            |row| row.get(0),
        )
        .optional()?;
    Ok(device.map(DeviceNo::new))
}
