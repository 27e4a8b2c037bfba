//! Rows about charges: which there are, who pays them, and what they cost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{
    ChargeKey, ChargeTerms, Dated, Gsrn, MasterRow, StatedCharge, StatedLink, StatedPrice, Timeline,
};

use super::fit::Numbered;
use super::plan::Plan;
use super::points::refuse_shared;
use super::{ItemChange, MasterRefusal, NumberDifference};
use crate::StoreFault;
use crate::reference::periods::{KnownAt, charge_terms, prices_at};

/// Charges: each by itself.
pub(super) fn plan_charges(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    let mut by_key: BTreeMap<&ChargeKey, Vec<Numbered<ChargeTerms>>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        if let MasterRow::Charge(StatedCharge { key, terms, days }) = row {
            by_key.entry(key).or_default().push((index, Dated { days: *days, what: *terms }));
        }
    }
    for (key, rows) in by_key {
        let rows = refuse_shared(plan, rows);
        let Some(first) = rows.first().map(|(index, _)| *index) else { continue };
        let old = match plan.known.charge(key) {
            Some(number) => charge_terms(plan.db, number, KnownAt::NOW)?,
            None => Timeline::default(),
        };
        let new = after(&old, &rows);
        let stated = rows.into_iter().map(|(_, Dated { days, what: terms })| StatedCharge {
            key: key.clone(),
            terms,
            days,
        });
        plan.data.charges.charges.extend(stated);
        plan.add_charge(key);
        let key = key.clone();
        plan.compare(first, old.difference(&new), |difference| ItemChange::Charge { key, difference });
    }
    Ok(())
}

fn after<T: Clone + PartialEq>(old: &Timeline<T>, rows: &[Numbered<T>]) -> Timeline<T> {
    let mut new = old.clone();
    new.state_all(rows.iter().map(|(_, row)| row.clone()).collect());
    new
}

/// Links: each charge of each point by itself.
pub(super) fn plan_links(plan: &mut Plan<'_>) {
    let mut by_link: BTreeMap<(&ChargeKey, Gsrn), Vec<Numbered<i64>>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        let MasterRow::ChargeLink(StatedLink { key, point, quantity, days }) = row else { continue };
        if !knows_charge(plan, key) {
            plan.refuse(index, MasterRefusal::UnknownCharge { charge: key.clone() });
        } else if !plan.knows_point(&point.to_string()) {
            plan.refuse(index, MasterRefusal::UnknownPoint { point: point.to_string() });
        } else {
            by_link.entry((key, *point)).or_default().push((index, Dated { days: *days, what: *quantity }));
        }
    }
    by_link.into_iter().for_each(|(link, rows)| plan_link(plan, link, rows));
}

fn plan_link(plan: &mut Plan<'_>, (key, point): (&ChargeKey, Gsrn), rows: Vec<Numbered<i64>>) {
    let rows = refuse_shared(plan, rows);
    let Some(first) = rows.first().map(|(index, _)| *index) else { return };
    let old = plan.known.links(&point.to_string(), key);
    let new = after(&old, &rows);
    let stated = rows.into_iter().map(|(_, Dated { days, what: quantity })| StatedLink {
        key: key.clone(),
        point,
        quantity,
        days,
    });
    plan.data.charges.links.extend(stated);
    let key = key.clone();
    let item = |difference| ItemChange::ChargeLink { key, point, difference };
    plan.compare(first, old.difference(&new), item);
}

/// Whether a charge is known, or stated in these files.
fn knows_charge(plan: &Plan<'_>, key: &ChargeKey) -> bool {
    plan.so_far.charges().contains(key) || plan.known.charge(key).is_some()
}

/// Prices: each charge by itself, each instant once.
pub(super) fn plan_prices(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    let mut by_key: BTreeMap<&ChargeKey, BTreeMap<Timestamp, (usize, Option<i64>)>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        let MasterRow::ChargePrice(StatedPrice { key, millionths, at }) = row else { continue };
        if !knows_charge(plan, key) {
            plan.refuse(index, MasterRefusal::UnknownCharge { charge: key.clone() });
            continue;
        }
        let said = by_key.entry(key).or_default().entry(*at).or_insert((index, *millionths));
        if said.1 != *millionths {
            let (file, line) = plan.place_of(said.0);
            plan.refuse(index, MasterRefusal::Twice { file, line });
        }
    }
    by_key.into_iter().try_for_each(|(key, prices)| plan_prices_of(plan, key, prices))
}

fn plan_prices_of(
    plan: &mut Plan<'_>,
    key: &ChargeKey,
    prices: BTreeMap<Timestamp, (usize, Option<i64>)>,
) -> Result<(), StoreFault> {
    let instants: Vec<Timestamp> = prices.keys().copied().collect();
    let known = match plan.known.charge(key) {
        Some(charge) => prices_at(plan.db, charge, &instants)?,
        None => BTreeMap::new(),
    };
    let mut difference = NumberDifference::default();
    let first = prices.values().map(|(index, _)| *index).min().unwrap_or(0);
    for (at, (_, millionths)) in prices {
        let old = known.get(&at).copied();
        if old == millionths {
            continue;
        }
        difference.retired.extend(old.map(|old| (at, old)));
        difference.added.extend(millionths.map(|new| (at, new)));
        plan.data.charges.prices.push(StatedPrice { key: key.clone(), millionths, at });
    }
    if difference == NumberDifference::default() {
        plan.unchanged();
    } else {
        plan.change(first, ItemChange::ChargePrices { key: key.clone(), difference });
    }
    Ok(())
}
