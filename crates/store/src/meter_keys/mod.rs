//! The keys that meters' telegrams are encrypted with: whose, from when to when, how often used.
//!
//! What comes in: permits, and keys from outside. What goes out: keys for decoding, lists without a key, and, asked for by one
//! and approved by another, keys for their owner. Every key lies sealed with the key of its class, bound to its row. A key that
//! is followed by another stays, for telegrams that come late. Never: a key in an error, a log entry or a `Debug`.
//!
//! `entry` is what a key is; `take` takes keys in; `list` shows them; `handout` gives them for use; `export` hands them
//! out, and `recipient` seals them for whom they are for; `end` deletes what nothing is left of; `counters` lets a meter's begin anew; `door` is the way in.

mod counters;
mod door;
mod end;
mod entry;
mod export;
mod handout;
mod list;
mod take;
#[cfg(test)]
mod tests;

use crate::db::Connection;
use tidstro_govern::Register;
use tidstro_model::CategoryId;

pub use entry::{KeyHolder, KeySecret, MbusHolder, MeterKeyNo, NewMeterKey};
pub use export::{ExportForm, ExportState, ExportedKey, KeyApproval, KeyExport, KeyExportWritten};
pub use handout::UsableKey;
pub use list::MeterKeyEntry;
pub use take::{KeyConflict, KeyConflictReason, KeysTaken, TakeHow};

pub(crate) use end::end_over;

use crate::StoreFault;

/// The category the keys of meters belong to in a register.
const CATEGORY: &str = "meter-keys";

/// The category, as permits name it.
fn category() -> Result<CategoryId, StoreFault> {
    CategoryId::parse(CATEGORY).map_err(|_| StoreFault::Row { what: "meter_key" })
}

/// Proves that the register has the category if there are keys: nobody could see, keep or delete them otherwise.
pub(crate) fn category_is_known(db: &Connection, register: &Register) -> Result<(), StoreFault> {
    let sql = "-- any_meter_key\nSELECT EXISTS (SELECT 1 FROM meter_key)";
    if register.category(&category()?).is_none() && db.query_row(sql, [], |row| row.get(0))? {
        return Err(StoreFault::RecordCategory { category: CATEGORY.to_owned() });
    }
    Ok(())
}
