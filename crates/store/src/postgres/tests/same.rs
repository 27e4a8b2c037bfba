//! Both databases have the same tables with the same columns.

use std::collections::BTreeSet;

use super::Database;
use crate::db::Connection;
use crate::sqlite::Files;

/// Of PostgreSQL only: SQLite keeps its schema number in the head of the file.
const ONLY_HERE: &str = "schema_number";

/// A column as `table.column class`, with ` null` where there may be none.
type Columns = BTreeSet<String>;

#[test]
fn columns_of_the_data_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    same(&Files::below(folder.path()).open_data().unwrap(), "tidstro");
}

#[test]
fn columns_of_the_keys_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    same(&Files::below(folder.path()).open_keys().unwrap(), "keys");
}

fn same(sqlite: &Connection, schema: &str) {
    let (one, other) = (of_sqlite(sqlite), of_postgres(&Database::made(), schema));
    let only = |a: &Columns, b: &Columns| a.difference(b).cloned().collect::<Vec<_>>();
    assert!(one.len() > 9);
    assert_eq!(
        (only(&one, &other), only(&other, &one)),
        (vec![], vec![]),
        "only in SQLite, only in PostgreSQL"
    );
}

fn of_sqlite(db: &Connection) -> Columns {
    let sql =
        "SELECT t.name || '.' || c.name || ' ' || lower(c.type) || iif(c.\"notnull\" OR c.pk, '', ' null')
               FROM sqlite_schema t JOIN pragma_table_info(t.name) c
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn of_postgres(database: &Database, schema: &str) -> Columns {
    let sql = format!(
        "SELECT c.relname || '.' || a.attname || ' ' ||
                CASE format_type(a.atttypid, a.atttypmod) WHEN 'bigint' THEN 'integer' WHEN 'bytea' THEN 'blob'
                     ELSE format_type(a.atttypid, a.atttypmod) END
                || CASE WHEN a.attnotnull THEN '' ELSE ' null' END
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> '{ONLY_HERE}'"
    );
    database.rows(&sql).into_iter().collect()
}
