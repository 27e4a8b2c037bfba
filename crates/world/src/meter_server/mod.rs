//! A simulated electricity meter that is read: DLMS/COSEM over the wrapper of TCP or HDLC, without a socket.
//!
//! What comes in: a [`MeterPlan`], the bytes of a connection, and the time. What goes out: the bytes the meter
//! answers, how long it takes, and whether it hangs up. It has a clock, registers, a load profile and event logs, proves its
//! keys, and goes wrong on purpose where its plan says so. What it truly measured is known. It is written from the
//! standards (IEC 62056-5-3, -6-2, -46, -47) and must never share code with the client that reads it.

mod association;
mod cipher;
mod contents;
mod hdlc;
mod plan;
mod service;
mod session;
mod value;

pub(crate) use cipher::MeterKeys;
pub(crate) use hdlc::checksum;
pub use plan::{Access, Capture, LoggedEvent, MeterFault, MeterPlan};
pub use session::{MeterServer, MeterSession, Reaction};
