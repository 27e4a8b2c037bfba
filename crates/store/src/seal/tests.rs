//! What a key file keeps and what it forgets, through real files: seals, months, copies, traces.

use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;
use tidstro_model::KeyNo;

use super::{KeyKind, MasterKey, Month, SealingKey, Vault};
use crate::StoreFault;
use crate::sqlite::Files;

/// A key file in a folder of its own.
struct Keys {
    folder: TempDir,
    master: MasterKey,
    vault: Vault,
}

impl Keys {
    fn new() -> Self {
        let (folder, master) = (tempfile::tempdir().unwrap(), MasterKey::random().unwrap().0);
        let vault = Vault::open(Files::below(folder.path()).open_keys().unwrap(), &master).unwrap();
        Self { folder, master, vault }
    }

    /// The key file opened once more, as another process would.
    fn second(&self) -> Vault {
        Vault::open(Files::below(self.folder.path()).open_keys().unwrap(), &self.master).unwrap()
    }

    fn one(&mut self, kind: KeyKind) -> KeyNo {
        self.vault.create(&[kind]).unwrap()[0]
    }

    /// The key as it lies in the file.
    fn wrapped(&self, key: KeyNo) -> Vec<u8> {
        let sql = "SELECT wrapped FROM sealing_key WHERE key_no = ?1";
        self.vault.db.query_row(sql, [key.as_u32()], |row| row.get(0)).unwrap()
    }

    /// Whether bytes lie anywhere in the folder: in the key file, its log, or a journal.
    fn holds(&self, bytes: &[u8]) -> bool {
        files(self.folder.path()).iter().any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

/// So many months after May 2020.
fn month(number: u32) -> Month {
    Month::from_i32(Month::of(date(2020, 5, 1)).as_i32() + i32::try_from(number).unwrap())
}

fn seal(vault: &mut Vault, key: KeyNo, at: Month) -> Vec<u8> {
    vault.key(key, at).unwrap().seal([1; 12], b"row", b"value").unwrap()
}

fn opens(vault: &mut Vault, key: KeyNo, at: Month, sealed: &[u8]) -> bool {
    match vault.key(key, at) {
        Ok(sealing) => sealing.open(b"row", sealed).unwrap() == b"value",
        Err(fault) => {
            assert!(fault.is_erased(), "{fault}");
            false
        }
    }
}

#[test]
fn opens_only_what_was_sealed_for_the_row() {
    let key = SealingKey::random().unwrap();
    let sealed = key.seal([7; 12], b"row 1", b"value").unwrap();
    assert_eq!(key.open(b"row 1", &sealed).unwrap(), b"value");
    assert!(matches!(key.open(b"row 2", &sealed), Err(StoreFault::Tampered)));
    let mut flipped = sealed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(key.open(b"row 1", &flipped).is_err());
    assert!(SealingKey::random().unwrap().open(b"row 1", &sealed).is_err());
    assert!(key.open(b"row 1", b"short").is_err());
}

#[test]
fn a_commitment_stands_for_one_key_while_it_lives() {
    let mut keys = Keys::new();
    let (first, second) = (keys.one(KeyKind::Subject), keys.one(KeyKind::Dossier));
    let commitment = keys.vault.commitment(first).unwrap();
    assert_eq!(keys.second().commitment(first).unwrap(), commitment, "constant while the key lives");
    assert_ne!(keys.vault.commitment(second).unwrap(), commitment);
    assert_eq!(keys.vault.destroy(&[first]).unwrap(), 1);
    assert!(matches!(keys.vault.commitment(first), Err(StoreFault::KeyGone { .. })));
    assert!(keys.vault.commitment(second).is_ok());
}

#[test]
fn a_month_before_the_first_is_a_clear_fault() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Premises(month(0)));
    let before = Month::of(date(2020, 4, 30));
    let text = keys.vault.key(key, before).err().unwrap().to_string();
    assert!(text.contains("nothing before 2020-05, asked was 2020-04"), "{text}");
}

#[test]
fn a_key_with_months_is_never_used_without() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Telegrams(month(0)));
    assert!(matches!(keys.vault.undated_key(key), Err(StoreFault::Row { .. })));
}

#[test]
fn destroying_twice_is_destroying_once() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Consumption(month(0)));
    assert_eq!(keys.vault.forget_before(&[(key, month(3))]).unwrap(), 1);
    assert_eq!(keys.vault.forget_before(&[(key, month(3)), (key, month(1))]).unwrap(), 0);
    assert_eq!(keys.vault.destroy(&[key]).unwrap(), 1);
    assert_eq!(keys.vault.destroy(&[key]).unwrap(), 0);
    assert_eq!(keys.vault.forget_before(&[(key, month(9))]).unwrap(), 0);
    assert!(matches!(keys.vault.key(key, month(9)), Err(StoreFault::KeyGone { .. })));
}

#[test]
fn no_trace_of_a_destroyed_key_is_left_in_the_file() {
    let mut keys = Keys::new();
    let many: Vec<KeyNo> = keys.vault.create(&[KeyKind::Consumption(month(0)); 300]).unwrap();
    let before: Vec<Vec<u8>> = many.iter().map(|key| keys.wrapped(*key)).collect();
    assert!(keys.holds(&before[150]), "the key file is looked at");
    keys.vault.destroy(&many[..150]).unwrap();
    let later: Vec<_> = many[150..].iter().map(|key| (*key, month(1))).collect();
    keys.vault.forget_before(&later).unwrap();
    assert!(before.iter().all(|wrapped| !keys.holds(wrapped)));
    assert!(keys.holds(&keys.wrapped(many[299])));
}

#[test]
fn traces_another_program_holds_on_to_are_reported() {
    let mut keys = Keys::new();
    keys.vault.db.busy_timeout(std::time::Duration::ZERO).unwrap();
    let key = keys.one(KeyKind::Subject);
    let other = keys.second();
    other.db.execute_batch("BEGIN; SELECT * FROM sealing_key;").unwrap();
    assert!(matches!(keys.vault.destroy(&[key]), Err(StoreFault::KeysInUse)));
    other.db.execute_batch("COMMIT").unwrap();
    let mut other = other;
    assert_eq!(keys.vault.destroy(&[key]).unwrap(), 0, "the same call again only clears up");
    assert!(matches!(other.undated_key(key), Err(StoreFault::KeyGone { .. })));
}

#[test]
fn another_process_lets_go_of_a_destroyed_key() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Telegrams(month(0)));
    let mut other = keys.second();
    other.drop_stale_keys().unwrap();
    assert!(other.key(key, month(0)).is_ok());
    keys.vault.forget_before(&[(key, month(1))]).unwrap();
    other.drop_stale_keys().unwrap();
    assert!(matches!(other.key(key, month(0)), Err(StoreFault::MonthGone { .. })));
}

#[test]
fn keys_of_an_older_schema_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let old = Connection::open(folder.path().join("keys.sqlite")).unwrap();
    old.execute_batch(include_str!("../sqlite/keys_0001.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let (controller, key) = (SealingKey::from_bytes([1; 32]), SealingKey::from_bytes([2; 32]));
    let master = MasterKey(SealingKey::from_bytes([3; 32]));
    let wrapped = super::wrap::wrap(&master.0, &super::wrap::controller_row(1), &controller).unwrap();
    old.execute("INSERT INTO controller_key VALUES (1, ?1)", [wrapped]).unwrap();
    let wrapped = super::wrap::wrap(&controller, &super::wrap::key_row(KeyNo::new(5), None), &key).unwrap();
    old.execute("INSERT INTO sealing_key VALUES (5, 'occupancy', ?1)", [wrapped]).unwrap();
    drop(old);
    let mut vault = Vault::open(Files::below(folder.path()).open_keys().unwrap(), &master).unwrap();
    for at in [month(0), month(70), month(3)] {
        assert_eq!(vault.key(KeyNo::new(5), at).unwrap().bytes(), key.bytes());
    }
    assert_eq!(vault.forget_before(&[(KeyNo::new(5), month(9))]).unwrap(), 0, "it has no months to forget");
    assert_eq!(vault.create(&[KeyKind::Subject]).unwrap(), [KeyNo::new(6)], "no number is given twice");
    assert_eq!(vault.destroy(&[KeyNo::new(5)]).unwrap(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the order of sealing and forgetting: what is of a kept month opens, what is older does
    /// not, in this process and in one that opens the file anew.
    #[test]
    fn exactly_the_kept_months_open(
        sealed_at in prop::collection::vec(0_u32..40, 1..12),
        forgets in prop::collection::vec(0_u32..40, 0..4),
    ) {
        let mut keys = Keys::new();
        let key = keys.one(KeyKind::Consumption(month(0)));
        let sealed: Vec<_> =
            sealed_at.iter().map(|at| (*at, seal(&mut keys.vault, key, month(*at)))).collect();
        let mut kept_from = 0;
        for forget in forgets {
            keys.vault.forget_before(&[(key, month(forget))]).unwrap();
            kept_from = kept_from.max(forget);
            let mut anew = keys.second();
            for (at, sealed) in &sealed {
                prop_assert_eq!(opens(&mut keys.vault, key, month(*at), sealed), *at >= kept_from);
                prop_assert_eq!(opens(&mut anew, key, month(*at), sealed), *at >= kept_from);
            }
        }
    }

    /// A month's key says nothing of another month: sealed values do not open one another.
    #[test]
    fn months_do_not_open_each_other(one in 0_u32..60, other in 0_u32..60) {
        prop_assume!(one != other);
        let mut keys = Keys::new();
        let key = keys.one(KeyKind::IndoorClimate(month(0)));
        let sealed = seal(&mut keys.vault, key, month(one));
        let sealing = keys.vault.key(key, month(other)).unwrap();
        prop_assert!(matches!(sealing.open(b"row", &sealed), Err(StoreFault::Tampered)));
    }
}
