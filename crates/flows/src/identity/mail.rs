//! Logging in by mail, for residents: a link, or a code for the browser that asked.

use jiff::Timestamp;
use tidstro_identity::{MailCode, Token};
use tidstro_store::{MailSecrets, Store};
use zeroize::Zeroizing;

use super::session::made;
use super::{Browser, LoggedIn, Origin};
use crate::{FlowFault, Workspace};

/// Who asks for a mail.
pub struct MailAsk {
    /// The address as typed.
    pub address: Zeroizing<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What becomes of it.
#[derive(Debug)]
pub struct MailAsked {
    /// What the browser keeps until the code is typed. Always there.
    pub pending: Zeroizing<String>,
    /// What to send, to be handed to a sink after the browser was answered, so that the time tells nothing. The browser's answer
    /// is the same where there is nothing to send.
    pub send: Option<MailSecrets>,
}

/// Asks for a mail to log in with. It goes out if the address is an account's, and has proved to be its holder's.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn ask_mail(workspace: &Workspace, asked: MailAsk, now: Timestamp) -> Result<MailAsked, FlowFault> {
    let pending = Store::pending_token()?;
    let send = workspace.store.ask_mail(asked.address, asked.origin.bytes(), pending.clone(), now).await?;
    Ok(MailAsked { pending: pending.text(), send })
}

/// Logs in with the link of a mail. For the button of a page, not for the opening of it: programs that look at mails open links.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn log_in_by_link(
    workspace: &Workspace,
    link: &str,
    browser: &Browser,
    now: Timestamp,
) -> Result<LoggedIn, FlowFault> {
    let Some(link) = Token::parse(link) else { return Ok(LoggedIn::Refused) };
    match workspace.store.log_in_by_link(link, browser.words(), now).await? {
        Some(session) => Ok(LoggedIn::of(made(workspace, session.token, now).await?)),
        None => Ok(LoggedIn::Refused),
    }
}

/// Logs in with the code of a mail, in the browser that asked for it.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn log_in_by_code(
    workspace: &Workspace,
    (pending, typed): (&str, &str),
    browser: &Browser,
    now: Timestamp,
) -> Result<LoggedIn, FlowFault> {
    let (Some(pending), Some(code)) = (Token::parse(pending), MailCode::parse(typed)) else {
        return Ok(LoggedIn::Refused);
    };
    match workspace.store.log_in_by_code(pending, code, browser.words(), now).await? {
        Some(session) => Ok(LoggedIn::of(made(workspace, session.token, now).await?)),
        None => Ok(LoggedIn::Refused),
    }
}

/// What to send to the address of a session's account, to see whether it is its holder's; the code is typed in the same session.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn ask_address_check(
    workspace: &Workspace,
    token: &str,
    now: Timestamp,
) -> Result<Option<MailSecrets>, FlowFault> {
    match Token::parse(token) {
        Some(token) => Ok(workspace.store.ask_address_check(token, now).await?),
        None => Ok(None),
    }
}

/// Notes that the address is its holder's; returns whether the code was right.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn prove_address(
    workspace: &Workspace,
    (token, typed): (&str, &str),
    now: Timestamp,
) -> Result<bool, FlowFault> {
    match (Token::parse(token), MailCode::parse(typed)) {
        (Some(token), Some(code)) => Ok(workspace.store.prove_address(token, code, now).await?),
        _ => Ok(false),
    }
}
