//! Tokens: what a browser or another program shows so that it is known again.
//!
//! What comes in: 32 random bytes, or a text that was sent. What goes out: the text to hand over once, and the hash to keep. A
//! token of 256 bits needs no slow hash (NIST SP 800-63B-4, 3.1.2.2, look-up secrets of at least 112 bits). Never: a token in a
//! `Debug`, or a text from which another token's hash follows.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::base32::{crockford, crockford_bytes};
use crate::{Hash, digest};

/// Signs of 32 bytes.
const SIGNS: usize = 52;

/// A secret of 256 bits that stands for a session, or for a step of a log-in.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// A token of random bytes.
    #[must_use]
    pub fn of_random(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads what [`Token::text`] writes; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != SIGNS {
            return None;
        }
        let bytes: [u8; 32] = crockford_bytes(text)?.as_slice().try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    /// The text a cookie or link carries: 52 letters and digits.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        crockford(self.0.as_slice())
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        digest("tidstro session token", self.0.as_slice())
    }

    /// What a form of this session carries beside its cookie, so that no other site can send it (OWASP ASVS 5, 3.5.1). It follows
    /// from the token and is kept nowhere.
    #[must_use]
    pub fn form_secret(&self) -> String {
        crockford(&digest("tidstro form secret", self.0.as_slice())).as_str().to_owned()
    }

    /// Whether a form was made in this session. Takes the same time wherever the difference is.
    #[must_use]
    pub fn made_form(&self, given: &str) -> bool {
        self.form_secret().as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// The hash of a short code that is good together with this token only: without the token, which is kept nowhere, the code
    /// cannot be tried out.
    #[must_use]
    pub fn hash_with(&self, code: &[u8]) -> Hash {
        let mut both = Zeroizing::new(self.0.to_vec());
        both.extend_from_slice(code);
        digest("tidstro token and code", &both)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// What the text of every machine token begins with, so that programs that look for lost secrets find it.
const PREFIX: &str = "tidstro_";
/// Signs of the check at its end.
const CHECK_SIGNS: usize = 6;

/// The token of another program: as [`Token`], in a text that is known for what it is wherever it is found.
#[derive(Clone)]
pub struct MachineToken(Token);

impl MachineToken {
    /// What every text begins with.
    pub const PREFIX: &'static str = PREFIX;

    /// A token of random bytes.
    #[must_use]
    pub fn of_random(bytes: [u8; 32]) -> Self {
        Self(Token::of_random(bytes))
    }

    /// Reads what [`MachineToken::text`] writes; `None` for any other text. A wrong check is found without a look at what is kept.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let (signs, given) = rest.split_at_checked(SIGNS)?;
        let token = Token::parse(signs)?;
        (given.len() == CHECK_SIGNS && *check(&token) == *given).then_some(Self(token))
    }

    /// The text to hand over once: `tidstro_`, 52 signs, and a check of 6.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}{}", self.0.text().as_str(), check(&self.0)))
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        digest("tidstro machine token", self.0.0.as_slice())
    }
}

impl fmt::Debug for MachineToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MachineToken(redacted)")
    }
}

/// 30 bits over the signs: finds a sign that was lost or mistyped, and keeps scanners from crying at random letters.
fn check(token: &Token) -> String {
    let hash = digest("tidstro machine token check", token.0.as_slice());
    crockford(&hash).chars().take(CHECK_SIGNS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_says_nothing_of_itself() {
        let token = Token::of_random([7; 32]);
        assert_eq!(Token::parse(&token.text()).unwrap().hash(), token.hash());
        assert_eq!((token.text().len(), format!("{token:?}").as_str()), (52, "Token(redacted)"));
        assert_ne!(token.hash(), Token::of_random([8; 32]).hash());
        for text in ["", "0", &"0".repeat(51), &"0".repeat(53), &"é".repeat(26), &"Z".repeat(52)] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_form_belongs_to_one_session() {
        let (one, other) = (Token::of_random([1; 32]), Token::of_random([2; 32]));
        assert!(one.made_form(&one.form_secret()));
        assert!(!one.made_form(&other.form_secret()) && !one.made_form("") && !one.made_form(&one.text()));
    }

    #[test]
    fn a_code_is_good_with_its_token_only() {
        let (one, other) = (Token::of_random([1; 32]), Token::of_random([2; 32]));
        assert_ne!(one.hash_with(b"12345678"), other.hash_with(b"12345678"));
        assert_ne!(one.hash_with(b"12345678"), one.hash_with(b"12345679"));
    }

    #[test]
    fn a_machine_token_is_known_by_its_prefix_and_check() {
        let token = MachineToken::of_random([9; 32]);
        let text = token.text();
        assert!(text.starts_with("tidstro_") && text.len() == 66);
        assert_eq!(MachineToken::parse(&text).unwrap().hash(), token.hash());
        let changed = text.replacen("tidstro_", "tidstro-", 1);
        let mistyped: String =
            text.chars().enumerate().map(|(at, sign)| if at == 20 { '0' } else { sign }).collect();
        for wrong in [changed.as_str(), &text[8..], &text[..65], mistyped.as_str(), "tidstro_", ""] {
            assert!(MachineToken::parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "MachineToken(redacted)");
    }
}
