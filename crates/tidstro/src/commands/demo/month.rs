//! One flat's month, as its resident sees it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_flows::{Answer, SeriesAsk, SeriesView, Workspace, own_name, show_series};
use tidstro_model::{
    ActivityId, ActorId, CategoryId, Commodity, DayRange, Decimal, QuantityKind, Resolution, Unit,
};
use tidstro_world::Town;

use super::resident;
use crate::commands::now;
use crate::fault::CommandFault;
use crate::show::chart::columns;
use crate::show::{Table, shown};

/// What a resident's month shows: commodity, quantity, unit, heading.
const COLUMNS: [(Commodity, QuantityKind, Unit, &str); 3] = [
    (Commodity::HeatAllocation, QuantityKind::HcaUnits, Unit::Hca, "heat"),
    (Commodity::ColdWater, QuantityKind::Volume, Unit::CubicMetre, "cold water"),
    (Commodity::WarmWater, QuantityKind::Volume, Unit::CubicMetre, "warm water"),
];
/// Lines of the chart.
const CHART_HEIGHT: usize = 5;

/// Values by local day, one per column; `None` where any meter's value is missing.
type Days = BTreeMap<Date, [Option<Decimal>; COLUMNS.len()]>;

pub(super) async fn write(
    out: &mut impl std::io::Write,
    workspace: &Workspace,
    town: &Town,
    days: DayRange,
) -> Result<Answer<()>, CommandFault> {
    let Some((flat, tenant)) = ordinary_flat(town) else { return Ok(Answer::Given(())) };
    let actor = resident(workspace, tenant).await?;
    let month = fullest_month(days);
    let name = match own_name(workspace, &actor, now()).await? {
        Answer::Given(name) => name,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    let views = match show_series(workspace, &own_consumption(&actor, month)?, now()).await? {
        Answer::Given(views) => views,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    let by_day = by_day(workspace, &views)?;
    writeln!(out, "\n{name}, {flat}, {month} (asked by {actor}, own view)")?;
    write_table(out, &by_day)?;
    write_chart(out, &by_day)?;
    Ok(Answer::Given(()))
}

/// A flat in which nothing odd happens, and who lives there.
fn ordinary_flat(town: &Town) -> Option<(String, usize)> {
    let facts = &town.facts;
    let odd = [&facts.silent.point, &facts.exchange.point, &facts.missing_key.point, &facts.burst.point];
    town.flats
        .iter()
        .filter(|flat| flat.stays.len() == 1)
        .find(|flat| !odd.iter().any(|point| point.starts_with(&flat.slug())))
        .and_then(|flat| Some((format!("{}, {}", flat.area, flat.unit), flat.stays.first()?.tenant)))
}

/// The calendar month most of the days lie in, cut to the days.
fn fullest_month(days: DayRange) -> DayRange {
    let mut best = days;
    let mut best_days = 0;
    let mut first = tidstro_calendar::first_of_month(days.start());
    while first < days.end() {
        let next = tidstro_calendar::next_month(first);
        if let Some(part) = DayRange::new(first, next).ok().and_then(|month| month.intersect(days)) {
            let length = tidstro_calendar::epoch_day(part.end()) - tidstro_calendar::epoch_day(part.start());
            if length > best_days {
                (best, best_days) = (part, length);
            }
        }
        first = next;
    }
    best
}

fn own_consumption(actor: &ActorId, days: DayRange) -> Result<SeriesAsk, CommandFault> {
    Ok(SeriesAsk {
        actor: actor.clone(),
        purpose: ActivityId::parse("own-view")?,
        category: CategoryId::parse("consumption")?,
        point: None,
        area: None,
        series: None,
        days,
        resolution: Resolution::P1D,
        as_of: None,
        recipient: None,
        factors: 1,
    })
}

fn by_day(workspace: &Workspace, views: &[SeriesView]) -> Result<Days, CommandFault> {
    let mut days = Days::new();
    for view in views {
        let line = &view.line;
        let column = COLUMNS.iter().position(|(commodity, quantity, unit, _)| {
            (*commodity, *quantity, *unit) == (line.commodity, line.quantity, line.unit)
        });
        let Some(column) = column else { continue };
        for value in &view.values {
            let day = workspace.zone().day_of(value.start);
            let cells = days.entry(day).or_insert([Some(Decimal::ZERO); COLUMNS.len()]);
            if let Some(cell) = cells.get_mut(column) {
                *cell = sum(*cell, value.value)?;
            }
        }
    }
    Ok(days)
}

/// A sum with a missing part is missing.
fn sum(a: Option<Decimal>, b: Option<Decimal>) -> Result<Option<Decimal>, CommandFault> {
    match (a, b) {
        (Some(a), Some(b)) => Ok(Some(a.checked_add(b).ok_or(tidstro_flows::FlowFault::TooLarge)?)),
        _ => Ok(None),
    }
}

fn write_table(out: &mut impl std::io::Write, days: &Days) -> Result<(), CommandFault> {
    let mut table = Table::new(&["day", ">heat", ">cold water", ">warm water"]);
    let mut totals = [Some(Decimal::ZERO); COLUMNS.len()];
    let mut missing = [0_u32; COLUMNS.len()];
    for (day, cells) in days {
        let mut row = vec![day.strftime("%a %d %b").to_string()];
        for (((cell, (_, _, unit, _)), total), missing) in
            cells.iter().zip(COLUMNS).zip(&mut totals).zip(&mut missing)
        {
            row.push(cell.map_or_else(|| "missing".to_owned(), |number| shown(number, unit)));
            *missing += u32::from(cell.is_none());
            *total = sum(*total, Some(cell.unwrap_or(Decimal::ZERO)))?;
        }
        table.row(row);
    }
    let mut row = vec!["total".to_owned()];
    for ((total, (_, _, unit, _)), missing) in totals.iter().zip(COLUMNS).zip(missing) {
        let sum = total.map(|number| shown(number, unit)).unwrap_or_default();
        row.push(if missing > 0 { format!("{sum} + {missing} days missing") } else { sum });
    }
    table.row(row);
    write!(out, "{table}")?;
    Ok(())
}

fn write_chart(out: &mut impl std::io::Write, days: &Days) -> Result<(), CommandFault> {
    let heat: Vec<Option<Decimal>> = days.values().map(|[heat, ..]| *heat).collect();
    writeln!(out, "\n  heat by day")?;
    for line in columns(&heat, CHART_HEIGHT) {
        writeln!(out, "  │{line}")?;
    }
    writeln!(out, "  └{}", "─".repeat(heat.len()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_fullest_month_is_cut_to_the_days() {
        let days = DayRange::new(date(2026, 10, 5), date(2026, 11, 14)).unwrap();
        assert_eq!(fullest_month(days), DayRange::new(date(2026, 10, 5), date(2026, 11, 1)).unwrap());
    }

    #[test]
    fn a_sum_with_a_missing_part_is_missing() {
        assert_eq!(sum(Some(Decimal::ZERO), None).unwrap(), None);
    }
}
