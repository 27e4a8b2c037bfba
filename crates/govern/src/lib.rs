//! The register of processing activities, the decisions made from it, and the event chain.
//!
//! What comes in: the text of a register, facts about occupancies, an [`Ask`], the day. What goes
//! out: a checked [`Register`] or every fault in it with its line, a [`Decision`] that names its
//! basis or the rule that refused, an [`Explanation`] of it, and the hashes that chain one event to
//! the next. Three steps, each pure:
//!
//! ```text
//! register text → Register      register + facts + ask + today → Decision      events → hashes
//! ```
//!
//! What this crate must never do: read a clock, a file or a database, make a permit (only the store
//! does), answer anything but a refusal to a question the register does not foresee, or put a
//! person's data into a refusal or an event.

mod ask;
mod decide;
mod event;
mod explain;
mod keep;
mod register;
mod vocabulary;

pub use ask::{Ask, Facts, OccupancyFact, Target};
pub use decide::{Decision, Grant, Reach, RefusalRule, Refuse, Scope, decide};
pub use event::{ChainFault, Event, EventKind, GENESIS, chain, verify_chain};
pub use explain::{Check, Explanation, Step, explain};
pub use keep::{Keep, KeepFrom, KeepThen, lease_end, live_since};
pub use register::{
    Activity, Actor, Category, CategoryRule, ColumnFault, Fault, Located, Party, PersonalColumn, Register,
    RegisterFaults, Role, Texts,
};
pub use tidstro_model::{PartyId, RoleId, SubjectKind};
pub use vocabulary::{Article6, Basis, Country, Finest, Operation, PartyKind};
