//! The state of one local day of one series: of its values, and of what was released of it.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_metering::cycle::DayState;
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::SeriesNo;

use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, params};
use crate::personal::versions::newest_of_day;
use crate::seal::Vault;

/// What was released of a day last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::personal) struct LastRelease {
    /// The registration of the version that goes out.
    pub(super) seq: i64,
    /// Whether the first release of the day came after its deadline.
    pub(super) is_late: bool,
}

/// The state of a day by the version that is newest: its registration, and how far its values have come.
pub(super) fn state_with(values: Option<DayState>, seq: i64, last: Option<LastRelease>) -> Option<DayState> {
    match last {
        None => values,
        Some(last) if last.seq != seq => Some(DayState::Corrected),
        Some(last) if last.is_late => Some(DayState::ReleasedLate),
        Some(_) => Some(DayState::Released),
    }
}

/// What was released of a day last, if anything was.
pub(in crate::personal) fn last_release(
    db: &Connection,
    (period, series): (i32, SeriesNo),
) -> Result<Option<LastRelease>, StoreFault> {
    let last = db
        .prepare_cached(
            "-- last_release
             SELECT r.registered_seq, r.is_late FROM released r
             WHERE r.series_no = ?1 AND r.period = ?2 ORDER BY r.release_no DESC LIMIT 1",
        )?
        .query_row(params![series.as_u32(), period], |row| {
            Ok(LastRelease { seq: row.get(0)?, is_late: row.get::<_, i64>(1)? != 0 })
        })
        .optional()?;
    Ok(last)
}

/// The newest version of a day of an interval series and its registration; `None` if there is none, or if it is erased.
pub(super) fn newest_intervals(
    db: &Connection,
    vault: &mut Vault,
    (day, series): (Date, SeriesNo),
) -> Result<Option<(i64, IntervalBlock)>, StoreFault> {
    let Some(version) = newest_of_day(db, vault, (epoch_day(day), series))? else { return Ok(None) };
    match version.block {
        Block::Interval(block) => Ok(Some((version.seq, block))),
        Block::Register(_) => Err(StoreFault::Row { what: "series_block.sealed is of the other kind" }),
    }
}

/// The state of a day as it is stored; `None` if nothing of it is.
pub(in crate::personal) fn day_state(
    db: &Connection,
    vault: &mut Vault,
    (day, series): (Date, SeriesNo),
) -> Result<Option<DayState>, StoreFault> {
    let Some((seq, block)) = newest_intervals(db, vault, (day, series))? else { return Ok(None) };
    let last = last_release(db, (epoch_day(day), series))?;
    Ok(state_with(DayState::of_values(&block), seq, last))
}
