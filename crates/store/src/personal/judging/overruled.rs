//! What corrections a day's values took the place of, told long after they came.
//!
//! What comes in: the newest version of a local day that the permit reaches. What goes out: for each value that took the place of
//! somebody's correction, what it had been corrected to. Never: a version that another key seals, which may be somebody else's.

use tidstro_metering::{Block, Explained, MadeVersion, explain_overruled, overruled_in};
use tidstro_model::{Mark, Rule, SeriesNo};

use crate::StoreFault;
use crate::db::Connection;
use crate::personal::append::{cause_of, maker};
use crate::personal::versions::{AnyVersion, versions_of_day};
use crate::seal::Vault;

/// Whether a value of a day took the place of a correction.
pub(super) fn has_overruled(marks: &[Mark]) -> bool {
    marks.iter().any(|mark| mark.findings().contains(Rule::Overruled))
}

/// The findings of the rule *overruled* in a version of a day, if it is the newest.
pub(super) fn overruled_on(
    (db, vault): (&Connection, &mut Vault),
    (day, seq): ((i32, SeriesNo), i64),
    block: &Block,
) -> Result<Vec<Explained>, StoreFault> {
    let stored = versions_of_day(db, vault, day)?;
    let newest = stored.last().filter(|version| version.seq == seq);
    let Some(key) = newest.map(|version| version.key) else { return Ok(Vec::new()) };
    let mut versions = Vec::with_capacity(stored.len());
    for AnyVersion { seq, block, .. } in stored.into_iter().filter(|version| version.key == key) {
        versions.push(MadeVersion { seq, maker: maker(cause_of(db, seq)?), block });
    }
    let mut found = Vec::new();
    explain_overruled(&mut block.clone(), &overruled_in(&versions), &mut found);
    Ok(found)
}
