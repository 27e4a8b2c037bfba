//! How many days wait for each cause: one read of an index, whatever the number of points.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::{Operation, Reach};
use tidstro_model::{AreaKind, AreaNo, DayRange, Resolution, Rule};

use crate::db::{Connection, Row, params};
use crate::gate::Terms;
use crate::personal::read::target_numbers;
use crate::{Permit, Store, StoreFault};

/// A cause: a rule that is open in days of series of one resolution in one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingCause {
    /// The area.
    pub area: AreaNo,
    /// Its name.
    pub area_name: String,
    /// The rule.
    pub rule: Rule,
    /// The resolution of the series; raw for registers.
    pub resolution: Resolution,
    /// How many days of series.
    pub days: u64,
    /// The oldest of these local days.
    pub first: Date,
    /// The newest of them.
    pub last: Date,
}

impl Store {
    /// The causes of what waits in the areas the permit reaches, on local days before one, the most days first.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to compute.
    pub async fn finding_causes(
        &self,
        permit: &Permit,
        before: Date,
        now: Timestamp,
    ) -> Result<Vec<FindingCause>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Compute, now)?;
        self.threads.read(move |reading| causes(&reading.db, &terms, before)).await
    }
}

fn causes(db: &Connection, terms: &Terms, before: Date) -> Result<Vec<FindingCause>, StoreFault> {
    let scope = terms.scope();
    let over = DayRange::new(Date::MIN, before).ok();
    // A count of a whole area is no answer to somebody who reaches single occupancies of it.
    let is_whole = matches!(scope.reach, Reach::Target { .. });
    let Some(days) = over.and_then(|over| scope.days.intersect(over)).filter(|_| is_whole) else {
        return Ok(Vec::new());
    };
    let (_, area) = target_numbers(terms.target);
    let (start, end) = (epoch_day(days.start()), epoch_day(days.end()));
    let found: Vec<(AreaKind, FindingCause)> = db
        .prepare_cached(
            "-- finding_causes
             SELECT g.area_no, a.name, a.kind, g.rule, g.resolution, g.days, g.first_day, g.last_day
             FROM (SELECT f.area_no, f.rule, f.resolution, count(*) AS days, min(f.period) AS first_day,
                          max(f.period) AS last_day
                   FROM open_finding f
                   WHERE f.category = ?1 AND f.period >= ?2 AND f.period < ?3
                         AND (CAST(?4 AS BIGINT) IS NULL OR f.area_no = ?4)
                   GROUP BY f.area_no, f.rule, f.resolution) g
                  JOIN area a ON a.area_no = g.area_no
             ORDER BY g.days DESC, a.name, g.rule, g.resolution",
        )?
        .query_and_then(params![terms.category.as_str(), start, end, area], cause_from)?
        .collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter(|(kind, _)| scope.areas.contains(kind)).map(|(_, cause)| cause).collect())
}

fn cause_from(row: &Row<'_>) -> Result<(AreaKind, FindingCause), StoreFault> {
    let (kind, rule, resolution): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let damaged = StoreFault::Row { what: "open_finding" };
    let day = |period: i32| from_epoch_day(period).ok_or(StoreFault::Row { what: "open_finding.period" });
    let (Some(kind), Some(rule), Some(resolution)) =
        (AreaKind::from_code(&kind), Rule::from_code(&rule), Resolution::from_code(&resolution))
    else {
        return Err(damaged);
    };
    let cause = FindingCause {
        area: AreaNo::new(row.get(0)?),
        area_name: row.get(1)?,
        rule,
        resolution,
        days: row.get::<_, i64>(5)?.unsigned_abs(),
        first: day(row.get(6)?)?,
        last: day(row.get(7)?)?,
    };
    Ok((kind, cause))
}
