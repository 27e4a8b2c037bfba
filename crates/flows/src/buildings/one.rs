//! One building: its units with their meters, who lives there, and which devices hung where, as known when.
//!
//! What comes in: who asks, and the number of a building. What goes out: units in the order of registration. Names are in it only
//! where the purpose sees names.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_model::{AreaKind, AreaNo, Commodity, DayRange, DeviceId, Mounting, OccupancyNo, PointNo};
use tidstro_store::{InstallationEntry, Occupant, PlaceEntry, PointRead};

use super::{BuildingsAsk, days_before};
use crate::answer::given;
use crate::{Answer, FlowFault, Workspace};

/// One building. It has no `Debug`: people live there.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildingView {
    /// Its number.
    pub area: AreaNo,
    /// Its name.
    pub name: String,
    /// The local days of which readings are counted.
    pub days: DayRange,
    /// Flats and other units, and last what belongs to none.
    pub units: Vec<UnitView>,
}

/// A flat or another unit, or what belongs to none. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct UnitView {
    /// By what it is found: the number of its first point.
    pub unit: PointNo,
    /// What the building calls it; `None` for points of no unit.
    pub flat: Option<String>,
    /// Its points.
    pub points: Vec<MeterPlace>,
    /// Who lives there, lived there as far as the purpose reaches back, or will, in order of days.
    pub occupants: Vec<OccupantView>,
}

/// A metering point with the devices that hung there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterPlace {
    /// The point.
    pub point: PointNo,
    /// The building's own identifier of it.
    pub own_id: String,
    /// What is measured.
    pub commodity: Commodity,
    /// Room, if it lies in one.
    pub room: Option<String>,
    /// On how many of the view's days something was read; `None` where the purpose does not reach.
    pub days_read: Option<u32>,
    /// Devices over time, in order of their first days and then as they were registered; what holds no longer is among them.
    pub devices: Vec<DeviceLine>,
}

/// A device at a point, with both times: when it hung there, and when that was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// The device.
    pub device: DeviceId,
    /// The local days.
    pub days: DayRange,
    /// How it was connected.
    pub mounting: Mounting,
    /// When it was registered.
    pub registered: Timestamp,
    /// When something else was registered in its place; `None` while it holds.
    pub retired: Option<Timestamp>,
}

/// Somebody's time in a unit. It has no `Debug`: nothing prints a person.
#[derive(Clone, PartialEq, Eq)]
pub struct OccupantView {
    /// Its number.
    pub occupancy: OccupancyNo,
    /// What master data call the person.
    pub reference: String,
    /// The name; `None` where the purpose sees none, or it is erased.
    pub name: Option<String>,
    /// The local days.
    pub days: DayRange,
}

impl UnitView {
    /// Who lives there on a local day.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&OccupantView> {
        self.occupants.iter().find(|occupant| occupant.days.contains(day))
    }

    /// How many of its points were read on none of the days.
    #[must_use]
    pub fn silent(&self) -> usize {
        self.points.iter().filter(|point| point.days_read == Some(0)).count()
    }
}

impl MeterPlace {
    /// The device that hangs there on a local day, as known now.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &DeviceLine> {
        self.devices.iter().filter(move |line| line.retired.is_none() && line.days.contains(day))
    }
}

/// One building; `None` if no building has the number.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for occupancies or alarms.
pub async fn one_building(
    workspace: &Workspace,
    asked: &BuildingsAsk,
    area: AreaNo,
    now: Timestamp,
) -> Result<Answer<Option<BuildingView>>, FlowFault> {
    let days = days_before(workspace.zone().day_of(now))?;
    let occupants = given!(asked.occupants(workspace, Some(area), now).await?);
    let read = given!(asked.read(workspace, (Some(area), days), now).await?);
    let areas = workspace.store.areas().await?;
    let found = areas.into_iter().find(|found| found.area == area && found.kind == AreaKind::Building);
    let Some(found) = found else { return Ok(Answer::Given(None)) };
    let places = workspace.store.building_places(Some(area)).await?;
    let devices = workspace.store.installation_history(area).await?;
    let mut units = units_of(places, &read, &devices);
    settle_in(&mut units, occupants);
    Ok(Answer::Given(Some(BuildingView { area, name: found.name, days, units })))
}

/// The points by unit, in the order in which units became known; those of none are last.
fn units_of(places: Vec<PlaceEntry>, read: &[PointRead], devices: &[InstallationEntry]) -> Vec<UnitView> {
    let read: BTreeMap<PointNo, u32> = read.iter().map(|read| (read.point, read.days)).collect();
    let mut hung: BTreeMap<PointNo, Vec<DeviceLine>> = BTreeMap::new();
    for entry in devices {
        hung.entry(entry.point).or_default().push(line(entry));
    }
    let mut units: Vec<UnitView> = Vec::new();
    for PlaceEntry { point, own_id, commodity, flat, room, .. } in places {
        let devices = hung.remove(&point).unwrap_or_default();
        let place =
            MeterPlace { point, own_id, commodity, room, days_read: read.get(&point).copied(), devices };
        match units.iter_mut().find(|unit| unit.flat == flat) {
            Some(unit) => unit.points.push(place),
            None => {
                units.push(UnitView { unit: point, flat, points: vec![place], occupants: Vec::new() });
            }
        }
    }
    units.sort_by_key(|unit| unit.flat.is_none());
    units
}

fn line(entry: &InstallationEntry) -> DeviceLine {
    let InstallationEntry { device, days, mounting, registered, retired, .. } = *entry;
    DeviceLine { device, days, mounting, registered, retired }
}

/// Puts everybody where they live: at the unit of their first point.
fn settle_in(units: &mut [UnitView], occupants: Vec<Occupant>) {
    for Occupant { occupancy, reference, name, days, points, .. } in occupants {
        let home = |unit: &&mut UnitView| unit.points.iter().any(|place| points.contains(&place.point));
        if let Some(unit) = units.iter_mut().find(home) {
            unit.occupants.push(OccupantView { occupancy, reference, name, days });
        }
    }
    units.iter_mut().for_each(|unit| unit.occupants.sort_by_key(|occupant| occupant.days.start()));
}
