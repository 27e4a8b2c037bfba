//! Rows of `profile_share`: the share of a standard load profile from an instant on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_model::StatedShare;

use super::from_instants::FromInstants;
use super::{KnownAt, MasterChange};
use crate::StoreFault;
use crate::db::{Bound, Connection, params};

/// Shares in billionths, by the name of their profile.
const SHARES: FromInstants = FromInstants {
    known: "-- profile_shares_at
            SELECT p.from_ms, p.share FROM profile_share p
            WHERE p.from_ms = ?1 AND p.profile = ?2 AND p.retired_seq IS NULL",
    retire: "-- retire_profile_share
             UPDATE profile_share SET retired_seq = ?3
             WHERE profile = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
    table: "profile_share (profile, from_ms, created_seq, share)",
    column: "profile_share.from_ms",
};

/// The shares of a profile that begin at these instants, in billionths.
pub(crate) fn shares_at(
    db: &Connection,
    profile: &str,
    instants: &[Timestamp],
) -> Result<BTreeMap<Timestamp, i64>, StoreFault> {
    SHARES.known_at(db, Bound::Text(profile), instants)
}

/// Puts shares, in billionths, in the place of those known for their instants; without one, the known one is withdrawn.
pub(crate) fn state_shares(
    db: &Connection,
    change: &mut MasterChange,
    stated: &[StatedShare],
) -> Result<(), StoreFault> {
    let mut by_profile = BTreeMap::<&str, BTreeMap<_, _>>::new();
    for StatedShare { profile, share, at } in stated {
        by_profile.entry(profile).or_default().insert(*at, *share);
    }
    by_profile
        .into_iter()
        .try_for_each(|(profile, shares)| SHARES.state(db, change, Bound::Text(profile), &shares))
}

/// The shares of a profile, or of all, in order of profile and time.
pub(crate) fn shares_of(
    db: &Connection,
    profile: Option<&str>,
    known: KnownAt,
) -> Result<Vec<StatedShare>, StoreFault> {
    let mut statement = db.prepare_cached(
        "-- profile_shares_of
         SELECT p.profile, p.from_ms, p.share FROM profile_share p
         WHERE (?2 = '' OR p.profile = ?2) AND p.created_seq <= ?1 AND (p.retired_seq IS NULL OR p.retired_seq > ?1)
         ORDER BY p.profile, p.from_ms",
    )?;
    let rows = statement.query_and_then(params![known.0, profile.unwrap_or_default()], |row| {
        Ok(StatedShare { profile: row.get(0)?, share: Some(row.get(2)?), at: SHARES.instant(row, 1)? })
    })?;
    rows.collect()
}
