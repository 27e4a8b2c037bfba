//! The log: events in streams and segments, appended in the transaction of what they record.
//!
//! Events come in; what goes out is their numbers, a check of the whole, a bundle. An entry names actors,
//! purposes and rules; whom it concerns is a keyed commitment. Nothing here is ever changed, and removed
//! are only whole expired segments, which leave their roots behind. The rules are
//! [`tidstro_govern::log`]'s; this is where they meet the tables.

mod append;
mod aside;
mod concerned;
mod door;
mod expire;
mod export;
mod first_form;
mod import;
mod login;
mod look;
mod search;
mod stream;
#[cfg(test)]
mod tests;
mod verify;

pub use aside::AsideEntry;
pub use login::{LoginEvent, LoginKind};
pub use search::{LogEntry, LogPage, LogQuery};

pub(crate) use append::{append, append_many, append_without_keys, close_all};
pub(crate) use aside::{expire_aside, keep_aside};
pub(crate) use concerned::{dossier_commitment, stand_in, subject_commitment};
pub(crate) use expire::expire_next;
pub(crate) use export::export;
pub(crate) use first_form::close_first_form;
pub(crate) use import::import;
pub(crate) use login::record_login;
pub(crate) use verify::verify;
