//! One page of an export.

use crate::db::{Connection, params};
use tidstro_calendar::{Zone, epoch_day};
use tidstro_govern::Reach;
use tidstro_model::{DayRange, OccupancyNo, Resolution, SeriesNo};

use super::{ExportCursor, ExportPage, ExportedSeries};
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::SeriesQuery;
use crate::personal::read::{
    Window, found_spans, in_scope, key_cuts, newest_of_windows, occupancy_windows, target_numbers,
};
use crate::personal::versions::{KeysInReach, Seen};
use crate::reference::{ENTRY_COLUMNS, SeriesEntry, SeriesKind, entry_from};
use crate::seal::{PseudonymKey, Vault};

/// Series of a page at most: a month of quarters of each takes 35 MB together.
const SERIES_MAX: usize = 128;

/// Days of a page at most: a leap year.
const DAYS_MAX: i32 = 366;

/// What every page of an export is read with.
pub(super) struct Reader<'a> {
    pub(super) db: &'a Connection,
    pub(super) zone: &'a Zone,
    pub(super) terms: &'a Terms,
    pub(super) query: &'a SeriesQuery,
    pub(super) last_seq: i64,
    pub(super) key: &'a PseudonymKey,
}

impl Reader<'_> {
    /// The series from the cursor on.
    pub(super) fn page(
        &self,
        vault: &mut Vault,
        from: Option<ExportCursor>,
    ) -> Result<ExportPage, StoreFault> {
        let finest = self.terms.scope().finest;
        if self.query.resolution < finest {
            return Err(StoreFault::FinerThanPermit { finest, asked: self.query.resolution });
        }
        let Some(days) = self.terms.scope().days.intersect(self.query.days) else {
            return Ok(ExportPage { series: Vec::new(), next: None });
        };
        let length = epoch_day(days.end()) - epoch_day(days.start());
        if length > DAYS_MAX {
            let values = |days: i32| u64::from(days.unsigned_abs()) * 96 * SERIES_MAX as u64;
            return Err(StoreFault::TooMuch { values: values(length), most: values(DAYS_MAX) });
        }
        let (windows, next) = match &self.terms.scope().reach {
            Reach::Occupancies(occupancies) => self.of_occupancies(occupancies, days, from)?,
            Reach::Target { live_since, .. } => {
                self.of_target(KeysInReach::NotEndedBefore(epoch_day(*live_since)), days, from)?
            }
        };
        Ok(ExportPage { series: self.exported(vault, windows)?, next })
    }

    fn of_target(
        &self,
        keys: KeysInReach,
        days: DayRange,
        from: Option<ExportCursor>,
    ) -> Result<(Vec<Window>, Option<ExportCursor>), StoreFault> {
        let after = if let Some(ExportCursor::Series(series)) = from { series } else { SeriesNo::new(0) };
        let entries = self.entries(days, after)?;
        let last = entries.get(SERIES_MAX - 1).map(|entry| ExportCursor::Series(entry.meta.series));
        let windows = entries.into_iter().map(|entry| Window { entry, days, keys });
        Ok((windows.collect(), last))
    }

    fn of_occupancies(
        &self,
        occupancies: &[(OccupancyNo, DayRange)],
        days: DayRange,
        from: Option<ExportCursor>,
    ) -> Result<(Vec<Window>, Option<ExportCursor>), StoreFault> {
        let mut place = if let Some(ExportCursor::Occupancy(place)) = from { place } else { 0 };
        let mut windows = Vec::new();
        while let Some((occupancy, reach)) = occupancies.get(place)
            && windows.len() < SERIES_MAX
        {
            if let Some(days) = days.intersect(*reach) {
                windows.extend(occupancy_windows(self.db, self.terms.target, *occupancy, days, None)?);
            }
            place += 1;
        }
        let next = (place < occupancies.len()).then_some(ExportCursor::Occupancy(place));
        Ok((windows, next))
    }

    /// Series of the target in the order of their numbers, with a block before, in and after the days.
    fn entries(&self, days: DayRange, after: SeriesNo) -> Result<Vec<SeriesEntry>, StoreFault> {
        let (point, area) = target_numbers(self.terms.target);
        let sql = format!(
            "-- export_series
             SELECT {ENTRY_COLUMNS}
             FROM series s JOIN point p USING (point_no) JOIN area a USING (area_no)
                  JOIN series_state t ON t.series_no = s.series_no
             WHERE s.series_no > ?1 AND (CAST(?2 AS BIGINT) IS NULL OR s.point_no = ?2) AND (CAST(?3 AS BIGINT) IS NULL OR p.area_no = ?3)
               AND t.first_day < ?4 AND t.last_day >= ?5
             ORDER BY s.series_no LIMIT ?6"
        );
        let (start, end) = (epoch_day(days.start()), epoch_day(days.end()));
        let most = i64::try_from(SERIES_MAX).unwrap_or(i64::MAX);
        let numbers = params![after.as_u32(), point, area, end, start, most];
        self.db.prepare_cached(&sql)?.query_and_then(numbers, entry_from)?.collect()
    }

    fn exported(
        &self,
        vault: &mut Vault,
        mut windows: Vec<Window>,
    ) -> Result<Vec<ExportedSeries>, StoreFault> {
        let cuts = key_cuts(self.db, &self.terms.scope().reach)?;
        windows.retain(|window| in_scope(self.terms, &window.entry));
        let newest = newest_of_windows((self.db, &mut *vault), &windows, (0, 0), (self.last_seq, &cuts))?;
        let mut exported = Vec::with_capacity(windows.len());
        for (window, newest) in windows.iter().zip(newest) {
            let seen = Seen { last_seq: self.last_seq, keys: window.keys, cuts: &cuts };
            let found = (window, seen, newest);
            let spans = found_spans((self.db, &mut *vault), found, (self.terms, self.query), self.zone)?;
            if spans.iter().any(|span| span.present > 0) {
                exported.push(self.under_pseudonym(&window.entry, spans));
            }
        }
        Ok(exported)
    }

    fn under_pseudonym(&self, entry: &SeriesEntry, spans: Vec<tidstro_metering::Span>) -> ExportedSeries {
        let meta = &entry.meta;
        let is_as_kept = meta.kind == SeriesKind::Interval && self.query.resolution == Resolution::Raw;
        ExportedSeries {
            pseudonym: self.key.of_point(meta.point),
            commodity: meta.commodity,
            quantity: meta.quantity,
            unit: meta.unit,
            tariff: entry.tariff,
            subunit: entry.subunit,
            resolution: if is_as_kept { meta.resolution } else { self.query.resolution },
            spans,
        }
    }
}
