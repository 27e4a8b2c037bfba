//! Events that clocks and leases are computed from.
//!
//! What comes in: things that happened in a case, or to the leases of a subject. What goes out: whether they
//! are recorded, and the events of cases. Each is written in one transaction with its event in the log, or
//! kept aside as evidence with the reason why not. Nothing here is ever changed or removed. Never: an event
//! of a subject without a permit; a person's data in a case.

mod door;
mod happened;
mod reported;
mod row;
mod subject;

pub(crate) use reported::Reporter;
pub(crate) use subject::end_occupancy;
