//! Citus can spread the tables as the list says.

use super::Database;
use crate::postgres::spread::{PLACES, Place};

fn place(table: &str) -> Place {
    let found = PLACES.iter().find(|(name, _)| *name == table);
    found.unwrap_or_else(|| panic!("say in postgres/spread.rs where the rows of `{table}` lie")).1
}

#[test]
fn every_table_has_a_place() {
    let sql = "SELECT relname FROM pg_class WHERE relnamespace = 'tidstro'::regnamespace
               AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname COLLATE \"C\"";
    let listed: Vec<&str> = PLACES.iter().map(|(table, _)| *table).collect();
    assert_eq!(Database::made().rows(sql), listed);
}

#[test]
fn each_key_of_a_spread_table_contains_its_column() {
    let sql = "SELECT i.indrelid::regclass || ' ' || i.indexrelid::regclass || ' ' ||
                      (SELECT string_agg(a.attname, ',') FROM pg_attribute a
                       WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
               FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
               WHERE i.indisunique AND c.relnamespace = 'tidstro'::regnamespace AND NOT c.relispartition";
    let mut keys = 0;
    for row in Database::made().rows(sql) {
        let [table, key, columns] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        if let Place::Spread(column) = place(table) {
            assert!(columns.split(',').any(|name| name == column), "`{key}` of `{table}` lacks `{column}`");
            keys += 1;
        }
    }
    let spread = PLACES.iter().filter(|(_, place)| matches!(place, Place::Spread(_))).count();
    assert!(keys >= spread, "each spread table has a key");
}

/// A row refers only to rows that are on its own server.
#[test]
fn references_stay_on_one_server() {
    let sql = "SELECT f.conrelid::regclass || ' ' || f.confrelid::regclass || ' ' ||
                      (SELECT string_agg(a.attname, ',') FROM pg_attribute a
                       WHERE a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey))
               FROM pg_constraint f WHERE f.contype = 'f' AND f.connamespace = 'tidstro'::regnamespace";
    for row in Database::made().rows(sql) {
        let [table, other, columns] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let together = match (place(table), place(other)) {
            (Place::First, Place::First) | (_, Place::Everywhere) => true,
            (Place::Spread(one), Place::Spread(two)) => {
                one == two && columns.split(',').any(|name| name == one)
            }
            _ => false,
        };
        assert!(together, "`{table}` ({columns}) refers to `{other}` on another server");
    }
}
