//! Codes in letters: how somebody comes by an account, or gets back into it.
//!
//! What comes in: an account, or a code as typed. What goes out: the code once, to be printed; a session for who brings it. A code
//! is good once and for some days; a new one makes the one before it worthless. Never: a code in the clear in the database.

use std::fmt;

use crate::db::{Connection, OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{EventKind, Register};
use tidstro_identity::{ActivationCode, PasswordHash};
use tidstro_model::{AccountNo, ActorId};
use zeroize::Zeroizing;

use super::account::{by_number, forget_attempts, set_state};
use super::secret::{self, Kind};
use super::session::{NewSession, begin, end_all};
use super::{AccountState, Row, after, instant, name_print, note, random};
use crate::StoreFault;
use crate::personal::Writing;

/// How long a letter to a resident is good (NIST SP 800-63A-4, 4.1.4: 21 days within a country).
const RESIDENT: SignedDuration = SignedDuration::from_hours(21 * 24);
/// How long a code is good that a colleague hands over.
const STAFF: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A code for a letter, in the clear for the only time.
pub struct Letter {
    /// The code, in groups.
    pub code: Zeroizing<String>,
    /// Until when it is good.
    pub until: Timestamp,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter(redacted, until {})", self.until)
    }
}

/// Whose a code is, for who brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterHolder {
    /// Whose.
    pub actor: ActorId,
}

/// What became of a code that was brought.
#[derive(Debug)]
pub enum Activated {
    /// Its holder is logged in.
    In(NewSession),
    /// There is no such code, or it was used, or its time is over.
    Refused,
    /// Another account has that name.
    NameTaken,
}

/// Makes a code for an account; others of it are worthless from now on.
pub(super) fn issue_letter(
    writing: &mut Writing,
    account: AccountNo,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Letter, StoreFault> {
    delete_codes(&writing.db, account)?;
    let code = ActivationCode::of_random(random()?);
    let until = after(now, if actor.subject().is_some() { RESIDENT } else { STAFF });
    insert(&writing.db, (print(writing, &code), account), ("letter", None), until)?;
    Ok(Letter { code: code.text(), until })
}

pub(super) fn print(writing: &Writing, code: &ActivationCode) -> [u8; 32] {
    writing.vault.commit("tidstro letter code", code.bytes())
}

pub(super) fn insert(
    db: &Connection,
    (print, account): ([u8; 32], AccountNo),
    (kind, code_print): (&str, Option<[u8; 32]>),
    until: Timestamp,
) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- insert_code
         INSERT INTO account_code (print, account_no, kind, code_print, ends_ms, tries) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
    )?
    .execute(params![print, account.as_u32(), kind, code_print, until.as_millisecond()])?;
    Ok(())
}

pub(super) fn delete_codes(db: &Connection, account: AccountNo) -> Result<(), StoreFault> {
    db.prepare_cached("-- delete_codes\nDELETE FROM account_code WHERE account_no = ?1")?
        .execute([account.as_u32()])?;
    Ok(())
}

/// The account of a code of this kind that is still good.
pub(super) fn holder(
    db: &Connection,
    (print, kind): ([u8; 32], &str),
    now: Timestamp,
) -> Result<Option<Row>, StoreFault> {
    let found: Option<(u32, i64)> = db
        .prepare_cached(
            "-- code_holder
             SELECT c.account_no, c.ends_ms FROM account_code c WHERE c.print = ?1 AND c.kind = ?2",
        )?
        .query_row(params![print, kind], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, ends)) = found else { return Ok(None) };
    if instant(ends)? <= now { Ok(None) } else { by_number(db, AccountNo::new(account)) }
}

/// Deletes codes whose time is over.
pub(super) fn expire(db: &Connection, now: Timestamp) -> Result<(), StoreFault> {
    db.prepare_cached("-- expire_codes\nDELETE FROM account_code WHERE ends_ms <= ?1")?
        .execute([now.as_millisecond()])?;
    Ok(())
}

/// What somebody brings with a code.
pub(super) struct Brought {
    pub(super) code: ActivationCode,
    /// The name a resident chooses.
    pub(super) name: Option<Zeroizing<String>>,
    pub(super) password: Option<PasswordHash>,
    pub(super) browser: String,
}

/// Uses a code up: what proved the account before proves it no more, every session of it ends, and one begins.
pub(super) fn activate(
    writing: &mut Writing,
    register: &Register,
    brought: &Brought,
    now: Timestamp,
) -> Result<Activated, StoreFault> {
    let code = (print(writing, &brought.code), "letter");
    let Some(row) = holder(&writing.db, code, now)? else { return Ok(Activated::Refused) };
    if register.roles_of(&row.actor).is_empty() {
        return Ok(Activated::Refused);
    }
    if let Some(name) = brought.name.as_ref().filter(|_| row.actor.subject().is_some()) {
        let other = super::account::by_name(writing, name)?;
        if other.is_some_and(|other| other.account != row.account) {
            return Ok(Activated::NameTaken);
        }
        set_name(writing, &row, name)?;
    }
    for kind in [Kind::Password, Kind::Totp, Kind::TotpOffered, Kind::Recovery] {
        secret::delete(writing, row.account, kind)?;
    }
    if let Some(hash) = &brought.password {
        secret::keep(writing, (row.account, row.key), (Kind::Password, 0), hash.text().as_bytes(), now)?;
    }
    delete_codes(&writing.db, row.account)?;
    end_all(&writing.db, row.account, None)?;
    forget_attempts(writing, &row)?;
    set_state(&writing.db, row.account, AccountState::Open)?;
    let what =
        if row.state == AccountState::New { "activated" } else { "activated anew, all credentials set back" };
    note(writing, (EventKind::AccountChanged, &row.actor), &row.actor, what, now)?;
    begin(writing, &row, 1, &brought.browser, now).map(Activated::In)
}

/// The name is sealed with the account's own key; whether mail reaches it is not known yet.
fn set_name(writing: &mut Writing, row: &Row, name: &str) -> Result<(), StoreFault> {
    let (nonce, place) = (writing.nonces.next()?, name_row(row.account));
    let sealed = writing.vault.undated_key(row.key)?.seal(nonce, &place, name.trim().as_bytes())?;
    let print = name_print(writing, name);
    writing
        .db
        .prepare_cached(
            "-- set_account_name
             UPDATE account SET name_print = ?2, sealed_name = ?3, is_proved = 0 WHERE account_no = ?1",
        )?
        .execute(params![row.account.as_u32(), print, sealed])?;
    Ok(())
}

/// The name as it was chosen; empty for staff, who have none of their own.
pub(super) fn name(writing: &mut Writing, row: &Row) -> Result<Zeroizing<String>, StoreFault> {
    let sealed: Vec<u8> = writing
        .db
        .prepare_cached(
            "-- sealed_account_name\nSELECT a.sealed_name FROM account a WHERE a.account_no = ?1",
        )?
        .query_row([row.account.as_u32()], |found| found.get(0))?;
    if sealed.is_empty() {
        return Ok(Zeroizing::default());
    }
    let plain = writing.vault.undated_key(row.key)?.open(&name_row(row.account), &sealed)?;
    String::from_utf8(plain).map(Zeroizing::new).map_err(|_| StoreFault::Tampered)
}

fn name_row(account: AccountNo) -> Vec<u8> {
    [b"account name".as_slice(), &account.as_u32().to_be_bytes()].concat()
}
