//! What a database says about a move: that it is arriving here, or has gone elsewhere.
//!
//! A data set is in one place. Until everything has arrived and was compared, the new place is not opened for anything
//! else; from then on the old one is not. Both are a row of `data_move`, so that no interruption leaves two or none.

use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use super::page::{Cell, page};
use super::table::{Table, quoted};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, params};

/// Which data set, and how far it had come.
#[derive(PartialEq, Eq, Clone, Debug)]
pub(super) struct DataSet {
    /// Its name in the log's checkpoints.
    origin: Vec<u8>,
    /// Changes with every use: a digest over the log's ends, the last registration and the last telegram.
    mark: Vec<u8>,
}

impl DataSet {
    /// The data set in a database.
    pub(super) fn of(db: &Connection, tables: &[Table]) -> Result<Self, StoreFault> {
        let origin = db.query_row("-- origin\nSELECT origin FROM log_origin", [], |row| row.get(0))?;
        let streams = tables.iter().find(|table| table.name == "log_stream");
        let streams = streams.ok_or(StoreFault::Row { what: "log_stream" })?;
        let mut ends = format!("{:?}", page(db, streams, None, u32::MAX)?);
        for greatest in [
            "-- last_registration\nSELECT coalesce(max(registered_seq), 0) FROM registration",
            "-- last_telegram\nSELECT coalesce(max(telegram_no), 0) FROM raw_telegram",
        ] {
            let number: i64 = db.query_row(greatest, [], |row| row.get(0))?;
            ends.push_str(&format!(" {number}"));
        }
        Ok(Self { origin, mark: digest(&SHA256, ends.as_bytes()).as_ref().to_vec() })
    }

    /// Whether it is this one, however far it had come.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.origin == other.origin
    }
}

/// What a database says.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Marker {
    /// It is nowhere else.
    Here,
    /// It is arriving from there, and not all is there yet.
    Arriving { from: String, data_set: DataSet },
    /// It has gone there.
    Gone { to: String },
}

/// Reads it.
pub(super) fn marker(db: &Connection) -> Result<Marker, StoreFault> {
    let found: Option<(String, String, DataSet)> = db
        .query_row("-- data_move\nSELECT state, other_place, origin, mark FROM data_move", [], |row| {
            Ok((row.get(0)?, row.get(1)?, DataSet { origin: row.get(2)?, mark: row.get(3)? }))
        })
        .optional()?;
    Ok(match found {
        None => Marker::Here,
        Some((state, from, data_set)) if state == "arriving" => Marker::Arriving { from, data_set },
        Some((_, to, _)) => Marker::Gone { to },
    })
}

/// Refuses a database that is not the place of a whole data set.
pub(crate) fn is_whole_and_here(db: &Connection) -> Result<(), StoreFault> {
    match marker(db)? {
        Marker::Here => Ok(()),
        Marker::Arriving { from, .. } => Err(StoreFault::HalfArrived { from }),
        Marker::Gone { to } => Err(StoreFault::MovedAway { to }),
    }
}

/// Says that a data set is arriving. Nothing else is in the database, except what every new one has.
pub(super) fn begin(
    (data, keys): (&Connection, &Connection),
    tables: (&[Table], &[Table]),
    (from, data_set): (&str, &DataSet),
    now: Timestamp,
) -> Result<(), StoreFault> {
    match marker(data)? {
        Marker::Here => is_empty((data, keys), tables)?,
        Marker::Arriving { data_set: found, .. } if found == *data_set => return Ok(()),
        Marker::Arriving { data_set: found, .. } if found.is_of(data_set) => {}
        Marker::Arriving { from, .. } => return Err(StoreFault::OtherArriving { from }),
        Marker::Gone { to } => return Err(StoreFault::MovedAway { to }),
    }
    clear(keys, tables.1)?;
    let transaction = data.transaction()?;
    delete_rows(&transaction, tables.0)?;
    delete_marker(&transaction)?;
    put(&transaction, "arriving", from, data_set, now)?;
    transaction.commit()?;
    Ok(())
}

/// Says that it has gone; within the transaction that holds its writers off.
pub(super) fn gone(db: &Connection, to: &str, data_set: &DataSet, now: Timestamp) -> Result<(), StoreFault> {
    delete_marker(db)?;
    put(db, "gone", to, data_set, now)
}

/// Says that it has arrived.
pub(super) fn arrived(db: &Connection) -> Result<(), StoreFault> {
    delete_marker(db)
}

fn put(
    db: &Connection,
    state: &str,
    place: &str,
    data_set: &DataSet,
    now: Timestamp,
) -> Result<(), StoreFault> {
    db.execute(
        "-- put_data_move
         INSERT INTO data_move (state, other_place, origin, mark, began_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![state, place, data_set.origin, data_set.mark, now.as_millisecond()],
    )?;
    Ok(())
}

fn delete_marker(db: &Connection) -> Result<(), StoreFault> {
    db.execute("-- delete_data_move\nDELETE FROM data_move", [])?;
    Ok(())
}

/// What a new database has: its own name in the log, and two streams without an event.
const OF_EVERY_NEW_ONE: [&str; 2] = ["log_origin", "log_stream"];

fn is_empty(
    (data, keys): (&Connection, &Connection),
    tables: (&[Table], &[Table]),
) -> Result<(), StoreFault> {
    let sides = [(data, tables.0), (keys, tables.1)];
    for (db, table) in sides.into_iter().flat_map(|(db, tables)| tables.iter().map(move |table| (db, table)))
    {
        let rows = page(db, table, None, 3)?;
        let is_new = match table.name.as_str() {
            "log_stream" => rows.iter().all(|row| has_no_event(table, row)),
            name => rows.is_empty() || OF_EVERY_NEW_ONE.contains(&name),
        };
        if !is_new {
            return Err(StoreFault::NotEmpty { table: table.name.clone() });
        }
    }
    Ok(())
}

fn has_no_event(table: &Table, row: &[Cell]) -> bool {
    let value = |name| row.get(table.columns.iter().position(|column| column.name == name)?);
    value("event_count") == Some(&Cell::Integer(0)) && value("segment_no") == Some(&Cell::Integer(1))
}

/// Takes away what arrived of a state the data set no longer has. These are copies: the rows are where they came from.
fn clear(db: &Connection, tables: &[Table]) -> Result<(), StoreFault> {
    let transaction = db.transaction()?;
    delete_rows(&transaction, tables)?;
    transaction.commit()?;
    Ok(())
}

fn delete_rows(db: &Connection, tables: &[Table]) -> Result<(), StoreFault> {
    for table in tables.iter().rev() {
        db.execute(&format!("-- take_away_copy\nDELETE FROM {}", quoted(&table.name)), [])?;
    }
    Ok(())
}
