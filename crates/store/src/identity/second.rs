//! The second factor: an authenticator program, and recovery codes for the day it is gone.
//!
//! What comes in: the hash of a session's token, and a code as typed. What goes out: the session under a new token with two factors
//! proved, or nothing. Never: a code taken twice, or more tries than the register bears.

use std::fmt;

use jiff::Timestamp;
use tidstro_govern::{EventKind, Register};
use tidstro_identity::{Door, RecoveryCode, Totp, TotpStep};
use tidstro_model::AccountNo;
use zeroize::Zeroizing;

use super::account::by_number;
use super::attempt::{self, Who};
use super::login::{has_failed, may_enter};
use super::secret::{self, Kind};
use super::session::{KnownSession, NewSession, known, rotate};
use super::{Row, note, random, rules};
use crate::StoreFault;
use crate::personal::Writing;

/// Recovery codes made at once.
const RECOVERY_CODES: i64 = 8;

/// The secret of an authenticator program, in the clear for the only time.
pub struct TotpOffer {
    /// The secret to type.
    pub secret: Zeroizing<String>,
    /// What a picture of it says.
    pub url: Zeroizing<String>,
    totp: Totp,
}

impl TotpOffer {
    /// The code of an instant, for who has no program at hand: a demonstration.
    #[must_use]
    pub fn code_at(&self, now: Timestamp) -> Zeroizing<String> {
        self.totp.code_at(now)
    }
}

impl fmt::Debug for TotpOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpOffer(redacted)")
    }
}

/// What became of the first code of an authenticator program.
pub enum Confirmed {
    /// The program proves the account from now on.
    Confirmed {
        /// The session, with two factors.
        session: NewSession,
        /// Codes to keep on paper, in the clear for the only time.
        recovery: Vec<Zeroizing<String>>,
    },
    /// The code is not one of the offered secret, or nothing was offered.
    Wrong,
}

/// What stands for the second factor of an account.
pub(super) fn who(writing: &Writing, account: AccountNo) -> Who {
    writing.vault.commit("tidstro second factor", &account.as_u32().to_be_bytes())
}

/// The session and account of a token.
pub(super) fn of_session(
    writing: &Writing,
    register: &Register,
    print: &[u8; 32],
    now: Timestamp,
) -> Result<Option<(KnownSession, Row)>, StoreFault> {
    let Some(session) = known(&writing.db, register, print, now)? else { return Ok(None) };
    let row = by_number(&writing.db, session.account)?;
    Ok(row.map(|row| (session, row)))
}

/// Offers a secret; nothing is proved by it before a code of it was right.
pub(super) fn offer(
    writing: &mut Writing,
    register: &Register,
    print: &[u8; 32],
    now: Timestamp,
) -> Result<Option<TotpOffer>, StoreFault> {
    let Some((session, row)) = of_session(writing, register, print, now)? else { return Ok(None) };
    // Who waits for the second factor must not replace it.
    if session.factors == 0 {
        return Ok(None);
    }
    let totp = Totp::of_bytes(random()?);
    secret::keep(writing, (row.account, row.key), (Kind::TotpOffered, 0), totp.bytes(), now)?;
    Ok(Some(shown(register, &row, totp)))
}

/// The secret that was offered last and still waits for its first code.
pub(super) fn offered(
    writing: &mut Writing,
    register: &Register,
    print: &[u8; 32],
    now: Timestamp,
) -> Result<Option<TotpOffer>, StoreFault> {
    let Some((session, row)) = of_session(writing, register, print, now)? else { return Ok(None) };
    let kept = secret::open(writing, (row.account, row.key), Kind::TotpOffered)?;
    let kept = kept.filter(|_| session.factors > 0).and_then(|kept| totp(&kept.plain));
    Ok(kept.map(|totp| shown(register, &row, totp)))
}

fn shown(register: &Register, row: &Row, totp: Totp) -> TotpOffer {
    let issuer =
        register.party(register.operator()).map_or_else(|| "Tidstro".to_owned(), |party| party.name.clone());
    let name = row.actor.as_str().split(':').next_back().unwrap_or_default();
    let label = if row.actor.subject().is_some() { "" } else { name };
    TotpOffer { secret: totp.text(), url: totp.url(&issuer, label), totp }
}

/// Takes the offered secret as the second factor if a code of it is right.
pub(super) fn confirm(
    writing: &mut Writing,
    register: &Register,
    (print, typed): (&[u8; 32], &str),
    now: Timestamp,
) -> Result<Confirmed, StoreFault> {
    let Some((session, row)) = of_session(writing, register, print, now)? else {
        return Ok(Confirmed::Wrong);
    };
    let key = (row.account, row.key);
    let offered = secret::open(writing, key, Kind::TotpOffered)?.filter(|_| session.factors > 0);
    let Some(totp) = offered.as_ref().and_then(|kept| totp(&kept.plain)) else { return Ok(Confirmed::Wrong) };
    let Some(step) = totp.verify(typed, now, None) else { return Ok(Confirmed::Wrong) };
    secret::keep(writing, key, (Kind::Totp, 0), totp.bytes(), now)?;
    secret::use_up(writing, row.account, (Kind::Totp, 0), step.0)?;
    secret::delete(writing, row.account, Kind::TotpOffered)?;
    let recovery = make_recovery(writing, &row, now)?;
    note(writing, (EventKind::AccountChanged, &row.actor), &row.actor, "authenticator set", now)?;
    super::session::end_all(&writing.db, row.account, Some(print))?;
    Ok(match rotate(writing, (print, row.account), 2, now)? {
        Some(session) => Confirmed::Confirmed { session, recovery },
        None => Confirmed::Wrong,
    })
}

fn totp(bytes: &[u8]) -> Option<Totp> {
    bytes.try_into().ok().map(Totp::of_bytes)
}

fn make_recovery(
    writing: &mut Writing,
    row: &Row,
    now: Timestamp,
) -> Result<Vec<Zeroizing<String>>, StoreFault> {
    secret::delete(writing, row.account, Kind::Recovery)?;
    let mut codes = Vec::new();
    for number in 0..RECOVERY_CODES {
        let code = RecoveryCode::of_random(random()?);
        let hash = recovery_print(writing, row.account, &code);
        secret::keep(writing, (row.account, row.key), (Kind::Recovery, number), &hash, now)?;
        codes.push(code.text());
    }
    Ok(codes)
}

fn recovery_print(writing: &Writing, account: AccountNo, code: &RecoveryCode) -> [u8; 32] {
    let both = Zeroizing::new([account.as_u32().to_be_bytes().as_slice(), code.bytes()].concat());
    writing.vault.commit("tidstro recovery code", &both)
}

/// What became of a code of the second factor.
pub(super) enum Second {
    Right,
    Wrong,
    Slowed(Timestamp),
}

/// Checks a code of the program, or a recovery code, and uses it up.
pub(super) fn check(
    writing: &mut Writing,
    register: &Register,
    (row, typed): (&Row, &str),
    now: Timestamp,
) -> Result<Second, StoreFault> {
    let (who, limits) = (who(writing, row.account), attempt::rules(rules(register)?.failures));
    match attempt::announce(&writing.db, &who, limits, now)? {
        Door::Slowed(until) => return Ok(Second::Slowed(until)),
        Door::Locked => return Ok(Second::Wrong),
        Door::Open => {}
    }
    if may_enter(row, register)
        && (is_code(writing, row, typed, now)? || is_recovery(writing, row, typed, now)?)
    {
        attempt::clear(&writing.db, &who)?;
        return Ok(Second::Right);
    }
    has_failed(writing, register, (&who, Some(row), ""), now)?;
    Ok(Second::Wrong)
}

fn is_code(writing: &mut Writing, row: &Row, typed: &str, now: Timestamp) -> Result<bool, StoreFault> {
    let Some(kept) = secret::open(writing, (row.account, row.key), Kind::Totp)? else { return Ok(false) };
    let step = totp(&kept.plain).and_then(|totp| totp.verify(typed, now, kept.used.map(TotpStep)));
    match step {
        Some(step) => secret::use_up(writing, row.account, (Kind::Totp, 0), step.0),
        None => Ok(false),
    }
}

fn is_recovery(writing: &mut Writing, row: &Row, typed: &str, now: Timestamp) -> Result<bool, StoreFault> {
    let Some(code) = RecoveryCode::parse(typed) else { return Ok(false) };
    let print = recovery_print(writing, row.account, &code);
    let codes = secret::open_all(writing, (row.account, row.key), Kind::Recovery)?;
    let found = codes.into_iter().find(|kept| kept.used.is_none() && kept.plain.as_slice() == print);
    let Some(kept) = found else { return Ok(false) };
    note(writing, (EventKind::AccountChanged, &row.actor), &row.actor, "recovery code used", now)?;
    secret::use_up(writing, row.account, (Kind::Recovery, kept.number), now.as_millisecond())
}
