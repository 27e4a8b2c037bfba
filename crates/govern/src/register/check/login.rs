//! The table `[login]`: limits that can be, names that lead somewhere.
//!
//! What comes in: the table as written. What goes out: its values, or every fault. Never: a session without an end, or one
//! that outlasts what NIST SP 800-63B-4 (2.1.3, 2.2.3, 3.2.2) allows.

use toml::Spanned;

use super::super::fault::{Fault, Found};
use super::super::written::{self, Text};
use super::super::{Login, Register, SessionRule};
use super::{Checker, parsed, present};

/// Most minutes of a session of staff without use (SP 800-63B-4, 2.2.3: an hour), and in any case (24 hours).
const STAFF_MOST: (u16, u16) = (60, 24 * 60);
/// The same of residents, who see their own data only (SP 800-63B-4, 2.1.3: 30 days).
const RESIDENT_MOST: (u16, u16) = (30 * 24 * 60, 30 * 24 * 60);

impl Checker<'_> {
    pub(super) fn login(&mut self, written: &written::Login) -> Option<Login> {
        let unknown = self.dangling("activity", &written.purpose, &self.activities);
        self.found.extend(unknown);
        let failures = self.failures(&written.failures);
        let two_factors = written.two_factors.as_ref().map(|list| self.roles_named(list, "two_factors"));
        let password_max_age = written.password_max_age.as_ref().map(|text| self.period(text));
        let review_every = written.review_every.as_ref().map(|text| self.period(text));
        let staff = self.session(&written.staff, STAFF_MOST);
        let resident = written.resident.as_ref().map(|session| self.session(session, RESIDENT_MOST));
        Some(Login {
            purpose: parsed(&written.purpose, tidstro_model::ActivityId::parse)?,
            failures: failures?,
            two_factors: present(two_factors)?.unwrap_or_default(),
            password_max_age: present(password_max_age)?,
            review_every: present(review_every)?,
            staff: staff?,
            resident: present(resident)?,
            line: self.line(&written.purpose),
        })
    }

    /// SP 800-63B-4, 3.2.2: no more than 100 in a row.
    fn failures(&mut self, written: &Spanned<u8>) -> Option<u8> {
        let got = *written.get_ref();
        if (3..=100).contains(&got) {
            return Some(got);
        }
        let fault = Fault::Number { field: "failures", got, write: "a number from 3 to 100" };
        self.found.push(Found::new(&written.span(), fault));
        None
    }

    fn session(&mut self, written: &written::Session, (idle, absolute): (u16, u16)) -> Option<SessionRule> {
        let absolute_minutes = self.minutes("absolute_minutes", &written.absolute_minutes, absolute);
        let longest = absolute_minutes.unwrap_or(absolute);
        let idle_minutes = self.minutes("idle_minutes", &written.idle_minutes, idle.min(longest));
        let fresh_minutes = self.minutes("fresh_minutes", &written.fresh_minutes, longest);
        let closed_after = written.closed_after.as_ref().map(|text: &Text| self.period(text));
        Some(SessionRule {
            idle_minutes: idle_minutes?,
            absolute_minutes: absolute_minutes?,
            fresh_minutes: fresh_minutes?,
            closed_after: present(closed_after)?,
        })
    }

    fn minutes(&mut self, field: &'static str, written: &Spanned<u16>, most: u16) -> Option<u16> {
        let got = *written.get_ref();
        if (1..=most).contains(&got) {
            return Some(got);
        }
        let fault = Fault::Minutes { field, got, write: format!("a number from 1 to {most}") };
        self.found.push(Found::new(&written.span(), fault));
        None
    }

    /// Accounts are dossiers of the purpose, and what they hold has its category.
    pub(super) fn login_keeps_accounts(
        &mut self,
        register: &Register,
        login: &Login,
        written: &written::Login,
    ) {
        let activity = register.activity(&login.purpose);
        let keeps = activity.zip(Login::dossier_kind()).zip(register.account_category());
        let keeps = keeps.is_some_and(|((activity, kind), category)| {
            activity.dossiers.contains(&kind) && activity.rule_for(category).is_some()
        });
        if !keeps {
            self.fault(&written.purpose, Fault::LoginWithoutAccounts { activity: login.purpose.to_string() });
        }
        if let (Some(session), None) = (&written.resident, &register.residents) {
            self.found.push(Found::new(&session.idle_minutes.span(), Fault::LoginWithoutResidents));
        }
    }
}
