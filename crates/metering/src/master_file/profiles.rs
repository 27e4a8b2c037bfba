//! Rows about standard load profiles: from named fields to a statement.

use jiff::Timestamp;
use tidstro_model::{Decimal, SHARE_EXPONENT, StatedShare};

use super::field::{Row, quarter};
use super::{FieldFault, MasterRowFault};

/// A share is below this many billionths, so that a year of them stays in 64 bits.
const LARGEST_SHARE: i64 = 1_000_000_000_000;

/// A row of profile shares; an empty share withdraws the one known for the time.
pub(super) fn share(row: &Row<'_>) -> Result<StatedShare, MasterRowFault> {
    let share = |text: &str| {
        let parsed = Decimal::parse(text.as_bytes()).ok().and_then(|share| share.in_steps_of(SHARE_EXPONENT));
        parsed.filter(|share| (0..LARGEST_SHARE).contains(share)).ok_or(FieldFault::Share)
    };
    let at: Timestamp = row.read("share_time", quarter)?;
    Ok(StatedShare {
        profile: row.read("profile", |text| Ok(text.to_owned()))?,
        share: row.read_if("share", share)?,
        at,
    })
}
