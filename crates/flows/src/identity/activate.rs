//! A code from a letter becomes a session, and an account its holder logs in to.

use jiff::Timestamp;
use tidstro_identity::{ActivationCode, CodeFault, PasswordFault};
use tidstro_store::Activated;
use zeroize::Zeroizing;

use super::password::chosen;
use super::session::made;
use super::{Browser, NewSession, Origin, slow};
use crate::{FlowFault, Workspace};

/// What somebody brings with a code.
pub struct Activation {
    /// The code as typed.
    pub code: Zeroizing<String>,
    /// The mail address a resident wants to log in with. Staff have their name.
    pub name: Option<Zeroizing<String>>,
    /// The password. Staff need one; residents may log in by mail.
    pub password: Option<Zeroizing<String>>,
    /// Where it comes from.
    pub origin: Origin,
    /// With which browser.
    pub browser: Browser,
}

/// What became of a code.
#[derive(Debug)]
pub enum ActivationOutcome {
    /// Its holder is logged in, and whatever proved the account before proves it no more.
    In(NewSession),
    /// The code is mistyped: nothing was looked up.
    Mistyped(CodeFault),
    /// There is no such code, or it was used, or its time is over.
    Refused,
    /// The password cannot be chosen; the code is still good.
    PasswordRefused(PasswordFault),
    /// Staff need a password; the code is still good.
    PasswordMissing,
    /// The address is none, or is that of another account; the code is still good.
    NameRefused,
}

/// Activates an account, or gets its holder back into it.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn activate(
    workspace: &Workspace,
    asked: Activation,
    now: Timestamp,
) -> Result<ActivationOutcome, FlowFault> {
    let code = match ActivationCode::parse(&asked.code) {
        Ok(code) => code,
        Err(fault) => return Ok(ActivationOutcome::Mistyped(fault)),
    };
    let holder = workspace.store.letter_holder(code.clone(), asked.origin.bytes(), now).await?;
    let Some(holder) = holder else { return Ok(ActivationOutcome::Refused) };
    let is_resident = holder.actor.subject().is_some();
    if is_resident && asked.name.as_ref().is_some_and(|name| !is_address(name)) {
        return Ok(ActivationOutcome::NameRefused);
    }
    let name = asked.name.as_ref().map(|name| name.as_str());
    let password = match &asked.password {
        None if !is_resident => return Ok(ActivationOutcome::PasswordMissing),
        None => None,
        Some(typed) => match chosen(workspace, &holder.actor, name, typed) {
            Ok(password) => Some(slow::hash(password).await?),
            Err(fault) => return Ok(ActivationOutcome::PasswordRefused(fault)),
        },
    };
    match workspace.store.activate(code, asked.name, password, asked.browser.words(), now).await? {
        Activated::Refused => Ok(ActivationOutcome::Refused),
        Activated::NameTaken => Ok(ActivationOutcome::NameRefused),
        Activated::In(session) => {
            let session = made(workspace, session.token, now).await?;
            Ok(session.map_or(ActivationOutcome::Refused, ActivationOutcome::In))
        }
    }
}

/// Whether mail can go there (RFC 5321, 4.5.3.1: at most 254 octets). Whether it arrives, only a mail tells.
pub(crate) fn is_address(text: &str) -> bool {
    let text = text.trim();
    let parts = text.rsplit_once('@');
    let is_plain =
        |part: &str| !part.is_empty() && !part.chars().any(|sign| sign.is_whitespace() || sign.is_control());
    text.len() <= 254
        && parts.is_some_and(|(box_name, domain)| {
            is_plain(box_name) && is_plain(domain) && !box_name.contains('@') && domain.contains('.')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_box_and_a_domain() {
        for text in ["a@b.dk", " Anna.Holm+x@post.example.dk ", "æ@ø.dk"] {
            assert!(is_address(text), "{text}");
        }
        for text in [
            "",
            "anna",
            "@b.dk",
            "a@",
            "a@b",
            "a b@c.dk",
            "a@b@c.dk",
            "a@b.dk\nBcc: x@y.dk",
            &format!("{}@b.dk", "a".repeat(250)),
        ] {
            assert!(!is_address(text), "{text}");
        }
    }
}
