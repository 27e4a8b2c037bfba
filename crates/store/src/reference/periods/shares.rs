//! Rows of `profile_share`: the share of a standard load profile from an instant on.

use jiff::Timestamp;
use tidstro_model::StatedShare;

use super::from_instants::FromInstants;
use super::{KnownAt, MasterChange};
use crate::StoreFault;
use crate::db::{Connection, params};

/// Shares in billionths, by the name of their profile.
const SHARES: FromInstants = FromInstants {
    known: "-- profile_share_at
            SELECT p.share FROM profile_share p
            WHERE p.profile = ?1 AND p.from_ms = ?2 AND p.retired_seq IS NULL",
    retire: "-- retire_profile_share
             UPDATE profile_share SET retired_seq = ?3
             WHERE profile = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
    insert: "-- insert_profile_share
             INSERT INTO profile_share (profile, from_ms, created_seq, share) VALUES (?1, ?2, ?3, ?4)",
    column: "profile_share.from_ms",
};

/// The share of a profile that begins at an instant, in billionths.
pub(crate) fn share_at(db: &Connection, profile: &str, at: Timestamp) -> Result<Option<i64>, StoreFault> {
    SHARES.known_at(db, profile, at)
}

/// Puts a share, in billionths, in the place of the one known for the instant; without one, the known one is withdrawn.
pub(crate) fn state_share(
    db: &Connection,
    change: &mut MasterChange,
    StatedShare { profile, share, at }: &StatedShare,
) -> Result<(), StoreFault> {
    SHARES.state(db, change, (profile.as_str(), *at), *share)
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
