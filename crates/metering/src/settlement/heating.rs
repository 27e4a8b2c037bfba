//! Electrical heating: how much of the consumption is taxed as heating.
//!
//! What comes in: consumption points with electrical heating, their children, their readings and what was computed before.
//! What goes out: for each local day with consumption the part of it that lies above nothing and below the limit of
//! its period, where it differs from what stands. The limit is 4,000 kWh for a settlement year and less for a part of one.
//!
//! Customers with own production (net settlement groups 2 and 6) are heated by their net consumption. Once their period is
//! over, energy that went out and came back counts against the limit: hour by hour in group 2, over the period in group
//! 6. Until then their period is settled up to its end without that.
//!
//! Source: DataHub's published electrical heating scenarios.

use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Gsrn, Interval};

use super::{
    ChildPoint, ChildRole, DailyQuantity, PreviousDays, Readings, SettlementFault, SettlementType,
    daily::is_unchanged,
    family::{child_in, closed_at, local_days},
    rounding::divide_half_away,
    year::{by_settlement_year, day_count, settlement_year},
};

/// Watt-hours of heating in a settlement year.
const YEARLY_LIMIT: i128 = 4_000_000;

/// A consumption point in a time with electrical heating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeatingParent {
    /// The consumption point.
    pub point: Gsrn,
    /// The net settlement group, if it has one.
    pub net_settlement_group: Option<u8>,
    /// The month its settlement year begins with; 1 outside group 6.
    pub settlement_month: i8,
    /// From when to when.
    pub valid: Interval,
}

/// Everything electrical heating is computed from.
#[derive(Debug, Clone, Copy)]
pub struct HeatingInput<'a> {
    /// The zone of local days.
    pub zone: &'a Zone,
    /// The local day of the computation: periods that end on it or before are over.
    pub today: Date,
    /// Consumption points.
    pub parents: &'a [HeatingParent],
    /// Their children.
    pub children: &'a [ChildPoint],
    /// Readings of all of them.
    pub readings: &'a Readings,
    /// What was computed before.
    pub previous: &'a PreviousDays,
}

/// Electrical heating of each local day with consumption, where it is not what stands already.
///
/// A point without a heating child has none; so has one of group 2 without net consumption until its period is over.
///
/// # Errors
/// [`SettlementFault`] for values that cannot be settled, and for months that are none.
pub fn electrical_heating(input: &HeatingInput<'_>) -> Result<Vec<DailyQuantity>, SettlementFault> {
    let mut found = Vec::new();
    for parent in input.parents {
        let heated =
            |child: &&ChildPoint| child.parent == parent.point && child.role == ChildRole::ElectricalHeating;
        for child in input.children.iter().filter(heated) {
            for period in periods(input, parent, child)? {
                found.extend(settle(input, &period)?);
            }
        }
    }
    found.retain(|new| !is_unchanged(input.previous, new));
    Ok(found)
}

/// A part of a consumption point's time inside one settlement year.
struct HeatingPeriod {
    /// The heating child.
    point: Gsrn,
    /// Whose energy counts: the consumption point, or its net consumption.
    source: Gsrn,
    /// The local days whose energy counts.
    counted: DayRange,
    /// Days the limit is for, and days of the settlement year.
    days: (i64, i64),
    settlement: SettlementType,
    /// How energy that went out and came back lowers the limit, if it does.
    reduction: Option<Reduction>,
}

/// How energy that went out and came back counts against the limit.
struct Reduction {
    supply: Gsrn,
    from_grid: Gsrn,
    /// Hour by hour, or over the whole period.
    is_by_hour: bool,
}

/// The children of a customer with own production.
struct Netting {
    group: u8,
    net_consumption: Option<Gsrn>,
    exchanged: Option<(Gsrn, Gsrn)>,
}

fn periods(
    input: &HeatingInput<'_>,
    parent: &HeatingParent,
    child: &ChildPoint,
) -> Result<Vec<HeatingPeriod>, SettlementFault> {
    let year_end = settlement_year(input.today, parent.settlement_month)?.end();
    let closed = |valid| closed_at(local_days(input.zone, valid), year_end);
    let (Some(whole), Some(coupled)) = (closed(parent.valid), closed(child.valid)) else {
        return Ok(Vec::new());
    };
    let (netting, others) = netting(input, parent, whole);
    let overlap = others.into_iter().try_fold(coupled, |common, other| common.intersect(closed(other)?));
    let Some(overlap) = overlap else { return Ok(Vec::new()) };
    let parts = by_settlement_year(whole, parent.settlement_month)?.into_iter();
    Ok(parts
        .filter_map(|(part, year)| {
            let counted = part.intersect(overlap)?;
            let is_over = part.end() <= input.today;
            let (source, settlement, reduction) = rules(parent, netting.as_ref(), is_over)?;
            let days = (day_count(part), day_count(year));
            Some(HeatingPeriod { point: child.point, source, counted, days, settlement, reduction })
        })
        .collect())
}

/// The children that take part in groups 2 and 6, and when they are coupled.
fn netting(
    input: &HeatingInput<'_>,
    parent: &HeatingParent,
    whole: DayRange,
) -> (Option<Netting>, Vec<Interval>) {
    let Some(group @ (2 | 6)) = parent.net_settlement_group else { return (None, Vec::new()) };
    let child = |role| child_in(input.zone, input.children, parent.point, role, whole);
    let net_consumption = child(ChildRole::NetConsumption);
    let (supply, from_grid) = (child(ChildRole::SupplyToGrid), child(ChildRole::ConsumptionFromGrid));
    let coupled =
        [net_consumption, supply, from_grid].into_iter().flatten().map(|child| child.valid).collect();
    let netting = Netting {
        group,
        net_consumption: net_consumption.map(|child| child.point),
        exchanged: supply.zip(from_grid).map(|(supply, from_grid)| (supply.point, from_grid.point)),
    };
    (Some(netting), coupled)
}

/// Whose energy counts, whether it is final, and what lowers the limit; `None` if there is no result.
fn rules(
    parent: &HeatingParent,
    netting: Option<&Netting>,
    is_over: bool,
) -> Option<(Gsrn, SettlementType, Option<Reduction>)> {
    let Some(netting) = netting else { return Some((parent.point, SettlementType::UpToEndOfPeriod, None)) };
    let source = netting.net_consumption.unwrap_or(parent.point);
    if is_over {
        let reduction = netting.exchanged.map(|(supply, from_grid)| Reduction {
            supply,
            from_grid,
            is_by_hour: netting.group == 2,
        });
        return Some((source, SettlementType::EndOfPeriod, reduction));
    }
    let has_result = netting.group != 2 || netting.net_consumption.is_some();
    has_result.then_some((source, SettlementType::UpToEndOfPeriod, None))
}

fn settle(input: &HeatingInput<'_>, period: &HeatingPeriod) -> Result<Vec<DailyQuantity>, SettlementFault> {
    let (start, end) = (period.counted.start(), period.counted.end());
    let daily = input.readings.daily(period.source, start, end)?;
    let mut limit = Limit::new(period.days, reduction(input, period)?);
    Ok(daily
        .into_iter()
        .map(|(day, watt_hours)| DailyQuantity {
            point: period.point,
            day,
            watt_hours: limit.take(watt_hours),
            settlement: Some(period.settlement),
        })
        .collect())
}

/// Watt-hours that went out and came back in the period, in the hours whose energy counts.
fn reduction(input: &HeatingInput<'_>, period: &HeatingPeriod) -> Result<i64, SettlementFault> {
    let Some(reduction) = &period.reduction else { return Ok(0) };
    let (start, end) = (period.counted.start(), period.counted.end());
    let (mut out, mut back, mut by_hour) = (0, 0, 0);
    for (day, _) in input.readings.days(period.source, start, end) {
        let counted = input.readings.hours(period.source, day)?;
        let supplied = input.readings.hours(reduction.supply, day)?;
        let taken = input.readings.hours(reduction.from_grid, day)?;
        for (hour, _) in counted.iter().enumerate().filter(|(_, value)| value.is_some()) {
            let at = |hours: &[Option<i64>]| hours.get(hour).copied().flatten().unwrap_or(0);
            out += at(&supplied);
            back += at(&taken);
            by_hour += at(&supplied).min(at(&taken));
        }
    }
    Ok(if reduction.is_by_hour { by_hour } else { out.min(back) })
}

/// How much heating a period still has. Exact: in watt-hours times the days of the settlement year.
struct Limit {
    left: i128,
    year_days: i128,
}

impl Limit {
    fn new((days, year_days): (i64, i64), reduction: i64) -> Self {
        let year_days = i128::from(year_days);
        Self { left: i128::from(days) * YEARLY_LIMIT - i128::from(reduction) * year_days, year_days }
    }

    /// The part of a day's watt-hours below what is left. Only the day that reaches the limit is rounded.
    fn take(&mut self, watt_hours: i64) -> i64 {
        let (left, asked) = (self.left, i128::from(watt_hours) * self.year_days);
        self.left -= asked;
        if asked < left || (asked == 0 && left >= 0) {
            watt_hours
        } else if left > 0 {
            i64::try_from(divide_half_away(left, self.year_days)).unwrap_or(watt_hours)
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_taken_day_by_day() {
        // 306 of 366 days: 3344.262 kWh.
        let mut limit = Limit::new((306, 366), 0);
        assert_eq!([1000, 1000, 4_000_000, 1].map(|day| limit.take(day)), [1000, 1000, 3_342_262, 0]);
        let mut reduced_below_zero = Limit::new((1, 365), 5_000_000);
        assert_eq!([0, 7].map(|day| reduced_below_zero.take(day)), [0, 0]);
    }
}
