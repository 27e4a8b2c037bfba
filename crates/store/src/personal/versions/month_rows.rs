//! Rows of `series_month`: versions of one series on days of one local month, under one key.
//!
//! Versions come in and are sealed as one; a row comes in and is opened. Sealed with the key of the first local day the row
//! holds, so that whoever may open that day may open all of it, and a key that forgets one of its days opens none
//! (`docs/DECISIONS/0028-months.md`). Never: a version in two rows.

use rustc_hash::FxHashMap;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{Month, MonthIndex, MonthVersion, VersionOf, encode_month};
use tidstro_model::{KeyNo, SeriesNo};
use zeroize::Zeroizing;

use crate::StoreFault;
use crate::db::{Connection, params};
use crate::personal::Writing;
use crate::personal::reseal::note_former_key;
use crate::postgres::make_month;
use crate::seal::Vault;

/// The first local day of the month a local day lies in, both counted from 1970-01-01.
pub(in crate::personal) fn month_of(day: i32) -> Result<i32, StoreFault> {
    let date = from_epoch_day(day).ok_or(StoreFault::Row { what: "series_block.period" })?;
    Ok(day - i32::from(date.day()) + 1)
}

/// The first local day of the month after.
pub(crate) fn month_after(period: i32) -> Result<i32, StoreFault> {
    let first = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_month.period" })?;
    Ok(epoch_day(tidstro_calendar::next_month(first)))
}

/// The months that local days, half open, lie in.
pub(crate) fn months_of((start, end): (i32, i32)) -> Result<Vec<i32>, StoreFault> {
    let mut months = Vec::new();
    let mut period = month_of(start)?;
    while period < end {
        months.push(period);
        period = month_after(period)?;
    }
    Ok(months)
}

/// Where a row belongs: month, series, and what seals it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    /// The first local day of the month, counted from 1970-01-01.
    pub(super) period: i32,
    pub(super) series: SeriesNo,
    pub(super) key: KeyNo,
}

impl Slot {
    /// Day of the month, 1 to 31, of a local day of this month.
    pub(super) fn day_of_month(self, day: i32) -> Result<u8, StoreFault> {
        let number = u8::try_from(i64::from(day) - i64::from(self.period) + 1);
        number.ok().filter(|day| *day <= 31).ok_or(StoreFault::Row { what: "series_month.period" })
    }

    /// The local day of a version.
    pub(super) fn day(self, of: VersionOf) -> i32 {
        self.period + i32::from(of.day) - 1
    }
}

/// A row as it lies there.
pub(super) struct MonthRow {
    pub(super) slot: Slot,
    pub(super) first_day: i32,
    pub(super) index: MonthIndex,
    /// The index as stored: it is part of what is proved when the row is opened.
    held: Vec<u8>,
    /// `None` where it was not fetched, because its key is out of reach.
    pub(super) sealed: Option<Vec<u8>>,
}

impl MonthRow {
    /// A row of these columns.
    pub(super) fn new(
        slot: Slot,
        first_day: i32,
        held: Vec<u8>,
        sealed: Option<Vec<u8>>,
    ) -> Result<Self, StoreFault> {
        let index = MonthIndex::decode(&held)?;
        Ok(Self { slot, first_day, index, held, sealed })
    }

    /// The local days of its versions, each once, rising.
    pub(super) fn days(&self) -> impl Iterator<Item = i32> {
        self.index.newest().iter().map(|of| self.slot.day(*of))
    }

    /// Opens the row into `month`. Whether it opens: not if a key is gone, which means that it is erased.
    pub(super) fn open(&self, vault: &mut Vault, month: &mut Month) -> Result<bool, StoreFault> {
        let Some(sealed) = &self.sealed else { return Ok(false) };
        let date =
            from_epoch_day(self.first_day).ok_or(StoreFault::Row { what: "series_month.first_day" })?;
        let sealing = match vault.key(self.slot.key, date) {
            Ok(sealing) => sealing,
            Err(fault) if fault.is_erased() => return Ok(false),
            Err(fault) => return Err(fault),
        };
        let plain = Zeroizing::new(sealing.open(&month_row(self.slot, self.first_day, &self.held), sealed)?);
        month.read(&self.index, &plain)?;
        Ok(true)
    }

    /// Every version; `None` if they are erased.
    pub(super) fn versions(&self, vault: &mut Vault) -> Result<Option<Vec<MonthVersion>>, StoreFault> {
        let mut month = Month::default();
        if !self.open(vault, &mut month)? {
            return Ok(None);
        }
        Ok(Some(month.versions(&self.index)?))
    }
}

/// Key columns of a row and what it says it holds: a month moved to another row, or under another index, does not open.
pub(super) fn month_row(Slot { period, series, key }: Slot, first_day: i32, held: &[u8]) -> Vec<u8> {
    let parts: [&[u8]; 6] = [
        b"month",
        &period.to_be_bytes(),
        &series.as_u32().to_be_bytes(),
        &key.as_u32().to_be_bytes(),
        &first_day.to_be_bytes(),
        held,
    ];
    parts.concat()
}

/// The rows of a series in one month.
pub(super) fn month_rows(
    db: &Connection,
    (period, series): (i32, SeriesNo),
) -> Result<Vec<MonthRow>, StoreFault> {
    db.prepare_cached(
        "-- month_rows
         SELECT key_no, first_day, held, sealed FROM series_month WHERE period = ?1 AND series_no = ?2
         ORDER BY key_no, first_day",
    )?
    .query_and_then(params![period, series.as_u32()], |row| {
        let slot = Slot { period, series, key: KeyNo::new(row.get(0)?) };
        MonthRow::new(slot, row.get(1)?, row.get(2)?, Some(row.get(3)?))
    })?
    .collect()
}

/// Keeps versions as one row. A row there that begins with the same day becomes part of it. Call inside
/// [`Writing::transact`].
fn put_versions(
    writing: &mut Writing,
    slot: Slot,
    mut versions: Vec<MonthVersion>,
) -> Result<(), StoreFault> {
    let first_day = versions.iter().map(|version| slot.day(version.of)).min();
    let mut taken_in = month_rows(&writing.db, (slot.period, slot.series))?;
    taken_in.retain(|row| row.slot == slot && Some(row.first_day) == first_day);
    for row in &taken_in {
        versions.extend(row.versions(&mut writing.vault)?.unwrap_or_default());
    }
    replace_rows(writing, slot, &taken_in.iter().collect::<Vec<_>>(), &versions)
}

/// Keeps versions as one row in the place of others. Nothing is changed on an error. Call inside [`Writing::transact`].
pub(super) fn replace_rows(
    writing: &mut Writing,
    slot: Slot,
    replaced: &[&MonthRow],
    versions: &[MonthVersion],
) -> Result<(), StoreFault> {
    let (index, plain) = encode_month(versions)?;
    let plain = Zeroizing::new(plain);
    let mut held = Vec::new();
    index.encode(&mut held);
    let first_day = index.newest().first().map_or(slot.period, |of| slot.day(*of));
    let date = from_epoch_day(first_day).ok_or(StoreFault::Row { what: "series_month.first_day" })?;
    let nonce = writing.nonces.next()?;
    let sealing = writing.vault.key(slot.key, date)?;
    let sealed = sealing.seal(nonce, &month_row(slot, first_day, &held), &plain)?;
    for row in replaced {
        delete_row(&writing.db, row)?;
    }
    insert_row(writing, slot, first_day, (&held, &sealed))
}

fn insert_row(
    writing: &mut Writing,
    Slot { period, series, key }: Slot,
    first_day: i32,
    (held, sealed): (&[u8], &[u8]),
) -> Result<(), StoreFault> {
    if !writing.is_compacted(period)? {
        make_month(&writing.db, "series_month", period)?;
        writing
            .db
            .prepare_cached(
                "-- note_compacted
                 INSERT INTO compacted_month (period) VALUES (?1) ON CONFLICT DO NOTHING",
            )?
            .execute([period])?;
        writing.note_compacted(period);
    }
    writing
        .db
        .prepare_cached(
            "-- insert_month
             INSERT INTO series_month (period, series_no, key_no, first_day, held, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![period, series.as_u32(), key.as_u32(), first_day, held, sealed])?;
    Ok(())
}

/// Takes a row out. Its versions must be in another row of the same transaction, or erased.
pub(super) fn delete_row(db: &Connection, row: &MonthRow) -> Result<(), StoreFault> {
    let Slot { period, series, key } = row.slot;
    db.prepare_cached(
        "-- delete_month
         DELETE FROM series_month WHERE period = ?1 AND series_no = ?2 AND key_no = ?3 AND first_day = ?4",
    )?
    .execute(params![period, series.as_u32(), key.as_u32(), row.first_day])?;
    Ok(())
}

/// What becomes of a local day of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It is sealed with this key, apart from days of another part.
    Sealed {
        /// The key.
        key: KeyNo,
        /// Which part.
        part: u8,
    },
    /// It is erased.
    Erased,
}

/// Writes a row anew as its days' fates say. Whether anything changed; a row that is erased stays as it is.
pub(super) fn rewrite(
    writing: &mut Writing,
    row: &MonthRow,
    mut fate: impl FnMut(&mut Writing, i32) -> Result<Fate, StoreFault>,
) -> Result<bool, StoreFault> {
    let mut fates: FxHashMap<u8, Fate> = FxHashMap::default();
    for of in row.index.newest() {
        fates.insert(of.day, fate(writing, row.slot.day(*of))?);
    }
    let stays = Fate::Sealed { key: row.slot.key, part: 0 };
    if fates.values().all(|fate| *fate == stays) {
        return Ok(false);
    }
    let Some(versions) = row.versions(&mut writing.vault)? else { return Ok(false) };
    delete_row(&writing.db, row)?;
    let mut groups: Vec<(Fate, Vec<MonthVersion>)> = Vec::new();
    for version in versions {
        let fate = fates.get(&version.of.day).copied().unwrap_or(stays);
        match groups.iter_mut().find(|(of, _)| *of == fate) {
            Some((_, group)) => group.push(version),
            None => groups.push((fate, vec![version])),
        }
    }
    for (fate, versions) in groups {
        let Fate::Sealed { key, .. } = fate else { continue };
        put_versions(writing, Slot { key, ..row.slot }, versions)?;
        if key != row.slot.key {
            note_former_key(&writing.db, row.slot.key, key)?;
        }
    }
    Ok(true)
}

impl Writing {
    /// Whether anything of a month may lie in a month's row.
    pub(super) fn is_compacted(&mut self, period: i32) -> Result<bool, StoreFault> {
        if self.compacted.is_none() {
            let months = self
                .db
                .prepare_cached("-- compacted_months\nSELECT period FROM compacted_month")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            self.compacted = Some(months);
        }
        Ok(self.compacted.as_ref().is_some_and(|months| months.contains(&period)))
    }

    fn note_compacted(&mut self, period: i32) {
        if let Some(months) = &mut self.compacted {
            months.insert(period);
        }
    }
}
