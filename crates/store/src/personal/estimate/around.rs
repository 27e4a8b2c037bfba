//! What an estimation must know around its series, looked up at once.
//!
//! What comes in: the windows of some series. What goes out: which of their points have a register, and which a parent; and into
//! memory the places and keys of their days. Never: a value.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rustc_hash::FxHashSet;
use tidstro_model::{PointNo, SeriesNo};

use crate::StoreFault;
use crate::db::Things;
use crate::gate::Terms;
use crate::personal::Writing;
use crate::personal::beside::registered_points;
use crate::personal::read::Window;

/// How many local days around those asked for may serve as like days: five of each weekday.
const LIKE_DAYS_AROUND: i32 = 35;

/// How many days before and after those asked for may be looked at: none where the lease cut them.
pub(super) fn around(terms: &Terms) -> (i32, i32) {
    let (got, asked) = (terms.scope().days, terms.asked_days);
    let days = |is_whole: bool| if is_whole { LIKE_DAYS_AROUND } else { 0 };
    (days(got.start() == asked.start()), days(got.end() == asked.end()))
}

/// What is known around some series.
pub(super) struct Around {
    /// Points that have a register.
    registered: FxHashSet<PointNo>,
    /// Points that ever had a parent.
    children: FxHashSet<PointNo>,
}

impl Around {
    pub(super) fn look_up(writing: &mut Writing, windows: &[Window]) -> Result<Self, StoreFault> {
        let days: Vec<(SeriesNo, Date)> = windows
            .iter()
            .flat_map(|window| {
                let days = window.days.start().series(jiff::ToSpan::day(1));
                days.take_while(|day| window.days.contains(*day)).map(|day| (window.entry.meta.series, day))
            })
            .collect();
        writing.look_up(days.iter().copied())?;
        let points: BTreeSet<i64> =
            windows.iter().map(|window| window.entry.meta.point.as_u32().into()).collect();
        let points: Vec<i64> = points.into_iter().collect();
        let sql = "-- children_among
                   SELECT DISTINCT pp.point_no FROM point_period pp
                   WHERE pp.point_no = ?1 AND pp.parent_no IS NOT NULL";
        let children = writing.db.query_each(sql, Things::Numbers(&points), &[], |row| {
            Ok::<_, StoreFault>(PointNo::new(row.get(0)?))
        })?;
        let registered = registered_points(&writing.db, windows.iter())?;
        Ok(Self { registered, children: children.into_iter().collect() })
    }

    /// Whether the point of a window has a register.
    pub(super) fn has_register(&self, window: &Window) -> bool {
        self.registered.contains(&window.entry.meta.point)
    }

    /// Whether the point of a window ever had a parent.
    pub(super) fn is_child(&self, window: &Window) -> bool {
        self.children.contains(&window.entry.meta.point)
    }
}
