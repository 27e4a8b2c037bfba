//! Logging in with a name and a password.
//!
//! What comes in: what was typed, and from which class of origins. What goes out: a check that takes the same time whoever it is
//! about, and after it a session or nothing. Never: an answer from which it follows that an account exists.

use std::fmt;

use jiff::Timestamp;
use tidstro_govern::Register;
use tidstro_identity::{Door, LockoutRules, PasswordHash};
use tidstro_model::{AccountNo, ActorId};
use zeroize::Zeroizing;

use super::account::{by_name, by_number, set_state};
use super::attempt::{self, Who};
use super::secret::{self, Kind};
use super::session::{NewSession, begin};
use super::{AccountState, Row, name_print, rules};
use crate::StoreFault;
use crate::log::{LoginEvent, LoginKind, record_login};
use crate::personal::Writing;

/// What was typed, and where it came from.
pub struct Typed {
    /// The name.
    pub name: Zeroizing<String>,
    /// What stands for the class of origins: the bytes of a network, never of a machine.
    pub origin: Vec<u8>,
}

/// Whether a log-in is looked at.
#[derive(Debug)]
pub enum Begun {
    /// Yes: check the password, and bring the check back.
    Check(PasswordCheck),
    /// Not before this instant.
    Slowed(Timestamp),
}

/// A password to be checked: of an account, or of nobody.
pub struct PasswordCheck {
    hash: PasswordHash,
    account: Option<AccountNo>,
    name: Zeroizing<String>,
    origin: Who,
    fits: bool,
}

impl PasswordCheck {
    /// Checks what was typed. Takes tens of milliseconds, whatever is right or wrong: not for a thread that serves others.
    #[must_use]
    pub fn checked(self, typed: &str) -> Self {
        let fits = self.hash.fits(typed);
        Self { fits, ..self }
    }

    /// Whether the hash is of another cost than this one, and the password right.
    #[must_use]
    pub fn needs_rehash(&self, cost: tidstro_identity::Cost) -> bool {
        self.fits && self.account.is_some() && self.hash.needs_rehash(cost)
    }

    pub(super) const fn proved(&self) -> Option<AccountNo> {
        if self.fits { self.account } else { None }
    }

    /// The same for an account that is known already.
    pub(super) fn of(account: AccountNo, hash: PasswordHash) -> Self {
        Self { hash, account: Some(account), name: Zeroizing::default(), origin: [0; 32], fits: false }
    }
}

impl fmt::Debug for PasswordCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordCheck(redacted)")
    }
}

/// What stands for a class of origins.
pub(super) fn origin_print(writing: &Writing, origin: &[u8]) -> Who {
    writing.vault.commit("tidstro login origin", origin)
}

/// Counts the attempt and finds what it is checked against: `nobodys` for a name nobody has.
pub(super) fn begin_log_in(
    writing: &mut Writing,
    register: &Register,
    typed: &Typed,
    nobodys: &PasswordHash,
    now: Timestamp,
) -> Result<Begun, StoreFault> {
    let limits = attempt::rules(rules(register)?.failures);
    let (name, origin) = (name_print(writing, &typed.name), origin_print(writing, &typed.origin));
    if let Door::Slowed(until) = attempt::announce(&writing.db, &origin, LockoutRules::ORIGIN, now)? {
        return Ok(Begun::Slowed(until));
    }
    let door = attempt::announce(&writing.db, &name, limits, now)?;
    if let Door::Slowed(until) = door {
        return Ok(Begun::Slowed(until));
    }
    let row = by_name(writing, &typed.name)?;
    let open = row.as_ref().filter(|row| door == Door::Open && row.state == AccountState::Open);
    let hash = open.map(|row| password(writing, row)).transpose()?.flatten();
    let hash = hash.unwrap_or_else(|| nobodys.clone());
    let account = row.map(|row| row.account);
    Ok(Begun::Check(PasswordCheck { hash, account, name: typed.name.clone(), origin, fits: false }))
}

pub(super) fn password(writing: &mut Writing, row: &Row) -> Result<Option<PasswordHash>, StoreFault> {
    let kept = secret::open(writing, (row.account, row.key), Kind::Password)?;
    let text = kept.and_then(|kept| String::from_utf8(kept.plain.to_vec()).ok());
    Ok(text.and_then(|text| PasswordHash::kept(&text)))
}

/// A failure, and the lock it may lead to: of a name nobody has, too.
pub(super) fn has_failed(
    writing: &mut Writing,
    register: &Register,
    (who, row, name): (&Who, Option<&Row>, &str),
    now: Timestamp,
) -> Result<(), StoreFault> {
    let actor = row.map(|row| &row.actor);
    told(writing, register, LoginKind::Failed, actor, name, now)?;
    if !attempt::failed(&writing.db, who, attempt::rules(rules(register)?.failures), now)? {
        return Ok(());
    }
    if let Some(row) = row.filter(|row| row.state == AccountState::Open) {
        set_state(&writing.db, row.account, AccountState::Locked)?;
    }
    told(writing, register, LoginKind::LockedOut, actor, name, now)
}

/// Says in the log what happened at the door.
pub(super) fn told(
    writing: &mut Writing,
    register: &Register,
    kind: LoginKind,
    actor: Option<&ActorId>,
    name: &str,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let typed = Zeroizing::new(actor.map_or(name, ActorId::as_str).to_owned());
    record_login(writing, register, &LoginEvent { at: now, kind, typed, by: None })
}

/// Lets in whose password was right, as far as one factor goes.
pub(super) fn end_log_in(
    writing: &mut Writing,
    register: &Register,
    check: &PasswordCheck,
    (rehash, browser): (Option<&PasswordHash>, &str),
    now: Timestamp,
) -> Result<Option<NewSession>, StoreFault> {
    let row = check.account.map(|account| by_number(&writing.db, account)).transpose()?.flatten();
    let may = row.as_ref().filter(|row| check.fits && may_enter(row, register));
    let Some(row) = may else {
        let who = name_print(writing, &check.name);
        has_failed(writing, register, (&who, row.as_ref(), &check.name), now)?;
        return Ok(None);
    };
    attempt::clear(&writing.db, &name_print(writing, &check.name))?;
    attempt::take_back(&writing.db, &check.origin)?;
    if let Some(hash) = rehash {
        let since = secret::since(writing, row.account, Kind::Password)?.unwrap_or(now.as_millisecond());
        let (key, kept) = ((row.account, row.key), hash.text().as_bytes());
        secret::keep(writing, key, (Kind::Password, 0), kept, super::instant(since)?)?;
    }
    let has_totp = secret::since(writing, row.account, Kind::Totp)?.is_some();
    begin(writing, row, if has_totp { 0 } else { 1 }, browser, now).map(Some)
}

/// Open, and with a role today.
pub(super) fn may_enter(row: &Row, register: &Register) -> bool {
    row.state == AccountState::Open && !register.roles_of(&row.actor).is_empty()
}
