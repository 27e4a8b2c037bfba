//! Retention over time: what is kept until its last day, and gone the day after; in the folder, in a
//! backup of it, and in every answer.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod alarms;
#[expect(dead_code, reason = "these tests open registers of their own")]
#[path = "../common/mod.rs"]
mod common;
mod late;
mod metering;
mod months;
mod protect;
mod records;
mod store;
mod telegrams;
mod unplaced;
