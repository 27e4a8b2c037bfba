//! Moving a data set between the two databases, either way.
//!
//! What comes in: the place it is in, and an empty place. What goes out: the same rows there, counted and compared, and a
//! mark at the old place that it has gone. Each batch is one transaction; where it ended is read from the rows that have
//! arrived, so that an interrupted move goes on there. Nothing is unsealed: the master key is not needed, and stays where it
//! is. Why it works so: `docs/DECISIONS/0031-moving-a-data-set.md`.

mod marker;
mod page;
mod table;
#[cfg(test)]
mod tests;
mod write;

use std::path::Path;

use jiff::Timestamp;
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use crate::db::Connection;
use crate::place::{Place, on_own_thread};
use crate::postgres::{Span, as_owner};
use crate::{StoreFault, log};

use marker::{DataSet, Marker};
use page::{key_of, last_key, page, sum};
use table::Table;

pub(crate) use marker::is_whole_and_here;

/// What is going on, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveStep {
    /// Rows of a table have arrived durably.
    Arrived {
        /// The table.
        table: String,
        /// How many rows, in this batch.
        rows: u64,
    },
    /// A table is the same at both places.
    Compared {
        /// The table.
        table: String,
        /// How many rows it has.
        rows: u64,
        /// SHA-256 over its rows in the order of its key.
        digest: [u8; 32],
    },
}

/// How to move.
pub struct MoveOptions<'a> {
    /// Rows of a batch, at least 1.
    pub batch: u32,
    /// Told of each step; `false` stops the move after it.
    pub proceed: &'a (dyn Fn(&MoveStep) -> bool + Sync),
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Tables.
    pub tables: u64,
    /// Rows in them.
    pub rows: u64,
    /// Whether an earlier call had moved everything already: nothing was done, and nothing counted.
    pub was_done: bool,
}

/// Moves a data set from one place to another, which is empty or has a part of it from an earlier call. A place is a folder or the
/// URL of a PostgreSQL database. Returns when all rows have been compared, the new place is open to use and the old one no
/// longer is. The log of both says so. Once it is done, the same call does nothing.
///
/// # Errors
/// [`StoreFault::NotEmpty`], [`StoreFault::OtherArriving`] if there is something else at the new place;
/// [`StoreFault::MovedAway`], [`StoreFault::HalfArrived`] if the data set is not at the old one;
/// [`StoreFault::MoveStopped`] if it was stopped; [`StoreFault::MoveDiffers`] if the places are not the same at the end. After any
/// fault the data set is still at the old place, and the same call goes on.
pub fn move_data(
    from: &Path,
    to: &Path,
    options: &MoveOptions<'_>,
    now: Timestamp,
) -> Result<Moved, StoreFault> {
    let (from, to) = (Place::parse(from)?, Place::parse(to)?);
    if from.shown() == to.shown() {
        return Err(StoreFault::SamePlace);
    }
    if !from.has_data() {
        return Err(StoreFault::NothingThere { place: from.shown() });
    }
    on_own_thread(|| {
        let moving = Move::open(&from, &to, now)?;
        if moving.is_done()? {
            return Ok(Moved { tables: 0, rows: 0, was_done: true });
        }
        moving.run(options)
    })
}

/// A place with both its connections.
struct Side {
    shown: String,
    data: Connection,
    keys: Connection,
}

impl Side {
    fn open(place: &Place) -> Result<Self, StoreFault> {
        let (data, keys) = place.open_for_writing()?;
        for db in [&data, &keys] {
            // The program's own role changes neither marks nor the numbers that were given.
            as_owner(db, Span::Connection)?;
        }
        Ok(Self { shown: place.shown(), data, keys })
    }

    /// Keeps every writer away until the connections are closed or the transaction ends.
    fn hold(&self) -> Result<(), StoreFault> {
        self.data.begin_write()?;
        // Keys have no lock of the writers', which is for the whole database.
        self.keys.begin_alone(&["sealing_key", "controller_key", "signing_key", "class_key"])?;
        for db in [&self.data, &self.keys].into_iter().filter_map(Connection::postgres) {
            // It waits while the other place works.
            db.execute_batch("SET LOCAL idle_in_transaction_session_timeout = 0")?;
        }
        Ok(())
    }
}

struct Move {
    from: Side,
    to: Side,
    data: Vec<Table>,
    keys: Vec<Table>,
    data_set: DataSet,
    now: Timestamp,
}

impl Move {
    fn open(from: &Place, to: &Place, now: Timestamp) -> Result<Self, StoreFault> {
        let (data, keys) = (table::of_data()?, table::of_keys()?);
        let from = Side::open(from)?;
        from.hold()?;
        let to = Side::open(to)?;
        let data_set = DataSet::of(&from.data, &data)?;
        Ok(Self { from, to, data, keys, data_set, now })
    }

    /// The same call has come to its end before: the data set has gone there, and is whole there.
    fn is_done(&self) -> Result<bool, StoreFault> {
        let Marker::Gone { to } = marker::marker(&self.from.data)? else { return Ok(false) };
        if to != self.to.shown || marker::marker(&self.to.data)? != Marker::Here {
            return Ok(false);
        }
        Ok(DataSet::of(&self.to.data, &self.data)?.is_of(&self.data_set))
    }

    /// The data set is at the old place, or was moved away from there to this new one without being let go of.
    fn may_begin(&self) -> Result<(), StoreFault> {
        match marker::marker(&self.from.data)? {
            Marker::Here => Ok(()),
            Marker::Gone { to } if to == self.to.shown && self.is_arriving()? => Ok(()),
            Marker::Gone { to } => Err(StoreFault::MovedAway { to }),
            Marker::Arriving { from, .. } => Err(StoreFault::HalfArrived { from }),
        }
    }

    fn is_arriving(&self) -> Result<bool, StoreFault> {
        Ok(matches!(marker::marker(&self.to.data)?, Marker::Arriving { .. }))
    }

    fn run(&self, options: &MoveOptions<'_>) -> Result<Moved, StoreFault> {
        self.may_begin()?;
        let to = (&self.to.data, &self.to.keys);
        marker::begin(to, (&self.data, &self.keys), (&self.from.shown, &self.data_set), self.now)?;
        let mut moved = Moved { tables: 0, rows: 0, was_done: false };
        for (from, to, tables) in self.sides() {
            for table in tables {
                copy(from, to, table, options)?;
            }
        }
        for (from, to, tables) in self.sides() {
            for table in tables {
                go_on_giving_numbers(from, to, table)?;
                moved.rows += compare(from, to, table, options)?;
                moved.tables += 1;
            }
        }
        self.finish()?;
        Ok(moved)
    }

    /// Keys first: nothing is anywhere without the key it is sealed with.
    fn sides(&self) -> [(&Connection, &Connection, &[Table]); 2] {
        [(&self.from.keys, &self.to.keys, &self.keys), (&self.from.data, &self.to.data, &self.data)]
    }

    /// Between the two commits the data set is nowhere; the next call finds both marks and goes on to the second. The log of
    /// both places says so with the same event, so that they never contradict each other.
    fn finish(&self) -> Result<(), StoreFault> {
        let event = self.event()?;
        // A call that was cut short between the commits has said it, and it has come along with the other rows.
        let is_new = marker::marker(&self.from.data)? == Marker::Here;
        if is_new {
            log::append_without_keys(&self.from.data, &event)?;
        }
        marker::gone(&self.from.data, &self.to.shown, &self.data_set, self.now)?;
        self.from.data.commit_write()?;
        let arriving = self.to.data.transaction()?;
        if is_new {
            log::append_without_keys(&arriving, &event)?;
        }
        marker::arrived(&arriving)?;
        Ok(arriving.commit()?)
    }

    fn event(&self) -> Result<Event, StoreFault> {
        let actor = ActorId::parse("job:migrate").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        let detail = format!("from {} to {}", self.from.shown, self.to.shown);
        Ok(Event::new(self.now, EventKind::Moved, actor, detail))
    }
}

/// Moves what has not arrived yet of a table.
fn copy(
    from: &Connection,
    to: &Connection,
    table: &Table,
    options: &MoveOptions<'_>,
) -> Result<(), StoreFault> {
    let mut after = last_key(to, table)?;
    loop {
        let rows = page(from, table, after.as_deref(), options.batch.max(1))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(key_of(table, last));
        write::add(to, table, &rows)?;
        let step = MoveStep::Arrived { table: table.name.clone(), rows: rows.len() as u64 };
        proceed(options, &step)?;
    }
}

/// A number that one of the places has given is given by neither again.
fn go_on_giving_numbers(from: &Connection, to: &Connection, table: &Table) -> Result<(), StoreFault> {
    let last = write::last_number(from, table)?.max(write::last_number(to, table)?);
    last.map_or(Ok(()), |last| write::go_on_after(to, table, last))
}

fn compare(
    from: &Connection,
    to: &Connection,
    table: &Table,
    options: &MoveOptions<'_>,
) -> Result<u64, StoreFault> {
    let limit = options.batch.max(1);
    let (old, new) = (sum(from, table, limit)?, sum(to, table, limit)?);
    if old != new {
        return Err(StoreFault::MoveDiffers { table: table.name.clone(), from: old.rows, to: new.rows });
    }
    let step = MoveStep::Compared { table: table.name.clone(), rows: new.rows, digest: new.digest };
    proceed(options, &step)?;
    Ok(new.rows)
}

fn proceed(options: &MoveOptions<'_>, step: &MoveStep) -> Result<(), StoreFault> {
    if (options.proceed)(step) { Ok(()) } else { Err(StoreFault::MoveStopped) }
}
