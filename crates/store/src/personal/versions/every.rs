//! Every version of one local day, wherever it lies.

use tidstro_calendar::from_epoch_day;
use tidstro_metering::Block;
use tidstro_model::{KeyNo, SeriesNo};

use super::month_rows::{month_of, month_rows};
use crate::StoreFault;
use crate::db::Connection;
use crate::personal::block_row;
use crate::personal::reseal::blocks_on;
use crate::seal::Vault;

/// A version of a local day.
pub(in crate::personal) struct AnyVersion {
    /// Number of its registration.
    pub(in crate::personal) seq: i64,
    /// What seals it.
    pub(in crate::personal) key: KeyNo,
    /// Its values.
    pub(in crate::personal) block: Block,
}

/// The versions of a local day that still open, the oldest first. Nothing is looked at but the day: whose they are the
/// caller says.
pub(in crate::personal) fn versions_of_day(
    db: &Connection,
    vault: &mut Vault,
    (period, series): (i32, SeriesNo),
) -> Result<Vec<AnyVersion>, StoreFault> {
    let mut found = of_months(db, vault, (period, series))?;
    let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "series_block.period" })?;
    for stored in blocks_on(db, (period, series))? {
        let row = block_row(period, series, stored.seq, stored.key);
        match vault.key(stored.key, day) {
            Ok(sealing) => {
                let block = Block::decode(&sealing.open(&row, &stored.sealed)?)?;
                found.push(AnyVersion { seq: stored.seq, key: stored.key, block });
            }
            Err(fault) if fault.is_erased() => {}
            Err(fault) => return Err(fault),
        }
    }
    found.sort_unstable_by_key(|version| version.seq);
    Ok(found)
}

fn of_months(
    db: &Connection,
    vault: &mut Vault,
    (period, series): (i32, SeriesNo),
) -> Result<Vec<AnyVersion>, StoreFault> {
    let mut found = Vec::new();
    for row in month_rows(db, (month_of(period)?, series))? {
        let number = row.slot.day_of_month(period)?;
        let versions = row.versions(vault)?.unwrap_or_default();
        let of_day = versions.into_iter().filter(|version| version.of.day == number);
        let key = row.slot.key;
        found.extend(of_day.map(|version| AnyVersion { seq: version.of.seq, key, block: version.block }));
    }
    Ok(found)
}
