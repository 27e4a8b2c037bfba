//! Rows into the database that is moved to.
//!
//! What comes in: rows of one table in the order of its key. What goes out: nothing; a batch is kept whole or not at all.
//! Also the numbers that were given last, so that none is given twice.

use super::page::{Cell, Cells};
use super::table::{Column, Kind, Table, listed, quoted};
use crate::StoreFault;
use crate::db::{Connection, Sql, params, params_from_iter};

/// Rows of one statement. With the widest table that is some 1,000 values; the databases take 32,000.
const AT_ONCE: usize = 64;

/// Adds rows that are not there yet, in one transaction.
pub(super) fn add(db: &Connection, table: &Table, rows: &[Cells]) -> Result<(), StoreFault> {
    let transaction = db.transaction()?;
    make_months(&transaction, table, rows)?;
    let (chunks, rest) = rows.as_chunks::<AT_ONCE>();
    for chunk in chunks {
        insert(&transaction, table, chunk)?;
    }
    for row in rest {
        insert(&transaction, table, std::slice::from_ref(row))?;
    }
    transaction.commit()?;
    Ok(())
}

fn insert(db: &Connection, table: &Table, rows: &[Cells]) -> Result<(), StoreFault> {
    let (sqlite, postgres) = (
        insert_sql(table, rows.len(), |number, _| format!("?{number}")),
        insert_sql(table, rows.len(), typed),
    );
    let mut statement = db.prepare_cached(Sql::two(&sqlite, &postgres))?;
    statement.execute(params_from_iter(rows.iter().flatten()))?;
    Ok(())
}

fn insert_sql(table: &Table, rows: usize, value: impl Fn(usize, &Column) -> String) -> String {
    let width = table.columns.len();
    let row = |row: usize| {
        let values = (1 + row * width..).zip(&table.columns).map(|(number, column)| value(number, column));
        format!("({})", listed(values))
    };
    let (name, columns) = (quoted(&table.name), table.column_list());
    format!("-- add_rows\nINSERT INTO {name} ({columns}) VALUES {}", listed((0..rows).map(row)))
}

/// Of several rows PostgreSQL does not tell by the table which type a value has that may be absent.
fn typed(number: usize, column: &Column) -> String {
    let kind = match column.kind {
        Kind::Integer => "BIGINT",
        Kind::Text => "TEXT",
        Kind::Blob => "BYTEA",
    };
    format!("CAST(?{number} AS {kind})")
}

/// The months of these rows, where the table is partitioned by month.
fn make_months(db: &Connection, table: &Table, rows: &[Cells]) -> Result<(), StoreFault> {
    if db.postgres().is_none() || !has_months(db, table)? {
        return Ok(());
    }
    let Some(period) = table.columns.iter().position(|column| column.name == "period") else { return Ok(()) };
    let mut days: Vec<i64> = rows.iter().filter_map(|row| integer(row.get(period)?)).collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        db.query_row("-- make_month\nSELECT make_months(?1, ?2, ?2)", params![table.name, day], |_| Ok(()))?;
    }
    Ok(())
}

fn integer(cell: &Cell) -> Option<i64> {
    if let Cell::Integer(number) = cell { Some(*number) } else { None }
}

fn has_months(db: &Connection, table: &Table) -> Result<bool, StoreFault> {
    let sql = "-- has_months
               SELECT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass(?1))";
    Ok(db.query_row(sql, [table.name.as_str()], |row| row.get(0))?)
}

/// The highest number a table has given, where that is kept apart from its rows: a number whose row is gone is not
/// given again.
pub(super) fn last_number(db: &Connection, table: &Table) -> Result<Option<i64>, StoreFault> {
    let Some(column) = numbering(db, table)? else { return Ok(None) };
    let kept: i64 = if db.postgres().is_some() {
        let sequence: String = db.query_row(
            "-- sequence_of\nSELECT pg_get_serial_sequence(?1, ?2)",
            [table.name.as_str(), column.as_str()],
            |row| row.get(0),
        )?;
        let sql = format!(
            "-- last_of_sequence\nSELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"
        );
        db.query_row(&sql, [], |row| row.get(0))?
    } else {
        let sql = "-- last_given\nSELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
        db.query_row(sql, [table.name.as_str()], |row| row.get(0))?
    };
    let sql =
        format!("-- greatest\nSELECT coalesce(max({}), 0) FROM {}", quoted(&column), quoted(&table.name));
    let greatest: i64 = db.query_row(&sql, [], |row| row.get(0))?;
    Ok(Some(kept.max(greatest)))
}

/// Goes on giving numbers after this one.
pub(super) fn go_on_after(db: &Connection, table: &Table, last: i64) -> Result<(), StoreFault> {
    let Some(column) = numbering(db, table)? else { return Ok(()) };
    if db.postgres().is_some() {
        let sql = "-- go_on_after
                   SELECT setval(pg_get_serial_sequence(?1, ?2), CASE WHEN ?3 > 0 THEN ?3 ELSE 1 END, ?3 > 0)";
        db.query_row(sql, params![table.name, column, last], |_| Ok(()))?;
    } else {
        let transaction = db.transaction()?;
        transaction
            .execute("-- forget_last\nDELETE FROM sqlite_sequence WHERE name = ?1", [table.name.as_str()])?;
        let sql = "-- go_on_after\nINSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
        transaction.execute(sql, params![table.name, last])?;
        transaction.commit()?;
    }
    Ok(())
}

/// The column in which the database gives numbers by a memory of its own.
fn numbering(db: &Connection, table: &Table) -> Result<Option<String>, StoreFault> {
    let sql = Sql::two(
        "-- numbering
         SELECT c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.pk = 1
         WHERE t.type = 'table' AND t.name = ?1 AND upper(t.sql) LIKE '%AUTOINCREMENT%'",
        "-- numbering
         SELECT CAST(attname AS TEXT) FROM pg_attribute WHERE attrelid = to_regclass(?1) AND attidentity <> ''",
    );
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query_map([table.name.as_str()], |row| row.get(0))?;
    Ok(rows.next().transpose()?)
}
