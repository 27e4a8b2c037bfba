//! Clocks: what obligations ask for by when, once something in a case has started them.
//!
//! What comes in: the register, the events of cases in any order, an instant. What goes out: for each
//! obligation that was started in a case a [`ClockView`]: by when, counted how, extended, paused, proved,
//! and the next step; and for a new event whether it may be recorded. All arithmetic is `calendar`'s. Never: a
//! clock that ends earlier because a later event arrived, an event that has not happened yet, a clock read
//! from the machine.
//!
//! ```text
//! obligation + first trigger in the case + extension + pauses → plan_by, ends_at      proofs → done
//! ```

mod admit;
mod count;
mod course;
mod event;
mod view;

pub use admit::admit;
pub(crate) use count::counts;
pub use count::{CountFault, Counted};
pub use course::{Extension, Pause};
pub use event::{CaseEvent, CaseStep, Moment};
pub use view::{ClockState, ClockView, Proof, clocks};
