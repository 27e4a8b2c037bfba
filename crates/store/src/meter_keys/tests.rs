//! Keys through real files: what lies there, what a moved row gives, what a conflict leaves.

use jiff::Timestamp;
use jiff::civil::date;
use tempfile::TempDir;
use tidstro_calendar::Zone;
use tidstro_model::{Manufacturer, Medium, MeterNumber};

use super::entry::{KeyHolder, KeySecret, NewMeterKey};
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
        holder: KeyHolder {
            manufacturer,
            number: MeterNumber(number),
            version: Some(0x1b),
            medium: Some(Medium(7)),
        },
        slot: 0,
        from: None,
        to: None,
        secret: KeySecret::new(&[secret; 16]),
        line: 1,
    }
}

fn take(writing: &mut Writing, how: TakeHow, keys: Vec<NewMeterKey>) -> KeysTaken {
    writing.transact(|writing| all_or_none(writing, how, keys, NOW)).unwrap()
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
