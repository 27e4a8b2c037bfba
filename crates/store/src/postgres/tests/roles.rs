//! What each role sees and may do, asked by logging in as it.

use super::Database;

const DENIED: &str = "permission denied";

#[test]
fn the_program_writes_rows_and_makes_no_tables() {
    let program = Database::with_roles().login("program");
    program.ask("INSERT INTO area (name, kind) VALUES ('house', 'building')");
    assert_eq!(program.ask("SELECT make_months('series_block', 20000, 20000)"), "1");
    program.ask("INSERT INTO series_block VALUES (20000, 1, 1, 1, '\\x00'); DELETE FROM series_block");
    for sql in [
        "CREATE TABLE tidstro.other (number BIGINT)",
        "CREATE TABLE public.other (number BIGINT)",
        "CREATE SCHEMA other",
        "UPDATE event SET detail = ''",
        "UPDATE registration SET registered_ms = 0",
        "DELETE FROM case_event",
        "UPDATE log_origin SET origin = origin",
        "UPDATE schema_number SET number = 99",
        "DELETE FROM invocation_counter",
        "DELETE FROM charge_link",
        "DELETE FROM charge_price",
        "DELETE FROM profile_share",
        "UPDATE charge SET code = ''",
        "UPDATE access_review SET begun_by = ''",
        "DELETE FROM access_review_item",
        "DELETE FROM machine_token",
        "SET ROLE tidstro_owner",
    ] {
        let refusal = program.refusal(sql);
        assert!(refusal.contains(DENIED), "{sql}: {refusal}");
    }
    let refusal = program.refusal("DROP TABLE area");
    assert!(refusal.contains("must be owner of table area"), "{refusal}");
}

#[test]
fn no_session_has_data_and_keys_before_it() {
    let program = Database::with_roles().login("program");
    assert!(program.refusal("SELECT * FROM keys.sealing_key").contains(DENIED));
    let as_keys = |sql: &str| format!("SET ROLE tidstro_keys; {sql}");
    let key =
        "INSERT INTO keys.sealing_key (kind, wrapped) VALUES ('subject', decode(repeat('07', 60), 'hex'))";
    program.ask(&as_keys(key));
    program.ask(&as_keys("UPDATE keys.sealing_key SET wrapped = decode(repeat('00', 60), 'hex')"));
    for sql in [
        "SELECT * FROM tidstro.subject",
        "SELECT * FROM tidstro.series_block",
        "SELECT * FROM tidstro.account",
        "SELECT * FROM tidstro.account_secret",
        "DELETE FROM keys.sealing_key",
        "UPDATE keys.schema_number SET number = 99",
        "DROP TABLE keys.sealing_key",
    ] {
        let refusal = program.refusal(&as_keys(sql));
        assert!(refusal.contains(DENIED) || refusal.contains("must be owner"), "{sql}: {refusal}");
    }
}

/// Every column an analyst can read. One more is one more that somebody has judged to name nobody.
const SEEN_BY_ANALYSTS: &str = "\
area: area_no kind name
collect_call: advice clock_ahead_s cycle_ms device_no due_ms expected late reason received state tries
cycle_calls: area_no called failed period retried
cycle_day: area_no period series state
cycle_expected: area_no change day
device: device_no manufacturer medium version
point: area_no commodity point_no
registration: registered_ms registered_seq
series: device_no kind point_no quantity resolution series_no subunit tariff unit";

#[test]
fn analysts_see_no_identity() {
    let database = Database::with_roles();
    let sql = "SELECT c.relname || ': ' || string_agg(a.attname, ' ' ORDER BY a.attname COLLATE \"C\")
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace IN ('tidstro'::regnamespace, 'keys'::regnamespace)
                 AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
                 AND has_column_privilege('tidstro_analyst', c.oid, a.attnum, 'SELECT')
               GROUP BY c.relname ORDER BY c.relname COLLATE \"C\"";
    assert_eq!(database.ask(sql), SEEN_BY_ANALYSTS);

    let analyst = database.login("analyst");
    assert_eq!(
        analyst.ask("SELECT count(*) FROM series JOIN point USING (point_no) JOIN area USING (area_no)"),
        "0"
    );
    for sql in [
        "SELECT * FROM subject",
        "SELECT * FROM occupancy",
        "SELECT * FROM dossier",
        "SELECT * FROM raw_telegram",
        "SELECT * FROM series_block",
        "SELECT * FROM meter_key",
        "SELECT * FROM account",
        "SELECT actor FROM account",
        "SELECT * FROM account_secret",
        "SELECT * FROM account_session",
        "SELECT * FROM login_attempt",
        "SELECT actor FROM machine_token",
        "SELECT actor FROM access_review_item",
        "SELECT * FROM open_finding",
        "SELECT * FROM input_refusal",
        "SELECT * FROM keys.sealing_key",
        "SELECT own_id FROM point",
        "SELECT number FROM device",
        "SELECT * FROM event",
        "INSERT INTO area (name, kind) VALUES ('house', 'building')",
        "SELECT make_months('series_block', 0, 0)",
        "SET ROLE tidstro_keys",
        "SET ROLE tidstro_app",
    ] {
        let refusal = analyst.refusal(sql);
        assert!(refusal.contains(DENIED), "{sql}: {refusal}");
    }
}

#[test]
fn strangers_do_not_get_in() {
    let database = Database::with_roles();
    database.ask(
        "DO $$ BEGIN CREATE ROLE stranger LOGIN;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    );
    let refusal = database.login("stranger").refusal("SELECT 1");
    assert!(refusal.contains("permission denied for database"), "{refusal}");
}

#[test]
fn roles_and_grants_may_be_said_again() {
    let database = Database::with_roles();
    database.ask(super::ROLES);
    for schema in [super::DATA, super::KEYS] {
        database.ask(&format!("SET ROLE tidstro_owner;\n{}", schema.grants));
    }
    database.login("program").ask("SELECT make_months('series_block', 20000, 20000)");
}

/// A place as the program opens it.
fn opened_as(database: &Database, user: &str) -> Result<(), crate::StoreFault> {
    let url = tidstro_cluster::Cluster::as_user(&database.url, user);
    crate::place::Place::parse(url.as_ref())?.open_for_writing().map(|_| ())
}

#[test]
fn the_owner_does_the_steps_and_the_program_works_with_them() {
    let cluster = tidstro_cluster::shared().unwrap();
    let database = Database { cluster, url: cluster.database().unwrap() };
    database.ask(super::ROLES);
    for (login, role) in [("program", "tidstro_app"), ("administrator", "tidstro_owner")] {
        database.make_login(login, role);
    }
    let fault = opened_as(&database, "program").unwrap_err();
    assert!(matches!(fault, crate::StoreFault::StepsDenied { found: 0, .. }), "{fault}");
    opened_as(&database, "administrator").unwrap();
    opened_as(&database, "program").unwrap();
    let owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
                  WHERE relnamespace IN ('tidstro'::regnamespace, 'keys'::regnamespace)";
    assert_eq!(database.ask(owners), "tidstro_owner");
}

/// Whoever somebody connects as, and what that one is refused.
fn acts_as(db: &crate::db::Connection, role: &str, denied: &[&str]) {
    let user: String =
        db.query_row("-- acts_as\nSELECT CAST(current_user AS TEXT)", [], |row| row.get(0)).unwrap();
    assert_eq!(user, role);
    for sql in denied {
        let refusal = db.execute_batch(*sql).unwrap_err().to_string();
        assert!(refusal.contains(DENIED) || refusal.contains("must be owner"), "{sql}: {refusal}");
    }
}

const DENIED_TO_THE_PROGRAM: [&str; 5] = [
    "CREATE TABLE tidstro.other (number BIGINT)",
    "UPDATE tidstro.event SET detail = ''",
    "DELETE FROM tidstro.invocation_counter",
    "DROP TABLE tidstro.area",
    "SELECT * FROM keys.sealing_key",
];
const DENIED_TO_ITS_KEYS: [&str; 3] =
    ["SELECT * FROM tidstro.subject", "DELETE FROM keys.sealing_key", "DROP TABLE keys.sealing_key"];

#[test]
fn the_program_can_do_no_more_than_its_role_whatever_the_login_may() {
    let cluster = tidstro_cluster::shared().unwrap();
    let database = Database { cluster, url: cluster.database().unwrap() };
    database.ask(super::ROLES);
    database.make_login("administrator", "tidstro_owner");
    database.make_login("program", "tidstro_app");
    database.make_login("of_all", "tidstro_owner, tidstro_app, tidstro_keys, tidstro_analyst");
    database.ask(
        "DO $$ BEGIN CREATE ROLE of_everything LOGIN SUPERUSER;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    );
    for login in ["administrator", "program", "of_all", "of_everything"] {
        let url = tidstro_cluster::Cluster::as_user(&database.url, login);
        let place = crate::place::Place::parse(url.as_ref()).unwrap();
        for (data, keys) in [place.open_for_writing().unwrap(), place.open_for_reading().unwrap()] {
            acts_as(&data, "tidstro_app", &DENIED_TO_THE_PROGRAM);
            acts_as(&keys, "tidstro_keys", &DENIED_TO_ITS_KEYS);
        }
    }
}

#[test]
fn who_does_the_steps_is_the_program_afterwards() {
    let cluster = tidstro_cluster::shared().unwrap();
    let database = Database { cluster, url: cluster.database().unwrap() };
    database.ask(super::ROLES);
    database.make_login("administrator", "tidstro_owner");
    let url = tidstro_cluster::Cluster::as_user(&database.url, "administrator");
    let (data, keys) = crate::place::Place::parse(url.as_ref()).unwrap().open_for_writing().unwrap();
    acts_as(&data, "tidstro_app", &DENIED_TO_THE_PROGRAM);
    acts_as(&keys, "tidstro_keys", &DENIED_TO_ITS_KEYS);
}
