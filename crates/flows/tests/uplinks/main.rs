//! What gateways send, by every way there is: files in a folder, messages of a broker, requests. Kept once, whatever
//! order it comes in and wherever it is cut short; and who has not been heard.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod bench;
#[path = "../common/mod.rs"]
mod common;
mod exports;
mod http;
mod mosquitto;
mod mqtt;
mod pieces;
mod shuffled;
mod silent;
mod watch;
