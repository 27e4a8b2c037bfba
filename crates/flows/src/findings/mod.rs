//! What waits for a decision, and deciding it.
//!
//! What comes in: who asks, what for, a cause, days. What goes out: how many days wait for each cause, the days of one cause a page at a
//! time, what a decision would do and what it did. A decision is an estimate or an acceptance of many days at once; each day becomes
//! a version, and whoever leaves a day alone decides nothing. Never: a decision about days that are others than those that were shown.

mod causes;
mod decide;
mod preview;
mod recount;

pub use causes::{
    CauseLine, FindingCause, FindingsAsk, OpenFindingLine, OpenFindings, area_called, finding_causes,
    open_findings,
};
pub use decide::{DecideOutcome, DecisionDone, decide};
pub use preview::{Decision, DecisionAsk, DecisionEffect, DecisionLine, DecisionPreview, preview_decision};
pub use recount::recount_findings;
pub use tidstro_store::FindingCursor;

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{AreaNo, DayRange, Resolution};

use crate::Workspace;

/// The categories of the register that series fall into.
pub const SERIES_CATEGORIES: [&str; 2] = ["consumption", "indoor-climate"];

/// Local days that are over: one that still runs waits for its values, not for a decision.
fn over(workspace: &Workspace, now: Timestamp) -> Date {
    workspace.zone().day_of(now)
}

/// The gate's ask about one area, or about all.
fn ask_of(
    (asked, area): (&FindingsAsk, Option<AreaNo>),
    (operation, days, resolution): (Operation, DayRange, Resolution),
) -> Ask {
    Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation,
        category: asked.category.clone(),
        target: area.map_or(Target::Everything, Target::Area),
        days,
        resolution,
        recipient: None,
        factors: asked.factors,
    }
}
