//! Validation, estimation and correction of what was registered: what changes, what must not, and what is said of it.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod again;
mod anew;
mod bench;
mod chains;
#[path = "../common/mod.rs"]
mod common;
mod correct;
mod estimate;
mod family;
mod profile;
mod queue;
mod rules;
mod sums;
mod validate;
