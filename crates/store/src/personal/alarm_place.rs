//! Alarms whose point or owner becomes known late, and the keys of alarms that are still to be made.

use crate::db::{Connection, DbFault, params};
use tidstro_calendar::from_epoch_day;
use tidstro_model::{DeviceNo, KeyNo, PointNo};

use super::Writing;
use super::alarm::{AlarmOf, AlarmRow};
use super::place::Kind;
use super::reseal::{note_former_key, sealed_anew};
use crate::StoreFault;
use crate::seal::{FIRST_DAY, KeyKind};

/// An event as it lies in its row.
struct SealedAlarm {
    row: AlarmRow,
    key: KeyNo,
    sealed: Vec<u8>,
}

/// Seals alarms at a point on these local days, half open, with the keys of those they belong to.
pub(super) fn seal_alarms_for_owners(
    writing: &mut Writing,
    point: PointNo,
    days: (i32, i32),
) -> Result<(), StoreFault> {
    for alarm in alarms_at(&writing.db, point, days)? {
        move_to_owner(writing, &alarm, point)?;
    }
    Ok(())
}

/// Moves alarms of a device that nobody had placed to the point where it hung.
pub(super) fn place_alarms(
    writing: &mut Writing,
    device: DeviceNo,
    (apart, to): (PointNo, PointNo),
    days: (i32, i32),
) -> Result<(), StoreFault> {
    for alarm in alarms_at(&writing.db, apart, days)? {
        if alarm.row.whose == AlarmOf::Device(device) {
            move_to_owner(writing, &alarm, to)?;
        }
    }
    Ok(())
}

fn move_to_owner(writing: &mut Writing, alarm: &SealedAlarm, to: PointNo) -> Result<(), StoreFault> {
    let owner = writing.owner_of(to, Kind::Alarms, alarm.row.day)?;
    if owner.is_over || (owner.key, to) == (alarm.key, alarm.row.point) {
        return Ok(());
    }
    move_alarm(writing, alarm, (to, owner.key))
}

/// Seals alarms that a key still seals with a new one.
pub(super) fn move_alarms_under(writing: &mut Writing, (old, new): (KeyNo, KeyNo)) -> Result<(), StoreFault> {
    for alarm in alarms_under(&writing.db, old)? {
        move_alarm(writing, &alarm, (alarm.row.point, new))?;
    }
    Ok(())
}

fn move_alarm(
    writing: &mut Writing,
    alarm: &SealedAlarm,
    (to, new): (PointNo, KeyNo),
) -> Result<(), StoreFault> {
    let day = from_epoch_day(alarm.row.day).ok_or(StoreFault::Row { what: "alarm.day" })?;
    let (old, moved) = (alarm.key, AlarmRow { point: to, ..alarm.row });
    let rows = (alarm.row.sealed_for(old), moved.sealed_for(new));
    let Some(sealed) = sealed_anew(writing, (day, &alarm.sealed), (old, &rows.0), (new, &rows.1))? else {
        return Ok(());
    };
    writing
        .db
        .prepare_cached(
            "-- move_alarm
             UPDATE alarm SET point_no = ?2, key_no = ?3, sealed = ?4 WHERE alarm_no = ?1",
        )?
        .execute(params![alarm.row.number, to.as_u32(), new.as_u32(), sealed])?;
    if old == new { Ok(()) } else { note_former_key(&writing.db, old, new) }
}

fn alarms_at(
    db: &Connection,
    point: PointNo,
    (start, end): (i32, i32),
) -> Result<Vec<SealedAlarm>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- alarms_at
             SELECT alarm_no, point_no, device_no, day, key_no, sealed, series_no FROM alarm
             WHERE point_no = ?1 AND day >= ?2 AND day < ?3",
        )?
        .query_map(params![point.as_u32(), start, end], sealed_alarm)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn alarms_under(db: &Connection, key: KeyNo) -> Result<Vec<SealedAlarm>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- alarms_under
             SELECT alarm_no, point_no, device_no, day, key_no, sealed, series_no FROM alarm WHERE key_no = ?1",
        )?
        .query_map([key.as_u32()], sealed_alarm)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn sealed_alarm(row: &crate::db::Row<'_>) -> Result<SealedAlarm, DbFault> {
    let (point, whose) = (PointNo::new(row.get(1)?), AlarmOf::from_columns((row.get(2)?, row.get(6)?)));
    Ok(SealedAlarm {
        row: AlarmRow { number: row.get(0)?, point, whose, day: row.get(3)? },
        key: KeyNo::new(row.get(4)?),
        sealed: row.get(5)?,
    })
}

/// Keys made at once.
const KEYS_AT_ONCE: u32 = 4_096;

/// Makes the keys of alarms for occupancies that were registered before there were any. They begin with the first day.
pub(crate) fn make_alarm_keys(writing: &mut Writing) -> Result<(), StoreFault> {
    loop {
        let without = without_alarm_key(&writing.db)?;
        if without.is_empty() {
            return Ok(());
        }
        let first = |day| from_epoch_day(day).unwrap_or(FIRST_DAY).max(FIRST_DAY);
        let kinds: Vec<_> = without.iter().map(|(_, day)| KeyKind::Alarms(first(*day))).collect();
        let keys = writing.vault.create(&kinds)?;
        writing.transact(|writing| {
            for ((occupancy, _), key) in without.iter().zip(&keys) {
                set_alarm_key(&writing.db, *occupancy, *key)?;
            }
            Ok(())
        })?;
        writing.forget_places();
    }
}

/// Occupancies and their first days.
fn without_alarm_key(db: &Connection) -> Result<Vec<(u32, i32)>, StoreFault> {
    let rows = db
        .prepare_cached(
            "-- without_alarm_key
             SELECT occupancy_no, start_day FROM occupancy WHERE alarm_key_no = 0 LIMIT ?1",
        )?
        .query_map([KEYS_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Another process may have been first.
fn set_alarm_key(db: &Connection, occupancy: u32, key: KeyNo) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- set_alarm_key
         UPDATE occupancy SET alarm_key_no = ?2 WHERE occupancy_no = ?1 AND alarm_key_no = 0",
    )?
    .execute(params![occupancy, key.as_u32()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use tidstro_calendar::{Zone, epoch_day};

    use super::*;
    use crate::seal::{MasterKey, Nonces, Vault};
    use crate::sqlite::Files;

    #[test]
    fn occupancies_of_older_programs_get_their_key_once() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::below(folder.path());
        let vault = Vault::open(files.open_keys().unwrap(), &MasterKey::random().unwrap().0).unwrap();
        let db = files.open_data().unwrap();
        let nonces = Nonces::begin(&db, Timestamp::UNIX_EPOCH).unwrap();
        let mut writing = Writing::new(db, vault, nonces, Zone::named("Europe/Copenhagen").unwrap());
        let since = epoch_day(date(2020, 5, 1));
        let rows = format!(
            "INSERT INTO subject (subject_no, reference, key_no, sealed_name, sealed_contact)
                 VALUES (1, 'a', 1, x'', x'');
             INSERT INTO occupancy (occupancy_no, subject_no, start_day, end_day, consumption_key_no)
                 VALUES (1, 1, {since}, {since} + 9, 3), (2, 1, -20000, 0, 4);"
        );
        writing.db.execute_batch(&rows).unwrap();
        make_alarm_keys(&mut writing).unwrap();
        let keys = |writing: &Writing| -> Vec<u32> {
            let mut rows = writing.db.prepare("SELECT alarm_key_no FROM occupancy ORDER BY 1").unwrap();
            rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let made = keys(&writing);
        assert!(made.len() == 2 && !made.contains(&0), "{made:?}");
        let key = KeyNo::new(made[0]);
        assert!(writing.vault.key(key, date(2020, 5, 1)).is_ok());
        assert!(writing.vault.key(key, date(2020, 4, 30)).is_err(), "no day of it is older");
        make_alarm_keys(&mut writing).unwrap();
        assert_eq!(keys(&writing), made);
    }
}
