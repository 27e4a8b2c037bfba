//! Rows on their way from the server, a few at a time.
//!
//! What comes in: a statement that was sent. What goes out: its rows in order, while the server waits with those that nobody
//! has asked for yet: an answer of any length takes the memory of a few rows. If another statement is to be sent before the
//! last row was read, the rest is taken in first. Never: a row twice, or a fault that nobody hears of.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Row, RowStream, Statement};

use crate::db::DbFault;
use crate::db::bind::Bound;

/// Rows taken in at once.
const AT_ONCE: usize = 256;

/// What has come of an answer, and the rest.
pub(super) struct Incoming {
    rows: VecDeque<Row>,
    /// The rest; nothing after the last row.
    rest: Option<Pin<Box<RowStream>>>,
    /// Why the rest did not come, after the rows that did.
    fault: Option<DbFault>,
}

impl Incoming {
    /// Sends a statement and waits for its first rows.
    pub(super) async fn begin(
        client: &Client,
        statement: &Statement,
        values: &[Bound<'_>],
    ) -> Result<Self, DbFault> {
        let rest = client.query_raw(statement, values.iter()).await?;
        let mut incoming = Self { rows: VecDeque::new(), rest: Some(Box::pin(rest)), fault: None };
        incoming.take_in(AT_ONCE).await;
        match incoming.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(incoming),
        }
    }

    pub(super) fn lock(incoming: &Mutex<Self>) -> MutexGuard<'_, Self> {
        incoming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the rest.
    pub(super) fn take_in_all(&mut self, runtime: &Runtime) {
        runtime.block_on(self.take_in(usize::MAX));
    }

    async fn take_in(&mut self, most: usize) {
        for _ in 0..most {
            let Some(rest) = &mut self.rest else { return };
            match rest.next().await {
                Some(Ok(row)) => self.rows.push_back(row),
                Some(Err(fault)) => {
                    self.fault = Some(fault.into());
                    self.rest = None;
                }
                None => self.rest = None,
            }
        }
    }
}

/// The rows of a statement, one after the other.
pub(crate) struct Answer<'l> {
    runtime: &'l Runtime,
    incoming: Arc<Mutex<Incoming>>,
}

impl<'l> Answer<'l> {
    pub(super) const fn of(runtime: &'l Runtime, incoming: Arc<Mutex<Incoming>>) -> Self {
        Self { runtime, incoming }
    }

    /// The next row; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, DbFault> {
        let mut incoming = Incoming::lock(&self.incoming);
        if incoming.rows.is_empty() && incoming.rest.is_some() {
            self.runtime.block_on(incoming.take_in(AT_ONCE));
        }
        match incoming.rows.pop_front() {
            Some(row) => Ok(Some(row)),
            None => incoming.fault.take().map_or(Ok(None), Err),
        }
    }
}
