//! A password that may be chosen (NIST SP 800-63B-4, 3.1.1; OWASP ASVS 5, 6.2).
//!
//! What comes in: what was typed, who types, and the rules. What goes out: a password that follows them, or the one thing to do
//! about it. No rule asks for kinds of signs, and none for a change by date alone. Never: a password in a fault or a `Debug`.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::Breached;
use crate::obvious::{has_name, is_obvious};

/// How long a password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// Signs at least.
    pub least: usize,
    /// Signs at most.
    pub most: usize,
}

impl PasswordRules {
    /// Of staff.
    pub const STAFF: Self = Self { least: 12, most: 128 };
    /// Of residents, who see their own data only.
    pub const RESIDENT: Self = Self { least: 10, most: 128 };
}

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too few signs.
    #[error(
        "the password has {got} signs, at least {least} are needed; a few words in a row are easy to keep in mind"
    )]
    Short {
        /// How many it has.
        got: usize,
        /// How many are needed.
        least: usize,
    },
    /// Too many signs.
    #[error("the password has more than {most} signs; take a shorter one")]
    Long {
        /// How many there may be.
        most: usize,
    },
    /// It has the name of the account or of the operator in it.
    #[error("the password has your name or ours in it; take one that says nothing of either")]
    Name,
    /// Anybody would try it soon.
    #[error("the password is one that is tried first; take words that do not belong together")]
    Obvious,
    /// It is on the operator's list.
    #[error("the password is on a list of those that others know; take another one")]
    Breached,
}

/// A password that follows the rules, normalised.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Reads a password that somebody chooses. `names` are those of the account and the operator.
    ///
    /// # Errors
    /// [`PasswordFault`], the first that applies.
    pub fn parse(
        typed: &str,
        rules: PasswordRules,
        names: &[&str],
        breached: &Breached,
    ) -> Result<Self, PasswordFault> {
        // What is far too long is not looked at sign by sign.
        if typed.len() > rules.most.saturating_mul(8) {
            return Err(PasswordFault::Long { most: rules.most });
        }
        let text = Self::normalised(typed);
        let got = text.chars().count();
        if got > rules.most {
            return Err(PasswordFault::Long { most: rules.most });
        }
        if got < rules.least {
            return Err(PasswordFault::Short { got, least: rules.least });
        }
        if has_name(&text, names) {
            return Err(PasswordFault::Name);
        }
        if is_obvious(&text, names) {
            return Err(PasswordFault::Obvious);
        }
        if breached.contains(&text) { Err(PasswordFault::Breached) } else { Ok(Self(text)) }
    }

    /// One spelling for what looks the same (NFC), whatever keyboard it was typed on.
    pub(crate) fn normalised(typed: &str) -> Zeroizing<String> {
        Zeroizing::new(typed.nfc().collect())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, expected: Result<(), PasswordFault>) {
        let list =
            Breached::parse("c4bbcb1fbec99d65bf59d85c8cb62ee2db963f0fe106f483d9afa73bd4e39a8a").unwrap();
        let parsed = Password::parse(typed, PasswordRules::STAFF, &["anna", "Tidsmål"], &list);
        assert_eq!(parsed.map(|_| ()), expected, "{typed}");
    }

    #[test]
    fn each_rule_says_what_to_do() {
        check("blåbærgrød med fløde", Ok(()));
        check("kort", Err(PasswordFault::Short { got: 4, least: 12 }));
        check(&"langt og længere ".repeat(8), Err(PasswordFault::Long { most: 128 }));
        check(&"x".repeat(1_000_000), Err(PasswordFault::Long { most: 128 }));
        check("Tidsmåls bedste måler", Err(PasswordFault::Name));
        check("Sommer2026!!", Err(PasswordFault::Obvious));
        check("correct horse battery staple", Err(PasswordFault::Breached));
    }

    #[test]
    fn signs_are_counted_as_they_are_seen() {
        // Twelve signs, of which two are written as a letter and a ring.
        check("sa\u{30a} gra\u{30a}t i dag", Ok(()));
        check("så gråt i d", Err(PasswordFault::Short { got: 11, least: 12 }));
    }

    #[test]
    fn a_password_says_nothing_of_itself() {
        let password =
            Password::parse("blåbærgrød med fløde", PasswordRules::STAFF, &[], &Breached::none()).unwrap();
        assert_eq!(format!("{password:?}"), "Password(redacted)");
    }
}
