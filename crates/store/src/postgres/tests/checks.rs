//! What a row must be stands in both schemas.

use std::collections::BTreeSet;

use super::Database;
use crate::db::Connection;
use crate::sqlite::Files;

/// `table CHECK (…)`, in the words of PostgreSQL.
type Checks = BTreeSet<String>;

/// Of PostgreSQL only: SQLite keeps its schema number in the head of the file.
const ONLY_HERE: &str = "schema_number";

/// What SQLite says in words that PostgreSQL does not have, and the same in its words.
const IN_OTHER_WORDS: [(&str, &str); 3] = [
    ("iif(first_day IS NULL, 60, 92)", "CASE WHEN first_day IS NULL THEN 60 ELSE 92 END"),
    (
        "(manufacturer IS NOT NULL) + (title IS NOT NULL) + (name IS NOT NULL) = 1",
        "num_nonnulls(manufacturer, title, name) = 1",
    ),
    (
        "(manufacturer IS NULL) = (number IS NULL) AND (manufacturer IS NULL) = (version IS NULL) \
         AND (manufacturer IS NULL) = (medium IS NULL)",
        "num_nulls(manufacturer, number, version, medium) IN (0, 4)",
    ),
];

#[test]
fn rows_of_the_data_must_be_the_same() {
    let folder = tempfile::tempdir().unwrap();
    same(&Files::below(folder.path()).open_data().unwrap(), "tidstro");
}

#[test]
fn rows_of_the_keys_must_be_the_same() {
    let folder = tempfile::tempdir().unwrap();
    same(&Files::below(folder.path()).open_keys().unwrap(), "keys");
}

fn same(sqlite: &Connection, schema: &str) {
    let database = Database::made();
    let one = in_words_of_postgres(&database, schema, &of_sqlite(sqlite));
    let other = of_postgres(&database, schema);
    let only = |a: &Checks, b: &Checks| a.difference(b).cloned().collect::<Vec<_>>();
    assert!(one.len() > 3);
    assert_eq!(
        (only(&one, &other), only(&other, &one)),
        (vec![], vec![]),
        "only in SQLite, only in PostgreSQL"
    );
}

/// Every check of SQLite: its table, and what stands in its parentheses.
fn of_sqlite(db: &Connection) -> Vec<(String, String)> {
    let sql =
        "SELECT t.name, t.sql FROM sqlite_schema t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let mut statement = db.prepare(sql).unwrap();
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let tables: Vec<(String, String)> = tables.map(Result::unwrap).collect();
    tables.iter().flat_map(|(name, sql)| checks_in(sql).into_iter().map(|it| (name.clone(), it))).collect()
}

/// What stands in the parentheses after each `CHECK` of a statement, without its comments.
fn checks_in(sql: &str) -> Vec<String> {
    let words = sql.lines().flat_map(|line| line.split("--").next().unwrap().split_whitespace());
    let text = words.collect::<Vec<_>>().join(" ");
    text.split("CHECK (").skip(1).map(until_closed).collect()
}

fn until_closed(text: &str) -> String {
    let mut open = 1;
    let inside = text.chars().take_while(|letter| {
        open += i32::from(*letter == '(') - i32::from(*letter == ')');
        open > 0
    });
    inside.collect()
}

/// Says each check to PostgreSQL, in a table with the same columns, and asks how it understood it.
fn in_words_of_postgres(database: &Database, schema: &str, checks: &[(String, String)]) -> Checks {
    let say = |(number, (table, check)): (usize, &(String, String))| {
        let check = IN_OTHER_WORDS.iter().fold(check.clone(), |said, (old, new)| said.replace(old, new));
        format!(
            "CREATE TEMP TABLE said_{number} (LIKE {schema}.\"{table}\");
             ALTER TABLE said_{number} ADD CHECK ({check});
             COMMENT ON TABLE said_{number} IS '{table}';\n"
        )
    };
    let script: String = checks.iter().enumerate().map(say).collect();
    let ask = "SELECT obj_description(c.conrelid, 'pg_class') || ' ' || pg_get_constraintdef(c.oid)
               FROM pg_constraint c WHERE c.contype = 'c' AND c.connamespace = pg_my_temp_schema()";
    database.rows(&format!("{script}{ask}")).into_iter().collect()
}

fn of_postgres(database: &Database, schema: &str) -> Checks {
    let sql = format!(
        "SELECT t.relname || ' ' || pg_get_constraintdef(c.oid)
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
         WHERE c.contype = 'c' AND c.connamespace = '{schema}'::regnamespace AND NOT t.relispartition
               AND t.relname <> '{ONLY_HERE}'"
    );
    database.rows(&sql).into_iter().collect()
}

#[test]
fn checks_are_found_in_a_statement() {
    let sql = "CREATE TABLE a (\n  b TEXT CHECK (b IN ('x', 'y')), -- CHECK (never)\n  CHECK ((b IS NULL) = (c IS NULL)))";
    assert_eq!(checks_in(sql), ["b IN ('x', 'y')", "(b IS NULL) = (c IS NULL)"]);
}
