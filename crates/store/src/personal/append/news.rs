//! What of an arriving block is news, where a person or a job changed its day.
//!
//! What comes in: the newest version of a day and what arrived of it. What goes out: what arrived without what an earlier
//! version said already, and the corrections it takes the place of. Earlier versions are looked at only where something that
//! a person or a job may have made would be replaced. Never: a file that was there before it undoing a correction.

use tidstro_metering::{MadeVersion, Maker, News, Overruled, is_contested};
use tidstro_model::SeriesNo;

use super::{DayChange, DayKey};
use crate::StoreFault;
use crate::db::{Connection, params};
use crate::personal::cause::CauseKind;
use crate::personal::versions::{Version, versions_of_day};
use crate::personal::{Cause, Writing};

/// The change without what is no news, and the corrections it takes the place of.
pub(super) fn news(
    writing: &mut Writing,
    (day, current): (DayKey, Option<&Version>),
    cause: &Cause,
    change: DayChange,
) -> Result<(DayChange, Vec<Overruled>), StoreFault> {
    let known = current.and_then(|version| Some((version.seq, version.block.as_ref()?)));
    let (DayChange::Merge(incoming), Some((seq, block))) = (&change, known) else {
        return Ok((change, Vec::new()));
    };
    if !is_contested(block, incoming, writing.is_edited(day.1)?) {
        return Ok((change, Vec::new()));
    }
    let mut versions = made_versions(writing, day)?;
    if versions.last().is_none_or(|newest| newest.seq < seq) {
        // Of the batch that is being registered, and not written yet.
        versions.push(MadeVersion { seq, maker: maker(cause.kind), block: block.clone() });
    }
    let News { block, overruled } = News::of(&versions, incoming.clone())?;
    Ok((DayChange::Merge(block), overruled))
}

/// The stored versions of a day that still open, with who made each.
fn made_versions(writing: &mut Writing, day: DayKey) -> Result<Vec<MadeVersion>, StoreFault> {
    let Writing { db, vault, .. } = writing;
    let stored = versions_of_day(db, vault, day)?;
    let made = stored.into_iter().map(|version| {
        let maker = maker(cause_of(db, version.seq)?);
        Ok(MadeVersion { seq: version.seq, maker, block: version.block })
    });
    made.collect()
}

/// Who makes versions for this cause.
pub(in crate::personal) const fn maker(cause: CauseKind) -> Maker {
    match cause {
        CauseKind::Source => Maker::Source,
        CauseKind::Correction | CauseKind::Cancellation | CauseKind::Acceptance => Maker::Person,
        CauseKind::Validation | CauseKind::Estimation => Maker::Job,
    }
}

/// The cause of a registration.
pub(in crate::personal) fn cause_of(db: &Connection, seq: i64) -> Result<CauseKind, StoreFault> {
    let word: String = db
        .prepare_cached(
            "-- cause_of
             SELECT r.cause FROM registration r WHERE r.registered_seq = ?1",
        )?
        .query_row(params![seq], |row| row.get(0))?;
    CauseKind::from_word(&word).ok_or(StoreFault::Row { what: "registration.cause" })
}

impl Writing {
    /// Whether a person ever changed a value of the series.
    fn is_edited(&mut self, series: SeriesNo) -> Result<bool, StoreFault> {
        if let Some(edited) = &self.edited {
            return Ok(edited.contains(&series));
        }
        let edited = self
            .db
            .prepare_cached(
                "-- edited_series
                 SELECT DISTINCT n.series_no FROM version_note n",
            )?
            .query_map([], |row| Ok(SeriesNo::new(row.get(0)?)))?
            .collect::<Result<_, _>>()?;
        Ok(self.edited.insert(edited).contains(&series))
    }
}
