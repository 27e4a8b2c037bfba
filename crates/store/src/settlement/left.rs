//! Blocks that are in no sum, and why.
//!
//! What comes in: a block that settlement cannot count. What goes out: a list for whoever settles, by point and local day.
//! It holds no value.

use std::collections::BTreeMap;
use std::fmt;

use crate::db::{Connection, params};
use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;
use tidstro_metering::settlement::SettlementFault;
use tidstro_model::SeriesNo;

use crate::StoreFault;

/// Why a block is in no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Left {
    /// Master data have no period of the point for the day, or not in a grid area.
    NoPeriod,
    /// Nobody supplies the point on that day.
    NoSupply,
    /// The series has another resolution than the point on that day.
    Resolution,
    /// The series is not of energy in watt-hours.
    Unit,
    /// A value is finer than a watt-hour (regulation D.1 § 6(3)).
    TooFine,
    /// A value is larger than any interval's.
    TooLarge,
    /// The block has another number of intervals than its local day.
    Slots,
}

impl Left {
    const ALL: [Self; 7] = [
        Self::NoPeriod,
        Self::NoSupply,
        Self::Resolution,
        Self::Unit,
        Self::TooFine,
        Self::TooLarge,
        Self::Slots,
    ];

    /// The word in the database and in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoPeriod => "no-period",
            Self::NoSupply => "no-supply",
            Self::Resolution => "resolution",
            Self::Unit => "unit",
            Self::TooFine => "too-fine",
            Self::TooLarge => "too-large",
            Self::Slots => "slots",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::NoPeriod => "give the point a period in the master data",
            Self::NoSupply => "give the point a supplier in the master data",
            Self::Resolution => "correct the resolution in the master data, or send the other series",
            Self::Unit => "send energy in kWh",
            Self::TooFine => "round values at their source to 3 decimals of a kWh",
            Self::TooLarge => "look at the values; one is over 100 GWh",
            Self::Slots => "send the whole local day",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|left| left.word() == word)
    }

    /// What a fault of the sum says of the block.
    pub(super) const fn of(fault: &SettlementFault) -> Self {
        match fault {
            SettlementFault::TooFine { .. } => Self::TooFine,
            SettlementFault::TooLarge { .. } => Self::TooLarge,
            SettlementFault::Resolution { .. } => Self::Resolution,
            _ => Self::Slots,
        }
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A block that is in no sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBlock {
    /// The local day.
    pub day: Date,
    /// Identifier of the metering point.
    pub point: String,
    /// Why.
    pub why: Left,
}

/// Local days of a series that are left out for one reason, half open and counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LeftRun {
    start: i32,
    end: i32,
    why: Left,
}

/// Notes that the newest blocks of local days are in no sum, or that they are. Days of a series that follow each other and
/// have one reason are written as one run, however many there are.
pub(super) fn put_all(
    db: &Connection,
    days: impl IntoIterator<Item = ((i32, SeriesNo), Option<Left>)>,
) -> Result<(), StoreFault> {
    let mut by_series: BTreeMap<SeriesNo, Vec<(i32, Option<Left>)>> = BTreeMap::new();
    for ((period, series), why) in days {
        by_series.entry(series).or_default().push((period, why));
    }
    for (series, mut days) in by_series {
        days.sort_by_key(|(period, _)| *period);
        for run in days.chunk_by(|one, next| next.0 == one.0 + 1 && next.1 == one.1) {
            if let [(start, why), ..] = run {
                put_run(db, series, (*start, start.saturating_add(length(run))), *why)?;
            }
        }
    }
    Ok(())
}

fn length<T>(run: &[T]) -> i32 {
    i32::try_from(run.len()).unwrap_or(i32::MAX)
}

/// Notes that the newest block of a local day is in no sum, or that it is.
pub(super) fn put(
    db: &Connection,
    (period, series): (i32, SeriesNo),
    why: Option<Left>,
) -> Result<(), StoreFault> {
    put_run(db, series, (period, period.saturating_add(1)), why)
}

fn put_run(
    db: &Connection,
    series: SeriesNo,
    (start, end): (i32, i32),
    why: Option<Left>,
) -> Result<(), StoreFault> {
    let known = touching(db, series, (start, end))?;
    let new = after(&known, (start, end), why);
    for gone in known.iter().filter(|run| !new.iter().any(|new| new.start == run.start)) {
        db.prepare_cached(
            "-- settle_after_all
             DELETE FROM settlement_left WHERE series_no = ?1 AND start_day = ?2",
        )?
        .execute(params![series.as_u32(), gone.start])?;
    }
    for run in new.iter().filter(|run| !known.contains(run)) {
        db.prepare_cached(
            "-- leave_out
             INSERT INTO settlement_left (series_no, start_day, end_day, reason) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (series_no, start_day) DO UPDATE SET end_day = excluded.end_day, reason = excluded.reason",
        )?
        .execute(params![series.as_u32(), run.start, run.end, run.why.word()])?;
    }
    Ok(())
}

/// The runs of a series that share a day with these days or stand beside them, in order.
fn touching(db: &Connection, series: SeriesNo, (start, end): (i32, i32)) -> Result<Vec<LeftRun>, StoreFault> {
    db.prepare_cached(
        "-- settlement_left_beside
         SELECT l.start_day, l.end_day, l.reason FROM settlement_left l
         WHERE l.series_no = ?1 AND l.start_day <= ?3 AND l.end_day >= ?2 ORDER BY l.start_day",
    )?
    .query_and_then(params![series.as_u32(), start, end], |row| {
        Ok(LeftRun { start: row.get(0)?, end: row.get(1)?, why: reason_from(&row.get::<_, String>(2)?)? })
    })?
    .collect()
}

/// What becomes of runs when days are left out for a reason, or for none. Days of one reason become one run.
fn after(known: &[LeftRun], (start, end): (i32, i32), why: Option<Left>) -> Vec<LeftRun> {
    let mut days = (start, end);
    let mut new = Vec::with_capacity(known.len() + 2);
    for run in known {
        if Some(run.why) == why {
            days = (days.0.min(run.start), days.1.max(run.end));
            continue;
        }
        let parts =
            [LeftRun { end: run.end.min(start), ..*run }, LeftRun { start: run.start.max(end), ..*run }];
        new.extend(parts.into_iter().filter(|part| part.start < part.end));
    }
    new.extend(why.map(|why| LeftRun { start: days.0, end: days.1, why }));
    new.sort();
    new
}

fn reason_from(word: &str) -> Result<Left, StoreFault> {
    Left::from_word(word).ok_or(StoreFault::Row { what: "settlement_left.reason" })
}

/// What is left out in an area on some local days, half open, by day and point.
pub(super) fn list(db: &Connection, area: &str, days: (i32, i32)) -> Result<Vec<LeftBlock>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- settlement_left
         SELECT l.start_day, l.end_day, p.own_id, l.reason
         FROM settlement_left l JOIN series s ON s.series_no = l.series_no
              JOIN point p ON p.point_no = s.point_no JOIN area a ON a.area_no = p.area_no
         WHERE l.end_day > ?1 AND l.start_day < ?2 AND a.name = ?3",
    )?;
    let mut rows = statement.query(params![days.0, days.1, area])?;
    let mut blocks = Vec::new();
    while let Some(row) = rows.next()? {
        let (start, end): (i32, i32) = (row.get(0)?, row.get(1)?);
        let (point, why): (String, Left) = (row.get(2)?, reason_from(&row.get::<_, String>(3)?)?);
        for period in start.max(days.0)..end.min(days.1) {
            let day = from_epoch_day(period).ok_or(StoreFault::Row { what: "settlement_left.start_day" })?;
            blocks.push(LeftBlock { day, point: point.clone(), why });
        }
    }
    blocks.sort_by(|one, other| (one.day, &one.point).cmp(&(other.day, &other.point)));
    Ok(blocks)
}

/// What is left out of some series on a local day, for comparing; the numbers are the first and the last of them.
pub(super) fn on_day(
    db: &Connection,
    period: i32,
    (first, last): (SeriesNo, SeriesNo),
) -> Result<Vec<(SeriesNo, Left)>, StoreFault> {
    db.prepare_cached(
        "-- settlement_left_on
         SELECT l.series_no, l.reason FROM settlement_left l
         WHERE l.series_no >= ?2 AND l.series_no <= ?3 AND l.start_day <= ?1 AND l.end_day > ?1
         ORDER BY l.series_no",
    )?
    .query_and_then(params![period, first.as_u32(), last.as_u32()], |row| {
        Ok((SeriesNo::new(row.get(0)?), reason_from(&row.get::<_, String>(1)?)?))
    })?
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days of runs, one by one.
    fn days(runs: &[LeftRun]) -> BTreeMap<i32, Left> {
        runs.iter().flat_map(|run| (run.start..run.end).map(|day| (day, run.why))).collect()
    }

    /// A walk over all pairs of reasons and days: the runs are the days of a plain map, and as few as can be.
    #[test]
    fn runs_say_the_same_as_single_days() {
        let reasons = [None, Some(Left::NoSupply), Some(Left::NoPeriod)];
        let (mut runs, mut plain) = (Vec::new(), BTreeMap::new());
        for step in 0..3_000_i32 {
            let (start, length) = (step * 7 % 23, 1 + step * 5 % 4);
            let why = reasons[usize::try_from(step * 11 / 3 % 3).unwrap()];
            let span = (start, start + length);
            let beside = |run: &&LeftRun| run.start <= span.1 && run.end >= span.0;
            let known: Vec<LeftRun> = runs.iter().filter(beside).copied().collect();
            runs.retain(|run| !known.contains(run));
            runs.extend(after(&known, span, why));
            runs.sort();
            for day in span.0..span.1 {
                plain.remove(&day);
                plain.extend(why.map(|why| (day, why)));
            }
            assert_eq!(days(&runs), plain, "step {step}: {runs:?}");
            let joined =
                runs.windows(2).all(|pair| pair[0].end < pair[1].start || pair[0].why != pair[1].why);
            assert!(joined, "step {step}: {runs:?}");
        }
    }
}
