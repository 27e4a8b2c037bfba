//! Logging in with a link or a code in a mail, for residents.
//!
//! What comes in: an address as typed. What goes out: what a browser keeps until the mail is there, in any case; and what to send,
//! if the address is that of an account and has proved to be its holder's. Never: a mail to an address nobody typed, or an answer
//! from which it follows that an account exists.

use std::fmt;

use crate::db::{OptionalExtension, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{EventKind, Register};
use tidstro_identity::{Door, LockoutRules, MailCode, Token};
use zeroize::Zeroizing;

use super::account::{by_address, by_number};
use super::code::{holder, insert, name};
use super::login::{may_enter, origin_print};
use super::second::of_session;
use super::session::{NewSession, begin};
use super::{AccountState, after, attempt, name_print, note, random};
use crate::StoreFault;
use crate::personal::Writing;
use tidstro_model::AccountNo;

/// How long link and code are good (NIST SP 800-63B-4, 3.1.3.2: ten minutes for a code).
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Wrong codes until a code is worthless.
const TRIES: i64 = 5;

/// What a mail carries.
pub struct MailSecrets {
    /// The address, as it was typed.
    pub to: Zeroizing<String>,
    /// For the link: good once, in any browser.
    pub link: Zeroizing<String>,
    /// To type in the browser that asked.
    pub code: Zeroizing<String>,
    /// Until when both are good.
    pub until: Timestamp,
}

impl fmt::Debug for MailSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailSecrets(redacted, until {})", self.until)
    }
}

/// Counts an ask of an origin, and makes what the mail carries where there is somebody to send it to. `pending` is what the browser
/// keeps.
pub(super) fn ask(
    writing: &mut Writing,
    register: &Register,
    (address, origin, pending): (&str, &[u8], &Token),
    now: Timestamp,
) -> Result<Option<MailSecrets>, StoreFault> {
    let origin = origin_print(writing, origin);
    let who = writing.vault.commit("tidstro mail asked", &name_print(writing, address));
    // Mails are counted as attempts are, so that nobody fills a stranger's mailbox.
    for who in [origin, who] {
        if attempt::announce(&writing.db, &who, LockoutRules::ORIGIN, now)? != Door::Open {
            return Ok(None);
        }
    }
    let row = by_address(writing, address)?;
    let Some(row) = row.filter(|row| may_enter(row, register) && row.actor.subject().is_some()) else {
        return Ok(None);
    };
    delete_mail_codes(writing, row.account)?;
    let (link, code, until) =
        (Token::of_random(random()?), MailCode::of_random(random()?), after(now, GOOD_FOR));
    insert(&writing.db, (link.hash(), row.account), ("mail-link", None), until)?;
    let print = pending.hash_with(code.bytes());
    insert(&writing.db, (pending.hash(), row.account), ("mail-code", Some(print)), until)?;
    let to = Zeroizing::new(address.trim().to_owned());
    Ok(Some(MailSecrets { to, link: link.text(), code: code.text(), until }))
}

fn delete_mail_codes(writing: &Writing, account: AccountNo) -> Result<(), StoreFault> {
    writing
        .db
        .prepare_cached(
            "-- delete_mail_codes
             DELETE FROM account_code WHERE account_no = ?1 AND kind IN ('mail-link', 'mail-code')",
        )?
        .execute([account.as_u32()])?;
    Ok(())
}

/// Lets in who brings the link. It is one factor.
pub(super) fn by_link(
    writing: &mut Writing,
    register: &Register,
    (link, browser): (&Token, &str),
    now: Timestamp,
) -> Result<Option<NewSession>, StoreFault> {
    let row = holder(&writing.db, (link.hash(), "mail-link"), now)?;
    let Some(row) = row.filter(|row| may_enter(row, register)) else { return Ok(None) };
    delete_mail_codes(writing, row.account)?;
    begin_after_mail(writing, &row, browser, now).map(Some)
}

/// Lets in who types the code in the browser that asked for it.
pub(super) fn by_code(
    writing: &mut Writing,
    register: &Register,
    (pending, typed, browser): (&Token, &MailCode, &str),
    now: Timestamp,
) -> Result<Option<NewSession>, StoreFault> {
    let row = holder(&writing.db, (pending.hash(), "mail-code"), now)?;
    let Some(row) = row.filter(|row| may_enter(row, register)) else { return Ok(None) };
    if !code_fits(writing, pending, typed)? {
        return Ok(None);
    }
    delete_mail_codes(writing, row.account)?;
    begin_after_mail(writing, &row, browser, now).map(Some)
}

fn begin_after_mail(
    writing: &mut Writing,
    row: &super::Row,
    browser: &str,
    now: Timestamp,
) -> Result<NewSession, StoreFault> {
    let has_totp = super::secret::since(writing, row.account, super::secret::Kind::Totp)?.is_some();
    begin(writing, row, if has_totp { 0 } else { 1 }, browser, now)
}

/// Counts the try first.
fn code_fits(writing: &Writing, pending: &Token, typed: &MailCode) -> Result<bool, StoreFault> {
    let counted = writing
        .db
        .prepare_cached(
            "-- count_try\nUPDATE account_code SET tries = tries + 1 WHERE print = ?1 AND tries < ?2",
        )?
        .execute(params![pending.hash(), TRIES])?;
    if counted == 0 {
        return Ok(false);
    }
    let print: Option<Option<Vec<u8>>> = writing
        .db
        .prepare_cached("-- code_print\nSELECT c.code_print FROM account_code c WHERE c.print = ?1")?
        .query_row([pending.hash()], |row| row.get(0))
        .optional()?;
    Ok(print.flatten().is_some_and(|print| print == pending.hash_with(typed.bytes())))
}

/// What proves that mail reaches a resident: a code to the address of their account, for the session that asks.
pub(super) fn ask_check(
    writing: &mut Writing,
    register: &Register,
    session: &Token,
    now: Timestamp,
) -> Result<Option<MailSecrets>, StoreFault> {
    let Some((_, row)) = of_session(writing, register, &session.hash(), now)? else { return Ok(None) };
    let to = name(writing, &row)?;
    let who = writing.vault.commit("tidstro mail check", &row.account.as_u32().to_be_bytes());
    let is_slow = attempt::announce(&writing.db, &who, LockoutRules::ORIGIN, now)? != Door::Open;
    if to.is_empty() || is_slow || row.state != AccountState::Open {
        return Ok(None);
    }
    writing
        .db
        .prepare_cached(
            "-- delete_mail_checks\nDELETE FROM account_code WHERE account_no = ?1 AND kind = 'mail-check'",
        )?
        .execute([row.account.as_u32()])?;
    let (code, until) = (MailCode::of_random(random()?), after(now, GOOD_FOR));
    insert(
        &writing.db,
        (session.hash(), row.account),
        ("mail-check", Some(session.hash_with(code.bytes()))),
        until,
    )?;
    Ok(Some(MailSecrets { to, link: Zeroizing::default(), code: code.text(), until }))
}

/// The resident has typed the code of the mail: the address is theirs.
pub(super) fn prove_address(
    writing: &mut Writing,
    register: &Register,
    (session, typed): (&Token, &MailCode),
    now: Timestamp,
) -> Result<bool, StoreFault> {
    let code = (session.hash(), "mail-check");
    if of_session(writing, register, &code.0, now)?.is_none() || !code_fits(writing, session, typed)? {
        return Ok(false);
    }
    let Some(row) = holder(&writing.db, code, now)?.map(|row| row.account) else { return Ok(false) };
    let Some(row) = by_number(&writing.db, row)? else { return Ok(false) };
    writing
        .db
        .prepare_cached("-- prove_address\nUPDATE account SET is_proved = 1 WHERE account_no = ?1")?
        .execute([row.account.as_u32()])?;
    writing
        .db
        .prepare_cached("-- use_mail_check\nDELETE FROM account_code WHERE print = ?1")?
        .execute([code.0])?;
    note(writing, (EventKind::AccountChanged, &row.actor), &row.actor, "mail address proved", now)?;
    Ok(true)
}
