//! Answers of a server: read a few rows at a time, whatever is asked meanwhile.

use std::sync::Arc;

use super::Database;
use crate::db::{Connection, Link, Server};

fn connected() -> Connection {
    let cluster = tidstro_cluster::shared().unwrap();
    let database = Database { cluster, url: cluster.database().unwrap() };
    let server = Server::parse(&database.url).unwrap().unwrap();
    Connection::Postgres(Link::open(Arc::new(server), "public").unwrap())
}

const NUMBERS: &str = "-- numbers\nSELECT CAST(n AS BIGINT) FROM generate_series(1, ?1) n";

/// Most memory this process had at once, in kilobytes.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn a_long_answer_takes_the_memory_of_a_few_rows() {
    let db = connected();
    let before = peak_kilobytes();
    let mut statement =
        db.prepare("-- long\nSELECT repeat('x', 1000) FROM generate_series(1, ?1) n").unwrap();
    let rows = statement.query_map([200_000], |row| row.get::<_, String>(0)).unwrap();
    let bytes: usize = rows.map(|row| row.unwrap().len()).sum();
    assert_eq!(bytes, 200_000_000);
    let grown = peak_kilobytes() - before;
    assert!(grown < 50_000, "{grown} kB for an answer of 200,000 kB");
}

#[test]
fn a_statement_amid_an_answer_loses_no_row() {
    let db = connected();
    let mut statement = db.prepare(NUMBERS).unwrap();
    let mut rows = statement.query([3_000]).unwrap();
    let mut expected: i64 = 1;
    while let Some(row) = rows.next().unwrap() {
        assert_eq!(row.get::<_, i64>(0).unwrap(), expected);
        if expected % 700 == 1 {
            let beside: i64 = db.query_row("-- beside\nSELECT ?1 + 0", [expected], |row| row.get(0)).unwrap();
            assert_eq!(beside, expected);
        }
        expected += 1;
    }
    assert_eq!(expected, 3_001);
}

#[test]
fn what_nobody_reads_is_in_nobodys_way() {
    let db = connected();
    for _ in 0..3 {
        let first: i64 = db.query_row(NUMBERS, [100_000], |row| row.get(0)).unwrap();
        assert_eq!(first, 1);
    }
}

#[test]
fn a_fault_after_many_rows_is_told_after_them() {
    let db = connected();
    let mut statement =
        db.prepare("-- late_fault\nSELECT 1 / (?1 - n) FROM generate_series(1, 2 * ?1) n").unwrap();
    let read: Vec<Result<i64, _>> = statement.query_map([1_000_i64], |row| row.get(0)).unwrap().collect();
    assert_eq!(read.len(), 1_000, "999 rows and the fault");
    let fault = read.last().unwrap().as_ref().unwrap_err().to_string();
    assert!(fault.contains("division by zero"), "{fault}");
    assert!(read.iter().rev().skip(1).all(Result::is_ok));
}
