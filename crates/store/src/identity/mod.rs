//! Who may log in: accounts, what proves them, who is logged in, what other programs log in with.
//!
//! What comes in: what was typed, as far as rules of `tidstro-identity` read it, and permits of those who look after access. What
//! goes out: sessions, and tokens and codes once, when they are made. Hashes are kept of them, sealed where somebody chose the
//! secret. Logging in needs no permit: nobody learns anything but who they are themselves. Never: a secret or a name in the log,
//! another answer for an account that does not exist, or an account that outlives its dossier.
//!
//! `account` makes and lists accounts; `secret` seals what proves them; `attempt` counts failures; `login` lets in; `session` knows
//! who is in; `second` is the second factor; `code` is for letters and mails; `recovery`, `machine`, `review` and `close` are uses
//! of administrators; `door` files say them to flows.

mod account;
mod admin_door;
mod attempt;
mod close;
mod code;
mod door;
mod login;
mod machine;
mod mail;
mod password;
mod recovery;
mod review;
mod second;
mod secret;
mod session;

use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use tidstro_govern::{Event, EventKind, Login, Register};
use tidstro_model::{AccountNo, ActorId};
use zeroize::Zeroizing;

pub use account::{AccountLine, AccountState, Created};
pub use close::Closed;
pub use code::{Activated, Letter, LetterHolder};
pub use login::{Begun, PasswordCheck, Typed};
pub use machine::{IssuedToken, Machine, NewToken, TokenLine, TokenNo};
pub use mail::MailSecrets;
pub use password::Proved;
pub use recovery::{Recovery, RecoveryApproval, RecoveryNo};
pub use review::{ReviewDecision, ReviewLine, ReviewNo};
pub use second::{Confirmed, TotpOffer};
pub use session::{Device, KnownSession, Need, NewSession, SessionNo};

pub(crate) use close::delete_account_of;

use crate::personal::Writing;
use crate::{StoreFault, log};

/// Random bytes.
fn random<const N: usize>() -> Result<[u8; N], StoreFault> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StoreFault::NoRandomness)?;
    Ok(bytes)
}

/// The rules of log-in.
fn rules(register: &Register) -> Result<&Login, StoreFault> {
    register.login().ok_or(StoreFault::NobodyLogsIn)
}

fn instant(ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(ms).map_err(|_| StoreFault::Row { what: "an instant of an account" })
}

fn optional_instant(ms: Option<i64>) -> Result<Option<Timestamp>, StoreFault> {
    ms.map(instant).transpose()
}

fn after(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn actor_of(text: &str) -> Result<ActorId, StoreFault> {
    ActorId::parse(text).map_err(|_| StoreFault::Row { what: "account.actor" })
}

/// What stands for a name to log in with: the same for the same name, and of no meaning without the controller's key.
fn name_print(writing: &Writing, name: &str) -> [u8; 32] {
    // One spelling: without space around it, in small letters.
    let folded = Zeroizing::new(name.trim().to_lowercase());
    writing.vault.commit("tidstro login name", folded.as_bytes())
}

/// An account as its log-in needs it.
struct Row {
    account: AccountNo,
    actor: ActorId,
    key: tidstro_model::KeyNo,
    state: AccountState,
}

/// Says in the log what happened to an account. Residents stand there by their commitment.
fn note(
    writing: &mut Writing,
    (kind, by): (EventKind, &ActorId),
    of: &ActorId,
    what: &str,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let subjects = match of.subject() {
        Some(subject) => vec![log::subject_commitment(writing, subject)?],
        None => Vec::new(),
    };
    let whose = if of == by {
        "own account".to_owned()
    } else {
        match of.subject() {
            Some(_) => "account of a resident".to_owned(),
            None => format!("account of {of}"),
        }
    };
    let event = Event::new(now, kind, by.clone(), format!("{whose}: {what}"));
    log::append(writing, Event { subjects, ..event })?;
    Ok(())
}
