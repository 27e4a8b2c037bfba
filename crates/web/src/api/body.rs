//! The body of a request that changes something: JSON, read whole and checked, and the key by which it is done once.
//!
//! What comes in: a request. What goes out: its fields, and what it is known by. Never: a field that nobody reads; a request without a
//! key.

use axum::body::Bytes;
use axum::extract::{FromRequest, MatchedPath, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize as _, Deserializer, Serialize};
use tidstro_flows::{Once, OnceRequest, begin_once, forget_once, keep_once};

use super::Answered;
use super::answer::{json, json_text};
use super::caller::Caller;
use super::slip::{Slip, cut};
use crate::Web;
use crate::answered::Problem;
use crate::visit::Visit;

/// The header with the key (draft-ietf-httpapi-idempotency-key-header).
const KEY: &str = "idempotency-key";
/// The longest key.
const LONGEST: usize = 64;
/// The largest body.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// What was sent.
pub(crate) struct Sent<T> {
    /// Its fields.
    pub(super) fields: T,
    key: String,
    path: String,
    bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<Web> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        must_be_json(request.headers())?;
        let key = key(request.headers())?;
        let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let bytes = Bytes::from_request(request, web).await.map_err(|rejection| {
            let is_large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
            if is_large {
                Slip::TooLarge { most: BODY_BYTES }
            } else {
                Slip::Body { said: "it breaks off".to_owned() }
            }
        })?;
        // A reader of fields takes a list for them too, by their places.
        if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
            return Err(Slip::Body { said: "it is no object".to_owned() }.into());
        }
        let read = serde_json::from_slice(&bytes).map_err(|fault| Slip::Body { said: cut_to(&fault) })?;
        Ok(Self { fields: read, key, path: path.unwrap_or_default(), bytes })
    }
}

/// A whole number, which JSON may write with a decimal point too: `17.0` (JSON Schema 2020-12, 6.1.1).
pub(super) fn whole<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(reader)? else { return Ok(None) };
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    whole
        .parse()
        .map(Some)
        .map_err(|_| D::Error::custom(format!("`{text}` is no whole number from 0 to {}", u32::MAX)))
}

/// What a reader of JSON says, which may quote the body: a line is enough.
fn cut_to(fault: &serde_json::Error) -> String {
    fault.to_string().chars().take(160).collect()
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Slip> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Slip::Kind { given: cut(kind) }) }
}

fn key(headers: &HeaderMap) -> Result<String, Slip> {
    let mut keys = headers.get_all(KEY).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else { return Err(Slip::NoKey) };
    let key = key.to_str().unwrap_or_default();
    let is_key = !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|b| b.is_ascii_graphic());
    if is_key { Ok(key.to_owned()) } else { Err(Slip::NoKey) }
}

impl<T> Sent<T> {
    /// Does the work once: sent again within a day, the request is answered as it was, and nothing is done. A problem is no answer:
    /// nothing was done then, and the request may be sent again. The answer must name no person and no value of one.
    pub(super) async fn once<A: Serialize>(
        self,
        visit: &Visit,
        work: impl AsyncFnOnce(T) -> Result<(StatusCode, A), Problem>,
    ) -> Answered {
        let caller = Caller::of(visit)?;
        let request = OnceRequest::of(&caller.known_as(), &self.key, &[self.path.as_bytes(), &self.bytes]);
        let workspace = visit.web().workspace();
        match begin_once(workspace, request, visit.now).await? {
            Once::Again { status, body } => return Ok(again(status, body)),
            Once::Other => return Err(Slip::KeyTaken.into()),
            Once::Busy => return Err(Slip::KeyBusy.into()),
            Once::New => {}
        }
        match work(self.fields).await {
            Ok((status, answer)) => {
                keep_once(workspace, request, (status.as_u16(), json_text(&answer))).await?;
                json(status, &answer)
            }
            Err(problem) => {
                forget_once(workspace, request).await?;
                Err(problem)
            }
        }
    }
}

/// The answer of the first time, and a header that says so.
fn again(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = [(header::CONTENT_TYPE.as_str(), "application/json"), ("idempotency-replayed", "true")];
    (status, headers, body).into_response()
}
