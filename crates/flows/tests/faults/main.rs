//! A server that fails in the middle of a use, or the way to it: nothing acknowledged is lost, nothing is kept twice, and who
//! asked is told what to do.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[expect(dead_code, reason = "these tests open places of their own")]
#[path = "../common/mod.rs"]
mod common;
mod cut;
mod full;
mod grid;
mod moved;
mod together;
