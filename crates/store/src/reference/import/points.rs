//! Rows about points of the market, their suppliers, and devices.

use std::collections::{BTreeMap, BTreeSet};

use tidstro_model::{
    Area, AreaKind, CheckDigit, Dated, DayRange, DeviceId, Gsrn, Installation, MasterRow, Mounting, Parties,
    Point, PointState, PointType, StatedPoint, Supply, Timeline,
};

use super::fit::{Numbered, apart, chained};
use super::known::hangs_of;
use super::life::{earlier_end, life, out_of_order};
use super::plan::Plan;
use super::{ItemChange, MasterRefusal};
use crate::StoreFault;
use crate::reference::periods::devices_after;

/// States of points: each point by itself.
pub(super) fn plan_points(plan: &mut Plan<'_>) {
    let mut by_point: BTreeMap<Gsrn, Vec<Numbered<PointState>>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        if let MasterRow::Point(StatedPoint { point, state, days }, _) = row {
            by_point.entry(*point).or_default().push((index, Dated { days: *days, what: *state }));
        }
    }
    let stated: BTreeSet<Gsrn> = by_point.keys().copied().collect();
    for (point, rows) in by_point {
        let rows = with_parents(plan, &stated, rows);
        plan_point(plan, point, rows);
    }
}

/// The rows whose parent is known, or stated in these files.
fn with_parents(
    plan: &mut Plan<'_>,
    stated: &BTreeSet<Gsrn>,
    rows: Vec<Numbered<PointState>>,
) -> Vec<Numbered<PointState>> {
    let mut kept = Vec::with_capacity(rows.len());
    for (index, row) in rows {
        match row.what.parent {
            Some(parent) if !stated.contains(&parent) && !is_there(plan, parent) => {
                plan.refuse(index, MasterRefusal::UnknownParent { parent: parent.to_string() });
            }
            _ => kept.push((index, row)),
        }
    }
    kept
}

/// Whether a point is known, or stated in another piece of the import.
fn is_there(plan: &Plan<'_>, point: Gsrn) -> bool {
    let name = point.to_string();
    plan.so_far.states(&name) || plan.knows_point(&name)
}

fn plan_point(plan: &mut Plan<'_>, point: Gsrn, rows: Vec<Numbered<PointState>>) {
    let name = point.to_string();
    let rows = of_one_commodity(plan, &name, rows);
    let rows = refuse_shared(plan, rows);
    let old = plan.known.states(&name);
    let chain = chained(&old, rows);
    for (index, days) in chain.loose {
        plan.refuse(index, MasterRefusal::Gap { point: name.clone(), days });
    }
    let Some((first, row)) = chain.kept.first() else { return };
    let (first, state) = (*first, row.what);
    if let Some(why) = out_of_order(&name, &chain.timeline).filter(|_| out_of_order(&name, &old).is_none()) {
        chain.kept.iter().for_each(|(index, _)| plan.refuse(*index, why.clone()));
        return;
    }
    if let Some(day) = earlier_end(&old, &chain.timeline) {
        plan.end_point(first, &name, day);
    }
    if !plan.knows_point(&name) {
        plan.add_point(grid_area(&state), market_point(name, &state));
    }
    for (_, Dated { days, what }) in chain.kept {
        plan.add_area(grid_area(&what));
        plan.data.stated_points.push(StatedPoint { point, state: what, days });
    }
    plan.compare(first, old.difference(&chain.timeline), |difference| ItemChange::Point {
        point,
        difference,
    });
    plan.state_point(point, chain.timeline);
}

fn grid_area(state: &PointState) -> Area {
    Area { name: state.area.to_string(), kind: AreaKind::GridArea }
}

fn market_point(own_id: String, state: &PointState) -> Point {
    let (flat, room, interval, transformer) = (None, None, None, None);
    let (area, commodity) = (state.area.to_string(), state.commodity());
    Point { own_id, area, commodity, flat, room, interval, transformer }
}

/// A point that is known, or the first row says what is delivered there; the others must say the same.
fn of_one_commodity(
    plan: &mut Plan<'_>,
    name: &str,
    rows: Vec<Numbered<PointState>>,
) -> Vec<Numbered<PointState>> {
    let planned = plan.new_point(name).map(|point| point.commodity);
    let known = planned.or(plan.known.commodity(name));
    let expected = known.or(rows.first().map(|(_, row)| row.what.commodity()));
    let (kept, others): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|(_, row)| Some(row.what.commodity()) == expected);
    for (index, _) in others {
        plan.refuse(index, MasterRefusal::KnownOtherwise { point: name.to_owned(), what: "type" });
    }
    kept
}

/// Statements of one thing that share no day; of two that do, the later row is refused.
pub(super) fn refuse_shared<T: PartialEq>(plan: &mut Plan<'_>, rows: Vec<Numbered<T>>) -> Vec<Numbered<T>> {
    let (kept, shared) = apart(rows);
    for (index, other) in shared {
        let (file, line) = plan.place_of(other);
        plan.refuse(index, MasterRefusal::SharedDays { file, line });
    }
    kept
}

/// Who supplies points: each point by itself.
pub(super) fn plan_supplies(plan: &mut Plan<'_>) {
    let mut by_point: BTreeMap<&str, Vec<Numbered<Parties>>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        let (MasterRow::Supply(supply) | MasterRow::Point(_, Some(supply))) = row else { continue };
        let Supply { point, supplier, balance_responsible, days } = supply;
        let what = Parties { supplier: Some(*supplier), balance_responsible: *balance_responsible };
        by_point.entry(point).or_default().push((index, Dated { days: *days, what }));
    }
    let ended = plan.ended_points();
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for (point, index, _) in &ended {
        by_point.entry(point).or_default();
        ends.insert(point, *index);
    }
    for (point, rows) in by_point {
        plan_supply(plan, (point, ends.get(point).copied()), rows);
    }
}

/// `ends` is the row that ends the point.
fn plan_supply(plan: &mut Plan<'_>, (name, ends): (&str, Option<usize>), rows: Vec<Numbered<Parties>>) {
    let states = states_after(plan, name);
    let rows = within_life(plan, name, life(&states), rows);
    let rows = refuse_shared(plan, rows);
    let Some(first) = rows.first().map(|(index, _)| *index).or(ends) else { return };
    let is_said = !rows.is_empty();
    let old = plan.known.supplies(name);
    let mut new = old.clone();
    if let Some(day) = plan.end_of_point(name) {
        new.end_where(day, |_| true);
    }
    new.state_all(rows.iter().map(|(_, row)| *row).collect());
    for (_, Dated { days, what: Parties { supplier, balance_responsible } }) in rows {
        let Some(supplier) = supplier else { continue };
        plan.data.supplies.push(Supply { point: name.to_owned(), supplier, balance_responsible, days });
    }
    if let Some(point) = gsrn(name) {
        plan.unsupplied(point, unsupplied(&states, &new));
    }
    let (point, difference) = (name.to_owned(), old.difference(&new));
    // Of a point that ends without a supply nothing is told.
    if is_said || new != old {
        plan.compare(first, difference, |difference| ItemChange::Supply { point, difference });
    }
}

/// What a point will be once these files are taken in.
fn states_after(plan: &Plan<'_>, name: &str) -> Timeline<PointState> {
    let planned = gsrn(name).and_then(|point| plan.states.get(&point).cloned());
    planned.unwrap_or_else(|| plan.known.states(name))
}

fn gsrn(name: &str) -> Option<Gsrn> {
    Gsrn::parse(name.as_bytes(), CheckDigit::Ignored).ok()
}

/// The supplies on days on which the point is there.
fn within_life(
    plan: &mut Plan<'_>,
    name: &str,
    life: Option<DayRange>,
    rows: Vec<Numbered<Parties>>,
) -> Vec<Numbered<Parties>> {
    let point = || name.to_owned();
    let is_known = plan.knows_point(name);
    let mut kept = Vec::with_capacity(rows.len());
    for (index, row) in rows {
        match life {
            Some(life) if row.days.intersect(life) == Some(row.days) => kept.push((index, row)),
            Some(life) => {
                plan.refuse(index, MasterRefusal::OutsideLife { what: "supplies", point: point(), life });
            }
            None if is_known => plan.refuse(index, MasterRefusal::NotOfTheMarket { point: point() }),
            None => plan.refuse(index, MasterRefusal::UnknownPoint { point: point() }),
        }
    }
    kept
}

/// The days on which a point of energy is in use and nobody supplies it. Children are the parent's supplier's, and nobody
/// supplies exchange.
fn unsupplied(states: &Timeline<PointState>, supplies: &Timeline<Parties>) -> Vec<DayRange> {
    let needs = |state: &PointState| {
        state.is_in_use() && matches!(state.kind, PointType::Consumption(_) | PointType::Production)
    };
    let periods = states.periods().iter().filter(|period| needs(&period.what));
    periods.flat_map(|period| without(period.days, supplies)).collect()
}

/// The days that no supply covers.
fn without(days: DayRange, supplies: &Timeline<Parties>) -> Vec<DayRange> {
    let (mut found, mut from) = (Vec::new(), days.start());
    for supply in supplies.periods().iter().filter_map(|supply| supply.days.intersect(days)) {
        found.extend(DayRange::new(from, supply.start()).ok().filter(|gap| !gap.is_empty()));
        from = supply.end();
    }
    found.extend(DayRange::new(from, days.end()).ok().filter(|gap| !gap.is_empty()));
    found
}

/// Where devices hang: each device by itself.
pub(super) fn plan_installations(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    let mut by_device: BTreeMap<DeviceId, Vec<Numbered<(String, Mounting)>>> = BTreeMap::new();
    let mut ends: BTreeMap<DeviceId, usize> = BTreeMap::new();
    let mut here: BTreeSet<DeviceId> = BTreeSet::new();
    for (index, row) in plan.rows() {
        let MasterRow::Installation(Installation { meter, point, days, mounting }) = row else { continue };
        here.insert(*meter);
        if plan.so_far.hung(*meter).is_some() {
            by_device.entry(*meter).or_default();
            ends.entry(*meter).or_insert(index);
        }
        match why_not_there(plan, point, *days) {
            None => {
                let what = (point.clone(), *mounting);
                by_device.entry(*meter).or_default().push((index, Dated { days: *days, what }));
            }
            Some(why) => plan.refuse(index, why),
        }
    }
    for (point, index, day) in plan.ended_points() {
        for device in devices_after(plan.db, &point, day)? {
            // Its own rows come in a later piece, which tells the whole change.
            if plan.so_far.places(device) && !here.contains(&device) {
                let hung = hangs_of(plan.db, BTreeSet::from([device]))?.remove(&device);
                plan.so_far.keep_hung(device, hung.unwrap_or_default());
                continue;
            }
            by_device.entry(device).or_default();
            ends.insert(device, index);
        }
    }
    by_device
        .into_iter()
        .try_for_each(|(device, rows)| plan_installation(plan, (device, ends.get(&device).copied()), rows))
}

/// Why a device cannot hang at a point on these days; a point that the market does not know has no end.
fn why_not_there(plan: &Plan<'_>, point: &str, days: DayRange) -> Option<MasterRefusal> {
    if !plan.knows_point(point) {
        return Some(MasterRefusal::UnknownPoint { point: point.to_owned() });
    }
    let life = life_after(plan, point).filter(|life| days.intersect(*life) != Some(days));
    let what = "hangs a device at";
    life.map(|life| MasterRefusal::OutsideLife { what, point: point.to_owned(), life })
}

/// The life of a point once these files are taken in.
fn life_after(plan: &Plan<'_>, point: &str) -> Option<DayRange> {
    match plan.so_far.life_of(point) {
        Some(Some(life)) => Some(life),
        _ => life(&states_after(plan, point)),
    }
}

/// `ends` is the row that ends a point it hangs at.
fn plan_installation(
    plan: &mut Plan<'_>,
    (device, ends): (DeviceId, Option<usize>),
    rows: Vec<Numbered<(String, Mounting)>>,
) -> Result<(), StoreFault> {
    let rows = refuse_shared(plan, rows);
    let Some(first) = rows.first().map(|(index, _)| *index).or(ends) else { return Ok(()) };
    let old = match plan.so_far.hung(device).or(plan.known.hangs(device)) {
        Some(hung) => hung.clone(),
        // A device that no row names, at a point that ends.
        None => hangs_of(plan.db, BTreeSet::from([device]))?.remove(&device).unwrap_or_default(),
    };
    let mut new = old.clone();
    for (point, _) in old.periods().iter().map(|period| &period.what) {
        if let Some(day) = plan.end_of_point(point) {
            new.end_where(day, |(at, _)| at == point);
        }
    }
    new.state_all(rows.iter().map(|(_, row)| row.clone()).collect());
    for (_, Dated { days, what: (point, mounting) }) in rows {
        plan.data.installations.push(Installation { meter: device, point, days, mounting });
    }
    plan.compare(first, old.difference(&new), |difference| ItemChange::Installation { device, difference });
    Ok(())
}
