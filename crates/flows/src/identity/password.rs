//! A new password.

use jiff::Timestamp;
use tidstro_identity::{Password, PasswordFault, PasswordRules, Token};
use tidstro_model::ActorId;
use tidstro_store::Begun;
use zeroize::Zeroizing;

use super::log_in::after_proof;
use super::{LoggedIn, NewSession, session_of, slow};
use crate::{FlowFault, Workspace};

/// What became of a wish for a new password.
#[derive(Debug)]
pub enum PasswordChange {
    /// It is the password now. Every other session of the account has ended.
    Changed(NewSession),
    /// The old one is wrong, or there is no such session.
    Wrong,
    /// The old one is not looked at before this instant.
    Slowed {
        /// When the next attempt is looked at.
        until: Timestamp,
    },
    /// The new one cannot be chosen.
    Refused(PasswordFault),
}

/// Sets a new password for the account of a session.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn change_password(
    workspace: &Workspace,
    token: &str,
    (old, new): (Zeroizing<String>, Zeroizing<String>),
    now: Timestamp,
) -> Result<PasswordChange, FlowFault> {
    let session = session_of(workspace, token, now).await?;
    let (Some(session), Some(token)) = (session, Token::parse(token)) else {
        return Ok(PasswordChange::Wrong);
    };
    let new = match chosen(workspace, session.actor(), None, &new) {
        Ok(new) => slow::hash(new).await?,
        Err(fault) => return Ok(PasswordChange::Refused(fault)),
    };
    let check = match workspace.store.begin_proof(&token, slow::nobodys().await?, now).await? {
        None => return Ok(PasswordChange::Wrong),
        Some(Begun::Slowed(until)) => return Ok(PasswordChange::Slowed { until }),
        Some(Begun::Check(check)) => check,
    };
    let (check, _) = slow::check(check, old).await?;
    let proved = workspace.store.end_proof(&token, check, Some(new), now).await?;
    Ok(match after_proof(workspace, proved, now).await? {
        LoggedIn::In(session) => PasswordChange::Changed(session),
        LoggedIn::Refused => PasswordChange::Wrong,
        LoggedIn::Slowed { until } => PasswordChange::Slowed { until },
    })
}

/// A password that this actor may choose.
pub(super) fn chosen(
    workspace: &Workspace,
    actor: &ActorId,
    name: Option<&str>,
    typed: &str,
) -> Result<Password, PasswordFault> {
    let register = workspace.register();
    let is_resident = actor.subject().is_some();
    let rules = if is_resident { PasswordRules::RESIDENT } else { PasswordRules::STAFF };
    let own = if is_resident {
        name.and_then(|name| name.split('@').next())
    } else {
        actor.as_str().split(':').nth(1)
    };
    let operator = register.party(register.operator()).map(|party| party.name.as_str());
    // Of a firm's name, the first word is what people use.
    let operator = operator.and_then(|name| name.split(' ').next());
    let names: Vec<&str> = own.into_iter().chain(operator).collect();
    Password::parse(typed, rules, &names, workspace.breached())
}
