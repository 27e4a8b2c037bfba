//! The door to versions: where they lie, nobody else knows.
//!
//! A series, local days and a registration come in; the versions that were the newest then go out, opened. They lie in rows of
//! single days (`series_block`) while a month is open, and in rows of months (`series_month`) once it is compacted; a
//! correction of a closed month is a day's row again until the next compaction. Never: an older version in the place of a
//! newer one that is out of reach or erased, since it may have been sealed for somebody who turned out not to live there.

mod compact;
mod days_read;
mod door;
mod every;
mod keep;
mod month_rows;
mod newest;
mod scan;

pub use compact::{CompactBite, CompactCursor, CompactStep};
pub use days_read::PointRead;
pub(super) use every::{AnyVersion, versions_of_day};
pub(crate) use keep::{erase_months, split_months};
pub(super) use keep::{seal_months_for_owners, seal_months_under};
pub(crate) use month_rows::{month_after, months_of};
pub(super) use newest::{
    DayVersion, KeyCuts, KeysInReach, Newest, Seen, Version, current_version, current_versions, newest_of_day,
};
pub(crate) use scan::{Scan, ScanOf, Scanned};
