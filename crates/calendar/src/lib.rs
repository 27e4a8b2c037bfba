//! Local days: which one an instant lies in, how long it is, and which slot of it an interval fills.
//!
//! What comes in: instants ([`jiff::Timestamp`] or Unix seconds), local days ([`jiff::civil::Date`])
//! and the name of an IANA zone. What goes out: the bounds of local days of 23, 24 or 25 hours, and
//! the position of an interval in its day. The zone rules are the ones bundled with the program. This
//! crate must never read a clock, the machine's own zone or its zone files, and it never assumes that a
//! day has 24 hours.

mod day;
mod zone;

pub use day::{epoch_day, first_of_month, from_epoch_day, next_month};
pub use zone::{Zone, ZoneFault};
