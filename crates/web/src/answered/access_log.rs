//! The access log: exactly four fields, and nobody in them.
//!
//! What comes in: each answer. What goes out: a line with the name of what was asked for, when, how many bytes went out and whether
//! it went well. Never: an address of a visitor, a browser, a word after `?`, who was logged in. Names of files are those of routes,
//! so that no identifier written into an address reaches a line.

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;

use crate::Web;

/// One access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Name of what was asked for: its route, or `-` for what no route leads to.
    pub name: String,
    /// When, to the second.
    pub at: Timestamp,
    /// Bytes of the body sent, where they are known before it is sent.
    pub bytes: Option<u64>,
    /// Whether the answer is what was asked for.
    pub succeeded: bool,
}

impl Access {
    /// As a line: `2026-11-22T20:00:00Z /home 5321 ok`.
    #[must_use]
    pub fn line(&self) -> String {
        let bytes = self.bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        let outcome = if self.succeeded { "ok" } else { "failed" };
        format!("{:.0} {} {bytes} {outcome}", self.at, self.name)
    }
}

/// Writes a line for each answer.
pub(crate) async fn write(State(web): State<Web>, request: Request, next: Next) -> Response {
    let name = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let status = response.status();
    web.tell_access(&Access {
        name,
        at: web.now(),
        bytes: response.body().size_hint().exact(),
        succeeded: status.is_success() || status.is_redirection(),
    });
    response
}
