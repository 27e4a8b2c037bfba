//! Finding anew what waits for a decision: from the days themselves, beside the rows that were kept up.
//!
//! A permit to compute and some series come in; how many of their days had other rows goes out, and the rows are right then. Needed once
//! for days that were stored before rows were kept, and a proof at any time that they say what is stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{DayRange, Findings, Rule, SeriesNo};

use super::changes::FindingChanges;
use crate::db::params;
use crate::gate::Terms;
use crate::personal::Writing;
use crate::personal::read::windows;
use crate::personal::state::series_days;
use crate::personal::versions::{KeyCuts, KeysInReach, Newest, Seen, newest_of_day};
use crate::{Permit, Store, StoreFault};

impl Store {
    /// Looks at every day of these series; gives how many had other rows. Each series is a transaction of its own.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute.
    pub async fn recount_findings(
        &self,
        permit: &Permit,
        series: Vec<SeriesNo>,
        now: Timestamp,
    ) -> Result<u64, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        let mut others = 0;
        for series in series {
            let terms = std::sync::Arc::clone(&terms);
            let job =
                move |writing: &mut Writing| writing.transact(|writing| recount(writing, &terms, series));
            others += self.threads.write(job).await?;
        }
        Ok(others)
    }
}

/// How many days of a series had other rows. One that the permit does not reach is left.
fn recount(writing: &mut Writing, terms: &Terms, series: SeriesNo) -> Result<u64, StoreFault> {
    if windows(&writing.db, terms, DayRange::always(), Some(series))?.is_empty() {
        return Ok(0);
    }
    let kept = kept(writing, series, (i32::MIN, i32::MAX))?;
    let stored = stored(writing, series)?;
    let meta = writing.meta(series)?;
    let mut changes = FindingChanges::default();
    let mut others = 0;
    let days: std::collections::BTreeSet<i32> = kept.keys().chain(stored.keys()).copied().collect();
    for period in days {
        let of = |rows: &BTreeMap<i32, Findings>| rows.get(&period).copied().unwrap_or_default();
        let (before, after) = (of(&kept), of(&stored));
        others += u64::from(before != after);
        changes.changed(writing, (&meta, period), (before, after))?;
    }
    changes.save(&writing.db)?;
    Ok(others)
}

/// Brings the rows of one local day to what its newest version says. Call inside [`Writing::transact`].
pub(in crate::personal) fn recount_day(
    writing: &mut Writing,
    (period, series): (i32, SeriesNo),
) -> Result<(), StoreFault> {
    let before = kept(writing, series, (period, period + 1))?.remove(&period).unwrap_or_default();
    let newest = newest_of_day(&writing.db, &mut writing.vault, (period, series))?;
    let after = newest.map_or(Findings::NONE, |version| version.block.open_findings());
    let meta = writing.meta(series)?;
    let mut changes = FindingChanges::default();
    changes.changed(writing, (&meta, period), (before, after))?;
    changes.save(&writing.db)
}

/// What the newest versions of a series' days say, as far as anything is open.
fn stored(writing: &mut Writing, series: SeriesNo) -> Result<BTreeMap<i32, Findings>, StoreFault> {
    let Some((first, last)) = series_days(&writing.db, series)? else { return Ok(BTreeMap::new()) };
    let cuts = KeyCuts::default();
    let seen = Seen { last_seq: i64::MAX, keys: KeysInReach::Every, cuts: &cuts };
    let newest = Newest::find(&writing.db, series, (first, last.saturating_add(1)), seen)?;
    let open = newest.open_all(&mut writing.vault)?.into_iter();
    Ok(open
        .map(|version| (version.day, version.block.open_findings()))
        .filter(|(_, open)| !open.is_empty())
        .collect())
}

/// What the rows say of local days, half open.
fn kept(
    writing: &Writing,
    series: SeriesNo,
    days: (i32, i32),
) -> Result<BTreeMap<i32, Findings>, StoreFault> {
    let mut statement = writing.db.prepare_cached(
        "-- kept_findings
         SELECT f.period, f.rule FROM open_finding f WHERE f.series_no = ?1 AND f.period >= ?2 AND f.period < ?3",
    )?;
    let mut rows = statement.query(params![series.as_u32(), days.0, days.1])?;
    let mut kept: BTreeMap<i32, Findings> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let rule: String = row.get(1)?;
        let rule = Rule::from_code(&rule).ok_or(StoreFault::Row { what: "open_finding.rule" })?;
        let of_day = kept.entry(row.get(0)?).or_default();
        *of_day = of_day.with(rule);
    }
    Ok(kept)
}
