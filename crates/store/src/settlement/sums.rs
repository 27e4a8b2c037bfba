//! Sums as they lie in their rows.
//!
//! What comes in: changes of the sums of groups. What is kept: one sealed row for each group and local day, written over
//! because it can be made again from the blocks. A row is sealed with the key of its calendar month, so that the sums of a
//! month that nothing keeps end in backups too. Never: a row of a group that nobody is in.

use std::collections::BTreeMap;

use crate::db::{Connection, OptionalExtension, Row, params};
use jiff::civil::Date;
use tidstro_calendar::{Zone, from_epoch_day};
use tidstro_metering::settlement::{
    DaySums, GridArea, GroupKey, GroupKind, Parties, SettlementMethod, SettlementSum, settled_resolution,
};
use tidstro_model::{CheckDigit, Gln};

use super::left;
use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::{SealingKey, Vault};

/// Writes what the transaction has changed: each group and day once. Call before it ends.
pub(crate) fn save(writing: &mut Writing) -> Result<(), StoreFault> {
    let days = std::mem::take(&mut writing.settling.days);
    for (period, changes) in days {
        save_day(writing, period, &changes)?;
    }
    left::put_all(&writing.db, std::mem::take(&mut writing.settling.left))
}

fn save_day(writing: &mut Writing, period: i32, changes: &DaySums) -> Result<(), StoreFault> {
    let mut sealing = None;
    for (group, change) in changes.groups().iter().filter(|(_, change)| !change.is_zero()) {
        let key = match &sealing {
            Some(key) => key,
            None => sealing.insert(writing.vault.ensure_class(&class_of(changes.day()))?),
        };
        let number = group_no(writing, group)?;
        let sum = match kept_sum(&writing.db, key, (number, period))? {
            Some(mut sum) => {
                sum.add(change)?;
                sum
            }
            None => change.clone(),
        };
        put_sum(writing, key, (number, period), &sum)?;
    }
    Ok(())
}

/// The class of keys that seals the sums of a local day: one for each calendar month.
pub(super) fn class_of(day: Date) -> String {
    format!("settlement {:04}-{:02}", day.year(), day.month())
}

fn kept_sum(
    db: &Connection,
    key: &SealingKey,
    (group, period): (i64, i32),
) -> Result<Option<SettlementSum>, StoreFault> {
    let sealed: Option<Vec<u8>> = db
        .prepare_cached(
            "-- settlement_sum
             SELECT sealed FROM settlement_sum WHERE group_no = ?1 AND period = ?2",
        )?
        .query_row(params![group, period], |row| row.get(0))
        .optional()?;
    sealed.map(|sealed| open_sum(key, &sum_row((group, period)), &sealed)).transpose()
}

/// Opens a sum that was sealed for a row.
pub(super) fn open_sum(key: &SealingKey, row: &[u8], sealed: &[u8]) -> Result<SettlementSum, StoreFault> {
    Ok(SettlementSum::decode(&key.open(row, sealed)?)?)
}

/// Seals a sum for a row.
pub(super) fn seal_sum(
    writing: &mut Writing,
    key: &SealingKey,
    row: &[u8],
    sum: &SettlementSum,
) -> Result<Vec<u8>, StoreFault> {
    let mut plain = Vec::new();
    sum.encode(&mut plain);
    key.seal(writing.nonces.next()?, row, &plain)
}

fn put_sum(
    writing: &mut Writing,
    key: &SealingKey,
    (group, period): (i64, i32),
    sum: &SettlementSum,
) -> Result<(), StoreFault> {
    if sum.is_zero() {
        let sql = "-- delete_settlement_sum\nDELETE FROM settlement_sum WHERE group_no = ?1 AND period = ?2";
        writing.db.prepare_cached(sql)?.execute(params![group, period])?;
        return Ok(());
    }
    let sealed = seal_sum(writing, key, &sum_row((group, period)), sum)?;
    writing
        .db
        .prepare_cached(
            "-- put_settlement_sum
             INSERT INTO settlement_sum (group_no, period, sealed) VALUES (?1, ?2, ?3)
             ON CONFLICT (group_no, period) DO UPDATE SET sealed = excluded.sealed",
        )?
        .execute(params![group, period, sealed])?;
    Ok(())
}

/// Key columns of a sum: one moved to another row does not open.
fn sum_row((group, period): (i64, i32)) -> Vec<u8> {
    [b"settlement sum".as_slice(), &group.to_be_bytes(), &period.to_be_bytes()].concat()
}

/// The number of a group, made if it is new.
pub(super) fn group_no(writing: &mut Writing, group: &GroupKey) -> Result<i64, StoreFault> {
    if let Some(number) = writing.settling.groups.get(group) {
        return Ok(*number);
    }
    let columns = GroupColumns::of(group);
    let known = params![
        columns.area,
        columns.kind,
        columns.neighbour,
        columns.method,
        columns.supplier,
        columns.balance_responsible
    ];
    writing
        .db
        .prepare_cached(
            "-- ensure_settlement_group
             INSERT INTO settlement_group (area, kind, neighbour, method, supplier, balance_responsible)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(known)?;
    let number = writing
        .db
        .prepare_cached(
            "-- settlement_group_no
             SELECT group_no FROM settlement_group
             WHERE area = ?1 AND kind = ?2 AND neighbour = ?3 AND method = ?4 AND supplier = ?5
               AND balance_responsible = ?6",
        )?
        .query_row(known, |row| row.get(0))?;
    writing.settling.groups.insert(*group, number);
    Ok(number)
}

/// A group as text columns; what it has not is empty.
struct GroupColumns {
    area: String,
    kind: &'static str,
    neighbour: String,
    method: &'static str,
    supplier: String,
    balance_responsible: String,
}

impl GroupColumns {
    fn of(group: &GroupKey) -> Self {
        let (kind, neighbour, method, parties) = match group.kind {
            GroupKind::Exchange { neighbour } => ("exchange", Some(neighbour), "", Parties::default()),
            GroupKind::Consumption { method, parties } => ("consumption", None, method.word(), parties),
            GroupKind::Production { parties } => ("production", None, "", parties),
        };
        let text = |gln: Option<Gln>| gln.map(|gln| gln.to_string()).unwrap_or_default();
        Self {
            area: group.area.to_string(),
            kind,
            neighbour: neighbour.map(|area| area.to_string()).unwrap_or_default(),
            method,
            supplier: text(parties.supplier),
            balance_responsible: text(parties.balance_responsible),
        }
    }
}

/// Columns of [`group_from`].
const GROUP_COLUMNS: &str = "g.area, g.kind, g.neighbour, g.method, g.supplier, g.balance_responsible";

/// Reads a group from its columns, of which `first` is the first.
pub(super) fn group_from(row: &Row<'_>, first: usize) -> Result<GroupKey, StoreFault> {
    let damaged = StoreFault::Row { what: "settlement_group" };
    let text = |at: usize| row.get::<_, String>(first + at);
    let parties = Parties { supplier: gln(&text(4)?)?, balance_responsible: gln(&text(5)?)? };
    let kind = match text(1)?.as_str() {
        "exchange" => GridArea::parse(&text(2)?).map(|neighbour| GroupKind::Exchange { neighbour }),
        "production" => Some(GroupKind::Production { parties }),
        "consumption" => {
            SettlementMethod::from_word(&text(3)?).map(|method| GroupKind::Consumption { method, parties })
        }
        _ => None,
    };
    match (GridArea::parse(&text(0)?), kind) {
        (Some(area), Some(kind)) => Ok(GroupKey { area, kind }),
        _ => Err(damaged),
    }
}

fn gln(text: &str) -> Result<Option<Gln>, StoreFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = Gln::parse(text.as_bytes(), CheckDigit::Ignored);
    read.map(Some).map_err(|_| StoreFault::Row { what: "settlement_group.supplier" })
}

/// The kept sums of an area on some local days, half open, day by day; of every area for `None`. A month whose key is
/// gone has none.
pub(super) fn kept_days(
    db: &Connection,
    vault: &Vault,
    zone: &Zone,
    area: Option<GridArea>,
    days: (i32, i32),
) -> Result<BTreeMap<Date, DaySums>, StoreFault> {
    let mut found = BTreeMap::new();
    let mut keys: BTreeMap<String, Option<SealingKey>> = BTreeMap::new();
    for stored in stored_sums(db, area, days)? {
        let (group, place, sealed) = stored;
        let day = from_epoch_day(place.1).ok_or(StoreFault::Row { what: "settlement_sum.period" })?;
        let class = class_of(day);
        let key = match keys.entry(class) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(unknown) => {
                let opened = vault.class(unknown.key())?;
                unknown.insert(opened)
            }
        };
        let Some(key) = key else { continue };
        day_in(&mut found, zone, day)?.add_sum(group, &open_sum(key, &sum_row(place), &sealed)?)?;
    }
    Ok(found)
}

/// The sums of a local day among others; new ones if there are none yet.
pub(super) fn day_in<'d>(
    days: &'d mut BTreeMap<Date, DaySums>,
    zone: &Zone,
    day: Date,
) -> Result<&'d mut DaySums, StoreFault> {
    Ok(match days.entry(day) {
        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
        std::collections::btree_map::Entry::Vacant(unknown) => {
            unknown.insert(DaySums::new(zone, day, settled_resolution(day))?)
        }
    })
}

/// A group, its number with the local day, and the sealed sum.
type StoredSum = (GroupKey, (i64, i32), Vec<u8>);

fn stored_sums(
    db: &Connection,
    area: Option<GridArea>,
    days: (i32, i32),
) -> Result<Vec<StoredSum>, StoreFault> {
    let area = area.map(|area| area.to_string()).unwrap_or_default();
    db.prepare_cached(&format!(
        "-- settlement_sums
         SELECT s.group_no, s.period, s.sealed, {GROUP_COLUMNS}
         FROM settlement_group g JOIN settlement_sum s ON s.group_no = g.group_no
         WHERE (g.area = ?1 OR ?1 = '') AND s.period >= ?2 AND s.period < ?3"
    ))?
    .query_and_then(params![area, days.0, days.1], |row| {
        Ok((group_from(row, 3)?, (row.get(0)?, row.get(1)?), row.get(2)?))
    })?
    .collect()
}
