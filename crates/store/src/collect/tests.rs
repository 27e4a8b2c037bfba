//! Counters through real files: no range twice, whatever was closed, shared or restored; and how calls go on.

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tidstro_calendar::Zone;
use tidstro_model::SystemTitle;

use super::counter::{CounterLease, CounterUse, keep_meter_counter, lease};
use crate::StoreFault;
use crate::meter_keys::KeySecret;
use crate::personal::Writing;
use crate::seal::{MasterKey, Nonces, Vault};
use crate::sqlite::Files;

const NOW: Timestamp = Timestamp::constant(1_774_004_400, 0);
const CLIENT: SystemTitle = SystemTitle(*b"TDCclnt1");

fn open(folder: &TempDir, master: &MasterKey) -> Writing {
    let files = Files::below(folder.path());
    let vault = Vault::open(files.open_keys().unwrap(), master).unwrap();
    let db = files.open_data().unwrap();
    let nonces = Nonces::begin(&db, NOW).unwrap();
    Writing::new(db, vault, nonces, Zone::named("Europe/Copenhagen").unwrap())
}

fn of(meter: u8, key: u8) -> CounterUse {
    CounterUse { client: CLIENT, meter: SystemTitle([meter; 8]), key: KeySecret::new(&[key; 16]) }
}

fn take(writing: &mut Writing, which: &CounterUse, now: Timestamp) -> Result<CounterLease, StoreFault> {
    writing.transact(|writing| lease(writing, which, 100, now))
}

#[test]
fn no_two_ranges_of_a_key_overlap() {
    let folder = tempfile::tempdir().unwrap();
    let master = MasterKey::random().unwrap().0;
    let first = take(&mut open(&folder, &master), &of(1, 7), NOW).unwrap();
    assert_eq!(first.end - first.first, 100);
    // Opened anew, another meter with the same key, and a clock set back by a year.
    let mut again = open(&folder, &master);
    let second = take(&mut again, &of(2, 7), NOW).unwrap();
    let third = take(&mut again, &of(1, 7), NOW - SignedDuration::from_hours(24 * 365)).unwrap();
    assert_eq!((second.first, third.first), (first.end, second.end));
    assert_ne!(second.challenge, third.challenge);
    // Another key has counters of its own, and so has another client.
    assert_eq!(take(&mut again, &of(1, 8), NOW).unwrap().first, first.first);
    let other = CounterUse { client: SystemTitle(*b"TDCclnt2"), ..of(1, 7) };
    assert_eq!(take(&mut again, &other, NOW).unwrap().first, first.first);
}

#[test]
fn a_restored_folder_begins_above_all_that_was_used_since() {
    let master = MasterKey::random().unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let mut live = open(&folder, &master);
    let before = take(&mut live, &of(1, 7), NOW).unwrap();
    let last = (0..200).map(|_| take(&mut live, &of(1, 7), NOW).unwrap().end).max().unwrap();
    // A day later the backup of before that is put back: 20,000 counters took less than a second each.
    let restored = tempfile::tempdir().unwrap();
    let mut restored = open(&restored, &master);
    let day_later = NOW + SignedDuration::from_hours(24);
    let after = take(&mut restored, &of(1, 7), day_later).unwrap();
    assert!(after.first > last && last > before.end);
}

#[test]
fn a_meters_counter_only_rises_and_a_key_can_be_used_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder, &MasterKey::random().unwrap().0);
    assert_eq!(take(&mut writing, &of(1, 7), NOW).unwrap().meter, None);
    for heard in [500, 400] {
        writing.transact(|writing| keep_meter_counter(writing, &of(1, 7), heard)).unwrap();
    }
    assert_eq!(take(&mut writing, &of(1, 7), NOW).unwrap().meter, Some(500));
    assert_eq!(take(&mut writing, &of(2, 7), NOW).unwrap().meter, None);
    let end = Timestamp::from_second(1_704_067_200 + i64::from(u32::MAX) - 150).unwrap();
    assert_eq!(take(&mut writing, &of(1, 7), end).unwrap().end, u32::MAX - 50);
    assert!(matches!(take(&mut writing, &of(1, 7), end), Err(StoreFault::CountersUsedUp)));
}

#[test]
fn neither_key_nor_title_is_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = open(&folder, &MasterKey::random().unwrap().0);
    let which = CounterUse { meter: SystemTitle(*b"TDBsecre"), ..of(1, 0xa7) };
    take(&mut writing, &which, NOW).unwrap();
    writing.transact(|writing| keep_meter_counter(writing, &which, 1)).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(16).any(|window| window == [0xa7; 16]));
        assert!(!bytes.windows(8).any(|window| window == b"TDBsecre"));
    }
    assert!(!format!("{which:?}").contains("167"));
}
