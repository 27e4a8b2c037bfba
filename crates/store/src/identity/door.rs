//! Logging in, as the flows use it: nobody needs a permit to prove who they are.

use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::Register;
use tidstro_identity::{ActivationCode, Cost, MachineToken, MailCode, PasswordHash, Token};
use zeroize::Zeroizing;

use super::code::Brought;
use super::password::Proved;
use super::{
    Activated, Begun, Confirmed, Device, KnownSession, LetterHolder, Machine, MailSecrets, NewSession,
    PasswordCheck, SessionNo, TotpOffer, Typed, code, login, machine, mail, password, second, session,
};
use crate::personal::Writing;
use crate::{Store, StoreFault};

impl Store {
    /// One transaction that knows the register.
    async fn at_door<T: Send + 'static>(
        &self,
        mut job: impl FnMut(&mut Writing, &Register) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads.write(move |writing| writing.transact(|writing| job(writing, &register))).await
    }

    /// A hash that no password fits, to be checked in the place of one that is not there. Takes tens of milliseconds.
    ///
    /// # Errors
    /// [`StoreFault::NoRandomness`], [`StoreFault::PasswordHash`].
    pub fn nobodys_password(cost: Cost) -> Result<PasswordHash, StoreFault> {
        Ok(PasswordHash::nobodys(super::random()?, cost)?)
    }

    /// Random bytes for the salt of a password.
    ///
    /// # Errors
    /// [`StoreFault::NoRandomness`].
    pub fn salt() -> Result<[u8; 16], StoreFault> {
        super::random()
    }

    /// A token for a browser that waits for a mail.
    ///
    /// # Errors
    /// [`StoreFault::NoRandomness`].
    pub fn pending_token() -> Result<Token, StoreFault> {
        Ok(Token::of_random(super::random()?))
    }

    /// Counts an attempt to log in and gives what it is checked against.
    ///
    /// # Errors
    /// [`StoreFault::NobodyLogsIn`], or if it cannot be written.
    pub async fn begin_log_in(
        &self,
        typed: Typed,
        nobodys: PasswordHash,
        now: Timestamp,
    ) -> Result<Begun, StoreFault> {
        self.at_door(move |writing, register| login::begin_log_in(writing, register, &typed, &nobodys, now))
            .await
    }

    /// Begins a session if the check was right. `rehash` takes the place of a hash of another cost.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn end_log_in(
        &self,
        check: PasswordCheck,
        rehash: Option<PasswordHash>,
        browser: String,
        now: Timestamp,
    ) -> Result<Option<NewSession>, StoreFault> {
        self.at_door(move |writing, register| {
            login::end_log_in(writing, register, &check, (rehash.as_ref(), &browser), now)
        })
        .await
    }

    /// A session by its token; `None` if it does not live. Its use is noted once a minute.
    ///
    /// # Errors
    /// [`StoreFault`] if the store fails.
    pub async fn session(&self, token: &Token, now: Timestamp) -> Result<Option<KnownSession>, StoreFault> {
        let (register, print) = (Arc::clone(&self.register), token.hash());
        let known =
            self.threads.read(move |reading| session::known(&reading.db, &register, &print, now)).await?;
        if known.as_ref().is_some_and(|known| known.times.slides(now)) {
            self.at_door(move |writing, _| session::slide(&writing.db, &print, now)).await?;
        }
        Ok(known)
    }

    /// Ends a session; returns whether it lived.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn log_out(&self, token: &Token, now: Timestamp) -> Result<bool, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| {
            let Some(known) = session::known(&writing.db, register, &print, now)? else { return Ok(false) };
            let by = (tidstro_govern::EventKind::LoggedOut, &known.actor);
            super::note(writing, by, &known.actor, "one session", now)?;
            session::end(&writing.db, &print)
        })
        .await
    }

    /// Ends every session of this one's account, but this one if it is to stay; returns how many.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn log_out_everywhere(
        &self,
        token: &Token,
        but_this: bool,
        now: Timestamp,
    ) -> Result<u64, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| {
            let Some(known) = session::known(&writing.db, register, &print, now)? else { return Ok(0) };
            let by = (tidstro_govern::EventKind::LoggedOut, &known.actor);
            super::note(writing, by, &known.actor, "all sessions", now)?;
            session::end_all(&writing.db, known.account, but_this.then_some(&print))
        })
        .await
    }

    /// The devices on which this session's account is logged in, the last used first; which of them is this one.
    ///
    /// # Errors
    /// [`StoreFault`] if the store fails.
    pub async fn devices(&self, of: &KnownSession) -> Result<Vec<Device>, StoreFault> {
        let account = of.account;
        let devices = self.threads.read(move |reading| session::devices(&reading.db, account)).await?;
        Ok(devices.into_iter().map(|(_, device)| device).collect())
    }

    /// Ends one session of this session's account by its number; returns whether it was there.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn log_out_device(
        &self,
        of: &KnownSession,
        number: SessionNo,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (account, actor) = (of.account, of.actor.clone());
        self.at_door(move |writing, _| {
            let devices = session::devices(&writing.db, account)?;
            let Some((print, _)) = devices.into_iter().find(|(_, device)| device.session == number) else {
                return Ok(false);
            };
            let by = (tidstro_govern::EventKind::LoggedOut, &actor);
            super::note(writing, by, &actor, "one session from another device", now)?;
            session::end(&writing.db, &print)
        })
        .await
    }

    /// The second factor of a log-in, or of a session whose proof is to be fresh.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn prove_second(
        &self,
        token: &Token,
        typed: Zeroizing<String>,
        now: Timestamp,
    ) -> Result<Proved, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| {
            password::prove_second(writing, register, (&print, &typed), now)
        })
        .await
    }

    /// What a session's password is checked against; `None` if the session does not live.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn begin_proof(
        &self,
        token: &Token,
        nobodys: PasswordHash,
        now: Timestamp,
    ) -> Result<Option<Begun>, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| {
            password::begin_proof(writing, register, (&print, &nobodys), now)
        })
        .await
    }

    /// Makes a session's proof fresh if the check was right, and sets a new password if one is given.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn end_proof(
        &self,
        token: &Token,
        check: PasswordCheck,
        new: Option<PasswordHash>,
        now: Timestamp,
    ) -> Result<Proved, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| {
            password::end_proof(writing, register, (&print, &check, new.as_ref()), now)
        })
        .await
    }

    /// Offers a session's account the secret of an authenticator program; `None` if the session may not take one.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn offer_totp(&self, token: &Token, now: Timestamp) -> Result<Option<TotpOffer>, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| second::offer(writing, register, &print, now)).await
    }

    /// The secret that was offered last, while no code of it has come.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    pub async fn offered_totp(&self, token: &Token, now: Timestamp) -> Result<Option<TotpOffer>, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| second::offered(writing, register, &print, now)).await
    }

    /// Takes the offered secret if a code of it is right.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn confirm_totp(
        &self,
        token: &Token,
        typed: Zeroizing<String>,
        now: Timestamp,
    ) -> Result<Confirmed, StoreFault> {
        let print = token.hash();
        self.at_door(move |writing, register| second::confirm(writing, register, (&print, &typed), now)).await
    }

    /// Whose a letter's code is, while it is good.
    ///
    /// # Errors
    /// [`StoreFault`] if the store fails.
    pub async fn letter_holder(
        &self,
        code: ActivationCode,
        origin: Vec<u8>,
        now: Timestamp,
    ) -> Result<Option<LetterHolder>, StoreFault> {
        self.at_door(move |writing, _| {
            let who = login::origin_print(writing, &origin);
            let rules = tidstro_identity::LockoutRules::ORIGIN;
            if super::attempt::announce(&writing.db, &who, rules, now)? != tidstro_identity::Door::Open {
                return Ok(None);
            }
            let print = code::print(writing, &code);
            let row = code::holder(&writing.db, (print, "letter"), now)?;
            if row.is_some() {
                super::attempt::take_back(&writing.db, &who)?;
            }
            Ok(row.map(|row| LetterHolder { actor: row.actor }))
        })
        .await
    }

    /// Uses a letter's code up. `name` counts for residents only.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn activate(
        &self,
        code: ActivationCode,
        name: Option<Zeroizing<String>>,
        password: Option<PasswordHash>,
        browser: String,
        now: Timestamp,
    ) -> Result<Activated, StoreFault> {
        let brought = Brought { code, name, password, browser };
        self.at_door(move |writing, register| code::activate(writing, register, &brought, now)).await
    }

    /// What to send to an address, if there is somebody to send it to. Answer the same in either case.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn ask_mail(
        &self,
        address: Zeroizing<String>,
        origin: Vec<u8>,
        pending: Token,
        now: Timestamp,
    ) -> Result<Option<MailSecrets>, StoreFault> {
        self.at_door(move |writing, register| {
            mail::ask(writing, register, (&address, &origin, &pending), now)
        })
        .await
    }

    /// Begins a session for who brings the link of a mail.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn log_in_by_link(
        &self,
        link: Token,
        browser: String,
        now: Timestamp,
    ) -> Result<Option<NewSession>, StoreFault> {
        self.at_door(move |writing, register| mail::by_link(writing, register, (&link, &browser), now)).await
    }

    /// Begins a session for who types the code of a mail in the browser that asked for it.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn log_in_by_code(
        &self,
        pending: Token,
        typed: MailCode,
        browser: String,
        now: Timestamp,
    ) -> Result<Option<NewSession>, StoreFault> {
        self.at_door(move |writing, register| {
            mail::by_code(writing, register, (&pending, &typed, &browser), now)
        })
        .await
    }

    /// What to send to the address of a session's account, to see whether it is its holder's.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn ask_address_check(
        &self,
        token: Token,
        now: Timestamp,
    ) -> Result<Option<MailSecrets>, StoreFault> {
        self.at_door(move |writing, register| mail::ask_check(writing, register, &token, now)).await
    }

    /// Notes that the address is its holder's, if the code is right.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn prove_address(
        &self,
        token: Token,
        typed: MailCode,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.at_door(move |writing, register| mail::prove_address(writing, register, (&token, &typed), now))
            .await
    }

    /// Which program shows this token; `None` if it is not good. Its use is noted once an hour.
    ///
    /// # Errors
    /// [`StoreFault`] if the store fails.
    pub async fn machine(&self, token: MachineToken, now: Timestamp) -> Result<Option<Machine>, StoreFault> {
        let register = Arc::clone(&self.register);
        let known =
            self.threads.read(move |reading| machine::known(&reading.db, &register, &token, now)).await?;
        let Some((known, is_new)) = known else { return Ok(None) };
        if is_new {
            let token = known.token;
            self.at_door(move |writing, _| machine::note_use(&writing.db, token, now)).await?;
        }
        Ok(Some(known))
    }

    /// Deletes sessions, codes and attempts whose time is over, and closes accounts whose holder has left. Returns how many
    /// accounts.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn expire_access(&self, now: Timestamp) -> Result<u64, StoreFault> {
        let by =
            tidstro_model::ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        self.at_door(move |writing, register| {
            session::expire(&writing.db, register, now)?;
            code::expire(&writing.db, now)?;
            super::attempt::expire(&writing.db, now)
        })
        .await?;
        let register = Arc::clone(&self.register);
        self.threads.write(move |writing| super::close::accounts_over(writing, &register, &by, now)).await
    }
}
