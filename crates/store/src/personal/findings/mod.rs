//! What waits for a decision: days of series in which a rule is open.
//!
//! What comes in: each new version of a day beside the one before it; permits to count, to read and to correct. What goes out:
//! how many days wait for each cause, the days of one cause a page at a time, and versions in which values are accepted as they are. Rows are
//! kept in the transaction of what they are about. Never: a value in a row, or a day listed that the permit does not reach.

mod accept;
mod causes;
mod changes;
mod page;
mod recount;

pub use accept::{AcceptDay, AcceptJob, Accepted};
pub use causes::FindingCause;
pub use page::{FindingCursor, FindingQuery, FindingsPage, OpenFinding, WantedFindings};

pub(super) use changes::FindingChanges;
pub(crate) use changes::forget_findings;
pub(super) use recount::recount_day;
