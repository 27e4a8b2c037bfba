//! Every table says its class, every column its meaning, and a personal column its own class.

use super::Database;
use crate::PERSONAL_COLUMNS;

#[test]
fn every_table_says_its_class() {
    let sql = "SELECT c.relname FROM pg_class c
               WHERE c.relnamespace IN ('tidstro'::regnamespace, 'keys'::regnamespace)
                 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                 AND coalesce(obj_description(c.oid), '') !~ ' Class: .+\\.$'";
    assert_eq!(Database::made().ask(sql), "");
}

#[test]
fn every_column_says_what_it_is() {
    let sql = "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace IN ('tidstro'::regnamespace, 'keys'::regnamespace)
                 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
                 AND col_description(c.oid, a.attnum) IS NULL";
    assert_eq!(Database::made().ask(sql), "");
}

#[test]
fn a_personal_column_says_so() {
    let database = Database::made();
    for (table, column) in PERSONAL_COLUMNS {
        let sql = format!(
            "SELECT col_description('{table}'::regclass, attnum) FROM pg_attribute
             WHERE attrelid = '{table}'::regclass AND attname = '{column}'"
        );
        let said = database.ask(&sql);
        let class = said.rsplit_once(" Class: ").map(|(_, class)| class.to_owned());
        assert!(matches!(class.as_deref(), Some("personal" | "pseudonymous")), "{table}.{column}: {said}");
    }
}
