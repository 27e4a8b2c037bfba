//! Retention runs: look at what no activity keeps, have it approved, erase it, certify it.
//!
//! Permits to erase and an instant come in; a preview with counts, an approval, a run and a signed
//! certificate go out. Keys are destroyed before rows, so that a run that is cut short leaves nothing
//! that opens; the next one finishes it. Never: an erasure that nobody approved, or of something that an
//! activity keeps or a hold protects by the time it is reached. The rules are [`tidstro_govern`]'s.

mod approve;
mod certificate;
mod doomed;
mod door;
mod erase;
mod holdings;
mod preview;
mod run;
#[cfg(test)]
mod tests;
mod unplaced;

pub use approve::RetentionApproval;
pub use preview::{PreviewState, RetentionCount, RetentionPreview};
pub use run::RetentionRun;

pub(crate) use erase::erase_dossier;
pub(crate) use unplaced::erase_unplaced;
