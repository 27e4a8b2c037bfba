//! Meters that are asked: which counters our own client may use, what each call came to, and how far each meter is read.
//!
//! What comes in: permits to collect, and what happened in a call. What goes out: counters that were never used, and the
//! calls of a cycle. No measured value is here. Never: one counter twice under one key, whatever crashes or is
//! restored.

mod call;
mod counter;
mod cycle;
#[cfg(test)]
mod tests;

pub use call::CallNote;
pub use counter::{CounterLease, CounterUse};
pub use cycle::{CallState, CycleCall};
