//! Answers as JSON, with a tag by which a caller asks whether there is news.

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Answered;
use crate::visit::Visit;

/// The largest answer whose tag is computed. All are whole in memory, and none is that large.
const LARGEST: usize = 64 << 20;

/// What was asked for.
pub(crate) fn json(status: StatusCode, what: &impl Serialize) -> Answered {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok((status, [kind], json_text(what)).into_response())
}

/// The body of such an answer.
pub(super) fn json_text(what: &impl Serialize) -> String {
    serde_json::to_string(what).unwrap_or_default()
}

/// Gives every answer that went well its tag, and leaves the body out where the caller has it (RFC 9110, 8.8.3 and 13.1.2). Programs may
/// keep what they were given and ask again; a browser keeps nothing.
pub(crate) async fn tagged(visit: Visit, request: Request, next: Next) -> Response {
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let is_read = request.method().is_safe();
    let response = next.run(request).await;
    if !is_read || response.status() != StatusCode::OK || response.body().size_hint().exact().is_none() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag(&body);
    add(&mut parts.headers, &tag, visit.program().is_some());
    if known.is_some_and(|known| names(&known, &tag)) {
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn add(headers: &mut HeaderMap, tag: &str, is_program: bool) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("authorization, cookie"));
    if is_program {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

/// The first 128 bits of the body's hash, in quotes.
fn tag(body: &[u8]) -> String {
    let hash: String = Sha256::digest(body).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}

/// Whether a list of tags, or `*`, names one.
fn names(known: &HeaderValue, tag: &str) -> bool {
    let Ok(known) = known.to_str() else { return false };
    let same = |other: &str| other.strip_prefix("W/").unwrap_or(other) == tag;
    known.trim() == "*" || known.split(',').any(|other| same(other.trim()))
}
