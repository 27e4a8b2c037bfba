//! One-time codes of an authenticator program (RFC 6238, with HOTP of RFC 4226).
//!
//! What comes in: a secret, what was typed, the instant, and the last step that was used. What goes out: the step the code belongs
//! to, to be kept as used. Never: a code taken twice (RFC 6238, 5.2), or one from farther away than one step.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::base32::{rfc_4648, rfc_4648_bytes};

/// Seconds of a step (RFC 6238, 5.2: 30 is recommended).
const STEP_S: i64 = 30;
/// Steps to either side that a clock may be wrong (RFC 6238, 5.2: one for the delay of sending).
const WINDOW: i64 = 1;
/// Digits of a code: what every authenticator program shows.
const DIGITS: u32 = 6;

/// A step of 30 seconds, counted from 1970-01-01T00:00Z. Codes of it and of earlier steps are used up once it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(pub i64);

/// The secret an authenticator program and we share: 160 bits (RFC 4226, 4, R6).
#[derive(Clone)]
pub struct Totp(Zeroizing<[u8; 20]>);

impl Totp {
    /// A secret of random bytes, or as it was kept.
    #[must_use]
    pub fn of_bytes(bytes: [u8; 20]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret of a text as [`Totp::text`] gives it; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = rfc_4648_bytes(text)?;
        bytes.as_slice().try_into().ok().map(Self::of_bytes)
    }

    /// What is sealed and kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The secret to type where no picture can be read.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        rfc_4648(self.0.as_slice())
    }

    /// What the picture says: `otpauth://totp/ISSUER:ACCOUNT?secret=…`.
    #[must_use]
    pub fn url(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (in_url(issuer), in_url(account));
        let secret = self.text();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_S}",
            secret.as_str()
        ))
    }

    /// The step that a typed code belongs to, if that is now or one step away and later than the last one used.
    #[must_use]
    pub fn verify(&self, typed: &str, now: Timestamp, last: Option<TotpStep>) -> Option<TotpStep> {
        let typed: Zeroizing<String> =
            Zeroizing::new(typed.chars().filter(|sign| !sign.is_whitespace()).collect());
        let step = now.as_second().div_euclid(STEP_S);
        // Every step is computed, so that the time taken tells nothing of which one fits.
        let mut found = None;
        for step in step - WINDOW..=step + WINDOW {
            let is_it: bool = self.code(step).as_bytes().ct_eq(typed.as_bytes()).into();
            let is_new = last.is_none_or(|last| TotpStep(step) > last);
            if is_it && is_new {
                found = Some(TotpStep(step));
            }
        }
        found
    }

    /// The code of an instant, as an authenticator program shows it.
    #[must_use]
    pub fn code_at(&self, now: Timestamp) -> Zeroizing<String> {
        self.code(now.as_second().div_euclid(STEP_S))
    }

    fn code(&self, step: i64) -> Zeroizing<String> {
        let number = hotp(self.0.as_slice(), step.cast_unsigned()) % 10_u32.pow(DIGITS);
        Zeroizing::new(format!("{number:06}"))
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp(redacted)")
    }
}

/// RFC 4226, 5.3: the 31 bits at the place the last half byte of the HMAC names.
fn hotp(secret: &[u8], counter: u64) -> u32 {
    // HMAC takes keys of any length (RFC 2104, 3); there is no fault to meet.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&counter.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let place = usize::from(hash.last().copied().unwrap_or(0) & 0xf);
    let cut = hash.iter().skip(place).take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    cut & 0x7fff_ffff
}

/// A text as a part of a URL (RFC 3986, 2.3).
fn in_url(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn numbers_of_rfc_4226_appendix_d() {
        let expected =
            [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (counter, expected) in (0..).zip(expected) {
            assert_eq!(hotp(b"12345678901234567890", counter) % 1_000_000, expected, "counter {counter}");
        }
    }

    #[test]
    fn codes_of_rfc_6238_appendix_b() {
        let totp = Totp::of_bytes(*b"12345678901234567890");
        // The appendix shows eight digits; these are the last six of them.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(*totp.code_at(at(second)), code, "at {second}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_one_step_around() {
        let totp = Totp::of_bytes([3; 20]);
        let code = totp.code_at(at(3_000));
        assert_eq!(totp.verify(&code, at(3_000), None), Some(TotpStep(100)));
        assert_eq!(
            totp.verify(&format!(" {} {} ", &code[..3], &code[3..]), at(3_059), None),
            Some(TotpStep(100))
        );
        assert_eq!(totp.verify(&code, at(2_970), None), Some(TotpStep(100)));
        assert_eq!(totp.verify(&code, at(3_060), None), None, "two steps late");
        assert_eq!(totp.verify(&code, at(2_969), None), None, "two steps early");
        assert_eq!(totp.verify(&code, at(3_000), Some(TotpStep(100))), None, "used");
        assert_eq!(totp.verify(&code, at(3_000), Some(TotpStep(101))), None, "a later one was used");
        for typed in ["", "0", "abcdef", &format!("{}0", *code), "１２３４５６"] {
            assert_eq!(totp.verify(typed, at(3_000), None), None, "{typed}");
        }
    }

    #[test]
    fn the_picture_names_who_and_where() {
        let totp = Totp::of_bytes(*b"12345678901234567890");
        assert_eq!(
            *totp.url("Tidsmål ApS", "staff:anna"),
            "otpauth://totp/Tidsm%C3%A5l%20ApS:staff%3Aanna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Tidsm%C3%A5l%20ApS&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{totp:?}"), "Totp(redacted)");
    }
}
