//! The register of processing activities, the decisions made from it, and the event log.
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
mod clocks;
pub mod coverage;
mod decide;
mod diff;
mod explain;
mod inadmissible;
mod keep;
mod lease;
pub mod log;
mod notice;
mod probe;
mod register;
mod retention;
mod rights;
mod vocabulary;

pub use ask::{Ask, DossierFact, Facts, OccupancyFact, Recipient, Target};
pub use clocks::{
    CaseEvent, CaseStep, ClockState, ClockView, CountFault, Counted, Extension, Moment, Pause, Proof, admit,
    clocks,
};
pub use decide::{Decision, Grant, Reach, RefusalRule, Refuse, Scope, decide};
pub use diff::{Activation, Approval, Aspect, Change, Effect, RegisterDiff, RegisterVersion, diff};
pub use explain::{Check, Explanation, Step, explain};
pub use inadmissible::{Inadmissible, Recorded};
pub use keep::{Keep, KeepFor, KeepFrom, KeepRule, KeepThen};
pub use lease::{
    Ground, Lease, LeaseChart, LeaseEvent, LeaseEventKind, LeaseHistory, LeaseSpan, LeaseState, Matter,
    MatterFact, SubjectEvent, admit_lease_event, history, lease, leases, on_hold,
};
pub use log::{Event, EventKind};
pub use notice::{
    ControllerPart, DataPart, Language, MeasurePart, Notice, NoticeFault, PurposePart, Record, RecordOf,
    RolePart, SourcePart, Version, keep_in_words, notice, record, subjects_in_words,
};
pub use probe::{Probe, ProbeResult};
pub use register::{
    Activity, ActivityLines, Actor, Category, CategoryRule, ClockDirection, ColumnFault, Control,
    ControlProof, Fault, Hours, Located, Login, NoticePart, Obligation, ObligationClock, OpenRows, Party,
    PersonalColumn, Register, RegisterFaults, RegisterFile, Role, SessionRule, StorePart, Texts, Transfer,
};
pub use retention::{
    Bucket, Certificate, CertificateFault, ErasedCount, Fate, Held, Holding, MatterHoldings, PlanItem,
    Protection, RetentionPlan, SubjectHoldings, verify_certificate,
};
pub use rights::{Condition, Entitlement, Right, RightOf, RightsOf, entitlement, rights};
pub use tidstro_model::{PartyId, RoleId, SubjectKind};
pub use vocabulary::{Article6, Basis, Country, Finest, Operation, PartyKind, TransferGround};
