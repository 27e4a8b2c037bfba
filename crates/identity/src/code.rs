//! Codes that people type: from a letter, from a mail, from the paper they keep for the day their phone is gone.
//!
//! What comes in: random bytes, or what was typed. What goes out: the text to write once, and the bytes to keep a hash of. Never:
//! a code in a `Debug` or a fault, or a slip of the pen taken for another code: letters carry a check sign.

use std::fmt;

use zeroize::Zeroizing;

use crate::base32::{crockford, crockford_bytes, crockford_value};

/// Signs of an activation code before its check sign.
const ACTIVATION_SIGNS: usize = 16;
/// Signs of a recovery code.
const RECOVERY_SIGNS: usize = 16;
/// The further check signs of Crockford's base 32, for the values 32 to 36.
const CHECKS: [char; 5] = ['*', '~', '$', '=', 'U'];

/// What is wrong with a code as typed, before anything is looked up. None of it says whether such a code was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Too few or too many signs.
    #[error("a code has {expected} signs, this one has {got}; type all groups of it")]
    Length {
        /// How many it has.
        expected: usize,
        /// How many were typed.
        got: usize,
    },
    /// A sign no code has.
    #[error("sign {place} is in no code; compare it with the letter")]
    Sign {
        /// Which one, counted from 1.
        place: usize,
    },
    /// The check sign does not fit.
    #[error("a sign of the code is mistyped or two are swapped; compare it with the letter")]
    Check,
}

/// A code of 80 bits on paper: four groups of four signs, and a check sign.
#[derive(Clone, PartialEq, Eq)]
pub struct ActivationCode(Zeroizing<[u8; 10]>);

impl ActivationCode {
    /// A code of random bytes.
    #[must_use]
    pub fn of_random(bytes: [u8; 10]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a code as people type it: small letters, spaces or hyphens between groups, `O` for `0`.
    ///
    /// # Errors
    /// [`CodeFault`] with what is wrong with it as typed.
    pub fn parse(typed: &str) -> Result<Self, CodeFault> {
        let signs = signs(typed);
        let expected = ACTIVATION_SIGNS + 1;
        if signs.chars().count() != expected {
            return Err(CodeFault::Length { expected, got: signs.chars().count() });
        }
        let (code, check): (String, String) =
            (signs.chars().take(ACTIVATION_SIGNS).collect(), signs.chars().skip(ACTIVATION_SIGNS).collect());
        let code = Zeroizing::new(code);
        if let Some(place) = code.chars().position(|sign| crockford_value(sign).is_none()) {
            return Err(CodeFault::Sign { place: place + 1 });
        }
        let sign = check.chars().next().map(|sign| sign.to_ascii_uppercase());
        let given = sign.and_then(check_value).ok_or(CodeFault::Sign { place: expected })?;
        let bytes = crockford_bytes(&code).ok_or(CodeFault::Check)?;
        let bytes: [u8; 10] = bytes.as_slice().try_into().map_err(|_| CodeFault::Check)?;
        if remainder(&bytes) == given { Ok(Self(Zeroizing::new(bytes))) } else { Err(CodeFault::Check) }
    }

    /// The text for a letter: `XXXX-XXXX-XXXX-XXXX-X`.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = grouped(&crockford(self.0.as_slice()), 4);
        text.push('-');
        text.push(check_sign(remainder(self.0.as_slice())));
        text
    }

    /// What a keyed hash is made of.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// A code to log in with when the phone is gone: 80 bits, once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; 10]>);

impl RecoveryCode {
    /// A code of random bytes.
    #[must_use]
    pub fn of_random(bytes: [u8; 10]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a code as people type it; `None` for any other text.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let signs = signs(typed);
        let bytes = (signs.len() == RECOVERY_SIGNS).then(|| crockford_bytes(&signs)).flatten()?;
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The text to keep on paper: `XXXX-XXXX-XXXX-XXXX`.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        grouped(&crockford(self.0.as_slice()), 4)
    }

    /// What a keyed hash is made of.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// A code of eight digits in a mail, good for minutes and a few tries, with the token of the browser that asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct MailCode(Zeroizing<[u8; 8]>);

impl MailCode {
    /// A code of random bytes: each of the 10⁸ codes is as likely as the others, up to one part in 10¹¹.
    #[must_use]
    pub fn of_random(bytes: [u8; 8]) -> Self {
        let mut rest = u64::from_be_bytes(bytes);
        let digit = |_| {
            let digit = u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            b'0' + digit
        };
        Self(Zeroizing::new([0; 8].map(digit)))
    }

    /// Reads eight digits, with spaces between them; `None` for any other text.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let signs = signs(typed);
        let digits: [u8; 8] = signs.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then(|| Self(Zeroizing::new(digits)))
    }

    /// The text for the mail: `1234 5678`.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let digits: Zeroizing<String> =
            Zeroizing::new(self.0.iter().map(|digit| char::from(*digit)).collect());
        Zeroizing::new(grouped(&digits, 4).replace('-', " "))
    }

    /// What a hash with a token is made of.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

macro_rules! redacted {
    ($($code:ident),*) => {$(
        impl fmt::Debug for $code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($code), "(redacted)"))
            }
        }
    )*};
}
redacted!(ActivationCode, RecoveryCode, MailCode);

/// What was typed, without what stands between groups.
fn signs(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(
        typed.chars().filter(|sign| !sign.is_whitespace() && !matches!(sign, '-' | '–' | '.')).collect(),
    )
}

fn grouped(signs: &str, size: usize) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(signs.len() * 2));
    for (place, sign) in signs.chars().enumerate() {
        if place > 0 && place.is_multiple_of(size) {
            text.push('-');
        }
        text.push(sign);
    }
    text
}

/// The number the bytes are, modulo 37 (Crockford, Base 32, "Checksum"): finds every wrong sign and every swapped pair.
fn remainder(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % 37)
}

fn check_sign(value: u32) -> char {
    let further = value.checked_sub(32).and_then(|place| CHECKS.get(place as usize)).copied();
    further.unwrap_or_else(|| {
        let value = u8::try_from(value).unwrap_or(0) << 3;
        crockford(&[value]).chars().next().unwrap_or('0')
    })
}

fn check_value(sign: char) -> Option<u32> {
    let further = CHECKS.iter().position(|known| *known == sign).and_then(|place| u32::try_from(place).ok());
    further.map(|place| 32 + place).or_else(|| crockford_value(sign).map(u32::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = ActivationCode::of_random(*b"0123456789");
        let text = code.text();
        assert_eq!(*text, "60RK-4CSM-6MV3-EE1S-4");
        for typed in [&*text, "60rk 4csm 6mv3 ee1s 4", "6orK4csm6mv3eeIs4"] {
            assert_eq!(ActivationCode::parse(typed).unwrap(), code, "{typed}");
        }
        assert_eq!(format!("{code:?}"), "ActivationCode(redacted)");
    }

    #[test]
    fn what_is_mistyped_is_told_before_anything_is_looked_up() {
        let check = |typed: &str| ActivationCode::parse(typed).unwrap_err().to_string();
        assert_eq!(check("60RK"), "a code has 17 signs, this one has 4; type all groups of it");
        assert_eq!(check("60RK-4CSM-6MV3-EE1!-4"), "sign 16 is in no code; compare it with the letter");
        assert_eq!(check("60RK-4CSM-6MV3-EE1S-!"), "sign 17 is in no code; compare it with the letter");
        assert_eq!(
            check("06RK-4CSM-6MV3-EE1S-4"),
            "a sign of the code is mistyped or two are swapped; compare it with the letter"
        );
    }

    proptest! {
        #[test]
        fn every_code_reads_back(bytes: [u8; 10]) {
            let code = ActivationCode::of_random(bytes);
            prop_assert_eq!(ActivationCode::parse(&code.text()).unwrap(), code);
            let code = RecoveryCode::of_random(bytes);
            prop_assert_eq!(RecoveryCode::parse(&code.text()).unwrap(), code);
        }

        #[test]
        fn one_wrong_sign_is_no_other_code(bytes: [u8; 10], at in 0_usize..16, put in 0_usize..32) {
            let text = ActivationCode::of_random(bytes).text().replace('-', "");
            let sign = crockford(&[u8::try_from(put).unwrap() << 3]).chars().next().unwrap();
            let wrong: String = text.chars().enumerate().map(|(n, is)| if n == at { sign } else { is }).collect();
            prop_assert_eq!(ActivationCode::parse(&wrong).is_ok(), wrong == text);
        }

        #[test]
        fn anything_typed_is_read_or_refused(typed: String) {
            let _ = (ActivationCode::parse(&typed), RecoveryCode::parse(&typed), MailCode::parse(&typed));
        }
    }

    #[test]
    fn a_mail_code_has_eight_digits() {
        let code = MailCode::of_random(1_234_567_890_u64.to_be_bytes());
        assert_eq!(*code.text(), "0987 6543");
        assert_eq!(MailCode::parse(" 0987-6543 ").unwrap(), code);
        for typed in ["", "1234567", "123456789", "1234567a", "１２３４５６７８"] {
            assert!(MailCode::parse(typed).is_none(), "{typed}");
        }
    }
}
