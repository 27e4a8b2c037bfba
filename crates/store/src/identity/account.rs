//! Accounts: made, found, listed, locked and unlocked.
//!
//! What comes in: actors of the register, and subjects there are. What goes out: accounts without secrets. Never: two accounts of
//! one actor, or an account of nobody.

use crate::db::{Connection, OptionalExtension, Row as DbRow, params};
use jiff::Timestamp;
use tidstro_govern::{EventKind, Login, Register};
use tidstro_model::{AccountNo, ActorId, KeyNo, SubjectNo};

use super::code::{Letter, issue_letter};
use super::{Row, actor_of, attempt, instant, name_print, note, optional_instant};
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::{Writing, open_dossier};

/// How far an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It waits for its code.
    New,
    /// Its holder may log in.
    Open,
    /// Nobody gets in before somebody unlocks it.
    Locked,
}

impl AccountState {
    /// The word used in SQL and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Locked => "locked",
        }
    }

    fn from_word(word: &str) -> Result<Self, StoreFault> {
        [Self::New, Self::Open, Self::Locked]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or(StoreFault::Row { what: "account.state" })
    }
}

/// What became of a wish for an account.
#[derive(Debug)]
pub enum Created {
    /// It is there, and waits for this code.
    Created(AccountNo, Letter),
    /// The actor has one.
    Exists(AccountNo),
    /// Nobody is called so, or it is a job, which has a token and no account.
    UnknownActor,
}

/// An account as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// Its number.
    pub account: AccountNo,
    /// Whose.
    pub actor: ActorId,
    /// How far it has come.
    pub state: AccountState,
    /// Whether an authenticator program proves it.
    pub has_totp: bool,
    /// When it was made.
    pub opened: Timestamp,
    /// The last log-in.
    pub seen: Option<Timestamp>,
    /// Open sessions.
    pub sessions: u32,
}

/// Makes an account with a code for a letter. Call inside [`Writing::transact`].
pub(super) fn create(
    writing: &mut Writing,
    register: &Register,
    terms: &Terms,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Created, StoreFault> {
    if let Some(row) = by_actor(&writing.db, actor)? {
        return Ok(Created::Exists(row.account));
    }
    let Some(name) = name_of(&writing.db, register, actor)? else { return Ok(Created::UnknownActor) };
    let kind = Login::dossier_kind().ok_or(StoreFault::NobodyLogsIn)?;
    let dossier = open_dossier(writing, register, terms, (actor.subject(), &kind), now)?;
    let print = name.map(|name| name_print(writing, name));
    let number: u32 = writing
        .db
        .prepare_cached(
            "-- create_account
             INSERT INTO account (actor, dossier_no, name_print, sealed_name, is_proved, state, removed_roles, opened_ms)
             VALUES (?1, ?2, ?3, ?4, 0, 'new', '', ?5) RETURNING account_no",
        )?
        .query_row(
            params![actor.as_str(), dossier.as_u32(), print, Vec::<u8>::new(), now.as_millisecond()],
            |row| row.get(0),
        )?;
    let account = AccountNo::new(number);
    note(writing, (EventKind::AccountChanged, &terms.actor), actor, "made", now)?;
    let letter = issue_letter(writing, account, actor, now)?;
    Ok(Created::Created(account, letter))
}

/// Staff log in with what follows `staff:`; residents choose a name when they activate the account. `None`: no such actor.
fn name_of<'a>(
    db: &Connection,
    register: &Register,
    actor: &'a ActorId,
) -> Result<Option<Option<&'a str>>, StoreFault> {
    if let Some(subject) = actor.subject() {
        let is_resident = ActorId::resident(subject) == *actor && subject_exists(db, subject)?;
        let may = register.login().is_some_and(|login| login.resident.is_some());
        return Ok((is_resident && may).then_some(None));
    }
    let name = actor.as_str().strip_prefix("staff:");
    Ok(name.filter(|_| register.actors().any(|known| known.id == *actor)).map(Some))
}

fn subject_exists(db: &Connection, subject: SubjectNo) -> Result<bool, StoreFault> {
    let exists = db
        .prepare_cached(
            "-- account_subject\nSELECT EXISTS (SELECT 1 FROM subject s WHERE s.subject_no = ?1)",
        )?
        .query_row([subject.as_u32()], |row| row.get(0))?;
    Ok(exists)
}

const COLUMNS: &str = "a.account_no, a.actor, d.key_no, a.state";

fn row(row: &DbRow<'_>) -> Result<Row, StoreFault> {
    let (actor, state): (String, String) = (row.get(1)?, row.get(3)?);
    Ok(Row {
        account: AccountNo::new(row.get(0)?),
        actor: actor_of(&actor)?,
        key: KeyNo::new(row.get(2)?),
        state: AccountState::from_word(&state)?,
    })
}

pub(super) fn by_actor(db: &Connection, actor: &ActorId) -> Result<Option<Row>, StoreFault> {
    first(db, "account_by_actor", "a.actor = ?1", actor.as_str())
}

pub(super) fn by_number(db: &Connection, account: AccountNo) -> Result<Option<Row>, StoreFault> {
    first(db, "account_by_number", "a.account_no = ?1", account.as_u32())
}

pub(super) fn by_name(writing: &Writing, name: &str) -> Result<Option<Row>, StoreFault> {
    first(&writing.db, "account_by_name", "a.name_print = ?1", name_print(writing, name))
}

/// The account whose name has proved to be a mail address of its holder.
pub(super) fn by_address(writing: &Writing, address: &str) -> Result<Option<Row>, StoreFault> {
    first(
        &writing.db,
        "account_by_address",
        "a.name_print = ?1 AND a.is_proved = 1",
        name_print(writing, address),
    )
}

fn first(
    db: &Connection,
    name: &str,
    which: &str,
    value: impl crate::db::Bind,
) -> Result<Option<Row>, StoreFault> {
    db.prepare_cached(&format!(
        "-- {name}
         SELECT {COLUMNS} FROM account a JOIN dossier d ON d.dossier_no = a.dossier_no WHERE {which}"
    ))?
    .query_and_then([value], row)?
    .next()
    .transpose()
}

/// Every account, by actor.
pub(super) fn list(db: &Connection) -> Result<Vec<AccountLine>, StoreFault> {
    db.prepare_cached(
        "-- accounts
         SELECT a.account_no, a.actor, a.state,
                EXISTS (SELECT 1 FROM account_secret t WHERE t.account_no = a.account_no AND t.kind = 'totp'),
                a.opened_ms, a.seen_ms,
                (SELECT count(*) FROM account_session s WHERE s.account_no = a.account_no)
         FROM account a ORDER BY a.actor",
    )?
    .query_and_then([], |row| {
        let (actor, state): (String, String) = (row.get(1)?, row.get(2)?);
        Ok(AccountLine {
            account: AccountNo::new(row.get(0)?),
            actor: actor_of(&actor)?,
            state: AccountState::from_word(&state)?,
            has_totp: row.get(3)?,
            opened: instant(row.get(4)?)?,
            seen: optional_instant(row.get(5)?)?,
            sessions: row.get(6)?,
        })
    })?
    .collect()
}

pub(super) fn set_state(db: &Connection, account: AccountNo, state: AccountState) -> Result<(), StoreFault> {
    db.prepare_cached("-- set_account_state\nUPDATE account SET state = ?2 WHERE account_no = ?1")?
        .execute(params![account.as_u32(), state.word()])?;
    Ok(())
}

/// Gives the name and the second factor of an account a new start.
pub(super) fn forget_attempts(writing: &Writing, of: &Row) -> Result<(), StoreFault> {
    let print: Option<Option<Vec<u8>>> = writing
        .db
        .prepare_cached("-- name_print\nSELECT a.name_print FROM account a WHERE a.account_no = ?1")?
        .query_row([of.account.as_u32()], |row| row.get(0))
        .optional()?;
    let print: Option<[u8; 32]> = print.flatten().and_then(|print| print.try_into().ok());
    for who in print.into_iter().chain([super::second::who(writing, of.account)]) {
        attempt::clear(&writing.db, &who)?;
    }
    Ok(())
}
