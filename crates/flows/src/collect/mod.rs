//! Asking electricity meters for what they measured, every six hours.
//!
//! What comes in: a file that says where meters are, a cycle, and who collects. What goes out: values in the store, and for
//! each area how much of the cycle came, what is missing and why. The gate is asked first; a meter that hangs nowhere the
//! purpose reaches is not called. Counters of our client are durable before they are used, values before a meter counts
//! as read. Killed at any moment, the same cycle goes on where it was, and nothing is there twice.
//!
//! ```text
//! meters → gate → counters → call (connect, associate, clock, profile, logs, release) → store → note → report
//! ```

mod call;
mod cycle;
mod fault;
mod keep;
mod keys;
mod limits;
mod meters;
mod report;
mod talk;

pub use cycle::{CollectNews, CollectOptions, collect};
pub use fault::CallFault;
pub use limits::Limits;
pub use meters::{MeterAddress, Meters, MetersFault};
pub use report::{AreaCollected, CycleReport};
