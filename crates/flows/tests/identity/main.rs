//! Who gets in: accounts, log-in, second factors, sessions, tokens and reviews, through the public flows.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

#[expect(dead_code, reason = "nothing is measured here")]
#[path = "../common/mod.rs"]
mod common;

mod door;
mod end;
mod lockout;
mod machines;
mod once;
mod place;
mod residents;
mod reviews;
mod second;
mod sessions;
