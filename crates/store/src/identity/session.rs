//! Who is logged in.
//!
//! What comes in: the hash of a token. What goes out: whose session it is, with which roles today, and what must be done first. Roles
//! are those of the register that decides now: who leaves it is out at once. Never: a session of a locked account's new log-in, or of
//! an actor without a role.

use crate::db::{Connection, OptionalExtension, Row as DbRow, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{EventKind, Login, Register, SessionRule};
use tidstro_identity::{SessionLimits, SessionTimes, Token};
use tidstro_model::{AccountNo, ActorId, RoleId};

use super::{Row, actor_of, instant, note, random};
use crate::StoreFault;
use crate::personal::Writing;

/// How long somebody may take for the second factor.
const SECOND_FACTOR: SignedDuration = SignedDuration::from_mins(10);

/// Number of a session, for lists of devices: it does not lead to the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionNo(u64);

impl SessionNo {
    /// The plain number.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// A number as a form brings it back.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    fn of(print: &[u8; 32]) -> Self {
        // Half of the hash's first eight bytes' range, so that every database keeps it.
        Self(print.first_chunk().map_or(0, |first| u64::from_be_bytes(*first) >> 1))
    }
}

/// What must be done before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The code of the authenticator program.
    Totp,
    /// An authenticator program: the actor's role asks for two factors.
    EnrolTotp,
    /// A new password: the register says how old one may become.
    NewPassword,
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSession {
    /// Its number.
    pub session: SessionNo,
    /// Its account.
    pub account: AccountNo,
    /// Who it is.
    pub actor: ActorId,
    /// The roles of the register that decides now. At least one.
    pub roles: Vec<RoleId>,
    /// How many factors were proved: 0 while the second is awaited, 1 or 2.
    pub factors: u8,
    /// What must be done first.
    pub need: Option<Need>,
    /// When it began, was last used, and was last proved.
    pub times: SessionTimes,
    /// How long it lasts.
    pub limits: SessionLimits,
}

/// A session that begins, or goes on under a new token.
#[derive(Debug)]
pub struct NewSession {
    /// What the browser keeps. Nothing but its hash is kept here.
    pub token: Token,
    /// Its number.
    pub session: SessionNo,
}

/// A session in a list of devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its number.
    pub session: SessionNo,
    /// Kind of browser, in a few words.
    pub browser: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
}

/// Begins a session of an account with so many factors proved, and says so in the log.
pub(super) fn begin(
    writing: &mut Writing,
    row: &Row,
    factors: u8,
    browser: &str,
    now: Timestamp,
) -> Result<NewSession, StoreFault> {
    let new = insert(&writing.db, (row.account, factors), SessionTimes::beginning(now), browser)?;
    if factors > 0 {
        writing
            .db
            .prepare_cached("-- account_seen\nUPDATE account SET seen_ms = ?2 WHERE account_no = ?1")?
            .execute(params![row.account.as_u32(), now.as_millisecond()])?;
        let what = if factors == 1 { "one factor" } else { "two factors" };
        note(writing, (EventKind::LoggedIn, &row.actor), &row.actor, what, now)?;
    }
    Ok(new)
}

fn insert(
    db: &Connection,
    (account, factors): (AccountNo, u8),
    times: SessionTimes,
    browser: &str,
) -> Result<NewSession, StoreFault> {
    let token = Token::of_random(random()?);
    let print = token.hash();
    db.prepare_cached(
        "-- insert_session
         INSERT INTO account_session (print, account_no, factors, began_ms, seen_ms, proved_ms, browser)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        print,
        account.as_u32(),
        factors,
        times.began.as_millisecond(),
        times.seen.as_millisecond(),
        times.proved.as_millisecond(),
        browser
    ])?;
    Ok(NewSession { session: SessionNo::of(&print), token })
}

/// Gives a session a new token and a fresh proof; the old token is worthless.
pub(super) fn rotate(
    writing: &mut Writing,
    (print, account): (&[u8; 32], AccountNo),
    factors: u8,
    now: Timestamp,
) -> Result<Option<NewSession>, StoreFault> {
    let found: Option<(i64, String)> = writing
        .db
        .prepare_cached(
            "-- session_to_rotate\nSELECT s.began_ms, s.browser FROM account_session s WHERE s.print = ?1",
        )?
        .query_row([print], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((began, browser)) = found else { return Ok(None) };
    end(&writing.db, print)?;
    let times = SessionTimes { began: instant(began)?, seen: now, proved: now };
    insert(&writing.db, (account, factors), times, &browser).map(Some)
}

/// Ends one session; returns whether it was there.
pub(super) fn end(db: &Connection, print: &[u8; 32]) -> Result<bool, StoreFault> {
    let rows = db
        .prepare_cached("-- end_session\nDELETE FROM account_session WHERE print = ?1")?
        .execute([print])?;
    Ok(rows == 1)
}

/// Ends every session of an account but one; returns how many.
pub(super) fn end_all(
    db: &Connection,
    account: AccountNo,
    but: Option<&[u8; 32]>,
) -> Result<u64, StoreFault> {
    let none = [0_u8; 32];
    let rows = db
        .prepare_cached("-- end_sessions\nDELETE FROM account_session WHERE account_no = ?1 AND print <> ?2")?
        .execute(params![account.as_u32(), but.unwrap_or(&none)])?;
    Ok(rows as u64)
}

/// A session by the hash of its token; `None` if there is none, its time is over, or its actor has no role any more.
pub(super) fn known(
    db: &Connection,
    register: &Register,
    print: &[u8; 32],
    now: Timestamp,
) -> Result<Option<KnownSession>, StoreFault> {
    let Some(login) = register.login() else { return Ok(None) };
    let read = db
        .prepare_cached(
            "-- session
             SELECT s.account_no, a.actor, s.factors, s.began_ms, s.seen_ms, s.proved_ms, a.removed_roles,
                    EXISTS (SELECT 1 FROM account_secret t WHERE t.account_no = s.account_no AND t.kind = 'totp'),
                    (SELECT t.made_ms FROM account_secret t
                     WHERE t.account_no = s.account_no AND t.kind = 'password' AND t.secret_no = 0)
             FROM account_session s JOIN account a ON a.account_no = s.account_no WHERE s.print = ?1",
        )?
        .query_and_then([print], SessionRow::read)?
        .next()
        .transpose()?;
    Ok(read.and_then(|read| read.known((register, login), SessionNo::of(print), now)))
}

struct SessionRow {
    account: AccountNo,
    actor: ActorId,
    factors: u8,
    times: SessionTimes,
    removed_roles: String,
    has_totp: bool,
    password_since: Option<Timestamp>,
}

impl SessionRow {
    fn read(row: &DbRow<'_>) -> Result<Self, StoreFault> {
        let actor: String = row.get(1)?;
        Ok(Self {
            account: AccountNo::new(row.get(0)?),
            actor: actor_of(&actor)?,
            factors: row.get(2)?,
            times: SessionTimes {
                began: instant(row.get(3)?)?,
                seen: instant(row.get(4)?)?,
                proved: instant(row.get(5)?)?,
            },
            removed_roles: row.get(6)?,
            has_totp: row.get(7)?,
            password_since: super::optional_instant(row.get(8)?)?,
        })
    }

    fn known(
        self,
        (register, login): (&Register, &Login),
        session: SessionNo,
        now: Timestamp,
    ) -> Option<KnownSession> {
        let roles = register.roles_of(&self.actor);
        if roles.is_empty() || has_removed(&self.removed_roles, &roles) {
            return None;
        }
        let limits = limits(login, &self.actor, self.factors)?;
        if !self.times.lives(limits, now) {
            return None;
        }
        let need = self.need(register, login, &roles, now);
        let roles = roles.into_iter().cloned().collect();
        let Self { account, actor, factors, times, .. } = self;
        Some(KnownSession { session, account, actor, roles, factors, need, times, limits })
    }

    fn need(&self, register: &Register, login: &Login, roles: &[&RoleId], now: Timestamp) -> Option<Need> {
        if self.factors == 0 {
            return Some(Need::Totp);
        }
        let is_old = self.password_since.zip(login.password_max_age).is_some_and(|(since, age)| {
            let zone = register.zone();
            age.after(zone.day_of(since)) < zone.day_of(now)
        });
        if is_old && self.actor.subject().is_none() {
            return Some(Need::NewPassword);
        }
        let lacks_factor = self.factors < 2 && login.needs_two_factors(roles);
        lacks_factor.then_some(if self.has_totp { Need::Totp } else { Need::EnrolTotp })
    }
}

/// Whether a review has taken a role that the register still gives: nobody gets in before it follows.
pub(super) fn has_removed(removed: &str, roles: &[&RoleId]) -> bool {
    removed.split(' ').any(|removed| roles.iter().any(|role| role.as_str() == removed))
}

/// `None` for residents where they do not log in.
fn limits(login: &Login, actor: &ActorId, factors: u8) -> Option<SessionLimits> {
    let rule: SessionRule = if actor.subject().is_some() { login.resident? } else { login.staff };
    let minutes = |minutes: u16| SignedDuration::from_mins(i64::from(minutes));
    let absolute = if factors == 0 { SECOND_FACTOR } else { minutes(rule.absolute_minutes) };
    Some(SessionLimits { idle: minutes(rule.idle_minutes), absolute, fresh: minutes(rule.fresh_minutes) })
}

/// Notes that a session was used.
pub(super) fn slide(db: &Connection, print: &[u8; 32], now: Timestamp) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- slide_session\nUPDATE account_session SET seen_ms = ?2 WHERE print = ?1 AND seen_ms < ?2",
    )?
    .execute(params![print, now.as_millisecond()])?;
    Ok(())
}

/// The sessions of an account, the newest first.
pub(super) fn devices(db: &Connection, account: AccountNo) -> Result<Vec<([u8; 32], Device)>, StoreFault> {
    db.prepare_cached(
        "-- devices
         SELECT s.print, s.browser, s.began_ms, s.seen_ms FROM account_session s
         WHERE s.account_no = ?1 AND s.factors > 0 ORDER BY s.seen_ms DESC, s.print",
    )?
    .query_and_then([account.as_u32()], |row| {
        let print: [u8; 32] = row.get(0)?;
        let device = Device {
            session: SessionNo::of(&print),
            browser: row.get(1)?,
            began: instant(row.get(2)?)?,
            seen: instant(row.get(3)?)?,
        };
        Ok((print, device))
    })?
    .collect()
}

/// Deletes sessions that are older than any may become.
pub(super) fn expire(db: &Connection, register: &Register, now: Timestamp) -> Result<(), StoreFault> {
    let Some(login) = register.login() else { return Ok(()) };
    let longest = login.resident.map_or(0, |rule| rule.absolute_minutes).max(login.staff.absolute_minutes);
    let before = now.checked_sub(SignedDuration::from_mins(i64::from(longest))).unwrap_or(Timestamp::MIN);
    db.prepare_cached("-- expire_sessions\nDELETE FROM account_session WHERE began_ms <= ?1")?
        .execute([before.as_millisecond()])?;
    Ok(())
}
