//! Logins that failed, lockouts, and their ends.

use std::fmt;

use crate::db::params;
use jiff::Timestamp;
use tidstro_govern::{Event, EventKind, Register};
use tidstro_model::{ActorId, SubjectNo};
use zeroize::Zeroizing;

use super::append::append;
use super::concerned::logged_actor;
use crate::StoreFault;
use crate::personal::Writing;

/// What happened at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginKind {
    /// A login failed.
    Failed,
    /// The user was locked out after too many failed logins.
    LockedOut,
    /// The lockout ended.
    Unlocked,
}

impl LoginKind {
    const fn event(self) -> EventKind {
        match self {
            Self::Failed => EventKind::LoginFailed,
            Self::LockedOut => EventKind::LockedOut,
            Self::Unlocked => EventKind::Unlocked,
        }
    }
}

/// Something that happened at the door.
pub struct LoginEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: LoginKind,
    /// The user name as typed. People type passwords there: it is never kept or shown as it is.
    pub typed: Zeroizing<String>,
    /// Who did it, if it was not whoever typed the name: who ended a lockout, for example.
    pub by: Option<ActorId>,
}

impl fmt::Debug for LoginEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoginEvent({:?} at {})", self.kind, self.at)
    }
}

/// Logs it. A name the register knows is named; any other is a commitment made with the controller's
/// key, so that attempts with one name can be counted and the name cannot be read.
pub(crate) fn record_login(
    writing: &mut Writing,
    register: &Register,
    login: &LoginEvent,
) -> Result<(), StoreFault> {
    let user = known_user(writing, register, &login.typed)?;
    let unknown = writing.vault.commit("tidstro login", login.typed.as_bytes());
    let (subjects, detail) = match &user {
        Some(user) => (Vec::new(), format!("user {}", logged_actor(writing, user.clone())?)),
        None => (vec![unknown], "a user the register does not know".to_owned()),
    };
    let actor = match login.by.clone().or(user) {
        Some(actor) => actor,
        None => ActorId::parse("job:login").map_err(|_| StoreFault::Row { what: "event.actor" })?,
    };
    append(writing, Event { subjects, ..Event::new(login.at, login.kind.event(), actor, detail) })?;
    Ok(())
}

/// The user of this name: an actor of the register, or a resident there is.
fn known_user(writing: &Writing, register: &Register, typed: &str) -> Result<Option<ActorId>, StoreFault> {
    let Ok(actor) = ActorId::parse(typed) else { return Ok(None) };
    let is_known = match actor.subject() {
        Some(subject) => subject_exists(writing, subject)?,
        None => register.actors().any(|known| known.id == actor),
    };
    Ok(is_known.then_some(actor))
}

fn subject_exists(writing: &Writing, subject: SubjectNo) -> Result<bool, StoreFault> {
    let exists = writing
        .db
        .prepare_cached(
            "-- subject_exists
             SELECT EXISTS (SELECT 1 FROM subject WHERE subject_no = ?1)",
        )?
        .query_row(params![subject.as_u32()], |row| row.get(0))?;
    Ok(exists)
}
