//! Looking after access, as the flows use it: each use with a permit for the category of accounts, over everything.

use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::{EventKind, Operation, Register, Target};
use tidstro_model::{AccountNo, ActorId, RoleId};

use super::account::{by_number, forget_attempts, set_state};
use super::code::issue_letter;
use super::secret::{self, Kind};
use super::session::end_all;
use super::{
    AccountLine, AccountState, Closed, Created, IssuedToken, Letter, NewToken, Recovery, RecoveryApproval,
    RecoveryNo, ReviewDecision, ReviewLine, ReviewNo, TokenLine, TokenNo, account, close, machine, note,
    recovery, review,
};
use crate::gate::Terms;
use crate::log::{LoginEvent, LoginKind, record_login};
use crate::personal::Writing;
use crate::{Disclosed, Permit, Store, StoreFault};

impl Store {
    /// The terms of a permit for this operation on accounts, over everything.
    fn over_accounts(
        &self,
        permit: &Permit,
        operation: Operation,
        now: Timestamp,
    ) -> Result<Arc<Terms>, StoreFault> {
        let terms = permit.must_allow(operation, self.columns.accounts()?, now)?;
        if terms.target == Target::Everything {
            return Ok(terms);
        }
        Err(StoreFault::PermitForOther {
            permit: permit.to_string(),
            needed: "look after all accounts".to_owned(),
        })
    }

    /// One transaction under a permit.
    async fn look_after<T: Send + 'static>(
        &self,
        terms: Arc<Terms>,
        mut job: impl FnMut(&mut Writing, &Register, &Terms) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads.write(move |writing| writing.transact(|writing| job(writing, &register, &terms))).await
    }

    /// Makes an account, with a code to hand over or to send on paper.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect accounts.
    pub async fn create_account(
        &self,
        permit: &Permit,
        actor: ActorId,
        now: Timestamp,
    ) -> Result<Created, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Collect, now)?;
        self.look_after(terms, move |writing, register, terms| {
            account::create(writing, register, terms, &actor, now)
        })
        .await
    }

    /// Every account, by actor.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read accounts.
    pub async fn accounts(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<AccountLine>>, StoreFault> {
        self.over_accounts(permit, Operation::Read, now)?;
        let lines = self.threads.read(|reading| account::list(&reading.db)).await?;
        Ok(Disclosed::new(lines, permit))
    }

    /// A new code for the letter to a resident, or for an account of staff that nobody has activated. `None`: there is no such
    /// account, or it takes two to get back into it.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn issue_letter(
        &self,
        permit: &Permit,
        account: AccountNo,
        now: Timestamp,
    ) -> Result<Option<Letter>, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, _, terms| {
            let row = by_number(&writing.db, account)?;
            let Some(row) = row.filter(|row| row.actor.subject().is_some() || row.state == AccountState::New)
            else {
                return Ok(None);
            };
            note(writing, (EventKind::AccountChanged, &terms.actor), &row.actor, "new code", now)?;
            issue_letter(writing, account, &row.actor, now).map(Some)
        })
        .await
    }

    /// Locks an account and ends its sessions; returns whether it was there.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn lock_account(
        &self,
        permit: &Permit,
        account: AccountNo,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, register, terms| {
            let Some(row) = by_number(&writing.db, account)? else { return Ok(false) };
            set_state(&writing.db, account, AccountState::Locked)?;
            end_all(&writing.db, account, None)?;
            by_another(writing, register, (LoginKind::LockedOut, terms), &row.actor, now)?;
            Ok(true)
        })
        .await
    }

    /// Unlocks an account; returns whether it was locked.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn unlock_account(
        &self,
        permit: &Permit,
        account: AccountNo,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, register, terms| {
            let row = by_number(&writing.db, account)?;
            let Some(row) = row.filter(|row| row.state == AccountState::Locked) else { return Ok(false) };
            // One that nobody had activated waits for its code again.
            let has_password = secret::since(writing, account, Kind::Password)?.is_some();
            let was_new = row.actor.subject().is_none() && !has_password;
            set_state(&writing.db, account, if was_new { AccountState::New } else { AccountState::Open })?;
            forget_attempts(writing, &row)?;
            by_another(writing, register, (LoginKind::Unlocked, terms), &row.actor, now)?;
            Ok(true)
        })
        .await
    }

    /// Closes an account: nothing of it stays. `None` if there is none.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn close_account(
        &self,
        permit: &Permit,
        account: AccountNo,
        now: Timestamp,
    ) -> Result<Option<Closed>, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.threads.write(move |writing| close::close(writing, (&terms.actor, account), now)).await
    }

    /// Asks for a way back for a member of the staff.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn ask_recovery(
        &self,
        permit: &Permit,
        account: AccountNo,
        now: Timestamp,
    ) -> Result<Recovery, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, _, terms| recovery::ask(writing, terms, account, now)).await
    }

    /// Approves what another has asked for.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn approve_recovery(
        &self,
        permit: &Permit,
        number: RecoveryNo,
        now: Timestamp,
    ) -> Result<RecoveryApproval, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, _, terms| recovery::approve(writing, terms, number, now)).await
    }

    /// Issues a token for another program.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn issue_token(
        &self,
        permit: &Permit,
        wanted: NewToken,
        now: Timestamp,
    ) -> Result<IssuedToken, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, register, terms| {
            machine::issue(writing, register, (terms, &wanted), now)
        })
        .await
    }

    /// Makes a token worthless; returns whether it was good.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn withdraw_token(
        &self,
        permit: &Permit,
        token: TokenNo,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, _, terms| machine::withdraw(writing, terms, token, now)).await
    }

    /// Every token, the newest first.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read accounts.
    pub async fn tokens(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<TokenLine>>, StoreFault> {
        self.over_accounts(permit, Operation::Read, now)?;
        let lines = self.threads.read(|reading| machine::list(&reading.db)).await?;
        Ok(Disclosed::new(lines, permit))
    }

    /// Begins a review of who has which role.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn begin_review(&self, permit: &Permit, now: Timestamp) -> Result<ReviewNo, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, register, terms| review::begin(writing, register, terms, now))
            .await
    }

    /// The newest review: its number, when it began, and its lines; `None` if there never was one.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read accounts.
    pub async fn newest_review(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Option<(ReviewNo, Option<Timestamp>, Vec<ReviewLine>)>>, StoreFault> {
        self.over_accounts(permit, Operation::Read, now)?;
        let found = self.threads.read(|reading| {
            let Some((number, begun)) = review::newest(&reading.db)? else { return Ok(None) };
            Ok(Some((number, begun, review::lines(&reading.db, number)?)))
        });
        Ok(Disclosed::new(found.await?, permit))
    }

    /// Decides about one role in a review; returns whether it was somebody else's and there to decide about.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to correct accounts.
    pub async fn decide_review(
        &self,
        permit: &Permit,
        (number, actor, role): (ReviewNo, ActorId, RoleId),
        decision: ReviewDecision,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let terms = self.over_accounts(permit, Operation::Correct, now)?;
        self.look_after(terms, move |writing, _, terms| {
            review::decide(writing, terms, (number, &actor, &role), decision, now)
        })
        .await
    }
}

/// What an administrator did at the door of another.
fn by_another(
    writing: &mut Writing,
    register: &Register,
    (kind, terms): (LoginKind, &Terms),
    actor: &ActorId,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let typed = zeroize::Zeroizing::new(actor.as_str().to_owned());
    record_login(writing, register, &LoginEvent { at: now, kind, typed, by: Some(terms.actor.clone()) })
}
