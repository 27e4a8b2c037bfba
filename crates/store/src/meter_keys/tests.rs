//! Keys through real files: what lies there, what a moved row gives, what a conflict leaves.

use jiff::Timestamp;
use jiff::civil::date;
use tempfile::TempDir;
use tidstro_calendar::Zone;
use tidstro_model::{Manufacturer, Medium, MeterNumber};

use super::end::delete_over;
use super::entry::{KeyHolder, KeySecret, MbusHolder, NewMeterKey};
use super::handout::usable;
use super::take::{KeyConflictReason, KeysTaken, TakeHow, all_or_none};
use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::{MasterKey, Nonces, Vault};
use crate::sqlite::Files;

const NOW: Timestamp = Timestamp::constant(1_774_004_400, 0);

fn open(folder: &TempDir) -> Writing {
    let files = Files::below(folder.path());
    let vault = Vault::open(files.open_keys().unwrap(), &MasterKey::random().unwrap().0).unwrap();
    let db = files.open_data().unwrap();
    let nonces = Nonces::begin(&db, NOW).unwrap();
    Writing::new(db, vault, nonces, Zone::named("Europe/Copenhagen").unwrap())
}

fn key(number: u32, secret: u8) -> NewMeterKey {
    let manufacturer = Manufacturer::parse("KAM").unwrap();
    NewMeterKey {
        holder: KeyHolder::Mbus(MbusHolder {
            manufacturer,
            number: MeterNumber(number),
            version: Some(0x1b),
            medium: Some(Medium(7)),
        }),
        slot: 0,
        from: None,
        to: None,
        secret: KeySecret::new(&[secret; 16]),
        line: 1,
    }
}

fn take(writing: &mut Writing, how: TakeHow, keys: Vec<NewMeterKey>) -> KeysTaken {
    writing.transact_with(keys, |writing, keys| all_or_none(writing, how, keys, NOW)).unwrap()
}

#[test]
fn a_key_is_in_no_file_and_opens_in_no_other_row() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder);
    take(&mut writing, TakeHow::Import, vec![key(1, 0xa1), key(2, 0xa2)]);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(16).any(|window| window == [0xa1; 16] || window == [0xa2; 16]));
    }
    let opened = usable(&writing.db, &writing.vault).unwrap();
    assert_eq!(opened[1].secret, KeySecret::new(&[0xa2; 16]));
    assert_eq!(format!("{:?}", opened[1].secret), "KeySecret(redacted)");

    let swap =
        "UPDATE meter_key SET sealed = (SELECT sealed FROM meter_key WHERE number = 2) WHERE number = 1";
    writing.db.execute(swap, []).unwrap();
    assert!(matches!(usable(&writing.db, &writing.vault), Err(StoreFault::Tampered)));
}

#[test]
fn a_key_that_follows_ends_the_one_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder);
    let from = |mut key: NewMeterKey, day: i8| {
        key.from = Some(date(2026, 3, day));
        key
    };
    let reason = |taken: KeysTaken| match taken {
        KeysTaken::Conflicts(conflicts) => conflicts[0].reason,
        KeysTaken::Taken { .. } => panic!("taken"),
    };
    let rotate = |writing: &mut Writing, key| take(writing, TakeHow::Rotate, vec![key]);
    assert_eq!(reason(rotate(&mut writing, from(key(1, 1), 9))), KeyConflictReason::NoKey);
    take(&mut writing, TakeHow::Import, vec![key(1, 1)]);
    // Given in any order, each ends where the next begins.
    for (secret, day) in [(3, 20), (2, 9)] {
        let taken = rotate(&mut writing, from(key(1, secret), day));
        assert_eq!(taken, KeysTaken::Taken { added: 0, followed: 1, unchanged: 0 });
    }
    let mut days: Vec<_> = usable(&writing.db, &writing.vault).unwrap();
    days.sort_by_key(|key| key.from);
    let days: Vec<_> = days.iter().map(|key| (key.secret.bytes()[0], key.from, key.to)).collect();
    let [ninth, twentieth] = [9, 20].map(|day| Some(date(2026, 3, day)));
    assert_eq!(days, [(1, None, ninth), (2, ninth, twentieth), (3, twentieth, None)]);

    assert_eq!(reason(rotate(&mut writing, from(key(1, 4), 20))), KeyConflictReason::AnotherKey);
    assert_eq!(reason(rotate(&mut writing, from(key(1, 3), 21))), KeyConflictReason::OtherDays);
    let again = rotate(&mut writing, from(key(1, 3), 20));
    assert_eq!(again, KeysTaken::Taken { added: 0, followed: 0, unchanged: 1 });
}

#[test]
fn one_conflict_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder);
    take(&mut writing, TakeHow::Import, vec![key(1, 1)]);
    let mut other = key(1, 2);
    other.line = 7;
    let taken = take(&mut writing, TakeHow::Import, vec![key(2, 9), other, key(3, 9)]);
    let KeysTaken::Conflicts(conflicts) = taken else { panic!("taken") };
    let found: Vec<_> = conflicts.iter().map(|one| (one.line, one.reason)).collect();
    assert_eq!(found, [(7, KeyConflictReason::AnotherKey)]);
    assert_eq!(usable(&writing.db, &writing.vault).unwrap().len(), 1);
}

/// A meter that hung at a point for days 0 to 200, where a first tenant lived until day 100 and a second one until 200.
fn lived(writing: &Writing) {
    writing
        .db
        .execute_batch(
            "INSERT INTO area VALUES (1, 'house', 'building');
             INSERT INTO point (point_no, area_no, own_id, commodity, premises_key_no) VALUES (1, 1, 'p', 'heat', 9);
             INSERT INTO device (device_no, manufacturer, number, version, medium) VALUES (1, 11309, 1, 27, 7);
             INSERT INTO master_change VALUES (1, 0, NULL, 0);
             INSERT INTO installation (point_no, device_no, start_day, end_day, created_seq) VALUES (1, 1, 0, 200, 1);
             INSERT INTO subject (subject_no, reference, key_no, sealed_name, sealed_contact) VALUES
                 (1, 'a', 1, x'', x''), (2, 'b', 2, x'', x'');
             INSERT INTO occupancy (occupancy_no, subject_no, start_day, end_day, consumption_key_no) VALUES
                 (1, 1, 0, 100, 3), (2, 2, 100, 200, 4);
             INSERT INTO occupancy_point VALUES (1, 1), (1, 2);",
        )
        .unwrap();
}

#[test]
fn a_key_goes_with_the_last_telegrams_it_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder);
    lived(&writing);
    let day_100 = tidstro_calendar::from_epoch_day(100);
    let second = NewMeterKey { from: day_100, ..key(1, 2) };
    take(&mut writing, TakeHow::Import, vec![key(1, 1), second, key(77, 3)]);
    let left = |writing: &mut Writing, today| {
        writing.transact(|writing| delete_over(&writing.db, today)).unwrap();
        let keys = usable(&writing.db, &writing.vault).unwrap();
        keys.iter().map(|key| key.secret.bytes()[0]).collect::<Vec<_>>()
    };
    let erase = |writing: &Writing, occupancy: u32, from: i32| {
        let sql = "UPDATE occupancy SET telegram_from = ?2 WHERE occupancy_no = ?1";
        writing.db.execute(sql, crate::db::params![occupancy, from]).unwrap();
    };
    assert_eq!(left(&mut writing, 300), [1, 2, 3], "nothing is erased yet");
    erase(&writing, 1, 60);
    assert_eq!(left(&mut writing, 300), [1, 2, 3], "the first tenant's last days are kept");
    erase(&writing, 1, 100);
    assert_eq!(left(&mut writing, 90), [1, 2, 3], "it holds still");
    assert_eq!(left(&mut writing, 150), [2, 3]);
    erase(&writing, 2, i32::MAX);
    assert_eq!(left(&mut writing, 150), [2, 3], "the meter hangs there still");
    assert_eq!(left(&mut writing, 300), [3], "of a meter that never hung anywhere nothing is known");
}

#[test]
fn a_key_goes_where_the_tenants_are_gone_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder);
    lived(&writing);
    take(&mut writing, TakeHow::Import, vec![key(1, 1)]);
    let gone = "DELETE FROM occupancy_point; DELETE FROM occupancy; UPDATE point SET closed_before = ";
    for (closed_before, left) in [(150, 1), (200, 0)] {
        writing.db.execute_batch(&format!("{gone}{closed_before}")).unwrap();
        writing.transact(|writing| delete_over(&writing.db, 300)).unwrap();
        assert_eq!(usable(&writing.db, &writing.vault).unwrap().len(), left);
    }
}
