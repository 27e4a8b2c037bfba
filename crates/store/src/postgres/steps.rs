//! Opening a server's database, and bringing its schemas to their newest steps.

use std::path::PathBuf;
use std::sync::Arc;

use super::{DATA, KEYS, Schema};
use crate::StoreFault;
use crate::db::{Connection, Link, Server, params};

/// Key of the lock under which steps are done: "TDSS".
const STEPS_LOCK: i64 = 0x5444_5353;

/// What tells programs of each other in a schema, beside the steps: SQLite needs nothing like it (PRAGMA data_version).
/// Every writing transaction takes the next number when it begins, and whoever destroys keys one of the keys' own.
const MARKS: &str = "CREATE SEQUENCE IF NOT EXISTS write_mark;
     COMMENT ON SEQUENCE write_mark IS 'The next number is the mark of a writer. Class: none.'";

/// Opens data and keys for writing; does the steps that are missing.
pub(crate) fn open(server: &Arc<Server>) -> Result<(Connection, Connection), StoreFault> {
    let link = |schema: &Schema| Link::open(Arc::clone(server), schema.name).map(Connection::Postgres);
    let (data, keys) = (link(&DATA)?, link(&KEYS)?);
    bring_up_to_date(server, &data, &DATA)?;
    bring_up_to_date(server, &keys, &KEYS)?;
    Ok((data, keys))
}

/// Does the steps that are missing, all in one transaction, as the owner.
fn bring_up_to_date(server: &Server, db: &Connection, schema: &Schema) -> Result<(), StoreFault> {
    if number(db, schema)? != newest(schema) {
        let steps = db.transaction()?;
        steps.execute_batch(&format!("SELECT pg_advisory_xact_lock({STEPS_LOCK})"))?;
        // Another program may have done them while we waited for the lock.
        let found = number(&steps, schema)?;
        if found > newest(schema) {
            let path = PathBuf::from(format!("{}, schema {}", server.shown(), schema.name));
            return Err(StoreFault::NewerSchema { path, found, known: newest(schema) });
        }
        do_steps(&steps, schema, found)?;
        steps.commit()?;
        // Where there was no schema there was no role for it.
        db.postgres().map_or(Ok(()), Link::take_on_role)?;
    }
    Ok(())
}

/// Makes the partition of a table for the month of a local day, counted from 1970-01-01, if the table has partitions and
/// it is missing. Nothing in SQLite.
pub(crate) fn make_month(db: &Connection, table: &str, period: i32) -> Result<(), StoreFault> {
    if db.postgres().is_some() {
        db.prepare_cached("-- make_month\nSELECT make_months(?1, ?2, ?2)")?
            .query_row(params![table, period], |_| Ok(()))?;
    }
    Ok(())
}

fn newest(schema: &Schema) -> i64 {
    schema.steps.last().map_or(0, |step| step.number)
}

/// The number of the last step done; 0 before the first.
fn number(db: &Connection, schema: &Schema) -> Result<i64, StoreFault> {
    // From the rows themselves: `to_regclass` goes by what a session remembers, and whoever has waited for the lock remembers
    // what was before.
    let is_there = "-- has_schema
                    SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE c.relname = 'schema_number' AND n.nspname = ?1)";
    if !db.query_row(is_there, [schema.name], |row| row.get::<_, bool>(0))? {
        return Ok(0);
    }
    let sql = "-- schema_number\nSELECT number FROM schema_number";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// For how long a role is taken on.
#[derive(Clone, Copy)]
pub(crate) enum Span {
    Transaction,
    Connection,
}

/// Takes on the role that owns the schemas, if this login may; nothing where the roles were not made, nor in SQLite. For a
/// connection it is taken on again whenever that is made anew.
pub(crate) fn as_owner(db: &Connection, span: Span) -> Result<(), StoreFault> {
    let set = match span {
        Span::Transaction => "SET LOCAL ROLE",
        Span::Connection => "SET ROLE",
    };
    let take_on = format!(
        "DO $$ BEGIN
             IF to_regrole('tidstro_owner') IS NOT NULL THEN
                 IF pg_has_role(session_user, 'tidstro_owner', 'MEMBER') THEN
                     {set} tidstro_owner;
                 END IF;
             END IF;
         END $$"
    );
    match (db.postgres(), span) {
        (None, _) => Ok(()),
        (Some(link), Span::Transaction) => Ok(link.execute_batch(&take_on)?),
        (Some(link), Span::Connection) => Ok(link.say_in_each_session(&take_on)?),
    }
}

/// Whether this login may do steps: anybody's who may make a schema, and in the schema that is there its owner's.
fn may_do_steps(db: &Connection, schema: &Schema) -> Result<bool, StoreFault> {
    let sql = "-- may_do_steps
               SELECT CASE WHEN to_regnamespace(?1) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                           ELSE pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = ?1), 'USAGE') END";
    Ok(db.query_row(sql, [schema.name], |row| row.get(0))?)
}

fn do_steps(db: &Connection, schema: &Schema, found: i64) -> Result<(), StoreFault> {
    as_owner(db, Span::Transaction)?;
    if !may_do_steps(db, schema)? {
        return Err(StoreFault::StepsDenied { schema: schema.name, found, known: newest(schema) });
    }
    db.execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}", schema.name))?;
    for step in schema.steps.iter().filter(|step| step.number > found) {
        for part in step.parts {
            db.execute_batch(*part)?;
        }
        let sql = "-- set_schema_number\nUPDATE schema_number SET number = ?1";
        db.execute(sql, [step.number])?;
    }
    db.execute_batch(MARKS)?;
    db.execute_batch(schema.grants)?;
    Ok(())
}
