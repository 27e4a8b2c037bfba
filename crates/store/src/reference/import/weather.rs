//! Rows about the weather.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{DegreeDays, MasterRow, StatedDegreeDays};

use super::plan::Plan;
use super::{ItemChange, MasterRefusal, NumberDifference};
use crate::StoreFault;
use crate::reference::periods::degree_days_at;

/// The index of a row, and what it says.
type Said = (usize, Option<DegreeDays>);

/// Degree days: each area by itself, each month once.
pub(super) fn plan_degree_days(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    let mut by_area: BTreeMap<&str, BTreeMap<Timestamp, Said>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        let MasterRow::DegreeDays(StatedDegreeDays { area, at, days }) = row else { continue };
        let said = by_area.entry(area).or_default().entry(*at).or_insert((index, *days));
        if said.1 != *days {
            let (file, line) = plan.place_of(said.0);
            plan.refuse(index, MasterRefusal::Twice { file, line });
        }
    }
    by_area.into_iter().try_for_each(|(area, months)| plan_area(plan, area, months))
}

fn plan_area(plan: &mut Plan<'_>, area: &str, months: BTreeMap<Timestamp, Said>) -> Result<(), StoreFault> {
    let instants: Vec<Timestamp> = months.keys().copied().collect();
    let known = degree_days_at(plan.db, area, &instants)?;
    let mut difference = NumberDifference::default();
    let first = months.values().map(|(index, _)| *index).min().unwrap_or(0);
    for (at, (_, days)) in months {
        let old = known.get(&at).copied();
        if old == days {
            continue;
        }
        difference.retired.extend(old.map(|old| (at, old.actual)));
        difference.added.extend(days.map(|new| (at, new.actual)));
        plan.data.degree_days.push(StatedDegreeDays { area: area.to_owned(), at, days });
    }
    if difference == NumberDifference::default() {
        plan.unchanged();
    } else {
        plan.change(first, ItemChange::DegreeDays { area: area.to_owned(), difference });
    }
    Ok(())
}
