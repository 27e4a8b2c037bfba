//! Net consumption of net settlement group 6: what a customer with own production took more than it gave, spread evenly
//! over the days of a settlement year.
//!
//! What comes in: consumption points of the group, their children, their readings and what was computed before. What goes
//! out: for each local day of a closed period the net consumption of that period divided by its days; for each day since,
//! a daily share of the estimate for the settlement year, made from the twelve months before it.
//!
//! Source: DataHub's published scenarios of net consumption group 6 (there: `cnc` and `cenc`).

use jiff::{ToSpan, civil::Date};
use tidstro_calendar::Zone;
use tidstro_model::{DayRange, Gsrn, Interval};

use super::{
    ChildPoint, ChildRole, DailyQuantity, PreviousDays, Readings, SettlementFault, SettlementType,
    daily::previous_of,
    family::{child_of, closed_at, local_days},
    rounding::divide_half_away,
    year::{by_settlement_year, day_count, settlement_year},
};

/// Watt-hours of the year after somebody moved in, of whom nothing is known yet.
const MOVED_IN: i64 = 1_800_000;
/// The same with electrical heating.
const MOVED_IN_WITH_HEATING: i64 = 5_600_000;
/// Local days after a period's end from which it is settled.
const WAITING_DAYS: i8 = 2;
/// How far back results are renewed.
const YEARS_BACK: i8 = 3;

/// A consumption point of the group in a time with one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetConsumptionPoint {
    /// The consumption point.
    pub point: Gsrn,
    /// Whether it is heated by electricity.
    pub has_electrical_heating: bool,
    /// The month its settlement year begins with, 1 to 12.
    pub settlement_month: i8,
    /// Whether the customer moved in at the start.
    pub is_move_in: bool,
    /// From when to when.
    pub valid: Interval,
}

/// Everything net consumption is computed from.
#[derive(Debug, Clone, Copy)]
pub struct NetConsumptionInput<'a> {
    /// The zone of local days.
    pub zone: &'a Zone,
    /// The local day of the computation.
    pub today: Date,
    /// Consumption points.
    pub parents: &'a [NetConsumptionPoint],
    /// Their children.
    pub children: &'a [ChildPoint],
    /// Readings of all of them.
    pub readings: &'a Readings,
    /// What was computed before.
    pub previous: &'a PreviousDays,
}

impl NetConsumptionInput<'_> {
    /// Watt-hours taken from the grid less those given to it; never below zero.
    fn net(&self, parent: Gsrn, days: DayRange) -> Result<i64, SettlementFault> {
        let sum = |role| -> Result<i64, SettlementFault> {
            let Some(child) = child_of(self.children, parent, role) else { return Ok(0) };
            let daily = self.readings.daily(child.point, days.start(), days.end())?;
            Ok(daily.iter().map(|(_, watt_hours)| watt_hours).sum())
        };
        Ok((sum(ChildRole::ConsumptionFromGrid)? - sum(ChildRole::SupplyToGrid)?).max(0))
    }
}

/// Net consumption of closed periods, where it is not what stands already.
///
/// A period ends with the settlement year or the customer. It is settled two days later; that day all of it is given. No
/// day further back than three years is given again.
///
/// # Errors
/// [`SettlementFault`] for values that cannot be settled, and for months that are none.
pub fn closed_net_consumption(
    input: &NetConsumptionInput<'_>,
) -> Result<Vec<DailyQuantity>, SettlementFault> {
    let fault = || SettlementFault::Calendar { day: input.today };
    let oldest = input.today.checked_sub(YEARS_BACK.years()).map_err(|_| fault())?;
    let mut found = Vec::new();
    for parent in input.parents {
        let Some(child) = child_of(input.children, parent.point, ChildRole::NetConsumption) else { continue };
        let year = settlement_year(input.today, parent.settlement_month)?;
        let Some(whole) = closed_at(local_days(input.zone, parent.valid), year.start()) else { continue };
        for (period, _) in by_settlement_year(whole, parent.settlement_month)? {
            let settled_from = period.end().checked_add(WAITING_DAYS.days()).map_err(|_| fault())?;
            if settled_from > input.today {
                continue;
            }
            let watt_hours = daily_share(input.net(parent.point, period)?, period);
            let is_new = settled_from == input.today;
            let days = each_day(period).filter(|day| *day >= oldest);
            let changed = days.filter(|day| is_new || !is_settled(input, child.point, *day, watt_hours));
            found.extend(changed.map(|day| value(child.point, day, watt_hours, SettlementType::EndOfPeriod)));
        }
    }
    Ok(found)
}

/// Whether a day stands as settled with this energy.
fn is_settled(input: &NetConsumptionInput<'_>, point: Gsrn, day: Date, watt_hours: i64) -> bool {
    previous_of(input.previous, point, day).is_some_and(|old| {
        old.watt_hours == watt_hours && old.settlement != Some(SettlementType::UpToEndOfPeriod)
    })
}

/// What a point is estimated to use in the settlement year that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstimatedYear {
    /// The net consumption child.
    pub point: Gsrn,
    /// Watt-hours of the year.
    pub watt_hours: i64,
    /// The settlement year that runs.
    pub year: DayRange,
    /// The first local day of the customer.
    pub customer_since: Date,
}

/// The estimate of each point for the settlement year that runs.
///
/// The net consumption of the twelve months before it; 1,800 kWh after a move-in, 5,600 kWh with electrical heating.
///
/// # Errors
/// [`SettlementFault`] for values that cannot be settled, and for months that are none.
pub fn estimated_years(input: &NetConsumptionInput<'_>) -> Result<Vec<EstimatedYear>, SettlementFault> {
    let mut found = Vec::new();
    for parent in input.parents {
        let valid = local_days(input.zone, parent.valid);
        let child = child_of(input.children, parent.point, ChildRole::NetConsumption);
        let Some(child) = child.filter(|_| valid.contains(input.today)) else { continue };
        let year = settlement_year(input.today, parent.settlement_month)?;
        let watt_hours = match (parent.is_move_in, parent.has_electrical_heating) {
            (true, true) => MOVED_IN_WITH_HEATING,
            (true, false) => MOVED_IN,
            (false, _) => input.net(parent.point, year_before(year)?)?,
        };
        found.push(EstimatedYear { point: child.point, watt_hours, year, customer_since: valid.start() });
    }
    Ok(found)
}

/// The net consumption of a customer in a settlement year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetConsumptionYear {
    /// The net consumption child.
    pub point: Gsrn,
    /// The customer's local days in the year.
    pub days: DayRange,
    /// Watt-hours the whole year is estimated to come to; `None` once it is settled.
    pub estimate: Option<i64>,
    /// The value of each local day that has one, in order.
    pub daily: Vec<DailyQuantity>,
}

/// The net consumption of each point in its settlement year that `asked` lies in: what it came to once the period is settled; until then
/// the estimate, up to today or to the period's last day.
///
/// # Errors
/// As [`closed_net_consumption`].
pub fn net_consumption_of_year(
    input: &NetConsumptionInput<'_>,
    asked: Date,
) -> Result<Vec<NetConsumptionYear>, SettlementFault> {
    input.parents.iter().filter_map(|parent| of_year(input, parent, asked).transpose()).collect()
}

/// One point's; `None` without a child, and in a year in which there is no customer yet.
fn of_year(
    input: &NetConsumptionInput<'_>,
    parent: &NetConsumptionPoint,
    asked: Date,
) -> Result<Option<NetConsumptionYear>, SettlementFault> {
    let year = settlement_year(asked, parent.settlement_month)?;
    let child = child_of(input.children, parent.point, ChildRole::NetConsumption);
    let part = local_days(input.zone, parent.valid).intersect(year).filter(|part| !part.is_empty());
    let (Some(child), Some(days)) = (child, part) else { return Ok(None) };
    let fault = || SettlementFault::Calendar { day: days.end() };
    let settled_from = days.end().checked_add(WAITING_DAYS.days()).map_err(|_| fault())?;
    // A period that is over and not settled yet stands as it was estimated on its last day.
    let last = days.end().yesterday().map_err(|_| fault())?;
    let is_settled = settled_from <= input.today;
    let today = if is_settled { input.today } else { input.today.min(last) };
    let input = NetConsumptionInput { parents: std::slice::from_ref(parent), today, ..*input };
    let (estimate, mut daily) = if is_settled {
        (None, closed_net_consumption(&input)?)
    } else {
        let year = estimated_years(&input)?.into_iter().find(|estimate| estimate.year == year);
        (year.map(|year| year.watt_hours), estimated_net_consumption(&input)?)
    };
    daily.retain(|value| days.contains(value.day));
    Ok((is_settled || estimate.is_some()).then_some(NetConsumptionYear {
        point: child.point,
        days,
        estimate,
        daily,
    }))
}

fn year_before(year: DayRange) -> Result<DayRange, SettlementFault> {
    let fault = SettlementFault::Calendar { day: year.start() };
    let start = year.start().checked_sub(1.year()).map_err(|_| fault.clone())?;
    DayRange::new(start, year.start()).map_err(|_| fault)
}

/// The daily share of the estimate, for each local day up to today that has none yet.
///
/// All days since the settlement year or the customer began are given where a day of them was settled as closed before,
/// and where somebody moved in on a day that earlier was an ordinary one of the estimate.
///
/// # Errors
/// As [`estimated_years`].
pub fn estimated_net_consumption(
    input: &NetConsumptionInput<'_>,
) -> Result<Vec<DailyQuantity>, SettlementFault> {
    let mut found = Vec::new();
    for estimate in estimated_years(input)? {
        let watt_hours = daily_share(estimate.watt_hours, estimate.year);
        let tomorrow = input.today.tomorrow().unwrap_or(Date::MAX);
        let Ok(days) = DayRange::new(first_day(input, &estimate), tomorrow) else { continue };
        let settlement = SettlementType::UpToEndOfPeriod;
        found.extend(each_day(days).map(|day| value(estimate.point, day, watt_hours, settlement)));
    }
    Ok(found)
}

/// The first local day the estimate is given for.
fn first_day(input: &NetConsumptionInput<'_>, estimate: &EstimatedYear) -> Date {
    let begin = estimate.year.start().max(estimate.customer_since);
    let known = input.previous.range((estimate.point, begin)..=(estimate.point, input.today));
    let (mut latest, mut was_closed) = (None, false);
    for ((_, day), old) in known {
        latest = Some(*day);
        was_closed |= old.settlement == Some(SettlementType::EndOfPeriod);
    }
    let day_before = begin.yesterday().ok().and_then(|day| previous_of(input.previous, estimate.point, day));
    let was_estimated = day_before.is_some_and(|old| old.settlement == Some(SettlementType::UpToEndOfPeriod));
    let is_new_customer = estimate.customer_since > estimate.year.start();
    if was_closed || (is_new_customer && was_estimated) {
        return begin;
    }
    latest.map_or(begin, |day: Date| day.tomorrow().unwrap_or(Date::MAX))
}

/// An even share of each day, rounded to whole watt-hours.
fn daily_share(watt_hours: i64, days: DayRange) -> i64 {
    let share = divide_half_away(i128::from(watt_hours), i128::from(day_count(days)));
    i64::try_from(share).unwrap_or(watt_hours)
}

fn each_day(days: DayRange) -> impl Iterator<Item = Date> {
    days.start().series(1.day()).take_while(move |day| *day < days.end())
}

const fn value(point: Gsrn, day: Date, watt_hours: i64, settlement: SettlementType) -> DailyQuantity {
    DailyQuantity { point, day, watt_hours, settlement: Some(settlement) }
}
