//! A data set moves to the other database and back, however often it is interrupted.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tidstro_cluster::{Cluster, Cut, Wire};

use super::*;
use crate::db::params;

/// Rows of a batch, so few that tables have several.
const BATCH: u32 = 3;
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn server() -> PathBuf {
    tidstro_cluster::shared().unwrap().database().unwrap().into()
}

fn side(place: &Path) -> Side {
    Side::open(&Place::parse(place).unwrap()).unwrap()
}

/// Moves; stops after as many batches as said.
fn moved_for(batches: usize, from: &Path, to: &Path) -> Result<Moved, StoreFault> {
    let left = AtomicUsize::new(batches);
    let proceed = |step: &MoveStep| {
        matches!(step, MoveStep::Compared { .. }) || left.fetch_sub(1, Ordering::Relaxed) > 1
    };
    move_data(from, to, &MoveOptions { batch: BATCH, proceed: &proceed }, NOW)
}

fn moved(from: &Path, to: &Path) -> Result<Moved, StoreFault> {
    moved_for(usize::MAX, from, to)
}

/// A data set with rows of each kind: absent values, texts that languages order otherwise than bytes do, blocks of three months,
/// and a number whose row is gone.
fn filled(place: &Path) {
    let side = side(place);
    let months = "SELECT make_months('series_block', 20000, 20089)";
    if side.data.postgres().is_some() {
        side.data.query_row(months, [], |_| Ok(())).unwrap();
    }
    for name in ["Åben", "aben", "Øst", "Zoo", "Ærø", "b"] {
        side.data.execute("INSERT INTO area (name, kind) VALUES (?1, 'building')", [name]).unwrap();
        let sql = "INSERT INTO event_source (actor, last_line, last_ms) VALUES (?1, ?2, 1)";
        side.data.execute(sql, params![name, [1_u8, 2]]).unwrap();
    }
    for number in 1..=8_i64 {
        let sql = "INSERT INTO series_block (period, series_no, registered_seq, key_no, sealed)
                   VALUES (?1, ?2, 1, 4, ?3)";
        side.data.execute(sql, params![20_000 + number * 10, 9 - number, vec![7_u8; 100]]).unwrap();
        let sql =
            "INSERT INTO subject (reference, key_no, sealed_name, sealed_contact) VALUES (?1, 1, ?2, ?2)";
        side.data.execute(sql, params![format!("person-{number}"), Vec::<u8>::new()]).unwrap();
        let sql = "INSERT INTO dossier (subject_no, kind, opened_ms, key_no) VALUES (?1, 'ticket', 0, ?2)";
        side.data.execute(sql, params![(number % 2 == 0).then_some(number), number]).unwrap();
        let sql = "INSERT INTO sealing_key (kind, wrapped) VALUES ('subject', ?1)";
        side.keys.execute(sql, params![[u8::try_from(number).unwrap(); 60]]).unwrap();
        let sql =
            "INSERT INTO event_aside (kept_ms, actor, line, reason, sealed) VALUES (1, 'a', 0, 'b', ?1)";
        side.data.execute(sql, params![[1_u8]]).unwrap();
    }
    side.data.execute("DELETE FROM event_aside WHERE aside_no > 5", []).unwrap();
}

/// Every table of a place as it comes out.
fn everything(place: &Path) -> Vec<(String, page::Sum)> {
    let side = side(place);
    let of = |db: &Connection, tables: Vec<Table>| {
        tables
            .into_iter()
            .map(|table| (table.name.clone(), sum(db, &table, 100).unwrap()))
            .collect::<Vec<_>>()
    };
    [of(&side.data, table::of_data().unwrap()), of(&side.keys, table::of_keys().unwrap())].concat()
}

/// What the log of a place says last in a stream of facts, and how far it has come.
fn moves_told(place: &Path) -> Vec<(i64, Vec<u8>, String)> {
    let side = side(place);
    let sql = "SELECT event_seq, hash, detail FROM event WHERE kind = 'moved' ORDER BY event_seq";
    let mut statement = side.data.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Everything but what the move itself adds to the log.
fn but_the_log(tables: Vec<(String, page::Sum)>) -> Vec<(String, page::Sum)> {
    tables.into_iter().filter(|(name, _)| !["event", "log_stream"].contains(&name.as_str())).collect()
}

fn next_aside(place: &Path) -> i64 {
    let side = side(place);
    let sql = "INSERT INTO event_aside (kept_ms, actor, line, reason, sealed) VALUES (1, 'a', 0, 'b', ?1)
               RETURNING aside_no";
    side.data.query_row(sql, params![[1_u8]], |row| row.get(0)).unwrap()
}

#[test]
fn there_and_back_it_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server, new) = (folder.path().join("old"), server(), folder.path().join("new"));
    filled(&old);
    let before = everything(&old);
    let there = moved(&old, &server).unwrap();
    assert_eq!(there.rows, before.iter().map(|(_, sum)| sum.rows).sum::<u64>());
    assert_eq!(but_the_log(everything(&server)), but_the_log(before.clone()));
    assert_eq!(moved(&server, &new).unwrap().rows, there.rows + 1, "the log says that it was moved");
    assert_eq!(but_the_log(everything(&new)), but_the_log(before));
    assert_eq!(next_aside(&new), 9, "a number is never given twice");
}

#[test]
fn interrupted_after_every_batch_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [(folder.path().join("old"), server()), (server(), folder.path().join("new"))] {
        filled(&from);
        let before = everything(&from);
        let mut stops = 0;
        let done = loop {
            match moved_for(1, &from, &to) {
                Err(StoreFault::MoveStopped) => stops += 1,
                done => break done.unwrap(),
            }
            assert!(matches!(is_whole_and_here(&side(&to).data), Err(StoreFault::HalfArrived { .. })));
            assert!(is_whole_and_here(&side(&from).data).is_ok());
        };
        assert!(stops >= 15, "{stops}");
        assert_eq!(done.rows, before.iter().map(|(_, sum)| sum.rows).sum::<u64>());
        assert_eq!(but_the_log(everything(&to)), but_the_log(before));
    }
}

#[test]
fn interrupted_while_it_is_compared_it_compares_again() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server) = (folder.path().join("old"), server());
    filled(&old);
    let proceed = |step: &MoveStep| matches!(step, MoveStep::Arrived { .. });
    let options = MoveOptions { batch: BATCH, proceed: &proceed };
    assert!(matches!(move_data(&old, &server, &options, NOW), Err(StoreFault::MoveStopped)));
    assert!(is_whole_and_here(&side(&server).data).is_err());
    moved(&old, &server).unwrap();
}

#[test]
fn a_data_set_is_in_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server, other) = (folder.path().join("old"), server(), folder.path().join("other"));
    filled(&old);
    moved(&old, &server).unwrap();
    assert!(is_whole_and_here(&side(&server).data).is_ok());
    let fault = is_whole_and_here(&side(&old).data).unwrap_err();
    let StoreFault::MovedAway { to } = &fault else { panic!("{fault}") };
    assert!(to.contains("tidstro_"), "{to}");
    assert!(matches!(moved(&old, &other), Err(StoreFault::MovedAway { .. })));
    let again = moved(&old, &server).unwrap();
    assert_eq!(again, Moved { tables: 0, rows: 0, was_done: true });
    assert!(is_whole_and_here(&side(&server).data).is_ok());
    moved(&server, &other).unwrap();
    let gone_on = moved(&old, &server).unwrap_err();
    assert!(matches!(gone_on, StoreFault::MovedAway { .. }), "{gone_on}");
}

/// Both logs end with the same event, so that nobody can show one against the other.
#[test]
fn the_log_of_both_places_says_that_it_was_moved() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server) = (folder.path().join("old"), server());
    filled(&old);
    moved(&old, &server).unwrap();
    let told = moves_told(&old);
    assert_eq!(told.len(), 1);
    assert!(told[0].2.starts_with("from ") && told[0].2.contains(" to postgres://"), "{}", told[0].2);
    assert_eq!(moves_told(&server), told);
}

#[test]
fn a_move_that_was_cut_short_between_its_two_marks_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server) = (folder.path().join("old"), server());
    filled(&old);
    moved_for(5, &old, &server).unwrap_err();
    let (from, to) = (Place::parse(&old).unwrap(), Place::parse(&server).unwrap());
    let moving = Move::open(&from, &to, NOW).unwrap();
    log::append_without_keys(&moving.from.data, &moving.event().unwrap()).unwrap();
    marker::gone(&moving.from.data, &moving.to.shown, &moving.data_set, NOW).unwrap();
    moving.from.data.commit_write().unwrap();
    drop(moving);
    moved(&old, &server).unwrap();
    assert_eq!((moves_told(&old).len(), moves_told(&server)), (1, moves_told(&old)));
    assert!(is_whole_and_here(&side(&server).data).is_ok());
}

#[test]
fn a_place_with_other_data_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, server) = (folder.path().join("one"), folder.path().join("two"), server());
    filled(&one);
    filled(&server);
    let before = everything(&server);
    let fault = moved(&one, &server).unwrap_err();
    let said =
        "the place to move to is not empty: table `area` has rows; choose a new folder or an empty database";
    assert_eq!(fault.to_string(), said);
    assert_eq!(everything(&server), before);

    filled(&two);
    let third = folder.path().join("third");
    moved_for(5, &one, &third).unwrap_err();
    let fault = moved(&two, &third).unwrap_err();
    assert!(matches!(fault, StoreFault::OtherArriving { .. }), "{fault}");
}

#[test]
fn what_changed_meanwhile_arrives_too() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server) = (folder.path().join("old"), server());
    filled(&old);
    moved_for(12, &old, &server).unwrap_err();
    let sql = "INSERT INTO registration (registered_ms, source_no, permit_seq) VALUES (1, 1, 1)";
    let source = "INSERT INTO source (name) VALUES ('late')";
    side(&old).data.execute_batch(&format!("{source}; {sql}; DELETE FROM area WHERE name = 'b'")).unwrap();
    let before = everything(&old);
    moved(&old, &server).unwrap();
    assert_eq!(but_the_log(everything(&server)), but_the_log(before));
}

#[test]
fn a_place_that_differs_in_the_end_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server) = (folder.path().join("old"), server());
    filled(&old);
    moved_for(15, &old, &server).unwrap_err();
    side(&server).data.execute("UPDATE area SET name = 'changed' WHERE name = 'Zoo'", []).unwrap();
    let fault = moved(&old, &server).unwrap_err();
    let StoreFault::MoveDiffers { table, from: 6, to: 6 } = &fault else { panic!("{fault}") };
    assert_eq!(table, "area");
    assert!(is_whole_and_here(&side(&old).data).is_ok());
    assert!(is_whole_and_here(&side(&server).data).is_err());
}

#[test]
fn nothing_is_written_at_the_old_place_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (old, server) = (folder.path().join("old"), server());
    filled(&old);
    let file = old.join("tidstro.sqlite");
    let refused = AtomicUsize::new(0);
    let proceed = |_: &MoveStep| {
        let db = rusqlite::Connection::open(&file).unwrap();
        db.busy_timeout(std::time::Duration::ZERO).unwrap();
        refused.fetch_add(usize::from(db.execute("DELETE FROM area", []).is_err()), Ordering::Relaxed);
        true
    };
    move_data(&old, &server, &MoveOptions { batch: 100, proceed: &proceed }, NOW).unwrap();
    assert!(refused.load(Ordering::Relaxed) > 40);
}

#[test]
fn places_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old");
    assert!(matches!(moved(&old, &server()), Err(StoreFault::NothingThere { .. })));
    filled(&old);
    assert!(matches!(moved(&old, &old), Err(StoreFault::SamePlace)));
}

/// The program's own role could give no number again and set no mark: whoever comes back is the administrator, too.
#[test]
fn an_administrator_whose_server_was_lost_is_one_again() {
    let (cluster, folder) = (tidstro_cluster::shared().unwrap(), tempfile::tempdir().unwrap());
    let mut from = folder.path().join("old");
    filled(&from);
    let before = everything(&from);
    let mut gone_on = 0;
    for (cut, number) in [3, 40, 90, 140, 190, 240, 290, 340].into_iter().zip(1..) {
        let url = cluster.database().unwrap();
        cluster.ask(&url, crate::postgres::ROLES).unwrap();
        cluster.ask(&url, ADMINISTRATOR).unwrap();
        let wire = Wire::to(cluster).unwrap();
        let server = PathBuf::from(Cluster::as_user(&wire.url(&url), "administrator"));
        let back = folder.path().join(number.to_string());
        for (from, to) in [(&from, &server), (&server, &back)] {
            wire.cut(Cut::Before(cut));
            if let Err(fault) = moved(from, to) {
                // What it had begun is begun again, and nothing else stands in the way.
                assert!(fault.to_string().contains("run the command again"), "{cut}: {fault}");
                moved(from, to).unwrap();
            } else {
                gone_on += 1;
            }
        }
        assert!(wire.cuts() > 0, "{cut}");
        from = back;
    }
    assert!(gone_on > 0, "it also goes on by itself");
    assert_eq!(but_the_log(everything(&from)), but_the_log(before));
}

const ADMINISTRATOR: &str = "DO $$ BEGIN CREATE ROLE administrator LOGIN IN ROLE tidstro_owner;
     EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
