//! What a writer does when its server, or the way to it, fails: each work is kept once, whatever was lost on the way.

use std::path::Path;
use std::sync::mpsc::channel;

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_cluster::{Cluster, Cut, Setup, Wire};

use crate::StoreFault;
use crate::db::DbFault;
use crate::personal::Writing;
use crate::place::Place;
use crate::seal::{MasterKey, Nonces, Vault};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A server, and a database in it with both schemas.
struct Database<'c> {
    cluster: &'c Cluster,
    url: String,
}

impl<'c> Database<'c> {
    fn of(cluster: &'c Cluster) -> Self {
        Self { cluster, url: cluster.database().unwrap() }
    }

    fn ask(&self, sql: &str) -> String {
        self.cluster.ask(&self.url, &format!("SET search_path = tidstro; {sql}")).unwrap()
    }

    fn areas(&self) -> String {
        self.ask("SELECT string_agg(name, ' ' ORDER BY name) FROM area")
    }
}

fn shared() -> Database<'static> {
    Database::of(tidstro_cluster::shared().unwrap())
}

fn writing(url: &str) -> Writing {
    let (db, keys) = Place::parse(Path::new(url)).unwrap().open_for_writing().unwrap();
    let vault = Vault::open(keys, &MasterKey::parse(&"07".repeat(32)).unwrap()).unwrap();
    let nonces = Nonces::begin(&db, NOW).unwrap();
    Writing::new(db, vault, nonces, Zone::named("Europe/Copenhagen").unwrap())
}

/// Adds an area in a transaction.
fn add(writing: &mut Writing, name: &str) -> Result<(), StoreFault> {
    writing.transact(|writing| insert(writing, name))
}

fn insert(writing: &Writing, name: &str) -> Result<(), StoreFault> {
    writing.db.execute("-- add\nINSERT INTO area (name, kind) VALUES (?1, 'building')", [name])?;
    Ok(())
}

/// Every message of a transaction is once the last that arrives, and once the last that is answered.
#[test]
fn cut_at_any_message_the_work_is_done_once() {
    let database = shared();
    let wire = Wire::to(database.cluster).unwrap();
    let mut writing = writing(&wire.url(&database.url));
    let mut expected = Vec::new();
    for cut in (1..=8).flat_map(|number| [Cut::Before(number), Cut::Behind(number)]) {
        let name = format!("{cut:?}");
        wire.cut(cut);
        add(&mut writing, &name).unwrap();
        expected.push(name);
    }
    expected.sort();
    assert!(wire.cuts() >= 10, "{}", wire.cuts());
    assert_eq!(database.areas(), expected.join(" "));
}

#[test]
fn an_answer_to_a_commit_that_is_lost_is_looked_up() {
    let database = shared();
    let wire = Wire::to(database.cluster).unwrap();
    let mut writing = writing(&wire.url(&database.url));
    let mut times = 0;
    wire.cut(Cut::BehindSaying("COMMIT"));
    writing
        .transact(|writing| {
            times += 1;
            insert(writing, "kept")
        })
        .unwrap();
    assert_eq!((wire.cuts(), times), (1, 1), "what was kept is not done again");
    wire.cut(Cut::BeforeSaying("COMMIT"));
    add(&mut writing, "again").unwrap();
    assert_eq!((wire.cuts(), database.areas().as_str()), (2, "again kept"));
}

/// Nobody can say what became of it, so that is what is said; and the connection goes on when the server is back.
#[test]
fn a_server_that_goes_away_in_a_commit_and_stays_away_leaves_it_open() {
    let database = shared();
    let wire = Wire::to(database.cluster).unwrap();
    let mut writing = writing(&wire.url(&database.url));
    wire.cut_for_good(Cut::BehindSaying("COMMIT"));
    let fault = add(&mut writing, "kept").unwrap_err();
    assert!(matches!(fault, StoreFault::Database(DbFault::CommitUnknown)), "{fault}");
    assert_eq!(
        fault.to_string(),
        "the database went away while it was keeping this step: the server did not say whether it kept the last step; \
         run the command again when it is back: what is there already is not kept twice"
    );
    wire.mend();
    add(&mut writing, "next").unwrap();
    assert_eq!((wire.cuts(), database.areas().as_str()), (1, "kept next"));
}

/// Killed with the commit before it, or with the commit done: the work is there once, and the program is told that it is.
#[test]
fn a_server_killed_in_a_commit_says_what_became_of_it_when_it_is_back() {
    for cut in [Cut::BehindSaying("COMMIT"), Cut::BeforeSaying("COMMIT")] {
        let cluster = Cluster::start(&Setup::default()).unwrap();
        let database = Database::of(&cluster);
        let wire = Wire::to(&cluster).unwrap();
        let mut writing = writing(&wire.url(&database.url));
        wire.cut_for_good(cut.clone());
        std::thread::scope(|scope| {
            let adding = scope.spawn(|| add(&mut writing, "kept"));
            while wire.cuts() == 0 {
                std::thread::yield_now();
            }
            cluster.kill_first_process().unwrap();
            cluster.go_on().unwrap();
            wire.mend();
            adding.join().unwrap().unwrap();
        });
        assert_eq!(database.areas(), "kept", "{cut:?}");
    }
}

/// The number of a transaction that a crash has lost is given again: what the server says of it is about another.
#[test]
fn a_transaction_that_a_crash_lost_is_not_taken_for_another_that_was_kept() {
    let cluster = Cluster::start(&Setup::default()).unwrap();
    let database = Database::of(&cluster);
    let mut writing = writing(&database.url);
    add(&mut writing, "before").unwrap();
    let (mut times, mut lost) = (0, String::new());
    writing
        .transact(|writing| {
            times += 1;
            insert(writing, "lost")?;
            if times == 1 {
                let sql = "-- number\nSELECT CAST(xmin AS TEXT) FROM area WHERE name = 'lost'";
                lost = writing.db.query_row(sql, [], |row| row.get(0))?;
                cluster.kill_first_process().unwrap();
                cluster.go_on().unwrap();
                // It takes the same number.
                database.ask("INSERT INTO area (name, kind) VALUES ('other', 'building')");
            }
            Ok(())
        })
        .unwrap();
    assert_eq!((times, database.areas().as_str()), (2, "before lost other"));
    assert_eq!(database.ask("SELECT xmin FROM area WHERE name = 'other'"), lost);
}

#[test]
fn a_server_that_stops_is_waited_for() {
    for stop in [Cluster::stop, Cluster::kill, Cluster::kill_first_process] {
        let cluster = Cluster::start(&Setup::default()).unwrap();
        let database = Database::of(&cluster);
        let mut writing = writing(&database.url);
        stop(&cluster).unwrap();
        std::thread::scope(|scope| {
            let adding = scope.spawn(|| add(&mut writing, "kept"));
            cluster.go_on().unwrap();
            adding.join().unwrap().unwrap();
        });
        assert_eq!(database.areas(), "kept");
    }
}

/// Two sessions that each wait for the other: the server ends one of them. Ours is told to be the one.
#[test]
fn a_deadlock_is_tried_again() {
    let database = shared();
    let mut writing = writing(&database.url);
    let other = self::writing(&database.url);
    // The server looks for deadlocks when one has waited so long; the other waits longer.
    writing.db.execute_batch("SET deadlock_timeout = '10ms'").unwrap();
    other.db.execute_batch("SET deadlock_timeout = '60s'").unwrap();
    add(&mut writing, "row").unwrap();
    let ((locked, is_locked), (written, is_written)) = (channel(), channel());
    let mut times = 0;
    std::thread::scope(|scope| {
        let session = scope.spawn(move || {
            let transaction = other.db.transaction().unwrap();
            transaction.execute_batch("LOCK TABLE source IN EXCLUSIVE MODE").unwrap();
            locked.send(()).unwrap();
            is_written.recv().unwrap();
            transaction.execute_batch("LOCK TABLE area IN EXCLUSIVE MODE").unwrap();
            transaction.commit().unwrap();
        });
        writing
            .transact(|writing| {
                times += 1;
                insert(writing, "kept")?;
                if times == 1 {
                    is_locked.recv().unwrap();
                    written.send(()).unwrap();
                    while database.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") != "1" {}
                }
                writing.db.execute("-- add\nINSERT INTO source (name) VALUES ('kept')", [])?;
                Ok(())
            })
            .unwrap();
        session.join().unwrap();
    });
    assert_eq!((times, database.areas().as_str()), (2, "kept row"));
}

/// What the server says as it says it: raised by a trigger, so that everything else is the server's own.
fn raises(database: &Database<'_>, state: &str) {
    database.ask(&format!(
        "CREATE SEQUENCE IF NOT EXISTS tries;
         CREATE OR REPLACE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('tries') % 3 <> 0 THEN RAISE EXCEPTION 'raised' USING ERRCODE = '{state}'; END IF;
             RETURN NEW;
         END $$;
         CREATE OR REPLACE TRIGGER raise BEFORE INSERT ON area FOR EACH ROW EXECUTE FUNCTION raise()"
    ));
}

#[test]
fn what_may_pass_is_tried_again_and_what_does_not_is_said() {
    let database = shared();
    let mut writing = writing(&database.url);
    for state in ["40001", "40P01", "55P03"] {
        raises(&database, state);
        add(&mut writing, state).unwrap();
    }
    raises(&database, "53100");
    let fault = add(&mut writing, "full").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "there is no room left where the database lies: `add`: raised (SQLSTATE 53100); \
         nothing of this step was kept; make room and run the command again"
    );
    assert_eq!(database.areas(), "40001 40P01 55P03");
    database.ask("DROP TRIGGER raise ON area");
    add(&mut writing, "full").unwrap();
}

/// A commit that the server refuses leaves nothing behind that the next transaction would stumble over.
#[test]
fn after_a_commit_that_failed_the_next_one_is_kept() {
    let database = shared();
    let mut writing = writing(&database.url);
    database.ask(
        "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$;
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON area DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION full()",
    );
    let fault = add(&mut writing, "full").unwrap_err();
    assert!(matches!(&fault, StoreFault::Database(fault) if fault.is_disk_full()), "{fault}");
    database.ask("DROP TRIGGER late ON area");
    let transaction = writing.db.transaction().unwrap();
    transaction.execute("-- add\nINSERT INTO area (name, kind) VALUES ('next', 'building')", []).unwrap();
    transaction.commit().unwrap();
    assert_eq!(database.areas(), "next");
}

/// At the begin of a command nothing is tried again: whoever reads the sentence decides.
#[test]
fn a_server_with_too_many_connections_says_so_at_once() {
    let database = shared();
    database.ask("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0");
    let place = Cluster::as_user(&database.url, "crowd");
    let fault =
        Place::parse(Path::new(&place)).unwrap().open_for_writing().map(drop).unwrap_err().to_string();
    assert!(fault.starts_with("another program was in the way: "), "{fault}");
    assert!(fault.contains("too many connections for role \"crowd\" (SQLSTATE 53300)"), "{fault}");
    assert!(fault.ends_with("run the command again when that one has ended"), "{fault}");
}

/// The server looks for a program whose machine is gone, waits for the replicas that its administrator named, and holds nothing
/// up for ever.
#[test]
fn every_session_is_given_its_limits() {
    // Over a socket there are no such questions. The server's own default is the other one.
    let settings = vec![("synchronous_commit".to_owned(), "off".to_owned())];
    let cluster = Cluster::start(&Setup { tcp: true, settings, ..Setup::default() }).unwrap();
    assert_eq!(cluster.ask(&cluster.database().unwrap(), "SHOW synchronous_commit").unwrap().trim(), "off");
    let database = Database::of(&cluster);
    let name = database.url.split(['?', '/']).nth(3).unwrap();
    let url = database.cluster.tcp_url("127.0.0.1", tidstro_cluster::SUPERUSER, name);
    let writing = writing(&url);
    let sql = "SELECT string_agg(s.name || ' ' || s.setting, ', ' ORDER BY s.name) FROM pg_settings s
               WHERE s.name LIKE 'tcp%' OR s.name IN ('client_connection_check_interval', 'idle_in_transaction_session_timeout',
                                                      'lock_timeout', 'statement_timeout', 'synchronous_commit')";
    let said: String = writing.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(
        said,
        "client_connection_check_interval 10000, idle_in_transaction_session_timeout 300000, lock_timeout 30000, \
         statement_timeout 600000, synchronous_commit on, tcp_keepalives_count 3, tcp_keepalives_idle 30, \
         tcp_keepalives_interval 10, tcp_user_timeout 60000"
    );
}
