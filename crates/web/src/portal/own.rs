//! What residents and electricity customers see of themselves: the asks of all their pages.
//!
//! What comes in: who is there, days, a resolution. What goes out: their own series, as the gate gives them for the purpose of one's own
//! view. Never: a series of somebody else; the gate's scope is the subject's own occupancies.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_flows::{FlowFault, SeriesAsk, SeriesPage, SeriesPart, SeriesView, show_series_page};
use tidstro_govern::Operation;
use tidstro_model::{Commodity, DayRange, Decimal, Resolution, SeriesNo, Unit};

use super::given;
use super::known::Known;
use crate::answered::Problem;
use crate::door::own_purpose;
use crate::visit::Visit;

/// The column by which somebody asks what they used.
pub(crate) const COLUMN: &str = "series_block.sealed";

/// The local day of now.
pub(crate) fn today(visit: &Visit) -> Date {
    visit.web().workspace().zone().day_of(visit.now)
}

fn asked(
    visit: &Visit,
    series: Option<SeriesNo>,
    days: DayRange,
    resolution: Resolution,
) -> Result<SeriesAsk, Problem> {
    let there = visit.there()?;
    let register = visit.web().workspace().register();
    let purpose = own_purpose(register, there.session().roles(), Operation::Read, COLUMN);
    let purpose = purpose.ok_or(Problem::Fault(FlowFault::NoCategory { of: "one's own consumption" }))?;
    Ok(SeriesAsk {
        actor: there.actor().clone(),
        purpose: purpose.activity,
        category: purpose.category,
        point: None,
        area: None,
        series,
        days,
        resolution,
        as_of: None,
        recipient: None,
        factors: there.session().factors(),
    })
}

/// Their series, of one number or all, and parts of the values. One ask for all of them, and one entry in the log.
pub(crate) async fn own_page(
    visit: &Visit,
    series: Option<SeriesNo>,
    parts: &[SeriesPart],
) -> Result<SeriesPage, Problem> {
    let whole = parts.iter().map(|part| part.days).reduce(around).unwrap_or(DayRange::always());
    let finest = parts.iter().map(|part| part.resolution).min().unwrap_or(Resolution::P1Y);
    let asked = asked(visit, series, whole, finest)?;
    given(show_series_page(visit.web().workspace(), &asked, parts, visit.now).await?)
}

/// The days from the first of two ranges to the last.
fn around(one: DayRange, other: DayRange) -> DayRange {
    let (start, end) = (one.start().min(other.start()), one.end().max(other.end()));
    DayRange::new(start, end).unwrap_or(one)
}

/// One period of one commodity, over all rooms and meters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeriodSum {
    /// When the period begins.
    pub(crate) start: Timestamp,
    /// What was used; `None` where nothing is known of any meter.
    pub(crate) value: Option<Decimal>,
    /// How it is known.
    pub(crate) known: Known,
}

/// What was used of one commodity, period by period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    /// What.
    pub(crate) commodity: Commodity,
    /// In which unit.
    pub(crate) unit: Unit,
    /// The periods, in order of time.
    pub(crate) periods: Vec<PeriodSum>,
}

/// Adds the series of each commodity up. Series of another unit stand for themselves.
pub(crate) fn by_commodity(views: &[SeriesView], now: Timestamp) -> Vec<Used> {
    let mut all: Vec<Used> = Vec::new();
    for view in views {
        let (commodity, unit) = (view.line.commodity, view.line.unit);
        let place = all.iter().position(|used| used.commodity == commodity && used.unit == unit);
        let place = place.unwrap_or_else(|| {
            all.push(Used { commodity, unit, periods: Vec::new() });
            all.len() - 1
        });
        if let Some(used) = all.get_mut(place) {
            add(&mut used.periods, view, now);
        }
    }
    all.iter_mut().for_each(|used| used.periods.sort_by_key(|period| period.start));
    all.sort_by_key(|used| used.commodity);
    all
}

fn add(periods: &mut Vec<PeriodSum>, view: &SeriesView, now: Timestamp) {
    for value in &view.values {
        let known = Known::of(value, &view.line, now);
        match periods.iter_mut().find(|period| period.start == value.start) {
            Some(period) => {
                period.known = period.known.and(known);
                period.value = sum(period.value, value.value);
            }
            None => periods.push(PeriodSum { start: value.start, value: value.value, known }),
        }
    }
}

/// Digits that do not fit leave the larger value: it is for the eye, and no meter counts that far.
fn sum(one: Option<Decimal>, other: Option<Decimal>) -> Option<Decimal> {
    match (one, other) {
        (Some(one), Some(other)) => one.checked_add(other).or(Some(one)),
        (one, other) => one.or(other),
    }
}
