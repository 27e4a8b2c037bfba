//! The gate: the one way to a personal value.
//!
//! An [`tidstro_govern::Ask`] comes in. The gate loads the facts, lets [`tidstro_govern::decide`]
//! decide, logs the grant or refusal, and only then gives a [`Permit`]. Values leave the store inside
//! [`Disclosed`]. Nobody else can make either of the two, and there is no way round them: jobs are
//! named actors with purposes like everyone else.

mod disclosed;
mod facts;
mod known;
mod leases;
mod permit;

pub use disclosed::Disclosed;
pub use leases::SubjectLeases;
pub(crate) use leases::subject_leases;
pub use permit::{Decided, Permit};

pub(crate) use facts::{decide_and_log, explain_and_log};
pub(crate) use known::{dossier_fact, occupancy_fact, of_subject, subject_event};
pub(crate) use permit::Terms;
