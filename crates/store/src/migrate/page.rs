//! Rows of a table in the order of its key, a page at a time, and what they come to.
//!
//! What comes in: a table and the key after which to read. What goes out: rows as both databases know them, in the same
//! order from both, and a digest over all of them. Nothing is opened: sealed values stay sealed.

use ring::digest::{Context, SHA256};

use super::table::{Column, Kind, Table, listed, quoted};
use crate::StoreFault;
use crate::db::{Bind, Bound, Connection, Seen, Sql, params_from_iter};

/// A value of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Bind for Cell {
    fn bound(&self) -> Bound<'_> {
        match self {
            Self::Null => Bound::Null,
            Self::Integer(number) => Bound::Int(*number),
            Self::Text(text) => Bound::Text(text),
            Self::Blob(bytes) => Bound::Blob(bytes),
        }
    }
}

impl Cell {
    fn seen(seen: Seen<'_>) -> Option<Self> {
        match seen {
            Seen::Null => Some(Self::Null),
            Seen::Int(number) => Some(Self::Integer(number)),
            Seen::Text(text) => Some(Self::Text(text.to_owned())),
            Seen::Blob(bytes) => Some(Self::Blob(bytes.to_vec())),
            Seen::Other => None,
        }
    }

    /// Adds it to a digest so that no two rows are the same bytes.
    fn digest(&self, into: &mut Context) {
        let mut part = |kind: u8, bytes: &[u8]| {
            into.update(&[kind]);
            into.update(&(bytes.len() as u64).to_be_bytes());
            into.update(bytes);
        };
        match self {
            Self::Null => part(0, &[]),
            Self::Integer(number) => part(1, &number.to_be_bytes()),
            Self::Text(text) => part(2, text.as_bytes()),
            Self::Blob(bytes) => part(3, bytes),
        }
    }
}

/// A row, all its columns in order.
pub(super) type Cells = Vec<Cell>;

/// The key of a row.
pub(super) fn key_of(table: &Table, row: &[Cell]) -> Cells {
    table.key.iter().filter_map(|position| row.get(*position)).cloned().collect()
}

/// The next rows after a key, or the first ones.
pub(super) fn page(
    db: &Connection,
    table: &Table,
    after: Option<&[Cell]>,
    limit: u32,
) -> Result<Vec<Cells>, StoreFault> {
    let (sqlite, postgres) =
        (page_sql(table, after.is_some(), ""), page_sql(table, after.is_some(), " COLLATE \"C\""));
    let limit = Cell::Integer(limit.into());
    let values = after.unwrap_or_default().iter().chain([&limit]);
    rows(db, Sql::two(&sqlite, &postgres), table, values)
}

/// The greatest key in a table; `None` if it is empty.
pub(super) fn last_key(db: &Connection, table: &Table) -> Result<Option<Cells>, StoreFault> {
    let sql = |collation| {
        let order = listed(table.key_columns().map(|column| format!("{} DESC", ordered(column, collation))));
        format!(
            "-- last_key\nSELECT {} FROM {} ORDER BY {order} LIMIT 1",
            table.column_list(),
            quoted(&table.name)
        )
    };
    let (sqlite, postgres) = (sql(""), sql(" COLLATE \"C\""));
    let found = rows(db, Sql::two(&sqlite, &postgres), table, std::iter::empty())?;
    Ok(found.first().map(|row| key_of(table, row)))
}

fn page_sql(table: &Table, is_after: bool, collation: &str) -> String {
    let order = listed(table.key_columns().map(|column| ordered(column, collation)));
    let keys = table.key.len();
    let after = if is_after {
        let values = listed((1..=keys).map(|number| format!("?{number}")));
        format!("WHERE ({order}) > ({values})")
    } else {
        String::new()
    };
    let limit = if is_after { keys + 1 } else { 1 };
    let (columns, name) = (table.column_list(), quoted(&table.name));
    format!("-- page_of_rows\nSELECT {columns} FROM {name} {after} ORDER BY {order} LIMIT ?{limit}")
}

/// Texts are ordered by their bytes, whatever language the server speaks.
fn ordered(column: &Column, collation: &str) -> String {
    let collation = if column.kind == Kind::Text { collation } else { "" };
    format!("{}{collation}", quoted(&column.name))
}

fn rows<'v>(
    db: &Connection,
    sql: Sql<'_>,
    table: &Table,
    values: impl Iterator<Item = &'v Cell>,
) -> Result<Vec<Cells>, StoreFault> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_and_then(params_from_iter(values), |row| {
        let cells = (0..table.columns.len()).map(|column| {
            Cell::seen(row.get_ref(column)?).ok_or(StoreFault::Row { what: "value of a row to be moved" })
        });
        cells.collect::<Result<Cells, StoreFault>>()
    })?;
    rows.collect()
}

/// What a table comes to.
#[derive(PartialEq, Eq, Clone, Copy, Debug)]
pub(super) struct Sum {
    pub(super) rows: u64,
    /// SHA-256 over its rows in the order of its key.
    pub(super) digest: [u8; 32],
}

/// Reads a whole table.
pub(super) fn sum(db: &Connection, table: &Table, limit: u32) -> Result<Sum, StoreFault> {
    let (mut digest, mut rows, mut after) = (Context::new(&SHA256), 0, None::<Cells>);
    loop {
        let found = page(db, table, after.as_deref(), limit)?;
        found.iter().flatten().for_each(|cell| cell.digest(&mut digest));
        rows += found.len() as u64;
        match found.last() {
            Some(row) => after = Some(key_of(table, row)),
            None => break,
        }
    }
    let digest = digest.finish().as_ref().try_into().map_err(|_| StoreFault::Row { what: "digest" })?;
    Ok(Sum { rows, digest })
}
