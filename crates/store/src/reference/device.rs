//! Devices: who they are, their numbers here, and the names they go by.
//!
//! What comes in: the identity a telegram, a push or master data give. What goes out: the device's number, made if it is
//! new. A DLMS meter is known by its system title, or by the name it gives itself in the clear; the name that a proven
//! message of a title carried leads to the device of that title. Never: one identity with two numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{Bound, Connection, DbFault, Numbered, OptionalExtension, Row, params};
use tidstro_model::{
    DeviceId, DeviceName, DeviceNo, Manufacturer, Medium, MeterId, MeterNumber, SystemTitle,
};

use crate::StoreFault;

/// The columns that [`device_from`] reads, of `device d`.
pub(crate) const DEVICE_COLUMNS: &str = "d.manufacturer, d.number, d.version, d.medium, d.title, d.name";

/// The number of a device, made if it is new.
pub(crate) fn register_device(db: &Connection, device: DeviceId) -> Result<DeviceNo, StoreFault> {
    if let Some(number) = known_device(db, device)? {
        return Ok(number);
    }
    insert_devices(db, &[device])?.first().copied().ok_or(StoreFault::Row { what: "device.device_no" })
}

/// The numbers of devices, made for those that are new.
pub(super) fn register_devices(
    db: &Connection,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, DeviceNo>, StoreFault> {
    let mut numbers = known_devices(db, devices)?;
    let new: BTreeSet<DeviceId> =
        devices.iter().filter(|device| !numbers.contains_key(*device)).copied().collect();
    let new: Vec<DeviceId> = new.into_iter().collect();
    let made = insert_devices(db, &new)?;
    numbers.extend(new.into_iter().zip(made));
    Ok(numbers)
}

const DEVICES: Numbered = Numbered {
    table: "device",
    number: "device_no",
    columns: "manufacturer, number, version, medium, title, name",
};

fn insert_devices(db: &Connection, devices: &[DeviceId]) -> Result<Vec<DeviceNo>, StoreFault> {
    let rows = devices.iter().map(|device| {
        let meter = device.meter();
        let of_meter = |part: fn(MeterId) -> u32| meter.map_or(Bound::Null, |meter| part(meter).into());
        [
            of_meter(|meter| meter.manufacturer.field().into()),
            of_meter(|meter| meter.number.0),
            of_meter(|meter| meter.version.into()),
            of_meter(|meter| meter.medium.0.into()),
            title(device).map_or(Bound::Null, |title| Bound::Blob(title)),
            name(device).map_or(Bound::Null, Bound::Text),
        ]
    });
    let number = |number| u32::try_from(number).map_err(|_| StoreFault::Row { what: "device.device_no" });
    let numbers = db.insert_all_numbered(DEVICES, rows)?.into_iter();
    numbers.map(|one| number(one).map(DeviceNo::new)).collect()
}

fn title(device: &DeviceId) -> Option<&[u8; 8]> {
    if let DeviceId::Title(SystemTitle(title)) = device { Some(title) } else { None }
}

fn name(device: &DeviceId) -> Option<&str> {
    if let DeviceId::Named(name) = device { Some(name.as_str()) } else { None }
}

/// The number of a device, if it is known.
pub(super) fn known_device(db: &Connection, device: DeviceId) -> Result<Option<DeviceNo>, StoreFault> {
    let number = |row: &Row<'_>| row.get(0).map(DeviceNo::new);
    let found = match device {
        DeviceId::Mbus(MeterId { manufacturer, number: meter, version, medium }) => db
            .prepare_cached(
                "-- device_of_meter
                 SELECT device_no FROM device
                 WHERE manufacturer = ?1 AND number = ?2 AND version = ?3 AND medium = ?4",
            )?
            .query_row(params![manufacturer.field(), meter.0, version, medium.0], number),
        DeviceId::Title(SystemTitle(title)) => db
            .prepare_cached(
                "-- device_of_title
                 SELECT device_no FROM device WHERE title = ?1",
            )?
            .query_row([title], number),
        DeviceId::Named(name) => db
            .prepare_cached(
                "-- device_of_name
                 SELECT device_no FROM device_name WHERE name = ?1
                 UNION ALL SELECT device_no FROM device WHERE name = ?1 LIMIT 1",
            )?
            .query_row([name.as_str()], number),
    };
    Ok(found.optional()?)
}

/// The numbers of those devices that are known; of meters on the M-Bus from PostgreSQL in one answer.
pub(super) fn known_devices(
    db: &Connection,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, DeviceNo>, StoreFault> {
    let meters: Vec<MeterId> = devices.iter().filter_map(|device| device.meter()).collect();
    let mut known = BTreeMap::new();
    let is_server = db.postgres().is_some();
    if is_server && !meters.is_empty() {
        known.extend(known_meters(db, &meters)?);
    }
    for device in devices.iter().filter(|device| !is_server || device.meter().is_none()) {
        if let Some(number) = known_device(db, *device)? {
            known.insert(*device, number);
        }
    }
    Ok(known)
}

/// Meters that share maker and number with any of these are among the answer.
fn known_meters(db: &Connection, meters: &[MeterId]) -> Result<Vec<(DeviceId, DeviceNo)>, StoreFault> {
    let sql = format!(
        "-- known_meters
         SELECT {DEVICE_COLUMNS}, d.device_no FROM device d
         WHERE d.manufacturer = ANY (CAST(?1 AS BIGINT[])) AND d.number = ANY (CAST(?2 AS BIGINT[]))"
    );
    let makers: BTreeSet<i64> = meters.iter().map(|meter| meter.manufacturer.field().into()).collect();
    let makers: Vec<i64> = makers.into_iter().collect();
    let numbers: Vec<i64> = meters.iter().map(|meter| meter.number.0.into()).collect();
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement
        .query_map(params![makers, numbers], |row| Ok((device_from(row, 0)?, DeviceNo::new(row.get(6)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes what a device called itself in a proven message; the first device that did keeps the name. Whether that is new.
pub(crate) fn learn_name(db: &Connection, device: DeviceNo, name: DeviceName) -> Result<bool, StoreFault> {
    let noted = db
        .prepare_cached(
            "-- learn_name
         INSERT INTO device_name (name, device_no) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![name.as_str(), device.as_u32()])?;
    Ok(noted > 0)
}

/// Who a device is, from [`DEVICE_COLUMNS`] beginning at column `first`.
pub(crate) fn device_from(row: &Row<'_>, first: usize) -> Result<DeviceId, DbFault> {
    if let Some(manufacturer) = row.get(first)? {
        return Ok(DeviceId::Mbus(MeterId {
            manufacturer: Manufacturer::from_field(manufacturer),
            number: MeterNumber(row.get(first + 1)?),
            version: row.get(first + 2)?,
            medium: Medium(row.get(first + 3)?),
        }));
    }
    if let Some(title) = row.get(first + 4)? {
        return Ok(DeviceId::Title(SystemTitle(title)));
    }
    let name: String = row.get(first + 5)?;
    let damaged = |_| DbFault::Form { column: "device.name" };
    DeviceName::parse(&name).map(DeviceId::Named).map_err(damaged)
}

/// Who the device with this number is.
pub(crate) fn device_called(db: &Connection, device: DeviceNo) -> Result<DeviceId, StoreFault> {
    let sql = format!("-- device_called\nSELECT {DEVICE_COLUMNS} FROM device d WHERE d.device_no = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([device.as_u32()], |row| device_from(row, 0))?)
}

/// Identifier of the point of a device without master data.
pub(crate) fn unassigned_own_id(device: DeviceId) -> String {
    match device {
        DeviceId::Mbus(MeterId { manufacturer, number, version, medium }) => {
            format!("{manufacturer}-{number}-{version:02x}-{:02x}", medium.0).to_lowercase()
        }
        DeviceId::Title(title) => format!("title-{title}").to_lowercase(),
        // Case tells two names apart.
        DeviceId::Named(name) => format!("name-{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Files;

    #[test]
    fn each_identity_has_one_number_and_a_proven_name_leads_to_its_title() {
        let folder = tempfile::tempdir().unwrap();
        let db = Files::below(folder.path()).open_data().unwrap();
        let ids = ["KAM 12345678 v1B t07", "title 4B464D6750000001", "name KFM1200000000001"];
        let ids = ids.map(|text| DeviceId::parse(text).unwrap());
        let numbers = ids.map(|device| register_device(&db, device).unwrap());
        assert_eq!(ids.map(|device| register_device(&db, device).unwrap()), numbers);
        assert_eq!(numbers.map(|number| device_called(&db, number).unwrap()), ids);
        assert_eq!(ids.map(unassigned_own_id)[1], "title-4b464d6750000001");
        let DeviceId::Named(name) = ids[2] else { panic!("a name") };
        learn_name(&db, numbers[1], name).unwrap();
        learn_name(&db, numbers[0], name).unwrap();
        assert_eq!(known_device(&db, ids[2]).unwrap(), Some(numbers[1]));
    }
}
