//! Requests of programs that are done once, however often they are sent: the answer is lost on the way, and the program asks again.
//!
//! What comes in: who asks, the key they gave to the request, and what they ask. What goes out: whether it is to be done, or what was
//! answered the first time. Never: the key, or what was asked; only hashes of them are kept, for a day.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
pub use tidstro_store::Once;

use crate::{FlowFault, Workspace};

/// A request that is done once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnceRequest {
    print: [u8; 32],
    asked: [u8; 32],
}

impl OnceRequest {
    /// By who asks, the key they gave it, and what they ask: address and body.
    #[must_use]
    pub fn of(who: &str, key: &str, asked: &[&[u8]]) -> Self {
        Self { print: hash(&[who.as_bytes(), key.as_bytes()]), asked: hash(asked) }
    }
}

/// SHA-256 of parts, each with its length, so that no two lists of them are alike.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Begins a request. [`Once::New`] is followed by [`keep_once`] or [`forget_once`].
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn begin_once(
    workspace: &Workspace,
    request: OnceRequest,
    now: Timestamp,
) -> Result<Once, FlowFault> {
    Ok(workspace.store.begin_once(request.print, request.asked, now).await?)
}

/// Keeps what was answered. It must name no person and no value of one.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn keep_once(
    workspace: &Workspace,
    request: OnceRequest,
    (status, body): (u16, String),
) -> Result<(), FlowFault> {
    Ok(workspace.store.keep_once(request.print, status, body).await?)
}

/// Forgets a request of which nothing came.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn forget_once(workspace: &Workspace, request: OnceRequest) -> Result<(), FlowFault> {
    Ok(workspace.store.forget_once(request.print).await?)
}
