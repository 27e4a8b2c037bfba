//! What there is to move: every table of both schemas, with its columns and its key.
//!
//! What comes in: the schema steps of SQLite, run in memory. What goes out: tables in an order in which what a row refers
//! to is moved before it. Both databases have these tables (`postgres/tests/same.rs`), so a new one is moved without
//! being named here.

use std::collections::BTreeSet;

use crate::StoreFault;
use crate::db::{Connection, Sql};
use crate::sqlite;

/// Tables that say something about the database they are in, not about the data.
const OWN: [&str; 1] = ["data_move"];

/// Kind of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Integer,
    Text,
    Blob,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A table.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns by which its rows are told apart and ordered, as positions among the columns.
    pub(super) key: Vec<usize>,
}

impl Table {
    /// The columns of the key, in its order.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().filter_map(|position| self.columns.get(*position))
    }

    /// Every column, as in a list of a statement.
    pub(super) fn column_list(&self) -> String {
        listed(self.columns.iter().map(|column| quoted(&column.name)))
    }
}

/// A name in a statement, also where it is a word of the language.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// With commas between.
pub(super) fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// The tables of the data.
pub(super) fn of_data() -> Result<Vec<Table>, StoreFault> {
    tables(&sqlite::in_memory(sqlite::DATA_SCHEMA)?)
}

/// The tables of the keys.
pub(super) fn of_keys() -> Result<Vec<Table>, StoreFault> {
    tables(&sqlite::in_memory(sqlite::KEY_SCHEMA)?)
}

fn tables(schema: &Connection) -> Result<Vec<Table>, StoreFault> {
    let names = strings(
        schema,
        "-- tables\nSELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names = names.into_iter().filter(|name| !OWN.contains(&name.as_str())).collect();
    ordered(schema, names)?.into_iter().map(|name| table(schema, name)).collect()
}

/// What a table refers to comes before it.
fn ordered(schema: &Connection, mut left: Vec<String>) -> Result<Vec<String>, StoreFault> {
    let mut done: Vec<String> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let (mut ready, mut waiting) = (Vec::new(), Vec::new());
        for name in left {
            let referred = referred(schema, &name)?;
            let is_ready = referred.iter().all(|other| *other == name || done.contains(other));
            if is_ready { ready.push(name) } else { waiting.push(name) }
        }
        if ready.is_empty() {
            return Err(StoreFault::Row { what: "tables refer to each other in a circle" });
        }
        done.append(&mut ready);
        left = waiting;
    }
    Ok(done)
}

fn referred(schema: &Connection, table: &str) -> Result<BTreeSet<String>, StoreFault> {
    let sql = format!("-- referred\nSELECT \"table\" FROM pragma_foreign_key_list('{table}')");
    Ok(strings(schema, &sql)?.into_iter().collect())
}

fn table(schema: &Connection, name: String) -> Result<Table, StoreFault> {
    let sql =
        format!("-- columns\nSELECT name, lower(type), pk FROM pragma_table_info('{name}') ORDER BY cid");
    let mut statement = schema.prepare(&sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(String, String, i64)> = rows.collect::<Result<_, _>>()?;
    let mut key: Vec<(i64, usize)> = rows.iter().enumerate().map(|(at, row)| (row.2, at)).collect();
    if key.iter().any(|(place, _)| *place > 0) {
        key.retain(|(place, _)| *place > 0);
        key.sort_unstable();
    }
    let columns = rows.into_iter().map(|(name, kind, _)| Ok(Column { name, kind: kind_of(&kind)? }));
    let columns = columns.collect::<Result<_, StoreFault>>()?;
    Ok(Table { name, columns, key: key.into_iter().map(|(_, at)| at).collect() })
}

fn kind_of(kind: &str) -> Result<Kind, StoreFault> {
    match kind {
        "integer" => Ok(Kind::Integer),
        "text" => Ok(Kind::Text),
        "blob" => Ok(Kind::Blob),
        _ => Err(StoreFault::Row { what: "type of a column" }),
    }
}

fn strings<'s>(db: &Connection, sql: impl Into<Sql<'s>>) -> Result<Vec<String>, StoreFault> {
    let mut statement = db.prepare(sql)?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_comes_first() {
        let tables = of_data().unwrap();
        let place = |name| tables.iter().position(|table| table.name == name).unwrap();
        assert!(place("area") < place("point"));
        assert!(place("subject") < place("occupancy"));
        assert!(place("occupancy") < place("subject_event"));
        assert!(tables.len() > 40);
        assert!(tables.iter().all(|table| table.name != "data_move"));
    }

    #[test]
    fn a_key_is_in_its_own_order_and_a_table_without_one_has_all_columns() {
        let tables = of_data().unwrap();
        let key = |name| {
            let table = tables.iter().find(|table| table.name == name).unwrap();
            table.key_columns().map(|column| column.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(key("series_block"), ["period", "series_no", "registered_seq"]);
        assert_eq!(
            key("telegram_format"),
            ["manufacturer", "version", "medium", "is_protected", "signature"]
        );
        assert_eq!(key("log_origin"), ["origin"]);
    }
}
