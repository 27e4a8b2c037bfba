//! A list of passwords that are known to others, as an operator brings it.
//!
//! What comes in: a file of prefixes of SHA-256 hashes, one a line, sorted or not. What goes out: whether a password is on the list.
//! Never: a password of the list, which the file does not have.

use sha2::{Digest, Sha256};

/// Bytes of a prefix: with 64 bits, a list of a thousand million refuses one good password in 18 thousand million.
const PREFIX: usize = 8;

/// Passwords that are known to others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breached(Vec<u64>);

/// A line of the file that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no SHA-256 hash; write at least its first 16 hexadecimal digits, one hash a line")]
pub struct BreachedFault {
    /// Which one, counted from 1.
    pub line: usize,
}

impl Breached {
    /// An empty list.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads a file. What stands after a `:`, such as how often a password was found, is left out; so are empty lines.
    ///
    /// # Errors
    /// [`BreachedFault`] with the first line that is no hash.
    pub fn parse(text: &str) -> Result<Self, BreachedFault> {
        let lines = text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty());
        let mut hashes = Vec::new();
        for (line, number) in lines {
            let hash = line.split(':').next().unwrap_or_default();
            hashes.push(prefix(hash).ok_or(BreachedFault { line: number })?);
        }
        hashes.sort_unstable();
        hashes.dedup();
        Ok(Self(hashes))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a password is one of them.
    #[must_use]
    pub fn contains(&self, password: &str) -> bool {
        let hash: [u8; 32] = Sha256::digest(password.as_bytes()).into();
        let first = hash.first_chunk().copied().map(u64::from_be_bytes);
        first.is_some_and(|first| self.0.binary_search(&first).is_ok())
    }
}

fn prefix(hash: &str) -> Option<u64> {
    let is_hash =
        (PREFIX * 2..=64).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { u64::from_str_radix(hash.get(..PREFIX * 2)?, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `correct horse battery staple`.
    const HORSE: &str = "C4BBCB1FBEC99D65BF59D85C8CB62EE2DB963F0FE106F483D9AFA73BD4E39A8A";

    #[test]
    fn a_listed_password_is_found_by_whole_hash_or_prefix() {
        for text in
            [format!("{HORSE}:12\n"), format!("\n  {}\r\n0000000000000000\n", &HORSE[..16].to_lowercase())]
        {
            let list = Breached::parse(&text).unwrap();
            assert!(list.contains("correct horse battery staple"), "{text}");
            assert!(!list.contains("Correct horse battery staple"));
        }
    }

    #[test]
    fn a_line_that_is_no_hash_is_named() {
        for (text, line) in [("hunter2", 1), ("0000000000000000\n\n00000000", 3), ("é000000000000000", 1)] {
            assert_eq!(Breached::parse(text), Err(BreachedFault { line }), "{text}");
        }
    }
}
