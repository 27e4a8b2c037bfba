//! What is kept of a password: Argon2id in the PHC form (RFC 9106; OWASP ASVS 5, 11.4.2).
//!
//! What comes in: a password, 16 random bytes, and what a hash may cost. What goes out: a text with all that it takes to check a
//! password against it, and whether it should be made anew at today's cost. Never: a shorter way for accounts that do not exist.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::Password;

/// What making a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// What OWASP's password storage sheet asks for at least: 19 MiB and two passes, about 20 ms.
    pub const TODAY: Self = Self { memory_kib: 19_456, passes: 2 };
    /// The least that Argon2 takes. For tests and demonstrations only: guessing is cheap.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1 };

    fn params(self) -> Result<Params, HashFault> {
        Params::new(self.memory_kib, self.passes, 1, None).map_err(|_| HashFault::Cost(self))
    }
}

/// Why there is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashFault {
    /// The cost is not one.
    #[error("a hash cannot cost {} KiB and {} passes; take at least 8 KiB and one pass", .0.memory_kib, .0.passes)]
    Cost(Cost),
    /// There is not the memory for it.
    #[error(
        "a password cannot be hashed now: the memory for it is not there; try again, or give the program more"
    )]
    Memory,
}

/// A password as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Makes a hash. Takes tens of milliseconds of one core: not for a thread that serves others.
    ///
    /// # Errors
    /// [`HashFault`].
    pub fn of(password: &Password, salt: [u8; 16], cost: Cost) -> Result<Self, HashFault> {
        Self::of_text(password.text(), salt, cost)
    }

    fn of_text(password: &str, salt: [u8; 16], cost: Cost) -> Result<Self, HashFault> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
        let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| Self(hash.to_string())).map_err(|_| HashFault::Memory)
    }

    /// A hash of a password that was just found right, at another cost; whatever rules it would have to follow today.
    ///
    /// # Errors
    /// [`HashFault`].
    pub fn again(typed: &str, salt: [u8; 16], cost: Cost) -> Result<Self, HashFault> {
        Self::of_text(&Password::normalised(typed), salt, cost)
    }

    /// A hash that no password fits, to be checked in the place of one that is not there, for the same time.
    ///
    /// # Errors
    /// [`HashFault`].
    pub fn nobodys(random: [u8; 32], cost: Cost) -> Result<Self, HashFault> {
        let (salt, secret) = random.split_at(16);
        let salt: [u8; 16] = salt.try_into().map_err(|_| HashFault::Memory)?;
        Self::of_text(&crate::base32::crockford(secret), salt, cost)
    }

    /// As it was kept; `None` for what is no hash of ours.
    #[must_use]
    pub fn kept(text: &str) -> Option<Self> {
        let hash = phc::PasswordHash::new(text).ok()?;
        (hash.algorithm == Algorithm::Argon2id.ident()).then(|| Self(text.to_owned()))
    }

    /// The text to keep.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a typed text is the password: as it is normalised, whatever rules it would have to follow today. As slow as
    /// [`PasswordHash::of`].
    #[must_use]
    pub fn fits(&self, typed: &str) -> bool {
        let typed = Password::normalised(typed);
        let Ok(hash) = phc::PasswordHash::new(&self.0) else { return false };
        Argon2::default().verify_password(typed.as_bytes(), &hash).is_ok()
    }

    /// Whether it was made at another cost than this, and is to be made anew when the password is typed next.
    #[must_use]
    pub fn needs_rehash(&self, cost: Cost) -> bool {
        let hash = phc::PasswordHash::new(&self.0);
        let params = hash.ok().and_then(|hash| Params::try_from(&hash).ok());
        params.is_none_or(|params| (params.m_cost(), params.t_cost()) != (cost.memory_kib, cost.passes))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Breached, PasswordRules};

    fn password(text: &str) -> Password {
        Password::parse(text, PasswordRules::STAFF, &[], &Breached::none()).unwrap()
    }

    #[test]
    fn a_hash_fits_its_password_in_every_spelling_of_its_letters() {
        let hash = PasswordHash::of(&password("blåbærgrød med fløde"), [1; 16], Cost::LEAST).unwrap();
        assert!(hash.text().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hash.text());
        assert!(hash.fits("blåbærgrød med fløde") && hash.fits("bla\u{30a}bærgrød med fløde"));
        assert!(!hash.fits("blabærgrød med fløde") && !hash.fits("") && !hash.fits("blåbærgrød med fløde "));
        assert_eq!(PasswordHash::kept(hash.text()).unwrap(), hash);
        assert_eq!(format!("{hash:?}"), "PasswordHash(redacted)");
    }

    #[test]
    fn a_hash_of_another_cost_is_made_anew() {
        let hash = PasswordHash::of(&password("blåbærgrød med fløde"), [1; 16], Cost::LEAST).unwrap();
        assert!(!hash.needs_rehash(Cost::LEAST) && hash.needs_rehash(Cost::TODAY));
    }

    #[test]
    fn a_vector_of_the_reference_implementation() {
        // phc-winner-argon2, test.c, version 0x13, Argon2id, t 2, m 2^16, p 1.
        let hash = PasswordHash::kept(
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        );
        assert!(hash.unwrap().fits("password"));
    }

    #[test]
    fn nobodys_hash_costs_the_same_and_fits_nothing() {
        let hash = PasswordHash::nobodys([5; 32], Cost::LEAST).unwrap();
        assert!(!hash.needs_rehash(Cost::LEAST) && !hash.fits("") && !hash.fits("password"));
    }

    #[test]
    fn what_is_no_hash_of_ours_is_not_kept() {
        for text in ["", "password", "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5Q", "$1$a$b"]
        {
            assert!(PasswordHash::kept(text).is_none(), "{text}");
        }
    }
}
