//! Energy of one point, for computing with: the newest blocks of interval series that a permit reaches.
//!
//! What comes in: a permit's terms, a query and a point. What goes out: blocks. They may be finer than what is disclosed of them;
//! whoever asks gives on only what was computed. Never: a block outside the permit.

use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{GridArea, PointNo, QuantityKind, Unit};

use super::{SeriesQuery, key_cuts, seq_as_of, windows_at};
use crate::StoreFault;
use crate::db::Connection;
use crate::gate::Terms;
use crate::personal::versions::{Newest, Seen};
use crate::reference::{SeriesKind, SeriesMeta};
use crate::seal::Vault;

impl SeriesQuery {
    /// The newest blocks of a point in the permit's grid area, as the query knows them: series by series and in order of days, in
    /// watt-hours times the block's power of ten. Of a point in another area there are none.
    pub(crate) fn energy_at(
        &self,
        (db, vault): (&Connection, &mut Vault),
        (terms, area): (&Terms, GridArea),
        point: PointNo,
    ) -> Result<Vec<(SeriesMeta, Date, IntervalBlock)>, StoreFault> {
        let cuts = key_cuts(db, &terms.scope().reach)?;
        let last_seq = seq_as_of(db, self.as_of)?;
        let mut blocks = Vec::new();
        for window in windows_at(db, terms, self, point)? {
            let meta = window.entry.meta;
            if window.entry.area != area.to_string() || !is_energy(&meta) {
                continue;
            }
            let days = (epoch_day(window.days.start()), epoch_day(window.days.end()));
            let seen = Seen { last_seq, keys: window.keys, cuts: &cuts };
            for version in Newest::find(db, meta.series, days, seen)?.open_all(vault)? {
                let day = from_epoch_day(version.day);
                let day = day.ok_or(StoreFault::Row { what: "series_block.period" })?;
                if let Block::Interval(block) = version.block {
                    blocks.push((meta, day, block));
                }
            }
        }
        Ok(blocks)
    }
}

fn is_energy(meta: &SeriesMeta) -> bool {
    meta.kind == SeriesKind::Interval && meta.quantity == QuantityKind::Energy && meta.unit == Unit::WattHour
}
