//! Which register decides, and how another one takes its place.
//!
//! What comes in: registers that hold together. What goes out: the text of the one that decides, and
//! whether another may become it. Each that ever decided is kept with its instant. A register that widens
//! what may be read or kept needs an approval in the log that names its hash; one that narrows needs none.
//! Never: a register in the place of the running one that the log does not tell of; a change of anything
//! but the log when one is refused.

mod admit;
mod approve;
mod door;
mod history;
mod kept;

pub use history::{RegisterStep, RegisterStepKind};

pub(crate) use admit::{admit, all_approved, still_decides};
pub(crate) use kept::running;
