//! Invariants of the whole repository, most of them absences: what no crate may name or do.
//!
//! Each reads manifests and sources as text. What the compiler proves by itself is not repeated here.

use std::{collections::BTreeSet, fs};

use crate::text::{assert_absent, dependencies, every_dependency, files_below, root, text_of_name};

/// The crates of the product, and which of the others each may depend on. A new crate needs a line here,
/// and a line here needs a rulebook or a wall (see `ARCHITECTURE.md`).
const MAY_DEPEND_ON: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("calendar", &["model"]),
    // What both meter languages and lines of CSV are read with; no rulebook, and nothing of any.
    ("wire", &[]),
    ("telegram", &["model", "calendar", "wire"]),
    ("dlms", &["model", "wire"]),
    ("metering", &["model", "calendar", "wire"]),
    ("govern", &["model", "calendar"]),
    ("identity", &[]),
    ("store", &["model", "calendar", "metering", "govern", "identity"]),
    ("world", &["model", "calendar", "metering"]),
    // Starts servers; a wall, for only tests and benchmarks may do that.
    ("cluster", &[]),
    ("flows", &["model", "calendar", "wire", "telegram", "dlms", "metering", "govern", "identity", "store"]),
    // Sees the uses, and cannot name the store.
    ("web", &["model", "calendar", "metering", "govern", "flows"]),
    ("tidstro", &["model", "calendar", "telegram", "dlms", "metering", "govern", "flows", "web", "world"]),
];

/// The crates that hold rules and nothing else.
const PURE: [&str; 8] = ["model", "calendar", "wire", "telegram", "dlms", "metering", "govern", "identity"];

/// Real numbers come from meters (EN 13757-3 type H, IEC 62056-6-2 float32 and float64); this file turns them into
/// decimals.
const MAY_NAME_FLOATS: [&str; 1] = ["crates/model/src/real.rs"];

#[test]
fn every_crate_is_in_the_table() {
    let folders = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.join("Cargo.toml").is_file());
    let found: BTreeSet<String> = folders.map(|path| text_of_name(&path)).collect();
    let listed: BTreeSet<String> = MAY_DEPEND_ON.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn dependencies_point_one_way() {
    for (name, allowed) in MAY_DEPEND_ON {
        let own = dependencies(name);
        let crates = own.iter().filter_map(|dependency| dependency.strip_prefix("tidstro-"));
        let others: Vec<_> = crates.filter(|dependency| !allowed.contains(dependency)).collect();
        assert!(others.is_empty(), "`{name}` may not depend on {others:?}");
    }
}

#[test]
fn only_the_store_names_a_database() {
    for (name, _) in MAY_DEPEND_ON.into_iter().filter(|(name, _)| *name != "store") {
        for driver in ["rusqlite", "libsqlite3-sys", "tokio-postgres", "deadpool-postgres", "sqlx"] {
            assert!(!every_dependency(name).contains(driver), "`{name}` depends on `{driver}`");
        }
        assert_absent(&format!("crates/{name}"), &["rusqlite"], &[]);
    }
}

#[test]
fn only_flows_can_name_the_store() {
    for (name, _) in MAY_DEPEND_ON.into_iter().filter(|(name, _)| !["store", "flows"].contains(name)) {
        assert!(!every_dependency(name).contains("tidstro-store"), "`{name}` depends on the store");
    }
}

#[test]
fn pure_crates_have_no_outside() {
    for name in PURE {
        for outside in ["tokio", "ring", "getrandom", "rand", "tempfile"] {
            assert!(!dependencies(name).contains(outside), "`{name}` depends on `{outside}`");
        }
        let words =
            ["std::fs", "std::net", "std::io::std", "std::env", "std::thread", "SystemTime", "Instant::now"];
        assert_absent(&format!("crates/{name}/src"), &words, &[]);
        assert_absent(&format!("crates/{name}/src"), &["Timestamp::now", "Zoned::now", "async fn"], &[]);
    }
}

#[test]
fn no_floating_point_is_stored_settled_or_proved() {
    for (name, _) in MAY_DEPEND_ON {
        assert_absent(&format!("crates/{name}/src"), &["f32", "f64"], &MAY_NAME_FLOATS);
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_nothing_is_left_to_do() {
    for folder in ["crates", "xtask", "fuzz/fuzz_targets"] {
        assert_absent(
            folder,
            &[
                concat!("#[", "allow("),
                concat!("#![", "allow("),
                concat!("todo", "!("),
                concat!("#[", "ignore"),
            ],
            &[],
        );
    }
}

/// The file that erases what no activity keeps any more: an operation of its own, previewed and approved.
const MAY_ERASE: &str = "crates/store/src/retention/erase.rs";

/// The file that takes a version out of its day's row in the transaction that puts it into its month's.
const MAY_TAKE_OUT: (&str, &str) = (
    "crates/store/src/personal/versions/compact.rs",
    "delete from series_block where period = ?1 and series_no = ?2 and registered_seq = ?3",
);

/// The file that writes rows of months, and the one statement that takes one out: its versions are in another row, or erased.
const WRITES_MONTHS: (&str, &str) = (
    "crates/store/src/personal/versions/month_rows.rs",
    "delete from series_month where period = ?1 and series_no = ?2 and key_no = ?3 and first_day = ?4",
);

/// The files that seal a version anew as it is, with the key of whom it belongs to, and the one statement of each.
const MAY_SEAL_ANEW: [(&str, &str); 2] = [
    (
        "crates/store/src/personal/reseal.rs",
        "update series_block set key_no = ?4, sealed = ?5 \
         where period = ?1 and series_no = ?2 and registered_seq = ?3",
    ),
    (
        "crates/store/src/personal/placing.rs",
        "update series_block set series_no = ?4, key_no = ?5, sealed = ?6 \
         where period = ?1 and series_no = ?2 and registered_seq = ?3",
    ),
];

/// A correction is a new version. Blocks are added; nothing changes one in place, and only a retention run
/// removes one.
#[test]
fn measured_values_are_only_ever_added() {
    for (file, text) in files_below(&root().join("crates/store"), &["rs", "sql"]) {
        // What a role may do to a table is tried in a database of its own.
        if file.starts_with("crates/store/src/postgres/tests/") {
            continue;
        }
        let text = one_line(&text);
        for change in ["update series_block", "delete from series_block", "replace into series_block"] {
            let may = file == MAY_ERASE && change.starts_with("delete");
            let anew = MAY_SEAL_ANEW.iter().any(|(may, only)| {
                file == *may && text.contains(only) && text.matches("update series_block").count() == 1
            });
            let takes_out = file == MAY_TAKE_OUT.0
                && change.starts_with("delete")
                && text.contains(MAY_TAKE_OUT.1)
                && text.matches(change).count() == 1;
            assert!(may || anew || takes_out || !text.contains(change), "{file} has `{change}`");
        }
        for change in ["update series_month", "delete from series_month", "replace into series_month"] {
            let writes = file == WRITES_MONTHS.0
                && text.contains(WRITES_MONTHS.1)
                && text.matches(change).count() == usize::from(change.starts_with("delete"));
            assert!(writes || !text.contains(change), "{file} has `{change}`");
        }
        for (at, _) in text.match_indices("into series_block") {
            let statement: String =
                text.chars().skip(text[..at].chars().count()).take_while(ends_not).collect();
            assert!(!statement.contains("do update"), "{file} changes a block on conflict");
        }
    }
}

fn ends_not(letter: &char) -> bool {
    !['"', ';'].contains(letter)
}

/// Lower case, one space between words, and without `or …` of SQLite's conflict clauses.
fn one_line(sql: &str) -> String {
    let words = sql.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    ["rollback", "abort", "replace", "fail", "ignore"]
        .iter()
        .fold(words, |words, clause| words.replace(&format!("update or {clause} "), "update "))
        .replace("insert or replace into", "replace into")
}
