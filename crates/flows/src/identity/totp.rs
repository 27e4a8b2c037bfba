//! Setting up an authenticator program.

use jiff::Timestamp;
use tidstro_identity::Token;
use tidstro_store::{Confirmed, TotpOffer};
use zeroize::Zeroizing;

use super::NewSession;
use super::session::made;
use crate::{FlowFault, Workspace};

/// What became of the first code.
#[derive(Debug)]
pub enum TotpConfirmed {
    /// The program proves the account from now on. Every other session of it has ended.
    Confirmed {
        /// The session, with two factors.
        session: Box<NewSession>,
        /// Codes to keep on paper, in the clear for the only time. Each is good once.
        recovery: Vec<Zeroizing<String>>,
    },
    /// The code is wrong, or nothing was offered.
    Wrong,
}

/// Offers a secret to the account of a session; `None` if the session does not live or waits for its second factor.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn begin_totp(
    workspace: &Workspace,
    token: &str,
    now: Timestamp,
) -> Result<Option<TotpOffer>, FlowFault> {
    match Token::parse(token) {
        Some(token) => Ok(workspace.store.offer_totp(&token, now).await?),
        None => Ok(None),
    }
}

/// The secret that was offered last, for whoever mistyped its code; `None` if none waits.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn offered_totp(
    workspace: &Workspace,
    token: &str,
    now: Timestamp,
) -> Result<Option<TotpOffer>, FlowFault> {
    match Token::parse(token) {
        Some(token) => Ok(workspace.store.offered_totp(&token, now).await?),
        None => Ok(None),
    }
}

/// Takes the offered secret if a code of it is right.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn confirm_totp(
    workspace: &Workspace,
    token: &str,
    code: Zeroizing<String>,
    now: Timestamp,
) -> Result<TotpConfirmed, FlowFault> {
    let Some(token) = Token::parse(token) else { return Ok(TotpConfirmed::Wrong) };
    match workspace.store.confirm_totp(&token, code, now).await? {
        Confirmed::Wrong => Ok(TotpConfirmed::Wrong),
        Confirmed::Confirmed { session, recovery } => {
            let session = made(workspace, session.token, now).await?;
            Ok(session.map_or(TotpConfirmed::Wrong, |session| TotpConfirmed::Confirmed {
                session: Box::new(session),
                recovery,
            }))
        }
    }
}
