//! Reviews of access: who has which role, since when, last used; confirmed or removed one by one.
//!
//! What comes in: the register, and decisions of somebody who looks after access. What goes out: what is still to be decided. Roles
//! are the register's: a removed one shuts the account until the register follows. Never: a decision about one's own roles.

use crate::db::{Connection, params};
use jiff::Timestamp;
use tidstro_govern::{EventKind, Register};
use tidstro_model::{ActorId, RoleId};

use super::account::by_actor;
use super::session::end_all;
use super::{actor_of, note, optional_instant};
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::Writing;

/// Number of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReviewNo(u32);

impl ReviewNo {
    /// A number as a list shows it.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The plain number.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

/// What was decided about a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDecision {
    /// It is still needed.
    Confirmed,
    /// It is not: the account is shut until the register follows.
    Removed,
}

impl ReviewDecision {
    /// The word used in SQL and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Removed => "removed",
        }
    }

    fn from_word(word: &str) -> Result<Self, StoreFault> {
        match word {
            "confirmed" => Ok(Self::Confirmed),
            "removed" => Ok(Self::Removed),
            _ => Err(StoreFault::Row { what: "access_review_item.decision" }),
        }
    }
}

/// One role of one actor in a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    /// Whose.
    pub actor: ActorId,
    /// Which.
    pub role: RoleId,
    /// Since when the actor has an account; `None` where it has none.
    pub since: Option<Timestamp>,
    /// The last log-in.
    pub seen: Option<Timestamp>,
    /// What was decided.
    pub decision: Option<ReviewDecision>,
    /// By whom.
    pub decided_by: Option<ActorId>,
}

/// Begins a review of everybody the register names.
pub(super) fn begin(
    writing: &mut Writing,
    register: &Register,
    terms: &Terms,
    now: Timestamp,
) -> Result<ReviewNo, StoreFault> {
    let number: u32 = writing
        .db
        .prepare_cached(
            "-- begin_review
             INSERT INTO access_review (begun_by, begun_ms) VALUES (?1, ?2) RETURNING review_no",
        )?
        .query_row(params![terms.actor.as_str(), now.as_millisecond()], |row| row.get(0))?;
    let mut insert = writing.db.prepare_cached(
        "-- insert_review_item
         INSERT INTO access_review_item (review_no, actor, role) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    let mut roles = 0_u64;
    for actor in register.actors() {
        for role in &actor.roles {
            roles += insert.execute(params![number, actor.id.as_str(), role.as_str()])? as u64;
        }
    }
    drop(insert);
    let what = format!("review {number} of {roles} roles begun");
    note(writing, (EventKind::AccessReviewed, &terms.actor), &terms.actor, &what, now)?;
    Ok(ReviewNo(number))
}

/// The newest review, if there ever was one.
pub(super) fn newest(db: &Connection) -> Result<Option<(ReviewNo, Option<Timestamp>)>, StoreFault> {
    let found: (Option<u32>, Option<i64>) = db
        .prepare_cached("-- newest_review\nSELECT max(r.review_no), max(r.begun_ms) FROM access_review r")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let begun = optional_instant(found.1)?;
    Ok(found.0.map(|number| (ReviewNo(number), begun)))
}

/// The lines of a review, by actor and role.
pub(super) fn lines(db: &Connection, review: ReviewNo) -> Result<Vec<ReviewLine>, StoreFault> {
    db.prepare_cached(
        "-- review_lines
         SELECT i.actor, i.role, a.opened_ms, a.seen_ms, i.decision, i.decided_by
         FROM access_review_item i LEFT JOIN account a ON a.actor = i.actor
         WHERE i.review_no = ?1 ORDER BY i.actor, i.role",
    )?
    .query_and_then([review.0], |row| {
        let (actor, role): (String, String) = (row.get(0)?, row.get(1)?);
        let (decision, by): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
        Ok(ReviewLine {
            actor: actor_of(&actor)?,
            role: RoleId::parse(&role).map_err(|_| StoreFault::Row { what: "access_review_item.role" })?,
            since: optional_instant(row.get(2)?)?,
            seen: optional_instant(row.get(3)?)?,
            decision: decision.as_deref().map(ReviewDecision::from_word).transpose()?,
            decided_by: by.as_deref().map(actor_of).transpose()?,
        })
    })?
    .collect()
}

/// Decides about one role. Returns whether there was such a role to decide about, of somebody else.
pub(super) fn decide(
    writing: &mut Writing,
    terms: &Terms,
    (review, actor, role): (ReviewNo, &ActorId, &RoleId),
    decision: ReviewDecision,
    now: Timestamp,
) -> Result<bool, StoreFault> {
    if *actor == terms.actor {
        return Ok(false);
    }
    let decided = writing
        .db
        .prepare_cached(
            "-- decide_review
             UPDATE access_review_item SET decision = ?4, decided_by = ?5, decided_ms = ?6
             WHERE review_no = ?1 AND actor = ?2 AND role = ?3",
        )?
        .execute(params![
            review.0,
            actor.as_str(),
            role.as_str(),
            decision.word(),
            terms.actor.as_str(),
            now.as_millisecond()
        ])?;
    if decided == 0 {
        return Ok(false);
    }
    take_or_give_back(writing, actor, role, decision)?;
    let what = format!("review {}: role {role} {}", review.0, decision.word());
    note(writing, (EventKind::AccessReviewed, &terms.actor), actor, &what, now)?;
    Ok(true)
}

fn take_or_give_back(
    writing: &Writing,
    actor: &ActorId,
    role: &RoleId,
    decision: ReviewDecision,
) -> Result<(), StoreFault> {
    let Some(row) = by_actor(&writing.db, actor)? else { return Ok(()) };
    let removed: String = writing
        .db
        .prepare_cached("-- removed_roles\nSELECT a.removed_roles FROM account a WHERE a.account_no = ?1")?
        .query_row([row.account.as_u32()], |found| found.get(0))?;
    let mut roles: Vec<&str> =
        removed.split(' ').filter(|name| !name.is_empty() && *name != role.as_str()).collect();
    if decision == ReviewDecision::Removed {
        roles.push(role.as_str());
        end_all(&writing.db, row.account, None)?;
    }
    writing
        .db
        .prepare_cached("-- remove_roles\nUPDATE account SET removed_roles = ?2 WHERE account_no = ?1")?
        .execute(params![row.account.as_u32(), roles.join(" ")])?;
    Ok(())
}
