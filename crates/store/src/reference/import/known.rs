//! What is known of the things that a piece of files names, looked up at once before they are compared.
//!
//! What comes in: the rows of a piece. What goes out: for each thing they name what was known of it before the piece; nothing of
//! what is not known. Never: what the files say.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use tidstro_model::{
    AreaKind, ChargeKey, Commodity, DeviceId, MasterRow, Mounting, Occupancy, Parties, Point, PointNo,
    PointState, Timeline,
};

use super::MasterRowRead;
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::area::{area_kinds, places_named};
use crate::reference::device::known_devices;
use crate::reference::known_names::{Lived, closed_before, lived_at, subjects_named};
use crate::reference::periods::{
    KnownAt, LinkKey, charge_links_of_all, charge_no, named_hangs_all, states_of_all, supplies_of_all,
};

/// Where a device hung, by the names of points.
pub(super) type NamedHangs = Timeline<(String, Mounting)>;

/// What was known before a piece.
pub(super) struct Known {
    areas: BTreeMap<String, AreaKind>,
    places: FxHashMap<String, (PointNo, Point)>,
    states: FxHashMap<PointNo, Timeline<PointState>>,
    supplies: FxHashMap<PointNo, Timeline<Parties>>,
    links: FxHashMap<LinkKey, Timeline<i64>>,
    charges: BTreeMap<ChargeKey, i64>,
    hangs: BTreeMap<DeviceId, NamedHangs>,
    people: FxHashMap<String, i64>,
    lived: FxHashMap<String, Vec<Lived>>,
    closed: FxHashMap<String, i32>,
}

impl Known {
    pub(super) fn look_up(db: &Connection, rows: &[MasterRowRead]) -> Result<Self, StoreFault> {
        let names = Names::of(rows);
        let places = places_named(db, &listed(&names.points))?;
        let numbers = |names: &BTreeSet<String>| -> Vec<PointNo> {
            names.iter().filter_map(|name| places.get(name)).map(|(point, _)| *point).collect()
        };
        let of_the_market = numbers(&names.of_the_market);
        let homes = listed(&names.homes);
        Ok(Self {
            areas: area_kinds(db, &listed(&names.areas))?,
            states: states_of_all(db, &of_the_market, KnownAt::NOW)?,
            supplies: supplies_of_all(db, &of_the_market, KnownAt::NOW)?,
            links: charge_links_of_all(db, &numbers(&names.paying), KnownAt::NOW)?,
            charges: charge_numbers(db, names.charges)?,
            hangs: hangs_of(db, names.devices)?,
            people: subjects_named(db, &listed(&names.people))?,
            lived: lived_at(db, &homes)?,
            closed: closed_before(db, &homes)?,
            places,
        })
    }

    pub(super) fn area_kind(&self, name: &str) -> Option<AreaKind> {
        self.areas.get(name).copied()
    }

    pub(super) fn has_point(&self, own_id: &str) -> bool {
        self.places.contains_key(own_id)
    }

    pub(super) fn place(&self, own_id: &str) -> Option<&Point> {
        self.places.get(own_id).map(|(_, point)| point)
    }

    /// What is delivered or observed at a point.
    pub(super) fn commodity(&self, own_id: &str) -> Option<Commodity> {
        self.place(own_id).map(|point| point.commodity)
    }

    fn number(&self, own_id: &str) -> Option<PointNo> {
        self.places.get(own_id).map(|(number, _)| *number)
    }

    pub(super) fn states(&self, own_id: &str) -> Timeline<PointState> {
        self.number(own_id).and_then(|point| self.states.get(&point).cloned()).unwrap_or_default()
    }

    pub(super) fn supplies(&self, own_id: &str) -> Timeline<Parties> {
        self.number(own_id).and_then(|point| self.supplies.get(&point).cloned()).unwrap_or_default()
    }

    pub(super) fn charge(&self, key: &ChargeKey) -> Option<i64> {
        self.charges.get(key).copied()
    }

    /// How many times a point paid a charge.
    pub(super) fn links(&self, own_id: &str, key: &ChargeKey) -> Timeline<i64> {
        let link = self.number(own_id).zip(self.charge(key));
        link.and_then(|link| self.links.get(&link).cloned()).unwrap_or_default()
    }

    pub(super) fn hangs(&self, device: DeviceId) -> Option<&NamedHangs> {
        self.hangs.get(&device)
    }

    pub(super) fn has_person(&self, reference: &str) -> bool {
        self.people.contains_key(reference)
    }

    /// The occupancies at a point, in order.
    pub(super) fn lived_at(&self, own_id: &str) -> &[Lived] {
        self.lived.get(own_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first local day of which the first point of an occupancy keeps anything.
    pub(super) fn closed_before(&self, occupancy: &Occupancy) -> Option<i32> {
        self.closed.get(occupancy.points.first()?).copied()
    }
}

fn listed(names: &BTreeSet<String>) -> Vec<String> {
    names.iter().cloned().collect()
}

fn charge_numbers(
    db: &Connection,
    keys: BTreeSet<ChargeKey>,
) -> Result<BTreeMap<ChargeKey, i64>, StoreFault> {
    let mut numbers = BTreeMap::new();
    for key in keys {
        if let Some(number) = charge_no(db, &key)? {
            numbers.insert(key, number);
        }
    }
    Ok(numbers)
}

/// Where these devices hung. A device that is not known hung nowhere.
pub(super) fn hangs_of(
    db: &Connection,
    devices: BTreeSet<DeviceId>,
) -> Result<BTreeMap<DeviceId, NamedHangs>, StoreFault> {
    let devices: Vec<DeviceId> = devices.into_iter().collect();
    let known = known_devices(db, &devices)?;
    let numbers: Vec<_> = known.values().copied().collect();
    let mut hangs = named_hangs_all(db, &numbers, KnownAt::NOW)?;
    let hang = |device: DeviceId| {
        let number = known.get(&device);
        (device, number.and_then(|number| hangs.remove(number)).unwrap_or_default())
    };
    Ok(devices.into_iter().map(hang).collect())
}

/// What rows name.
#[derive(Default)]
struct Names {
    areas: BTreeSet<String>,
    points: BTreeSet<String>,
    /// Points whose states and supplies matter.
    of_the_market: BTreeSet<String>,
    /// Points that pay charges.
    paying: BTreeSet<String>,
    charges: BTreeSet<ChargeKey>,
    devices: BTreeSet<DeviceId>,
    people: BTreeSet<String>,
    homes: BTreeSet<String>,
}

impl Names {
    fn of(rows: &[MasterRowRead]) -> Self {
        let mut names = Self::default();
        rows.iter().for_each(|read| names.add(&read.row));
        names
    }

    fn add(&mut self, row: &MasterRow) {
        match row {
            MasterRow::Place(area, point) => {
                self.areas.insert(area.name.clone());
                self.points.insert(point.own_id.clone());
            }
            MasterRow::Point(stated, supply) => {
                self.areas.insert(stated.state.area.to_string());
                self.add_of_the_market(&stated.point.to_string());
                self.points.extend(stated.state.parent.map(|parent| parent.to_string()));
                if let Some(supply) = supply {
                    self.add_of_the_market(&supply.point);
                }
            }
            MasterRow::Supply(supply) => self.add_of_the_market(&supply.point),
            MasterRow::Installation(installation) => {
                self.add_of_the_market(&installation.point);
                self.devices.insert(installation.meter);
            }
            MasterRow::Person(person) => drop(self.people.insert(person.reference.clone())),
            MasterRow::Occupancy(occupancy) => {
                self.people.insert(occupancy.subject.clone());
                self.points.extend(occupancy.points.iter().cloned());
                self.homes.extend(occupancy.points.iter().cloned());
            }
            MasterRow::Charge(charge) => drop(self.charges.insert(charge.key.clone())),
            MasterRow::ChargeLink(link) => {
                self.charges.insert(link.key.clone());
                self.points.insert(link.point.to_string());
                self.paying.insert(link.point.to_string());
            }
            MasterRow::ChargePrice(price) => drop(self.charges.insert(price.key.clone())),
            MasterRow::ProfileShare(_) | MasterRow::DegreeDays(_) => {}
        }
    }

    fn add_of_the_market(&mut self, point: &str) {
        if !self.of_the_market.contains(point) {
            self.of_the_market.insert(point.to_owned());
            self.points.insert(point.to_owned());
        }
    }
}
