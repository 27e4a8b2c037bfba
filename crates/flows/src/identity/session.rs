//! Whose session a cookie stands for, and its end.

use jiff::Timestamp;
use tidstro_identity::Token;
use tidstro_model::{AccountNo, ActorId, RoleId};
use tidstro_store::{KnownSession, Need, SessionNo};
use zeroize::Zeroizing;

use super::By;
use crate::{FlowFault, Workspace};

/// A session that lives. It says who asks; what they may do is for the gate.
#[derive(Debug, Clone)]
pub struct Session {
    pub(super) known: KnownSession,
    pub(super) token: Token,
}

impl Session {
    /// Its number, which does not lead to its token.
    #[must_use]
    pub const fn number(&self) -> SessionNo {
        self.known.session
    }

    /// Its account.
    #[must_use]
    pub const fn account(&self) -> AccountNo {
        self.known.account
    }

    /// Who it is: staff of the register, or a resident.
    #[must_use]
    pub const fn actor(&self) -> &ActorId {
        &self.known.actor
    }

    /// The roles the register gives now. At least one.
    #[must_use]
    pub fn roles(&self) -> &[RoleId] {
        &self.known.roles
    }

    /// Whether it is a resident's.
    #[must_use]
    pub fn is_resident(&self) -> bool {
        self.known.actor.subject().is_some()
    }

    /// How many factors were proved: 0 while the second is awaited, 1 or 2.
    #[must_use]
    pub const fn factors(&self) -> u8 {
        self.known.factors
    }

    /// What must be done before anything else.
    #[must_use]
    pub const fn need(&self) -> Option<Need> {
        self.known.need
    }

    /// Whether nothing must be done first.
    #[must_use]
    pub const fn may_work(&self) -> bool {
        self.known.need.is_none() && self.known.factors > 0
    }

    /// Whether its proof is young enough for what asks for a fresh one: exports, keys.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.known.times.is_fresh(self.known.limits, now)
    }

    /// When it began.
    #[must_use]
    pub const fn began(&self) -> Timestamp {
        self.known.times.began
    }

    /// When it ends unless it is used.
    #[must_use]
    pub fn idle_until(&self) -> Timestamp {
        self.known.times.idle_until(self.known.limits)
    }

    /// When it ends in any case.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.known.times.ends(self.known.limits)
    }

    /// What each form of this session carries in a hidden field, so that no other site can send it.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.token.form_secret()
    }

    /// Whether a form was made in this session. Takes the same time wherever the difference is.
    #[must_use]
    pub fn csrf_holds(&self, given: &str) -> bool {
        self.token.made_form(given)
    }

    /// Its holder as somebody who looks after access.
    #[must_use]
    pub fn by(&self) -> By {
        By { actor: self.known.actor.clone(), factors: self.known.factors.max(1) }
    }
}

/// A session that begins, or goes on under a new token.
#[derive(Debug)]
pub struct NewSession {
    /// What the browser keeps, in the clear for the only time: 52 letters and digits.
    pub token: Zeroizing<String>,
    /// The session.
    pub session: Session,
}

/// The session of a cookie; `None` for a text that is none, one that has ended, or one whose actor has no role any more. Cheap: one
/// row is read, and at most once a minute one is written.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn session_of(
    workspace: &Workspace,
    token: &str,
    now: Timestamp,
) -> Result<Option<Session>, FlowFault> {
    let Some(token) = Token::parse(token) else { return Ok(None) };
    let known = workspace.store.session(&token, now).await?;
    Ok(known.map(|known| Session { known, token }))
}

/// The session that was just made.
pub(super) async fn made(
    workspace: &Workspace,
    token: Token,
    now: Timestamp,
) -> Result<Option<NewSession>, FlowFault> {
    let known = workspace.store.session(&token, now).await?;
    Ok(known.map(|known| NewSession { token: token.text(), session: Session { known, token } }))
}

/// Ends the session of a cookie; returns whether it lived.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn log_out(workspace: &Workspace, token: &str, now: Timestamp) -> Result<bool, FlowFault> {
    match Token::parse(token) {
        Some(token) => Ok(workspace.store.log_out(&token, now).await?),
        None => Ok(false),
    }
}
