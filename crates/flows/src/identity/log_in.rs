//! Logging in with a name and a password, and then a code of the authenticator program.

use jiff::Timestamp;
use tidstro_identity::Token;
use tidstro_store::{Begun, Proved, Typed};
use zeroize::Zeroizing;

use super::session::made;
use super::{Browser, NewSession, Origin, slow};
use crate::{FlowFault, Workspace};

/// What somebody types to log in.
pub struct LogIn {
    /// The name: what follows `staff:`, or a resident's mail address.
    pub name: Zeroizing<String>,
    /// The password.
    pub password: Zeroizing<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// With which browser.
    pub browser: Browser,
}

/// What became of a log-in. It says nothing of whether there is such an account.
#[derive(Debug)]
pub enum LoggedIn {
    /// A session, perhaps with something to be done first.
    In(NewSession),
    /// Name, password or code is wrong, or the account is locked or closed.
    Refused,
    /// Too many failed: not before this instant. The same for names nobody has.
    Slowed {
        /// When the next attempt is looked at.
        until: Timestamp,
    },
}

impl LoggedIn {
    pub(super) fn of(made: Option<NewSession>) -> Self {
        made.map_or(Self::Refused, Self::In)
    }
}

/// Logs in with a name and a password. Where the account has an authenticator program, the session waits for its code.
///
/// # Errors
/// [`FlowFault`] if nobody logs in by the register, or the store fails.
pub async fn log_in(workspace: &Workspace, asked: LogIn, now: Timestamp) -> Result<LoggedIn, FlowFault> {
    let LogIn { name, password, origin, browser } = asked;
    let typed = Typed { name, origin: origin.bytes() };
    let check = match workspace.store.begin_log_in(typed, slow::nobodys().await?, now).await? {
        Begun::Slowed(until) => return Ok(LoggedIn::Slowed { until }),
        Begun::Check(check) => check,
    };
    let (check, rehash) = slow::check(check, password).await?;
    match workspace.store.end_log_in(check, rehash, browser.words(), now).await? {
        Some(session) => Ok(LoggedIn::of(made(workspace, session.token, now).await?)),
        None => Ok(LoggedIn::Refused),
    }
}

/// The second factor: a code of the authenticator program, or a recovery code. The session goes on under a new token.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn log_in_totp(
    workspace: &Workspace,
    token: &str,
    code: Zeroizing<String>,
    now: Timestamp,
) -> Result<LoggedIn, FlowFault> {
    let Some(token) = Token::parse(token) else { return Ok(LoggedIn::Refused) };
    let proved = workspace.store.prove_second(&token, code, now).await?;
    after_proof(workspace, proved, now).await
}

pub(super) async fn after_proof(
    workspace: &Workspace,
    proved: Proved,
    now: Timestamp,
) -> Result<LoggedIn, FlowFault> {
    Ok(match proved {
        Proved::Right(session) => LoggedIn::of(made(workspace, session.token, now).await?),
        Proved::Wrong => LoggedIn::Refused,
        Proved::Slowed(until) => LoggedIn::Slowed { until },
    })
}
