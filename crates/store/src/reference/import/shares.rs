//! Rows about standard load profiles.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::{MasterRow, StatedShare};

use super::plan::Plan;
use super::{ItemChange, MasterRefusal, NumberDifference};
use crate::StoreFault;
use crate::reference::periods::shares_at;

/// The index of a row, and what it says.
type Said = (usize, Option<i64>);

/// Shares: each profile by itself, each instant once.
pub(super) fn plan_shares(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    let mut by_profile: BTreeMap<&str, BTreeMap<Timestamp, Said>> = BTreeMap::new();
    for (index, row) in plan.rows() {
        let MasterRow::ProfileShare(StatedShare { profile, share, at }) = row else { continue };
        let said = by_profile.entry(profile).or_default().entry(*at).or_insert((index, *share));
        if said.1 != *share {
            let (file, line) = plan.place_of(said.0);
            plan.refuse(index, MasterRefusal::Twice { file, line });
        }
    }
    by_profile.into_iter().try_for_each(|(profile, shares)| plan_profile(plan, profile, shares))
}

fn plan_profile(
    plan: &mut Plan<'_>,
    profile: &str,
    shares: BTreeMap<Timestamp, Said>,
) -> Result<(), StoreFault> {
    let instants: Vec<Timestamp> = shares.keys().copied().collect();
    let known = shares_at(plan.db, profile, &instants)?;
    let mut difference = NumberDifference::default();
    let first = shares.values().map(|(index, _)| *index).min().unwrap_or(0);
    for (at, (_, share)) in shares {
        let old = known.get(&at).copied();
        if old == share {
            continue;
        }
        difference.retired.extend(old.map(|old| (at, old)));
        difference.added.extend(share.map(|new| (at, new)));
        plan.data.profile_shares.push(StatedShare { profile: profile.to_owned(), share, at });
    }
    if difference == NumberDifference::default() {
        plan.unchanged();
    } else {
        plan.change(first, ItemChange::ProfileShares { profile: profile.to_owned(), difference });
    }
    Ok(())
}
