//! What suppliers owe for charges, as a calculation left it.
//!
//! What comes in: the amounts of a local day, and the number of the calculation. What is kept: for each charge a sealed row with
//! the amounts of every supplier, with the key of the month. What goes out, under a permit: the amounts of a run. Never: an
//! amount changed after its run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_govern::Operation;
use tidstro_metering::settlement::{ChargeAmount, ChargeKey, GridArea, decode_amounts, encode_amounts};
use tidstro_model::DayRange;

use super::run::run_area_days;
use super::sums::class_of;
use crate::db::{Connection, params};
use crate::gate::{Disclosed, Permit};
use crate::personal::Writing;
use crate::reference::{ensure_charge, key_from};
use crate::seal::{SealingKey, Vault};
use crate::sqlite::Reading;
use crate::{Store, StoreFault};

impl Store {
    /// What suppliers owe in the permit's area as a calculation left it, on the days the permit reaches, by day, charge
    /// and supplier; nothing of a calculation without amounts.
    ///
    /// # Errors
    /// As [`Store::settled_in_run`].
    pub async fn amounts_in_run(
        &self,
        permit: &Permit,
        version: u64,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<ChargeAmount>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.settled()?, now)?;
        let zone = self.zone.clone();
        let reading = move |reading: &mut Reading| {
            let (number, area, days) = run_area_days(&reading.db, &terms, version)?;
            let kept = |days| kept_amounts(&reading.db, &reading.vault, &zone, (number, area, days));
            days.map_or(Ok(Vec::new()), kept)
        };
        Ok(Disclosed::new(self.threads.read(reading).await?, permit))
    }
}

/// Keeps the amounts of a local day for a calculation. Call inside a transaction.
pub(super) fn freeze_amounts(
    writing: &mut Writing,
    (run, day): (i64, Date),
    amounts: &[ChargeAmount],
) -> Result<(), StoreFault> {
    let (period, start) = (epoch_day(day), writing.zone.day_start(day));
    let key = writing.vault.ensure_class(&class_of(day))?;
    let mut by_charge: BTreeMap<&ChargeKey, Vec<ChargeAmount>> = BTreeMap::new();
    for amount in amounts {
        by_charge.entry(&amount.key).or_default().push(amount.clone());
    }
    for (charge, amounts) in by_charge {
        let charge = ensure_charge(&writing.db, charge)?;
        let plain = encode_amounts(&amounts, start);
        let sealed = key.seal(writing.nonces.next()?, &amount_row((run, charge, period)), &plain)?;
        writing
            .db
            .prepare_cached(
                "-- freeze_amounts
                 INSERT INTO settlement_amount (charge_no, run_no, period, sealed) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![charge, run, period, sealed])?;
    }
    Ok(())
}

/// Key columns of the amounts of a charge and day.
fn amount_row((run, charge, period): (i64, i64, i32)) -> Vec<u8> {
    let numbers = [run.to_be_bytes(), charge.to_be_bytes()].concat();
    [b"settlement amount".as_slice(), &numbers, &period.to_be_bytes()].concat()
}

fn kept_amounts(
    db: &Connection,
    vault: &Vault,
    zone: &Zone,
    (run, area, days): (i64, GridArea, DayRange),
) -> Result<Vec<ChargeAmount>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- settlement_amounts
         SELECT c.code, c.kind, c.owner, a.charge_no, a.period, a.sealed
         FROM settlement_amount a JOIN charge c ON c.charge_no = a.charge_no
         WHERE a.run_no = ?1 AND a.period >= ?2 AND a.period < ?3
         ORDER BY a.period, c.owner, c.kind, c.code",
    )?;
    let mut rows = statement.query(params![run, epoch_day(days.start()), epoch_day(days.end())])?;
    let mut keys: BTreeMap<String, Option<SealingKey>> = BTreeMap::new();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (charge, period, sealed): (i64, i32, Vec<u8>) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "settlement_amount.period" })?;
        let class = class_of(day);
        if !keys.contains_key(&class) {
            keys.insert(class.clone(), vault.class(&class)?);
        }
        // A month whose key is gone has ended.
        let Some(key) = keys.get(&class).and_then(Option::as_ref) else { continue };
        let plain = key.open(&amount_row((run, charge, period)), &sealed)?;
        found.extend(decode_amounts(&plain, (&key_from(&row, 0)?, area), zone.day_start(day))?);
    }
    Ok(found)
}
