//! Proving again who one is, before an export or access to keys.

use jiff::Timestamp;
use tidstro_identity::Token;
use tidstro_store::Begun;
use zeroize::Zeroizing;

use super::log_in::after_proof;
use super::{LoggedIn, slow};
use crate::{FlowFault, Workspace};

/// What proves it.
pub enum Proof {
    /// The password.
    Password(Zeroizing<String>),
    /// A code of the authenticator program, or a recovery code.
    Totp(Zeroizing<String>),
}

/// Makes the proof of a session fresh. It goes on under a new token and lasts no longer than before.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn step_up(
    workspace: &Workspace,
    token: &str,
    proof: Proof,
    now: Timestamp,
) -> Result<LoggedIn, FlowFault> {
    let Some(token) = Token::parse(token) else { return Ok(LoggedIn::Refused) };
    let proved = match proof {
        Proof::Totp(code) => workspace.store.prove_second(&token, code, now).await?,
        Proof::Password(typed) => {
            match workspace.store.begin_proof(&token, slow::nobodys().await?, now).await? {
                None => return Ok(LoggedIn::Refused),
                Some(Begun::Slowed(until)) => return Ok(LoggedIn::Slowed { until }),
                Some(Begun::Check(check)) => {
                    let (check, _) = slow::check(check, typed).await?;
                    workspace.store.end_proof(&token, check, None, now).await?
                }
            }
        }
    };
    after_proof(workspace, proved, now).await
}
