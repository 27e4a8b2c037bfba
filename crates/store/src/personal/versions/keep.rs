//! What happens to months besides reading and compacting: sealed for whom they belong to, split before a key forgets, erased.
//!
//! Series and local days come in; the rows lie written anew when a function returns. Call inside [`Writing::transact`].

use tidstro_calendar::from_epoch_day;
use tidstro_model::{KeyNo, PointNo, SeriesNo};

use super::month_rows::{Fate, MonthRow, delete_row, month_rows, months_of, rewrite};
use crate::StoreFault;
use crate::personal::Writing;
use crate::personal::place::Kind;
use crate::personal::reseal::{points_of_key, stored_series};
use crate::reference::SeriesCategory;

/// Seals what months hold of these local days, half open, with the keys of those it belongs to by now. Whether anything moved.
pub(in crate::personal) fn seal_months_for_owners(
    writing: &mut Writing,
    (point, series, category): (PointNo, SeriesNo, SeriesCategory),
    days: (i32, i32),
) -> Result<bool, StoreFault> {
    let mut moved = false;
    for row in rows_on(writing, series, days)? {
        let key = row.slot.key;
        moved |= rewrite(writing, &row, |writing, day| {
            let owner = writing.owner_of(point, Kind::Series(category), day)?;
            let moves = (days.0..days.1).contains(&day) && !owner.is_over;
            let to = if moves && !is_erased(writing, owner.key, day)? { owner.key } else { key };
            Ok(Fate::Sealed { key: to, part: 0 })
        })?;
    }
    Ok(moved)
}

/// Seals what months of a series hold under the old key with the new one.
pub(in crate::personal) fn seal_months_under(
    writing: &mut Writing,
    series: SeriesNo,
    days: (i32, i32),
    (old, new): (KeyNo, KeyNo),
) -> Result<(), StoreFault> {
    for row in rows_on(writing, series, days)?.iter().filter(|row| row.slot.key == old) {
        rewrite(writing, row, |writing, day| {
            let key = if is_erased(writing, new, day)? { old } else { new };
            Ok(Fate::Sealed { key, part: 0 })
        })?;
    }
    Ok(())
}

/// Before a key forgets all days before one: what it seals of that day's month is split there, so that what stays is
/// sealed under a day that stays.
pub(crate) fn split_months(writing: &mut Writing, key: KeyNo, kept_from: i32) -> Result<(), StoreFault> {
    for point in points_of_key(&writing.db, key)? {
        for series in stored_series(&writing.db, point)? {
            for row in rows_on(writing, series.number, (kept_from, kept_from + 1))? {
                if row.slot.key == key && row.first_day < kept_from {
                    rewrite(writing, &row, |_, day| {
                        Ok(Fate::Sealed { key, part: u8::from(day >= kept_from) })
                    })?;
                }
            }
        }
    }
    Ok(())
}

/// Erases what months hold of these local days, half open. A row that opens no more goes whole: nothing of it is left to
/// keep. Returns how many rows went or were written anew.
pub(crate) fn erase_months(
    writing: &mut Writing,
    series: SeriesNo,
    days: (i32, i32),
) -> Result<u64, StoreFault> {
    let mut rows = 0;
    for row in rows_on(writing, series, days)? {
        let is_in = |day: i32| (days.0..days.1).contains(&day);
        if !row.days().any(is_in) {
            continue;
        }
        let key = row.slot.key;
        let is_anew = !row.days().all(is_in)
            && rewrite(writing, &row, |_, day| {
                Ok(if is_in(day) { Fate::Erased } else { Fate::Sealed { key, part: 0 } })
            })?;
        if !is_anew {
            delete_row(&writing.db, &row)?;
        }
        rows += 1;
    }
    Ok(rows)
}

/// The rows of a series in the months of these local days, half open.
fn rows_on(writing: &mut Writing, series: SeriesNo, days: (i32, i32)) -> Result<Vec<MonthRow>, StoreFault> {
    let mut rows = Vec::new();
    if days.0 >= days.1 {
        return Ok(rows);
    }
    for period in months_of(days)? {
        if writing.is_compacted(period)? {
            rows.extend(month_rows(&writing.db, (period, series))?);
        }
    }
    Ok(rows)
}

/// Whether a key seals nothing of a local day any more.
fn is_erased(writing: &mut Writing, key: KeyNo, day: i32) -> Result<bool, StoreFault> {
    let date = from_epoch_day(day).ok_or(StoreFault::Row { what: "series_month.period" })?;
    writing.is_erased(key, date)
}
