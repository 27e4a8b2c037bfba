//! Rows of `profile_share`: the share of a standard load profile from an instant on.

use jiff::Timestamp;
use tidstro_model::StatedShare;

use super::{KnownAt, MasterChange};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, params};

/// The share of a profile that begins at an instant, in billionths.
pub(crate) fn share_at(db: &Connection, profile: &str, at: Timestamp) -> Result<Option<i64>, StoreFault> {
    let found = db
        .prepare_cached(
            "-- profile_share_at
             SELECT p.share FROM profile_share p
             WHERE p.profile = ?1 AND p.from_ms = ?2 AND p.retired_seq IS NULL",
        )?
        .query_row(params![profile, at.as_millisecond()], |row| row.get(0))
        .optional()?;
    Ok(found)
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
        let at = Timestamp::from_millisecond(row.get(1)?);
        let at = at.map_err(|_| StoreFault::Row { what: "profile_share.from_ms" })?;
        Ok(StatedShare { profile: row.get(0)?, share: Some(row.get(2)?), at })
    })?;
    rows.collect()
}

/// Puts a share in the place of the one known for the instant; without one, the known one is withdrawn. A share that is known
/// already changes nothing.
pub(crate) fn state_share(
    db: &Connection,
    change: &mut MasterChange,
    StatedShare { profile, share, at }: &StatedShare,
) -> Result<(), StoreFault> {
    let known = share_at(db, profile, *at)?;
    if known == *share {
        return Ok(());
    }
    let seq = change.seq(db)?;
    if known.is_some() {
        let retired = db
            .prepare_cached(
                "-- retire_profile_share
                 UPDATE profile_share SET retired_seq = ?3
                 WHERE profile = ?1 AND from_ms = ?2 AND retired_seq IS NULL",
            )?
            .execute(params![profile, at.as_millisecond(), seq])?;
        change.done.retired += retired as u64;
    }
    if let Some(share) = share {
        db.prepare_cached(
            "-- insert_profile_share
             INSERT INTO profile_share (profile, from_ms, created_seq, share) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![profile, at.as_millisecond(), seq, *share])?;
        change.done.added += 1;
    }
    Ok(())
}
