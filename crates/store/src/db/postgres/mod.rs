//! PostgreSQL: one connection, driven by the thread that uses it.
//!
//! Each job of the store runs on a thread of its own, so nothing here needs a pool or an async caller: a runtime of one
//! thread drives the socket while a statement waits. A lost connection is made anew at the next statement, unless a
//! transaction was running: then every statement fails until that is rolled back.

mod answer;
mod copy;
mod link;
mod place;
#[cfg(test)]
mod tests;
mod tls;
mod value;
mod write;

pub(super) use answer::Answer;
pub(crate) use link::Link;
pub(crate) use place::Server;
pub(super) use value::value;
