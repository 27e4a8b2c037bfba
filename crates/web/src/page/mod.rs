//! What pages are made of: the frame around them, numbers and days in words, charts.

pub(crate) mod amount;
pub(crate) mod chart;
pub(crate) mod frame;

pub(crate) use frame::{Frame, Here, rooms};
