//! A new password, and proving again who one is.
//!
//! What comes in: the hash of a session's token, and a checked password or a code. What goes out: the session under a new token.
//! Never: a new password without the old one, or a proof that makes a session last longer.

use jiff::Timestamp;
use tidstro_govern::{EventKind, Register};
use tidstro_identity::{Door, PasswordHash};

use super::attempt;
use super::login::{PasswordCheck, has_failed, may_enter, password};
use super::second::{Second, check, of_session, who};
use super::secret::{self, Kind};
use super::session::{NewSession, begin, end, end_all, rotate};
use super::{Begun, note, rules};
use crate::StoreFault;
use crate::personal::Writing;

/// What became of a second factor, or of a proof.
#[derive(Debug)]
pub enum Proved {
    /// The session goes on under a new token.
    Right(NewSession),
    /// It does not fit, or there is no such session.
    Wrong,
    /// It is not looked at before this instant.
    Slowed(Timestamp),
}

/// The password of a session's account, to be checked; counted as an attempt.
pub(super) fn begin_proof(
    writing: &mut Writing,
    register: &Register,
    (print, nobodys): (&[u8; 32], &PasswordHash),
    now: Timestamp,
) -> Result<Option<Begun>, StoreFault> {
    let Some((session, row)) = of_session(writing, register, print, now)? else { return Ok(None) };
    if session.factors == 0 {
        return Ok(None);
    }
    let (who, limits) = (who(writing, row.account), attempt::rules(rules(register)?.failures));
    let hash = match attempt::announce(&writing.db, &who, limits, now)? {
        Door::Slowed(until) => return Ok(Some(Begun::Slowed(until))),
        Door::Locked => None,
        Door::Open => password(writing, &row)?,
    };
    let hash = hash.unwrap_or_else(|| nobodys.clone());
    Ok(Some(Begun::Check(PasswordCheck::of(row.account, hash))))
}

/// The session's holder has proved the password again, and may set a new one.
pub(super) fn end_proof(
    writing: &mut Writing,
    register: &Register,
    (print, checked, new): (&[u8; 32], &PasswordCheck, Option<&PasswordHash>),
    now: Timestamp,
) -> Result<Proved, StoreFault> {
    let Some((session, row)) = of_session(writing, register, print, now)? else { return Ok(Proved::Wrong) };
    let who = who(writing, row.account);
    if checked.proved() != Some(row.account) || !may_enter(&row, register) {
        has_failed(writing, register, (&who, Some(&row), ""), now)?;
        return Ok(Proved::Wrong);
    }
    attempt::clear(&writing.db, &who)?;
    if let Some(hash) = new {
        secret::keep(writing, (row.account, row.key), (Kind::Password, 0), hash.text().as_bytes(), now)?;
        // Whoever else knew the old one is out (OWASP ASVS 5, 7.4.3).
        end_all(&writing.db, row.account, Some(print))?;
        note(writing, (EventKind::AccountChanged, &row.actor), &row.actor, "password set", now)?;
    }
    // Of two factors, a password alone proves one again: the others were proved in this session.
    let rotated = rotate(writing, (print, row.account), session.factors, now)?;
    Ok(rotated.map_or(Proved::Wrong, Proved::Right))
}

/// A code of the second factor: the log-in goes on, or the proof is fresh again.
pub(super) fn prove_second(
    writing: &mut Writing,
    register: &Register,
    (print, typed): (&[u8; 32], &str),
    now: Timestamp,
) -> Result<Proved, StoreFault> {
    let Some((session, row)) = of_session(writing, register, print, now)? else { return Ok(Proved::Wrong) };
    match check(writing, register, (&row, typed), now)? {
        Second::Wrong => return Ok(Proved::Wrong),
        Second::Slowed(until) => return Ok(Proved::Slowed(until)),
        Second::Right => {}
    }
    if session.factors > 0 {
        let rotated = rotate(writing, (print, row.account), 2, now)?;
        return Ok(rotated.map_or(Proved::Wrong, Proved::Right));
    }
    let browser = browser_of(writing, print)?;
    end(&writing.db, print)?;
    begin(writing, &row, 2, &browser, now).map(Proved::Right)
}

fn browser_of(writing: &Writing, print: &[u8; 32]) -> Result<String, StoreFault> {
    let browser = writing
        .db
        .prepare_cached("-- browser_of_session\nSELECT s.browser FROM account_session s WHERE s.print = ?1")?
        .query_row([print], |row| row.get(0))?;
    Ok(browser)
}
