//! Tokens of other programs: whom they act as, for which purposes, until when.
//!
//! What comes in: an actor of the register, and purposes it may have. What goes out: the token once, later only that it is known.
//! Never: a token that may more than its actor, or one without an end.

use crate::db::{Connection, OptionalExtension, Row as DbRow, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{EventKind, Register};
use tidstro_identity::MachineToken;
use tidstro_model::{ActivityId, ActorId, RoleId};
use zeroize::Zeroizing;

use super::{actor_of, after, instant, note, optional_instant, random};
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::Writing;

/// How long a token may be good at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Uses within this time are one.
const SEEN: SignedDuration = SignedDuration::from_hours(1);

/// Number of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenNo(u32);

impl TokenNo {
    /// A number as a list shows it.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The plain number.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

/// A token somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whom it acts as: an actor of the register that is a job.
    pub actor: ActorId,
    /// What it is for, in a few words without a person's name.
    pub label: String,
    /// The purposes it may name. At least one.
    pub scopes: Vec<ActivityId>,
    /// Until when it is good; at most a year from now.
    pub ends: Timestamp,
}

/// What became of a wish for a token.
#[derive(Debug)]
pub enum IssuedToken {
    /// Here it is, in the clear for the only time.
    Issued(TokenNo, Zeroizing<String>),
    /// No job of the register is called so.
    UnknownActor,
    /// The register gives the actor no such purpose.
    NotItsPurpose(ActivityId),
    /// No purpose was named.
    NoScope,
    /// It would be good for too long, or has ended already.
    WrongEnd,
}

/// A token as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLine {
    /// Its number.
    pub token: TokenNo,
    /// Whom it acts as.
    pub actor: ActorId,
    /// What it is for.
    pub label: String,
    /// The purposes it may name.
    pub scopes: Vec<ActivityId>,
    /// Who issued it.
    pub made_by: ActorId,
    /// When it was issued.
    pub made: Timestamp,
    /// Until when it is good.
    pub ends: Timestamp,
    /// When it was last used, to the hour.
    pub seen: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn: Option<Timestamp>,
}

/// A program that has shown its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The token's number.
    pub token: TokenNo,
    /// Whom it acts as.
    pub actor: ActorId,
    /// The roles of the register that decides now.
    pub roles: Vec<RoleId>,
    /// The purposes it may name.
    pub scopes: Vec<ActivityId>,
}

pub(super) fn issue(
    writing: &mut Writing,
    register: &Register,
    (terms, wanted): (&Terms, &NewToken),
    now: Timestamp,
) -> Result<IssuedToken, StoreFault> {
    if let Some(refused) = refusal(register, wanted, now) {
        return Ok(refused);
    }
    let token = MachineToken::of_random(random()?);
    let scopes: Vec<&str> = wanted.scopes.iter().map(ActivityId::as_str).collect();
    let number = writing
        .db
        .prepare_cached(
            "-- issue_token
             INSERT INTO machine_token (print, actor, label, scopes, made_by, made_ms, ends_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING token_no",
        )?
        .query_row(
            params![
                token.hash(),
                wanted.actor.as_str(),
                wanted.label,
                scopes.join(" "),
                terms.actor.as_str(),
                now.as_millisecond(),
                wanted.ends.as_millisecond()
            ],
            |row| row.get(0),
        )?;
    let what = format!("token {number} issued for {}", scopes.join(", "));
    note(writing, (EventKind::AccountChanged, &terms.actor), &wanted.actor, &what, now)?;
    Ok(IssuedToken::Issued(TokenNo(number), token.text()))
}

fn refusal(register: &Register, wanted: &NewToken, now: Timestamp) -> Option<IssuedToken> {
    let actor = register.actors().find(|actor| actor.id == wanted.actor);
    let Some(actor) = actor.filter(|actor| actor.id.as_str().starts_with("job:")) else {
        return Some(IssuedToken::UnknownActor);
    };
    let has = |purpose: &&ActivityId| {
        register
            .activity(purpose)
            .is_some_and(|activity| activity.roles.iter().any(|role| actor.roles.contains(role)))
    };
    if let Some(other) = wanted.scopes.iter().find(|purpose| !has(purpose)) {
        return Some(IssuedToken::NotItsPurpose(other.clone()));
    }
    if wanted.scopes.is_empty() {
        return Some(IssuedToken::NoScope);
    }
    (wanted.ends <= now || wanted.ends > after(now, LONGEST)).then_some(IssuedToken::WrongEnd)
}

/// Makes a token worthless; returns whether it was good.
pub(super) fn withdraw(
    writing: &mut Writing,
    terms: &Terms,
    token: TokenNo,
    now: Timestamp,
) -> Result<bool, StoreFault> {
    let actor: Option<String> = writing
        .db
        .prepare_cached(
            "-- withdraw_token
             UPDATE machine_token SET withdrawn_ms = ?2 WHERE token_no = ?1 AND withdrawn_ms IS NULL RETURNING actor",
        )?
        .query_row(params![token.0, now.as_millisecond()], |row| row.get(0))
        .optional()?;
    let Some(actor) = actor else { return Ok(false) };
    let what = format!("token {} withdrawn", token.0);
    note(writing, (EventKind::AccountChanged, &terms.actor), &actor_of(&actor)?, &what, now)?;
    Ok(true)
}

const COLUMNS: &str =
    "m.token_no, m.actor, m.label, m.scopes, m.made_by, m.made_ms, m.ends_ms, m.seen_ms, m.withdrawn_ms";

fn line(row: &DbRow<'_>) -> Result<TokenLine, StoreFault> {
    let (actor, scopes, made_by): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(4)?);
    let scopes = scopes.split(' ').map(ActivityId::parse).collect::<Result<_, _>>();
    Ok(TokenLine {
        token: TokenNo(row.get(0)?),
        actor: actor_of(&actor)?,
        label: row.get(2)?,
        scopes: scopes.map_err(|_| StoreFault::Row { what: "machine_token.scopes" })?,
        made_by: actor_of(&made_by)?,
        made: instant(row.get(5)?)?,
        ends: instant(row.get(6)?)?,
        seen: optional_instant(row.get(7)?)?,
        withdrawn: optional_instant(row.get(8)?)?,
    })
}

/// Every token, the newest first.
pub(super) fn list(db: &Connection) -> Result<Vec<TokenLine>, StoreFault> {
    db.prepare_cached(&format!("-- tokens\nSELECT {COLUMNS} FROM machine_token m ORDER BY m.token_no DESC"))?
        .query_and_then([], line)?
        .collect()
}

/// Who shows a token, if it is good and its actor still has a role; and whether its use is to be noted.
pub(super) fn known(
    db: &Connection,
    register: &Register,
    token: &MachineToken,
    now: Timestamp,
) -> Result<Option<(Machine, bool)>, StoreFault> {
    let line = db
        .prepare_cached(&format!("-- token\nSELECT {COLUMNS} FROM machine_token m WHERE m.print = ?1"))?
        .query_and_then([token.hash()], line)?
        .next()
        .transpose()?;
    let Some(line) = line.filter(|line| line.withdrawn.is_none() && now < line.ends) else { return Ok(None) };
    let roles: Vec<RoleId> = register.roles_of(&line.actor).into_iter().cloned().collect();
    let is_new = line.seen.is_none_or(|seen| now >= after(seen, SEEN));
    let TokenLine { token, actor, scopes, .. } = line;
    Ok((!roles.is_empty()).then_some((Machine { token, actor, roles, scopes }, is_new)))
}

pub(super) fn note_use(db: &Connection, token: TokenNo, now: Timestamp) -> Result<(), StoreFault> {
    db.prepare_cached("-- token_seen\nUPDATE machine_token SET seen_ms = ?2 WHERE token_no = ?1")?
        .execute(params![token.0, now.as_millisecond()])?;
    Ok(())
}
