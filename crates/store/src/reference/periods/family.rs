//! Families of points: the parent of a point over time, and its other children.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_model::{DayRange, PointNo};

use super::{KnownAt, days_from};
use crate::StoreFault;
use crate::db::{Connection, params};

/// Local days on which a point has a parent.
pub(crate) struct Family {
    days: DayRange,
    /// The parent.
    pub(crate) parent: PointNo,
    /// Other children of it that are in use, each with its days.
    others: Vec<(PointNo, DayRange)>,
}

impl Family {
    /// Whether this is the family on a day.
    pub(crate) fn is_on(&self, day: Date) -> bool {
        self.days.contains(day)
    }

    /// The other children on a day.
    pub(crate) fn others_on(&self, day: Date) -> impl Iterator<Item = PointNo> + '_ {
        self.others.iter().filter(move |(_, days)| days.contains(day)).map(|(point, _)| *point)
    }

    /// The other children, each with its days in the family.
    pub(crate) fn others(&self) -> impl Iterator<Item = (PointNo, DayRange)> + '_ {
        self.others.iter().filter_map(|(point, days)| Some((*point, days.intersect(self.days)?)))
    }

    /// Every point of it but the child itself, each once.
    pub(crate) fn points(&self) -> impl Iterator<Item = PointNo> + '_ {
        std::iter::once(self.parent).chain(self.others.iter().map(|(point, _)| *point))
    }
}

/// The families of a point on these local days, as known now, in order.
pub(crate) fn families_of(
    db: &Connection,
    point: PointNo,
    days: DayRange,
) -> Result<Vec<Family>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- families_of
         SELECT pp.start_day, pp.end_day, pp.parent_no, coalesce(c.start_day, 0), coalesce(c.end_day, 1), c.point_no
         FROM point_period pp
         LEFT JOIN point_period c ON c.parent_no = pp.parent_no AND c.point_no <> pp.point_no AND c.retired_seq IS NULL
              AND c.start_day < pp.end_day AND c.end_day > pp.start_day AND c.connection IN ('connected', 'disconnected')
         WHERE pp.point_no = ?1 AND pp.parent_no IS NOT NULL AND pp.retired_seq IS NULL
               AND pp.start_day < ?3 AND pp.end_day > ?2
         ORDER BY pp.start_day, c.point_no, c.start_day",
    )?;
    let span = (epoch_day(days.start()), epoch_day(days.end()));
    let mut rows = statement.query(params![point.as_u32(), span.0, span.1])?;
    let mut found: Vec<Family> = Vec::new();
    while let Some(row) = rows.next()? {
        let (days, parent) = (days_from(&row, 0)?, PointNo::new(row.get(2)?));
        let other: Option<u32> = row.get(5)?;
        let other = other.map(|other| Ok::<_, StoreFault>((PointNo::new(other), days_from(&row, 3)?)));
        let other = other.transpose()?;
        match found.last_mut() {
            Some(last) if last.days == days => last.others.extend(other),
            _ => found.push(Family { days, parent, others: other.into_iter().collect() }),
        }
    }
    Ok(found)
}

/// The points that were ever a child of a point, as known at a moment, in order.
pub(crate) fn children_of(
    db: &Connection,
    parent: PointNo,
    known: KnownAt,
) -> Result<Vec<PointNo>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- children_of
         SELECT DISTINCT pp.point_no FROM point_period pp
         WHERE pp.parent_no = ?1 AND pp.created_seq <= ?2 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?2)
         ORDER BY pp.point_no",
    )?;
    let rows = statement.query_map(params![parent.as_u32(), known.0], |row| Ok(PointNo::new(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
