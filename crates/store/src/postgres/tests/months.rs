//! Partitions by month are made when they are needed, once.

use super::Database;

/// The first and last day of `FOR VALUES FROM (…) TO (…)` of each partition.
const BOUNDS: &str = "SELECT c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) FROM pg_class c
                      WHERE c.relispartition AND c.relkind = 'r' ORDER BY 1";

#[test]
fn months_of_a_leap_year_touch_each_other() {
    let database = Database::made();
    // 2024-02-29 to 2024-03-01.
    assert_eq!(database.ask("SELECT make_months('series_block', 19782, 19783)"), "2");
    let bounds = "series_block_2024_02 FOR VALUES FROM ('19754') TO ('19783')\n\
                  series_block_2024_03 FOR VALUES FROM ('19783') TO ('19814')";
    assert_eq!(database.ask(BOUNDS), bounds);
    assert_eq!(database.ask("SELECT make_months('series_block', 19754, 19813)"), "0");
    assert_eq!(database.ask(BOUNDS), bounds);
}

#[test]
fn days_before_1970_have_months() {
    let database = Database::made();
    assert_eq!(database.ask("SELECT make_months('series_block', -1, 0)"), "2");
    let bounds = "series_block_1969_12 FOR VALUES FROM ('-31') TO ('0')\n\
                  series_block_1970_01 FOR VALUES FROM ('0') TO ('31')";
    assert_eq!(database.ask(BOUNDS), bounds);
}

#[test]
fn a_day_without_its_month_is_refused_and_kept_with_it() {
    let database = Database::made();
    let row = "INSERT INTO series_block VALUES (20000, 1, 1, 1, '\\x00')";
    assert!(database.refusal(row).contains("no partition of relation \"series_block\""));
    database.ask(&format!("SELECT make_months('series_block', 20000, 20000); {row}"));
    assert!(database.refusal(row).contains("duplicate key value"));
    assert_eq!(database.ask("SELECT count(*) FROM series_block"), "1");
}

#[test]
fn other_tables_have_no_months() {
    let database = Database::made();
    for table in ["point", "nothing", "series_block_2024_01; DROP TABLE point"] {
        let refusal = database.refusal(&format!("SELECT make_months('{table}', 0, 0)"));
        assert!(refusal.contains(&format!("table `{table}` has no months")), "{refusal}");
    }
}

#[test]
fn two_sessions_make_a_month_once() {
    let database = Database::made();
    let made = std::thread::scope(|scope| {
        let ask = || database.ask("SELECT make_months('series_block', 20000, 20400)").parse::<i64>().unwrap();
        let sessions: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        sessions.into_iter().map(|session| session.join().unwrap()).sum::<i64>()
    });
    // 2024-10 to 2025-11.
    assert_eq!(made, 14);
}
