//! The event log: what happened, so that nobody can change it unseen.
//!
//! What comes in: events, the state of an open segment, a signing key, instants. What goes out: hashes,
//! closed segments, signed checkpoints, the lines of a bundle, and the first fault of a log that does
//! not hold. Never: a person's data (subjects are keyed commitments), a clock, a file.
//!
//! ```text
//! event → leaf → hash chained to the one before     events → Merkle root → segment → head → checkpoint
//! ```
//!
//! Each stream is a row of segments, each segment a row of events. A head covers everything before it,
//! so one signed head covers a whole stream. An expired segment leaves its root and its head behind.

mod bundle;
mod check;
mod checkpoint;
mod event;
mod fault;
mod hex;
mod import;
mod merkle;
mod segment;

pub use bundle::{
    BundleCheck, BundleFault, BundleHead, BundleReport, StreamEnd, event_line, header_line, segment_line,
    verify_bundle,
};
pub use check::{LogCheck, LogReport, StreamReport};
pub use checkpoint::{Checkpoint, Fingerprint, LogKey, Origin, PublicKey, Signature};
pub use event::{Event, EventKind, EventView, Form, GENESIS, Hash, Link, Stream, StreamId, link};
pub use fault::LogFault;
pub use hex::{hex, unhex};
pub use import::{AsideReason, ImportCheck, Imported, Reported, ReportedLease, read_report};
pub use merkle::{Tree, inclusion_proof, leaf_hash, tree_hash, verify_inclusion};
pub use segment::{ExpiredSegment, OpenSegment, SEGMENT_EVENTS, Segment};
