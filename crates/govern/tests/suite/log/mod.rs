//! The event log, from leaves to bundles.

mod book;
mod bundle;
mod event;
mod import;
mod merkle;
mod segment;
