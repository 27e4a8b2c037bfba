//! The way of an operating day from the meters to the market (D.1 §§ 2, 4 and 11).
//!
//! What comes in: the block of a series on a local day, and a working calendar. What goes out: how far the day has come
//! ([`DayState`]), and by when it must be out ([`DayClock`]). Nothing here counts or keeps; it never reads a clock.

mod clock;
mod state;

pub use clock::{DayClock, Standing};
pub use state::DayState;
