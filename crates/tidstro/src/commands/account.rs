//! `tidstro account`: who may log in.
//!
//! What comes in: whose account, and who asks. What goes out: lists without a secret, and codes and tokens once, into files that only
//! this user can read. Never: a code or token on the screen, where others look and shells remember.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;
use tidstro_flows::identity::{
    AccountLine, By, Created, Letter, Recovery, RecoveryApproval, RecoveryNo, approve_recovery, ask_recovery,
    close_account, create_account, issue_letter, list_accounts, lock_account, unlock_account,
};
use tidstro_flows::{Answer, Workspace};
use tidstro_model::{AccountNo, ActorId};

use super::account_review;
use super::account_token;
use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{AccountCommand, Arguments, ByArguments};
use crate::fault::CommandFault;
use crate::show::{Table, note};

/// The given part of an answer inside a function that gives an outcome.
macro_rules! given {
    ($answer:expr) => {
        match $answer {
            Answer::Given(value) => value,
            Answer::Refused(refuse) => return Ok(refused(&refuse)),
        }
    };
}
pub(super) use given;

pub(crate) async fn run(arguments: &Arguments, command: &AccountCommand) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match command {
        AccountCommand::Add { whose, letter, by } => add(&workspace, (whose, &of(by)), &letter.letter).await,
        AccountCommand::List { by, json } => list(&workspace, &of(by), *json).await,
        AccountCommand::Code { whose, letter, by } => {
            code(&workspace, (whose, &of(by)), &letter.letter).await
        }
        AccountCommand::Lock { whose, by } => lock(&workspace, (whose, &of(by)), true).await,
        AccountCommand::Unlock { whose, by } => lock(&workspace, (whose, &of(by)), false).await,
        AccountCommand::Close { whose, by } => close(&workspace, whose, &of(by)).await,
        AccountCommand::Recover { whose, by } => recover(&workspace, whose, &of(by)).await,
        AccountCommand::ApproveRecovery { number, letter, by } => {
            approve(&workspace, (RecoveryNo::new(*number), &of(by)), &letter.letter).await
        }
        AccountCommand::Token(command) => account_token::run(&workspace, command).await,
        AccountCommand::Review(command) => account_review::run(&workspace, command).await,
    }
}

/// Who sits at the machine of the database has proved more than two factors do.
pub(super) fn of(by: &ByArguments) -> By {
    By { actor: by.actor.clone(), factors: 2 }
}

async fn add(
    workspace: &Workspace,
    (whose, by): (&ActorId, &By),
    path: &Path,
) -> Result<Outcome, CommandFault> {
    let mut file = private(path)?;
    let created = create_account(workspace, by, whose.clone(), now()).await;
    let letter = match created {
        Ok(Answer::Given(Created::Created(_, letter))) => letter,
        Ok(Answer::Given(Created::Exists(_))) => {
            return without(
                path,
                &format!("`{whose}` has an account; give it a new code with `account code`"),
            );
        }
        Ok(Answer::Given(Created::UnknownActor)) => {
            return without(
                path,
                &format!("`{whose}` is no member of the staff in the register, and no resident"),
            );
        }
        Ok(Answer::Refused(refuse)) => {
            std::fs::remove_file(path)?;
            return Ok(refused(&refuse));
        }
        Err(fault) => {
            std::fs::remove_file(path)?;
            return Err(fault.into());
        }
    };
    written(&mut file, whose, &letter, path)
}

/// There is nothing to write after all.
fn without(path: &Path, why: &str) -> Result<Outcome, CommandFault> {
    std::fs::remove_file(path)?;
    note(format_args!("{why}"));
    Ok(Outcome::Refused)
}

/// Writes the letter's text.
fn written(file: &mut File, whose: &ActorId, letter: &Letter, path: &Path) -> Result<Outcome, CommandFault> {
    writeln!(file, "{}\ngood until {}", letter.code.as_str(), letter.until)?;
    file.sync_all()?;
    writeln!(
        std::io::stdout(),
        "the code of {whose} is in `{}`, good once and until {}; hand it over and delete the file",
        path.display(),
        letter.until
    )?;
    Ok(Outcome::Done)
}

/// A new file that only this user can read.
pub(super) fn private(path: &Path) -> Result<File, CommandFault> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|source| CommandFault::File { path: path.to_owned(), source })
}

async fn list(workspace: &Workspace, by: &By, json: bool) -> Result<Outcome, CommandFault> {
    let lines = given!(list_accounts(workspace, by, now()).await?);
    let mut out = std::io::stdout();
    if json {
        for line in &lines {
            writeln!(out, "{}", line_json(line))?;
        }
        return Ok(Outcome::Done);
    }
    if lines.is_empty() {
        writeln!(out, "nobody has an account; make one with `tidstro account add`")?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&["actor", "state", "two factors", "since", "last log-in", ">sessions"]);
    for line in &lines {
        table.row(vec![
            line.actor.to_string(),
            line.state.word().to_owned(),
            if line.has_totp { "yes" } else { "no" }.to_owned(),
            line.opened.to_string(),
            line.seen.map_or_else(|| "never".to_owned(), |seen| seen.to_string()),
            line.sessions.to_string(),
        ]);
    }
    write!(out, "{table}")?;
    Ok(Outcome::Done)
}

fn line_json(line: &AccountLine) -> serde_json::Value {
    json!({
        "actor": line.actor.as_str(),
        "state": line.state.word(),
        "two_factors": line.has_totp,
        "since": line.opened.to_string(),
        "last_login": line.seen.map(|seen| seen.to_string()),
        "sessions": line.sessions,
    })
}

/// The account of an actor; says so where there is none.
async fn account_of(
    workspace: &Workspace,
    whose: &ActorId,
    by: &By,
) -> Result<Answer<Option<AccountNo>>, CommandFault> {
    let lines = match list_accounts(workspace, by, now()).await? {
        Answer::Given(lines) => lines,
        Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
    };
    let found = lines.into_iter().find(|line| line.actor == *whose).map(|line| line.account);
    if found.is_none() {
        note(format_args!("`{whose}` has no account; `tidstro account list` shows who has"));
    }
    Ok(Answer::Given(found))
}

async fn code(
    workspace: &Workspace,
    (whose, by): (&ActorId, &By),
    path: &Path,
) -> Result<Outcome, CommandFault> {
    let Some(account) = given!(account_of(workspace, whose, by).await?) else { return Ok(Outcome::Refused) };
    let mut file = private(path)?;
    match issue_letter(workspace, by, account, now()).await? {
        Answer::Given(Some(letter)) => written(&mut file, whose, &letter, path),
        Answer::Given(None) => without(
            path,
            &format!("`{whose}` is staff with an account in use; `account recover` takes two people"),
        ),
        Answer::Refused(refuse) => {
            std::fs::remove_file(path)?;
            Ok(refused(&refuse))
        }
    }
}

async fn lock(
    workspace: &Workspace,
    (whose, by): (&ActorId, &By),
    locks: bool,
) -> Result<Outcome, CommandFault> {
    let Some(account) = given!(account_of(workspace, whose, by).await?) else { return Ok(Outcome::Refused) };
    let done = if locks {
        given!(lock_account(workspace, by, account, now()).await?)
    } else {
        given!(unlock_account(workspace, by, account, now()).await?)
    };
    let told = match (locks, done) {
        (true, _) => "is locked and logged out",
        (false, true) => "may log in again",
        (false, false) => "was not locked",
    };
    writeln!(std::io::stdout(), "{whose} {told}")?;
    Ok(Outcome::Done)
}

async fn close(workspace: &Workspace, whose: &ActorId, by: &By) -> Result<Outcome, CommandFault> {
    let Some(account) = given!(account_of(workspace, whose, by).await?) else { return Ok(Outcome::Refused) };
    let closed = given!(close_account(workspace, by, account, now()).await?);
    let sessions = closed.map_or(0, |closed| closed.sessions);
    writeln!(
        std::io::stdout(),
        "the account of {whose} is closed, {sessions} open sessions with it; take the actor out of the register too"
    )?;
    Ok(Outcome::Done)
}

async fn recover(workspace: &Workspace, whose: &ActorId, by: &By) -> Result<Outcome, CommandFault> {
    let Some(account) = given!(account_of(workspace, whose, by).await?) else { return Ok(Outcome::Refused) };
    match given!(ask_recovery(workspace, by, account, now()).await?) {
        Recovery::Asked(number) => {
            let number = number.as_u32();
            writeln!(
                std::io::stdout(),
                "asked as number {number}; within a day somebody else runs `tidstro account approve-recovery {number}`"
            )?;
            return Ok(Outcome::Done);
        }
        Recovery::UnknownAccount => note(format_args!("`{whose}` has no account")),
        Recovery::Own => note(format_args!("nobody asks for their own account; have a colleague ask")),
        Recovery::OfResident => note(format_args!("residents get a new letter, with `tidstro account code`")),
    }
    Ok(Outcome::Refused)
}

async fn approve(
    workspace: &Workspace,
    (number, by): (RecoveryNo, &By),
    path: &Path,
) -> Result<Outcome, CommandFault> {
    let mut file = private(path)?;
    match approve_recovery(workspace, by, number, now()).await? {
        Answer::Given(RecoveryApproval::Approved(letter)) => {
            writeln!(file, "{}\ngood until {}", letter.code.as_str(), letter.until)?;
            file.sync_all()?;
            let (path, until) = (path.display(), letter.until);
            writeln!(
                std::io::stdout(),
                "the code is in `{path}`, good once and until {until}; hand it over in person"
            )?;
            Ok(Outcome::Done)
        }
        Answer::Given(RecoveryApproval::Unknown) => {
            without(path, &format!("nobody has asked as number {}, or more than a day ago", number.as_u32()))
        }
        Answer::Given(RecoveryApproval::NotAnother) => {
            without(path, "who approves must be neither the one who asked nor the one it is about")
        }
        Answer::Refused(refuse) => {
            std::fs::remove_file(path)?;
            Ok(refused(&refuse))
        }
    }
}
