//! Meters that are asked over TCP: a cycle against many of them with faults, killed and begun again, with figures that
//! must be exact.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[expect(dead_code, reason = "these tests take what they need")]
#[path = "../common/mod.rs"]
mod common;
mod cycle;
mod host;
mod listen;
mod place;
