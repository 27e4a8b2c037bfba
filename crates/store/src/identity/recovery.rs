//! Getting a member of the staff back in who has lost everything: one asks, another approves, neither is the one it is about.
//!
//! What comes in: two permits of two people. What goes out: a code to hand over. Never: a code that one person alone has made for an
//! account of staff that was in use.

use crate::db::{OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::EventKind;
use tidstro_model::{AccountNo, ActorId};

use super::account::by_number;
use super::code::{Letter, issue_letter};
use super::{actor_of, after, instant, note};
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::Writing;

/// How long an ask waits for the second person.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// Number of an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecoveryNo(u32);

impl RecoveryNo {
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

/// What became of an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// A second person approves it by this number.
    Asked(RecoveryNo),
    /// There is no such account.
    UnknownAccount,
    /// Who asks is the one it is about.
    Own,
    /// Residents get a new code by letter.
    OfResident,
}

/// What became of an approval.
#[derive(Debug)]
pub enum RecoveryApproval {
    /// A code to hand over.
    Approved(Letter),
    /// Nobody has asked, or it was too long ago.
    Unknown,
    /// Who approves has asked, or is the one it is about.
    NotAnother,
}

pub(super) fn ask(
    writing: &mut Writing,
    terms: &Terms,
    account: AccountNo,
    now: Timestamp,
) -> Result<Recovery, StoreFault> {
    let Some(row) = by_number(&writing.db, account)? else { return Ok(Recovery::UnknownAccount) };
    if row.actor == terms.actor {
        return Ok(Recovery::Own);
    }
    if row.actor.subject().is_some() {
        return Ok(Recovery::OfResident);
    }
    let number = writing
        .db
        .prepare_cached(
            "-- ask_recovery
             INSERT INTO account_recovery (account_no, asked_by, asked_ms) VALUES (?1, ?2, ?3) RETURNING recovery_no",
        )?
        .query_row(params![account.as_u32(), terms.actor.as_str(), now.as_millisecond()], |row| row.get(0))?;
    note(writing, (EventKind::AccountChanged, &terms.actor), &row.actor, "recovery asked for", now)?;
    Ok(Recovery::Asked(RecoveryNo(number)))
}

pub(super) fn approve(
    writing: &mut Writing,
    terms: &Terms,
    recovery: RecoveryNo,
    now: Timestamp,
) -> Result<RecoveryApproval, StoreFault> {
    let Some((account, asked_by, asked)) = load(writing, recovery)? else {
        return Ok(RecoveryApproval::Unknown);
    };
    let row = by_number(&writing.db, account)?.filter(|_| now < after(asked, WAITS));
    let Some(row) = row else { return Ok(RecoveryApproval::Unknown) };
    if asked_by == terms.actor || row.actor == terms.actor {
        return Ok(RecoveryApproval::NotAnother);
    }
    writing
        .db
        .prepare_cached("-- recovery_done\nDELETE FROM account_recovery WHERE account_no = ?1")?
        .execute([account.as_u32()])?;
    note(writing, (EventKind::AccountChanged, &terms.actor), &row.actor, "recovery approved", now)?;
    issue_letter(writing, account, &row.actor, now).map(RecoveryApproval::Approved)
}

fn load(
    writing: &Writing,
    recovery: RecoveryNo,
) -> Result<Option<(AccountNo, ActorId, Timestamp)>, StoreFault> {
    let found: Option<(u32, String, i64)> = writing
        .db
        .prepare_cached(
            "-- recovery
             SELECT r.account_no, r.asked_by, r.asked_ms FROM account_recovery r WHERE r.recovery_no = ?1",
        )?
        .query_row([recovery.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    found.map(|(account, by, at)| Ok((AccountNo::new(account), actor_of(&by)?, instant(at)?))).transpose()
}
