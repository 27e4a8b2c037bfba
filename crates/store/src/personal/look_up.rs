//! What a batch needs to know of its series, looked up at once where every statement is a way to a server and back.
//!
//! What comes in: the series and local days of a batch. What goes out, into memory: the series, the places and suppliers of
//! their points, what settlement counts them in, and the keys that seal the days. SQLite is asked when something is needed,
//! which costs less there. Never: a fault for what is not there; whoever asks for it later gets that.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_model::{KeyNo, PointNo, SeriesNo};

use super::Writing;
use super::place::Kind;
use crate::StoreFault;
use crate::reference::{SeriesCategory, SeriesKind, SeriesMeta, series_metas};

impl Writing {
    /// Looks up what is not known yet of these local days of series.
    pub(super) fn look_up(
        &mut self,
        days: impl Iterator<Item = (SeriesNo, Date)> + Clone,
    ) -> Result<(), StoreFault> {
        if self.db.postgres().is_none() {
            return Ok(());
        }
        let metas = self.look_up_series(&days.clone().map(|(series, _)| series).collect())?;
        let points: Vec<PointNo> =
            metas.iter().map(|meta| meta.point).collect::<BTreeSet<_>>().into_iter().collect();
        self.look_up_places(&points)?;
        self.look_up_supplies(&metas)?;
        let is_settled = |meta: &&SeriesMeta| meta.kind == SeriesKind::Interval;
        let settled: BTreeSet<PointNo> = metas.iter().filter(is_settled).map(|meta| meta.point).collect();
        self.look_up_settled(&settled.into_iter().collect::<Vec<_>>())?;
        let keys = self.keys_of(days)?;
        self.vault.look_up(keys.into_iter())
    }

    /// The series that are there.
    fn look_up_series(&mut self, series: &BTreeSet<SeriesNo>) -> Result<Vec<SeriesMeta>, StoreFault> {
        let mut unknown = series.iter().filter(|series| !self.metas.contains_key(*series)).peekable();
        if unknown.peek().is_some() {
            let found = series_metas(&self.db, unknown.copied())?;
            self.metas.extend(found.into_iter().map(|meta| (meta.series, meta)));
        }
        Ok(series.iter().filter_map(|series| self.metas.get(series).copied()).collect())
    }

    /// What seals these days.
    fn keys_of(
        &mut self,
        days: impl Iterator<Item = (SeriesNo, Date)>,
    ) -> Result<BTreeSet<KeyNo>, StoreFault> {
        let mut keys = BTreeSet::new();
        for (series, day) in days {
            if let Some(meta) = self.metas.get(&series).copied() {
                let kind = Kind::Series(SeriesCategory::of(meta.quantity));
                keys.insert(self.owner_of(meta.point, kind, epoch_day(day))?.key);
            }
        }
        Ok(keys)
    }
}
