//! Statements of master data taken in as a whole: each thing's timeline from now on.
//!
//! What comes in: statements about points, supplies and devices. What goes out: rows added and retired, or the first
//! statement that cannot be. Never: half of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tidstro_model::{
    ChargeData, ChargeKey, Dated, DeviceId, Installation, Parties, PointNo, StatedLink, StatedPoint,
    StatedPrice, Supply, Timeline,
};

use super::device::register_devices;
use super::periods::{
    KnownAt, MasterChange, charge_links_of_all, charge_no, charge_terms, ensure_charge, hangs, hangs_all,
    installations_of, state_charge, state_installations, state_links, state_points, state_prices,
    state_supplies, states_of_all, supplies_of, supplies_of_all,
};
use crate::StoreFault;
use crate::db::Connection;

/// Takes in what is stated of points.
pub(super) fn take_points(
    db: &Connection,
    change: &mut MasterChange,
    stated: &[StatedPoint],
) -> Result<(), StoreFault> {
    let mut by_point = BTreeMap::<_, Vec<_>>::new();
    for statement in stated {
        let period = Dated { days: statement.days, what: statement.state };
        by_point.entry(statement.point).or_default().push(period);
    }
    let by_point = by_point.into_iter().map(|(gsrn, periods)| (gsrn.to_string(), periods));
    let by_point = numbered((db, change), by_point)?;
    let known = change.fresh.known_before(by_point.iter().map(|(point, ..)| *point));
    let mut old = states_of_all(db, &known, KnownAt::NOW)?;
    let mut others = Vec::with_capacity(by_point.len());
    for (point, name, periods) in by_point {
        let old = old.remove(&point).unwrap_or_default();
        let new = after(&old, periods);
        if let Some(days) = new.gaps().first() {
            return Err(StoreFault::PointGap { point: name, days: *days });
        }
        others.push((point, old.difference(&new)));
    }
    state_points(db, change, &others)
}

/// What is stated of points, with their numbers.
type OfPoints<T> = Vec<(PointNo, String, Vec<Dated<T>>)>;

fn numbered<T>(
    (db, change): (&Connection, &MasterChange),
    stated: impl Iterator<Item = (String, Vec<Dated<T>>)>,
) -> Result<OfPoints<T>, StoreFault> {
    stated.map(|(name, periods)| Ok((point_named((db, change), &name)?, name, periods))).collect()
}

/// Takes in that points end: with each end its supplies, and the installations at it.
pub(super) fn take_ends(
    db: &Connection,
    change: &mut MasterChange,
    ends: &[(String, Date)],
) -> Result<(), StoreFault> {
    for (name, day) in ends {
        let point = point_named((db, change), name)?;
        let old = supplies_of(db, point, KnownAt::NOW)?;
        let mut new = old.clone();
        new.end_where(*day, |_| true);
        state_supplies(db, change, &[(point, old.difference(&new))])?;
        let hanging = installations_of(db, point, KnownAt::NOW)?.into_iter();
        let devices: BTreeSet<_> =
            hanging.filter(|one| one.days.end() > *day).map(|one| one.what.0).collect();
        for device in devices {
            let old = hangs(db, device, KnownAt::NOW)?;
            let mut new = old.clone();
            new.end_where(*day, |(at, _)| *at == point);
            state_installations(db, change, &[(device, old.difference(&new))])?;
        }
    }
    Ok(())
}

/// Takes in who supplies points.
pub(super) fn take_supplies(
    db: &Connection,
    change: &mut MasterChange,
    supplies: &[Supply],
) -> Result<(), StoreFault> {
    let mut by_point = BTreeMap::<&str, Vec<_>>::new();
    for Supply { point, supplier, balance_responsible, days } in supplies {
        let what = Parties { supplier: Some(*supplier), balance_responsible: *balance_responsible };
        by_point.entry(point).or_default().push(Dated { days: *days, what });
    }
    let by_point = by_point.into_iter().map(|(name, periods)| (name.to_owned(), periods));
    let by_point = numbered((db, change), by_point)?;
    let known = change.fresh.known_before(by_point.iter().map(|(point, ..)| *point));
    let mut old = supplies_of_all(db, &known, KnownAt::NOW)?;
    let others = by_point.into_iter().map(|(point, _, periods)| {
        let old = old.remove(&point).unwrap_or_default();
        (point, old.difference(&after(&old, periods)))
    });
    state_supplies(db, change, &others.collect::<Vec<_>>())
}

/// Takes in where devices hang.
pub(super) fn take_installations(
    db: &Connection,
    change: &mut MasterChange,
    installations: &[Installation],
) -> Result<(), StoreFault> {
    let mut by_device = BTreeMap::<DeviceId, Vec<_>>::new();
    for Installation { meter, point, days, mounting } in installations {
        let what = (point_named((db, change), point)?, *mounting);
        by_device.entry(*meter).or_default().push(Dated { days: *days, what });
    }
    let devices: Vec<DeviceId> = by_device.keys().copied().collect();
    let numbers = register_devices(db, &devices)?;
    let mut old = hangs_all(db, &numbers.values().copied().collect::<Vec<_>>(), KnownAt::NOW)?;
    let others = by_device.into_iter().filter_map(|(meter, periods)| {
        let device = *numbers.get(&meter)?;
        let old = old.remove(&device).unwrap_or_default();
        Some((device, old.difference(&after(&old, periods))))
    });
    state_installations(db, change, &others.collect::<Vec<_>>())
}

/// Takes in charges, who pays them and what they cost.
pub(super) fn take_charges(
    db: &Connection,
    change: &mut MasterChange,
    data: &ChargeData,
) -> Result<(), StoreFault> {
    let mut charges = BTreeMap::<&ChargeKey, Vec<_>>::new();
    for charge in &data.charges {
        let stated = Dated { days: charge.days, what: charge.terms };
        charges.entry(&charge.key).or_default().push(stated);
    }
    for (key, stated) in charges {
        let charge = ensure_charge(db, key)?;
        let old = charge_terms(db, charge, KnownAt::NOW)?;
        state_charge(db, change, charge, (&old, &after(&old, stated)))?;
    }
    take_links(db, change, &data.links)?;
    take_prices(db, change, &data.prices)
}

/// Takes in what charges cost.
fn take_prices(db: &Connection, change: &mut MasterChange, stated: &[StatedPrice]) -> Result<(), StoreFault> {
    let mut by_charge = BTreeMap::<&ChargeKey, BTreeMap<_, _>>::new();
    for StatedPrice { key, millionths, at } in stated {
        by_charge.entry(key).or_default().insert(*at, *millionths);
    }
    by_charge
        .into_iter()
        .try_for_each(|(key, prices)| state_prices(db, change, charge_named(db, key)?, &prices))
}

/// Takes in who pays charges.
fn take_links(db: &Connection, change: &mut MasterChange, stated: &[StatedLink]) -> Result<(), StoreFault> {
    let mut charges = BTreeMap::new();
    let mut links = BTreeMap::<_, Vec<_>>::new();
    for StatedLink { key, point, quantity, days } in stated {
        let charge = match charges.get(key) {
            Some(charge) => *charge,
            None => *charges.entry(key).or_insert(charge_named(db, key)?),
        };
        links.entry((*point, charge)).or_default().push(Dated { days: *days, what: *quantity });
    }
    let mut numbered = Vec::with_capacity(links.len());
    for ((point, charge), stated) in links {
        numbered.push(((point_named((db, change), &point.to_string())?, charge), stated));
    }
    let known: BTreeSet<PointNo> =
        change.fresh.known_before(numbered.iter().map(|((point, _), _)| *point)).into_iter().collect();
    let known: Vec<PointNo> = known.into_iter().collect();
    let mut old = charge_links_of_all(db, &known, KnownAt::NOW)?;
    let others = numbered.into_iter().map(|(link, stated)| {
        let old = old.remove(&link).unwrap_or_default();
        (link, old.difference(&after(&old, stated)))
    });
    state_links(db, change, &others.collect::<Vec<_>>())
}

fn charge_named(db: &Connection, key: &ChargeKey) -> Result<i64, StoreFault> {
    let found = charge_no(db, key)?;
    found.ok_or_else(|| StoreFault::Dangling { kind: "charge", name: key.to_string() })
}

/// The timeline once all of these are stated.
fn after<T: Clone + PartialEq>(old: &Timeline<T>, stated: Vec<Dated<T>>) -> Timeline<T> {
    let mut new = old.clone();
    new.state_all(stated);
    new
}

fn point_named((db, change): (&Connection, &MasterChange), name: &str) -> Result<PointNo, StoreFault> {
    let found = change.fresh.point_named(db, name)?;
    found.ok_or_else(|| StoreFault::Dangling { kind: "metering point", name: name.to_owned() })
}
