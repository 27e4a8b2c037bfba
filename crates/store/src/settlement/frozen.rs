//! Sums of local days as a calculation left them.
//!
//! What comes in: the sums of a day, and the number of the calculation. What is kept: a sealed row for each group, with the key of
//! the month. What goes out: the sums of its days. Never: a row that is changed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_calendar::{Zone, epoch_day, from_epoch_day};
use tidstro_metering::settlement::DaySums;
use tidstro_model::DayRange;

use super::sums::{class_of, day_in, group_from, group_no, open_sum, seal_sum};
use crate::StoreFault;
use crate::db::{Connection, params};
use crate::personal::Writing;
use crate::seal::{SealingKey, Vault};

/// Keeps the sums of a local day for a calculation. Call inside a transaction.
pub(super) fn freeze_sums(writing: &mut Writing, run: i64, sums: &DaySums) -> Result<(), StoreFault> {
    let period = epoch_day(sums.day());
    let key = writing.vault.ensure_class(&class_of(sums.day()))?;
    for (group, sum) in sums.groups() {
        let group = group_no(writing, group)?;
        let sealed = seal_sum(writing, &key, &frozen_row(run, (group, period)), sum)?;
        writing
            .db
            .prepare_cached(
                "-- freeze_settlement
                 INSERT INTO settlement_frozen (group_no, run_no, period, sealed) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![group, run, period, sealed])?;
    }
    Ok(())
}

/// Key columns of a sum of a run.
fn frozen_row(run: i64, (group, period): (i64, i32)) -> Vec<u8> {
    let numbers = [run.to_be_bytes(), group.to_be_bytes()].concat();
    [b"settlement run".as_slice(), &numbers, &period.to_be_bytes()].concat()
}

/// The sums of some local days as a calculation left them; a month whose key is gone has none.
pub(super) fn frozen_days(
    db: &Connection,
    vault: &Vault,
    zone: &Zone,
    (run, days): (i64, DayRange),
) -> Result<BTreeMap<Date, DaySums>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- settlement_frozen
         SELECT g.area, g.kind, g.neighbour, g.method, g.supplier, g.balance_responsible, f.group_no, f.period, f.sealed
         FROM settlement_frozen f JOIN settlement_group g ON g.group_no = f.group_no
         WHERE f.run_no = ?1 AND f.period >= ?2 AND f.period < ?3 ORDER BY f.period",
    )?;
    let mut rows = statement.query(params![run, epoch_day(days.start()), epoch_day(days.end())])?;
    let mut found: BTreeMap<Date, DaySums> = BTreeMap::new();
    let mut keys: BTreeMap<String, Option<SealingKey>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (group, period, sealed): (i64, i32, Vec<u8>) = (row.get(6)?, row.get(7)?, row.get(8)?);
        let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "settlement_frozen.period" })?;
        let class = class_of(day);
        if !keys.contains_key(&class) {
            keys.insert(class.clone(), vault.class(&class)?);
        }
        // A month whose key is gone has ended.
        let Some(key) = keys.get(&class).and_then(Option::as_ref) else { continue };
        let sum = open_sum(key, &frozen_row(run, (group, period)), &sealed)?;
        day_in(&mut found, zone, day)?.add_sum(group_from(&row, 0)?, &sum)?;
    }
    Ok(found)
}
