//! Statements of master data taken in as a whole: each thing's timeline from now on.
//!
//! What comes in: statements about points, supplies and devices. What goes out: rows added and retired, or the first
//! statement that cannot be. Never: half of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tidstro_model::{
    ChargeData, ChargeKey, Dated, DeviceId, Installation, Parties, PointNo, StatedPoint, Supply, Timeline,
};

use super::device::register_device;
use super::fresh::known_before;
use super::periods::{
    KnownAt, MasterChange, charge_links, charge_no, charge_terms, ensure_charge, hangs, installations_of,
    state_charge, state_installations, state_links, state_point, state_price, state_supplies, states_of,
    supplies_of,
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
    for (gsrn, periods) in by_point {
        let name = gsrn.to_string();
        let point = point_named((db, change), &name)?;
        let old = known_before(change, point, || states_of(db, point, KnownAt::NOW))?;
        let new = after(&old, periods);
        if let Some(days) = new.gaps().first() {
            return Err(StoreFault::PointGap { point: name, days: *days });
        }
        state_point(db, change, point, (&old, &new))?;
    }
    Ok(())
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
        state_supplies(db, change, point, (&old, &new))?;
        let hanging = installations_of(db, point, KnownAt::NOW)?.into_iter();
        let devices: BTreeSet<_> =
            hanging.filter(|one| one.days.end() > *day).map(|one| one.what.0).collect();
        for device in devices {
            let old = hangs(db, device, KnownAt::NOW)?;
            let mut new = old.clone();
            new.end_where(*day, |(at, _)| *at == point);
            state_installations(db, change, device, (&old, &new))?;
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
    for (name, periods) in by_point {
        let point = point_named((db, change), name)?;
        let old = known_before(change, point, || supplies_of(db, point, KnownAt::NOW))?;
        state_supplies(db, change, point, (&old, &after(&old, periods)))?;
    }
    Ok(())
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
    for (meter, periods) in by_device {
        let device = register_device(db, meter)?;
        let old = hangs(db, device, KnownAt::NOW)?;
        state_installations(db, change, device, (&old, &after(&old, periods)))?;
    }
    Ok(())
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
    let mut links = BTreeMap::<_, Vec<_>>::new();
    for link in &data.links {
        let stated = Dated { days: link.days, what: link.quantity };
        links.entry((&link.key, link.point)).or_default().push(stated);
    }
    let mut numbers = BTreeMap::new();
    for key in data.links.iter().map(|link| &link.key) {
        if !numbers.contains_key(key) {
            numbers.insert(key, charge_named(db, key)?);
        }
    }
    for ((key, point), stated) in links {
        let point = point_named((db, change), &point.to_string())?;
        let Some(charge) = numbers.get(key) else { continue };
        let link = (point, *charge);
        let old = known_before(change, point, || charge_links(db, link, KnownAt::NOW))?;
        state_links(db, change, link, (&old, &after(&old, stated)))?;
    }
    data.prices.iter().try_for_each(|price| {
        let charge = charge_named(db, &price.key)?;
        state_price(db, change, (charge, price.at), price.millionths)
    })
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
