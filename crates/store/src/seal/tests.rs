//! What a key file keeps and what it forgets, through real files: seals, days, copies, traces.

use std::path::Path;

use crate::db::Connection;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tempfile::TempDir;
use tidstro_model::KeyNo;

use super::wrap::{controller_row, key_row, wrap};
use super::{KeyKind, MasterKey, SealingKey, Vault};
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

/// So many days after 20 May 2020.
fn day(number: u32) -> Date {
    date(2020, 5, 20).saturating_add(i64::from(number).days())
}

fn seal(vault: &mut Vault, key: KeyNo, at: Date) -> Vec<u8> {
    vault.key(key, at).unwrap().seal([1; 12], b"row", b"value").unwrap()
}

fn opens(vault: &mut Vault, key: KeyNo, at: Date, sealed: &[u8]) -> bool {
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
fn a_day_before_the_first_is_a_clear_fault() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Premises(day(0)));
    let text = keys.vault.key(key, date(2020, 5, 19)).err().unwrap().to_string();
    assert!(text.contains("nothing before 2020-05-20, asked was 2020-05-19"), "{text}");
}

#[test]
fn a_key_with_days_is_never_used_without() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Telegrams(day(0)));
    assert!(matches!(keys.vault.undated_key(key), Err(StoreFault::Row { .. })));
}

/// The day itself stays and the one before is gone, within a month and on both sides of its end.
#[test]
fn forgetting_is_exact_to_the_day() {
    for kept_from in [day(1), date(2020, 5, 31), date(2020, 6, 1), date(2021, 2, 28), date(2059, 9, 19)] {
        let mut keys = Keys::new();
        let key = keys.one(KeyKind::Consumption(day(0)));
        let gone = kept_from.yesterday().unwrap();
        let (kept_value, gone_value) =
            (seal(&mut keys.vault, key, kept_from), seal(&mut keys.vault, key, gone));
        assert!(opens(&mut keys.vault, key, gone, &gone_value));
        assert_eq!(keys.vault.forget_before(&[(key, kept_from)]).unwrap(), 1);
        for mut vault in [keys.second(), keys.vault] {
            assert!(opens(&mut vault, key, kept_from, &kept_value), "{kept_from} opens");
            assert!(!opens(&mut vault, key, gone, &gone_value), "{gone} is gone");
        }
    }
}

#[test]
fn destroying_twice_is_destroying_once() {
    let mut keys = Keys::new();
    let key = keys.one(KeyKind::Consumption(day(0)));
    assert_eq!(keys.vault.forget_before(&[(key, day(3))]).unwrap(), 1);
    assert_eq!(keys.vault.forget_before(&[(key, day(3)), (key, day(1))]).unwrap(), 0);
    assert_eq!(keys.vault.destroy(&[key]).unwrap(), 1);
    assert_eq!(keys.vault.destroy(&[key]).unwrap(), 0);
    assert_eq!(keys.vault.forget_before(&[(key, day(9))]).unwrap(), 0);
    assert!(matches!(keys.vault.key(key, day(9)), Err(StoreFault::KeyGone { .. })));
}

#[test]
fn no_trace_of_a_destroyed_key_is_left_in_the_file() {
    let mut keys = Keys::new();
    let many: Vec<KeyNo> = keys.vault.create(&[KeyKind::Consumption(day(0)); 300]).unwrap();
    let before: Vec<Vec<u8>> = many.iter().map(|key| keys.wrapped(*key)).collect();
    assert!(keys.holds(&before[150]), "the key file is looked at");
    keys.vault.destroy(&many[..150]).unwrap();
    for kept_from in [day(1), date(2059, 9, 19)] {
        let before: Vec<Vec<u8>> = many[150..].iter().map(|key| keys.wrapped(*key)).collect();
        let later: Vec<_> = many[150..].iter().map(|key| (*key, kept_from)).collect();
        assert_eq!(keys.vault.forget_before(&later).unwrap(), 150);
        assert!(before.iter().all(|wrapped| !keys.holds(wrapped)), "before {kept_from}");
    }
    assert!(before.iter().all(|wrapped| !keys.holds(wrapped)));
    assert!(keys.holds(&keys.wrapped(many[299])));
}

#[test]
fn traces_another_program_holds_on_to_are_reported() {
    let mut keys = Keys::new();
    keys.vault.db.sqlite().busy_timeout(std::time::Duration::ZERO).unwrap();
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
    let key = keys.one(KeyKind::Telegrams(day(0)));
    let mut other = keys.second();
    other.drop_stale_keys().unwrap();
    assert!(other.key(key, day(0)).is_ok());
    keys.vault.forget_before(&[(key, day(1))]).unwrap();
    other.drop_stale_keys().unwrap();
    assert!(matches!(other.key(key, day(0)), Err(StoreFault::DayGone { .. })));
}

/// A key file of an older schema: the schema's steps, and rows of `sealing_key` with the keys they wrap.
struct OldFile {
    folder: TempDir,
    db: Connection,
    controller: SealingKey,
    master: MasterKey,
}

impl OldFile {
    fn new(steps: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Connection::open(folder.path().join("keys.sqlite")).unwrap();
        steps.iter().for_each(|step| db.execute_batch(*step).unwrap());
        db.sqlite().pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap()).unwrap();
        let controller = SealingKey::from_bytes([1; 32]);
        let master = MasterKey(SealingKey::from_bytes([3; 32]));
        let wrapped = wrap(&master.0, &controller_row(1), controller.bytes()).unwrap();
        db.execute("INSERT INTO controller_key VALUES (1, ?1)", [wrapped]).unwrap();
        Self { folder, db, controller, master }
    }

    fn wrapped(&self, key: KeyNo, first_month: Option<i32>) -> Vec<u8> {
        wrap(&self.controller, &key_row(key, first_month), &[2; 32]).unwrap()
    }

    /// Opened by the program of today.
    fn opened(self) -> (TempDir, Vault) {
        drop(self.db);
        let vault = Vault::open(Files::below(self.folder.path()).open_keys().unwrap(), &self.master);
        (self.folder, vault.unwrap())
    }
}

#[test]
fn keys_without_days_stay_as_they_are() {
    let old = OldFile::new(&[include_str!("../sqlite/keys_0001.sql")]);
    let key = KeyNo::new(5);
    let wrapped = old.wrapped(key, None);
    old.db.execute("INSERT INTO sealing_key VALUES (5, 'occupancy', ?1)", [wrapped]).unwrap();
    let (_folder, mut vault) = old.opened();
    for at in [day(0), day(700), day(3)] {
        assert_eq!(vault.key(key, at).unwrap().bytes(), &[2; 32]);
    }
    assert_eq!(vault.forget_before(&[(key, day(9))]).unwrap(), 0, "it has no days to forget");
    assert_eq!(vault.create(&[KeyKind::Subject]).unwrap(), [KeyNo::new(6)], "no number is given twice");
    assert_eq!(vault.destroy(&[key]).unwrap(), 1);
}

/// A key made when keys forgot by month, with what it sealed then.
#[test]
fn keys_of_whole_months_go_on_opening_what_they_sealed() {
    let old = OldFile::new(&[
        include_str!("../sqlite/keys_0001.sql"),
        include_str!("../sqlite/keys_0002.sql"),
        include_str!("../sqlite/keys_0003.sql"),
    ]);
    let (key, may_2020) = (KeyNo::new(5), 2020 * 12 + 4);
    let wrapped = old.wrapped(key, Some(may_2020));
    let row = "INSERT INTO sealing_key VALUES (5, 'consumption', ?1, ?2), (6, 'premises', ?1, zeroblob(60))";
    old.db.execute(row, crate::db::params![may_2020, wrapped]).unwrap();
    let (_folder, mut vault) = old.opened();
    let sealing = |vault: &mut Vault, at| *vault.key(key, at).unwrap().bytes();
    let (may, june) = (sealing(&mut vault, date(2020, 5, 1)), sealing(&mut vault, date(2020, 6, 1)));
    // SHA-256 of `tidstro ratchet seal` and the key, computed apart from this program.
    let pinned = "12a1cde20f7d570a21e24a59185336dadf68701c8670345daf054c7179dddaf5";
    assert_eq!(may.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), pinned);
    assert_eq!((sealing(&mut vault, date(2020, 5, 31)), sealing(&mut vault, date(2020, 6, 30))), (may, june));
    assert_ne!(may, june);

    assert_eq!(vault.forget_before(&[(key, date(2020, 5, 31))]).unwrap(), 0, "its month is not over");
    assert_eq!(vault.forget_before(&[(key, date(2020, 6, 17))]).unwrap(), 1);
    assert_eq!(sealing(&mut vault, date(2020, 6, 1)), june, "it keeps the whole month");
    let gone = vault.key(key, date(2020, 5, 31)).err().unwrap();
    assert!(matches!(gone, StoreFault::DayGone { kept_from, .. } if kept_from == date(2020, 6, 1)), "{gone}");
    assert_eq!(vault.destroy(&[key, KeyNo::new(6)]).unwrap(), 1, "the other was destroyed before");
    assert!(matches!(vault.key(key, date(2020, 6, 1)), Err(StoreFault::KeyGone { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the order of sealing and forgetting: what is of a kept day opens, what is older does not,
    /// in this process and in one that opens the file anew.
    #[test]
    fn exactly_the_kept_days_open(
        sealed_at in prop::collection::vec(0_u32..400, 1..12),
        forgets in prop::collection::vec(0_u32..400, 0..4),
    ) {
        let mut keys = Keys::new();
        let key = keys.one(KeyKind::Consumption(day(0)));
        let sealed: Vec<_> =
            sealed_at.iter().map(|at| (*at, seal(&mut keys.vault, key, day(*at)))).collect();
        let mut kept_from = 0;
        for forget in forgets {
            keys.vault.forget_before(&[(key, day(forget))]).unwrap();
            kept_from = kept_from.max(forget);
            let mut anew = keys.second();
            for (at, sealed) in &sealed {
                prop_assert_eq!(opens(&mut keys.vault, key, day(*at), sealed), *at >= kept_from);
                prop_assert_eq!(opens(&mut anew, key, day(*at), sealed), *at >= kept_from);
            }
        }
    }

    /// A day's key says nothing of another day: sealed values do not open one another.
    #[test]
    fn days_do_not_open_each_other(one in 0_u32..100, other in 0_u32..100) {
        prop_assume!(one != other);
        let mut keys = Keys::new();
        let key = keys.one(KeyKind::IndoorClimate(day(0)));
        let sealed = seal(&mut keys.vault, key, day(one));
        let sealing = keys.vault.key(key, day(other)).unwrap();
        prop_assert!(matches!(sealing.open(b"row", &sealed), Err(StoreFault::Tampered)));
    }
}
