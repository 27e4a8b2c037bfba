//! The gateways that may send lines, and the tokens they show.
//!
//! What comes in: a TOML file with `[[gateway]]` tables, each with `name` and `token_sha256`. What goes out: the name
//! of the gateway a token belongs to. The file has only hashes of tokens, so that reading it lets nobody send.

use std::fmt;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Gateways by their tokens.
#[derive(Clone)]
pub struct Gateways {
    known: Vec<Known>,
}

#[derive(Clone)]
struct Known {
    name: String,
    token: [u8; 32],
}

/// How many, and no token.
impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateways({})", self.known.len())
    }
}

/// Why a file of gateways was refused. Gateways count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewaysFault {
    /// Not TOML of this form.
    #[error("line {line}: {reason}; write `[[gateway]]` with `name` and `token_sha256`")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// The parser's own words, which never show a value.
        reason: String,
    },
    /// No gateway at all: nobody could send.
    #[error("names no gateway; write `[[gateway]]` with `name` and `token_sha256`")]
    Empty,
    /// A name that is empty or has been given.
    #[error(
        "gateway {number} has the name `{name}`, which is empty, too long or another one's; give each its own"
    )]
    Name {
        /// Which.
        number: usize,
        /// The name, cut to 40 characters.
        name: String,
    },
    /// Not the hash of a token, or another gateway's.
    #[error(
        "gateway {number} has no SHA-256 of its own in `token_sha256`; \
         write the 64 digits that `printf %s TOKEN | sha256sum` prints, and give each gateway a token of its own"
    )]
    Token {
        /// Which.
        number: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    gateway: Vec<WrittenGateway>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGateway {
    name: String,
    token_sha256: String,
}

/// The longest name of a gateway, in bytes.
const NAME_LIMIT: usize = 120;

impl Gateways {
    /// Reads the file.
    ///
    /// # Errors
    /// [`GatewaysFault`]: nothing of a faulty file is used.
    pub fn parse(text: &str) -> Result<Self, GatewaysFault> {
        let written: Written = toml::from_str(text).map_err(|fault| toml_fault(text, &fault))?;
        let mut known: Vec<Known> = Vec::with_capacity(written.gateway.len());
        for (number, gateway) in (1..).zip(written.gateway) {
            let is_own = known.iter().all(|other| other.name != gateway.name);
            if gateway.name.is_empty() || gateway.name.len() > NAME_LIMIT || !is_own {
                return Err(GatewaysFault::Name { number, name: gateway.name.chars().take(40).collect() });
            }
            let token = hash(&gateway.token_sha256).ok_or(GatewaysFault::Token { number })?;
            if known.iter().any(|other| other.token == token) {
                return Err(GatewaysFault::Token { number });
            }
            known.push(Known { name: gateway.name, token });
        }
        if known.is_empty() { Err(GatewaysFault::Empty) } else { Ok(Self { known }) }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// Whose token this is. Takes the same time whichever it is, or if it is nobody's.
    #[must_use]
    pub fn of_token(&self, token: &[u8]) -> Option<&str> {
        let shown: [u8; 32] = Sha256::digest(token).into();
        let mut found = u32::MAX;
        for (index, known) in (0_u32..).zip(&self.known) {
            let is_it: Choice = known.token.ct_eq(&shown);
            found.conditional_assign(&index, is_it);
        }
        self.known.get(found as usize).map(|known| known.name.as_str())
    }
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        let digits = text.get(at..at + 2).filter(|digits| !digits.starts_with('+'))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

fn toml_fault(text: &str, fault: &toml::de::Error) -> GatewaysFault {
    let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    GatewaysFault::Toml { line: before.matches('\n').count() + 1, reason: fault.message().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(token: &str) -> String {
        Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn gateway(name: &str, token: &str) -> String {
        format!("[[gateway]]\nname = \"{name}\"\ntoken_sha256 = \"{}\"\n", digits(token))
    }

    #[test]
    fn a_token_is_its_gateways() {
        let gateways = Gateways::parse(&(gateway("roof", "one") + &gateway("cellar", "two"))).unwrap();
        assert_eq!(gateways.of_token(b"one"), Some("roof"));
        assert_eq!(gateways.of_token(b"two"), Some("cellar"));
        assert_eq!(gateways.of_token(b""), None);
        assert_eq!(gateways.of_token(digits("one").as_bytes()), None);
        assert_eq!(format!("{gateways:?}"), "Gateways(2)");
    }

    #[test]
    fn a_faulty_file_is_refused_whole() {
        let fault = |text: &str| Gateways::parse(text).unwrap_err();
        assert_eq!(fault(""), GatewaysFault::Empty);
        let plain = "[[gateway]]\nname = \"roof\"\ntoken = \"secret\"";
        assert!(matches!(fault(plain), GatewaysFault::Toml { line: 3, .. }));
        assert!(!fault(plain).to_string().contains("secret"));
        let twice = gateway("roof", "one") + &gateway("roof", "two");
        assert!(matches!(fault(&twice), GatewaysFault::Name { number: 2, .. }));
        let shared = gateway("roof", "one") + &gateway("cellar", "one");
        assert_eq!(fault(&shared), GatewaysFault::Token { number: 2 });
        let short = "[[gateway]]\nname = \"roof\"\ntoken_sha256 = \"00\"";
        assert_eq!(fault(short), GatewaysFault::Token { number: 1 });
        let signed = format!("[[gateway]]\nname = \"roof\"\ntoken_sha256 = \"+1{}\"", "0".repeat(62));
        assert_eq!(fault(&signed), GatewaysFault::Token { number: 1 });
    }
}
