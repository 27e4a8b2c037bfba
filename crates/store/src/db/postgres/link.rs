//! One connection, its prepared statements, and whether a transaction runs on it.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::future::try_join_all;
use rustc_hash::FxHashMap;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::answer::{Answer, Incoming};
use super::place::{Server, taking_on_role};
use super::value::type_of;
use super::write::{Marks, Writer};
use crate::db::DbFault;
use crate::db::bind::{Bound, Params};
use crate::db::sql::for_postgres;

/// Statements kept prepared. Beyond, all are dropped: only lists of many lengths get there.
const PREPARED_MAX: usize = 1_024;
/// Statements sent before the first of them is answered.
const ON_THE_WAY: usize = 256;
/// Rows written before the server's plans are made anew a first time.
const PLANS_FIRST: u64 = 1_024;

/// A connection to a server, made anew when it is lost.
pub(crate) struct Link {
    server: Arc<Server>,
    /// The schema that names without one lie in.
    schema: &'static str,
    /// What each session is told when it begins, after what every one is told.
    first_words: RefCell<String>,
    runtime: Runtime,
    client: RefCell<Option<Arc<Client>>>,
    prepared: RefCell<FxHashMap<String, tokio_postgres::Statement>>,
    /// Whether a transaction is open, or was when the connection was lost.
    pub(super) in_transaction: Cell<bool>,
    pub(super) marks: Cell<Marks>,
    pub(super) writer: Writer,
    /// The answer that is still on its way, if somebody reads it.
    incoming: RefCell<Weak<Mutex<Incoming>>>,
    /// Rows written over this connection, and at how many the server's plans are dropped next.
    written: Cell<u64>,
    plans_until: Cell<u64>,
}

impl Link {
    /// Connects. Not from a thread that drives async tasks: this one waits.
    ///
    /// # Errors
    /// [`DbFault`] if the server cannot be reached or refuses.
    pub(crate) fn open(server: Arc<Server>, schema: &'static str) -> Result<Self, DbFault> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|fault| DbFault::Connection(format!("the system gives no sockets: {fault}")))?;
        let link = Self {
            server,
            schema,
            first_words: RefCell::default(),
            runtime,
            client: RefCell::new(None),
            prepared: RefCell::new(FxHashMap::default()),
            in_transaction: Cell::new(false),
            marks: Cell::new(Marks::default()),
            writer: Writer::default(),
            incoming: RefCell::new(Weak::new()),
            written: Cell::new(0),
            plans_until: Cell::new(PLANS_FIRST),
        };
        link.client()?;
        Ok(link)
    }

    /// The connection; a new one if the old one is lost and no transaction was running on it. What is still on its way is
    /// taken in first: the server answers one statement after the other.
    pub(super) fn client(&self) -> Result<Arc<Client>, DbFault> {
        self.take_in_rest();
        let known = self.client.borrow().clone();
        match known {
            Some(client) if self.in_transaction.get() || !client.is_closed() => Ok(client),
            _ => self.connect(),
        }
    }

    fn connect(&self) -> Result<Arc<Client>, DbFault> {
        self.prepared.borrow_mut().clear();
        *self.client.borrow_mut() = None;
        self.marks.set(self.marks.get().unknown());
        let first = self.first_words.borrow().clone();
        let client = self.runtime.block_on(async {
            let client = self.server.connect(self.schema).await?;
            client.batch_execute(&first).await?;
            Ok::<_, DbFault>(client)
        })?;
        let client = Arc::new(client);
        *self.client.borrow_mut() = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Drops the connection; the next statement makes a new one.
    pub(super) fn disconnect(&self) {
        self.in_transaction.set(false);
        *self.client.borrow_mut() = None;
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Waits, and lets the socket notice what has happened meanwhile.
    pub(in crate::db) fn wait(&self, span: Duration) {
        // Made inside the runtime: outside of it there is no clock to wait by.
        self.runtime.block_on(async { tokio::time::sleep(span).await });
    }

    fn take_in_rest(&self) {
        if let Some(incoming) = self.incoming.take().upgrade() {
            Incoming::lock(&incoming).take_in_all(&self.runtime);
        }
    }

    /// Takes on the role that may do what the program does in this schema and no more, if the login may.
    pub(crate) fn take_on_role(&self) -> Result<(), DbFault> {
        self.execute_batch(&taking_on_role(self.schema))
    }

    /// Runs statements without values, now and first of all in each later session, when this one is lost.
    pub(crate) fn say_in_each_session(&self, sql: &str) -> Result<(), DbFault> {
        self.execute_batch(sql)?;
        sql.clone_into(&mut self.first_words.borrow_mut());
        Ok(())
    }

    /// Counts rows written. A plan is made for the size a table had, and kept: one for an empty table reads all of it. So each
    /// time what was written has doubled, the server makes its plans anew.
    pub(super) fn count_written(&self, rows: u64) -> Result<(), DbFault> {
        let written = self.written.get() + rows;
        self.written.set(written);
        if written < self.plans_until.get() {
            return Ok(());
        }
        self.plans_until.set(written * 2);
        self.execute_batch("DISCARD PLANS")
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, params: &impl Params) -> Result<usize, DbFault> {
        let values = listed(params)?;
        let (client, statement) = self.prepared(sql, &values)?;
        let changed = self.runtime.block_on(client.execute(&statement, &arguments(&values)));
        let changed = changed.map_err(|fault| DbFault::from(fault).of_statement(sql))?;
        self.count_written(changed)?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Runs a statement for each of these values, in order and without waiting between two; how many rows it changed.
    pub(crate) fn execute_each<const N: usize>(
        &self,
        sql: &str,
        values: &[[Bound<'_>; N]],
    ) -> Result<usize, DbFault> {
        let mut changed = 0;
        for values in values.chunks(ON_THE_WAY) {
            let Some(first) = values.first() else { continue };
            let (client, statement) = self.prepared(sql, first)?;
            let (client, statement) = (&client, &statement);
            let sent = values
                .iter()
                .map(|values| async move { client.execute(statement, &arguments(values)).await });
            let done = self.runtime.block_on(try_join_all(sent));
            let done: u64 = done.map_err(|fault| DbFault::from(fault).of_statement(sql))?.into_iter().sum();
            self.count_written(done)?;
            changed += done;
        }
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Runs a statement; its rows come as they are read. One that only reads is run again if the connection turns out to be
    /// lost before the first of them.
    pub(crate) fn query(&self, sql: &str, params: &impl Params) -> Result<Answer<'_>, DbFault> {
        let values = listed(params)?;
        match self.query_once(sql, &values) {
            Err(fault) if fault.is_lost() && !self.in_transaction.get() && only_reads(sql) => {
                self.disconnect();
                self.query_once(sql, &values)
            }
            done => done,
        }
    }

    fn query_once(&self, sql: &str, values: &[Bound<'_>]) -> Result<Answer<'_>, DbFault> {
        let (client, statement) = self.prepared(sql, values)?;
        let begun = self.runtime.block_on(Incoming::begin(&client, &statement, values));
        let incoming = begun.map_err(|fault| fault.of_statement(sql))?;
        let incoming = Arc::new(Mutex::new(incoming));
        *self.incoming.borrow_mut() = Arc::downgrade(&incoming);
        Ok(Answer::of(&self.runtime, incoming))
    }

    /// Runs statements without values; the rows of them all, as text.
    pub(crate) fn simple(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, DbFault> {
        let client = self.client()?;
        Ok(self.runtime.block_on(client.simple_query(sql))?)
    }

    /// Runs statements without values.
    pub(crate) fn execute_batch(&self, sql: &str) -> Result<(), DbFault> {
        self.simple(sql).map(|_| ())
    }

    fn prepared(
        &self,
        sql: &str,
        values: &[Bound<'_>],
    ) -> Result<(Arc<Client>, tokio_postgres::Statement), DbFault> {
        let client = self.client()?;
        if let Some(statement) = self.prepared.borrow().get(sql) {
            return Ok((client, statement.clone()));
        }
        // The values say their types: a server would take `?1 + 1` for a number of 32 bits.
        let types: Vec<Type> = values.iter().map(type_of).collect();
        let statement = self.runtime.block_on(client.prepare_typed(&for_postgres(sql), &types));
        let statement = statement.map_err(|fault| DbFault::from(fault).of_statement(sql))?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= PREPARED_MAX {
            prepared.clear();
        }
        prepared.insert(sql.to_owned(), statement.clone());
        Ok((client, statement))
    }
}

/// Whether a statement changes nothing, by its first word after the line with its name.
fn only_reads(sql: &str) -> bool {
    let text = sql.split_once('\n').map_or(sql, |(_, text)| text);
    text.trim_start().starts_with("SELECT")
}

fn listed<'p>(params: &'p impl Params) -> Result<Vec<Bound<'p>>, DbFault> {
    let mut values = Vec::new();
    params.each(&mut |value| {
        values.push(value);
        Ok(())
    })?;
    Ok(values)
}

fn arguments<'a>(values: &'a [Bound<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
