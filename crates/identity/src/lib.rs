//! Who somebody proves to be: passwords, one-time codes, tokens, lockout and the life of a session.
//!
//! What comes in: what was typed or sent, what is kept of it, the instant, and random bytes. What goes out: whether it holds, and
//! what to keep instead. The rules are those of NIST SP 800-63B-4, RFC 4226 and 6238, and OWASP ASVS 5, chapters 6 and 7; how
//! long and how often is data of the caller. Never: a clock or a random number of its own, a secret in a message or a `Debug`,
//! or a comparison of secrets that ends at the first difference.

mod base32;
mod breached;
mod code;
mod hash;
mod lockout;
mod obvious;
mod password;
mod session;
mod token;
mod totp;

pub use breached::{Breached, BreachedFault};
pub use code::{ActivationCode, CodeFault, MailCode, RecoveryCode};
pub use hash::{Cost, HashFault, PasswordHash};
pub use lockout::{Attempts, Door, Failed, LockoutRules};
pub use password::{Password, PasswordFault, PasswordRules};
pub use session::{SessionLimits, SessionTimes};
pub use token::{MachineToken, Token};
pub use totp::{Totp, TotpStep};

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a secret of 256 bits, told apart from the same bytes in another use by `domain`. Not for what people choose.
fn digest(domain: &str, secret: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(domain.as_bytes());
    hash.update([0]);
    hash.update(secret);
    hash.finalize().into()
}
