//! What callers get wrong, and what to do about it, in words for whoever writes the program.
//!
//! What comes in: nothing. What goes out: a status, a code that programs compare, and a sentence. Never: a word about what exists.

use axum::http::StatusCode;
use tidstro_flows::FlowFault;
use tidstro_model::{ActivityId, RangeFault};

use crate::answered::Problem;

/// A request that cannot be answered as it is. Texts a caller gave are cut to 40 characters before they are in here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Slip {
    #[error("the query cannot be read: {said}; `/api/v1/openapi.json` has the parameters of each address")]
    Query { said: String },
    #[error("`{name}` is `{given}`, which is no local day; write one such as `2026-11-22`")]
    Day { name: &'static str, given: String },
    #[error(
        "`{name}` is `{given}`, which is no instant with an offset; write one such as `2026-11-22T20:00:00Z`"
    )]
    Instant { name: &'static str, given: String },
    #[error("`resolution` is `{given}`; expected one of `raw`, `PT15M`, `PT1H`, `P1D`, `P1M`, `P1Y`")]
    Resolution { given: String },
    #[error("`{name}` is `{given}`, which is no name of the register; `register show` lists them")]
    Name { name: &'static str, given: String },
    #[error(
        "`{name}` is empty, has control characters, or more than 100 characters; give it as lists show it"
    )]
    Text { name: &'static str },
    #[error("{0}; `from` is the first local day and `to` the first one after the last")]
    Days(#[from] RangeFault),
    #[error("more than {most} days at once; ask for fewer")]
    TooManyDays { most: i32 },
    #[error("`limit` is {given}; give 1 to {most}, and go on with `cursor`")]
    Limit { given: u32, most: u32 },
    #[error("`cursor` is not one that this list gave as `next`; begin again without it")]
    Cursor,
    #[error("the body is `{given}`; send JSON with `Content-Type: application/json`")]
    Kind { given: String },
    #[error("the body cannot be read: {said}; `/api/v1/openapi.json` has the fields")]
    Body { said: String },
    #[error("the body has more than {most} bytes; send less at once")]
    TooLarge { most: usize },
    #[error("the request has {given} rows; send 1 to {most} at once")]
    TooManyRows { given: usize, most: usize },
    #[error("row {line}: {said}")]
    Row { line: u64, said: String },
    #[error("the report is {why}; the fields of each kind are in `docs/EVENTS.md`")]
    Report { why: &'static str },
    #[error(
        "`Idempotency-Key` is not there once, or is not 1 to 64 visible ASCII characters; make a new one for each request that is not \
         the same again"
    )]
    NoKey,
    #[error("another request was sent under this `Idempotency-Key`; make a new key")]
    KeyTaken,
    #[error("the request with this `Idempotency-Key` is being done; ask again in a moment")]
    KeyBusy,
    #[error("too many requests; go on in {seconds} seconds")]
    TooMany { seconds: u64 },
    #[error("the token may not name the purpose `{purpose}`; ask who issued it for one that may")]
    OutsideScopes { purpose: ActivityId },
    #[error("the register has no area of this name; lists of series and points show the areas in your scope")]
    UnknownArea,
}

impl Slip {
    /// The status of the answer: 400 for what cannot be read, 422 for what can and means nothing.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::OutsideScopes { .. } => StatusCode::FORBIDDEN,
            Self::UnknownArea => StatusCode::NOT_FOUND,
            Self::Kind { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::KeyBusy => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Days(_)
            | Self::TooManyDays { .. }
            | Self::TooManyRows { .. }
            | Self::Row { .. }
            | Self::Report { .. }
            | Self::KeyTaken => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What programs tell it by.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Query { .. } => "query",
            Self::Day { .. } => "day",
            Self::Instant { .. } => "instant",
            Self::Resolution { .. } => "resolution",
            Self::Name { .. } => "name",
            Self::Text { .. } => "text",
            Self::Days(_) => "days",
            Self::TooManyDays { .. } => "too-many-days",
            Self::Limit { .. } => "limit",
            Self::Cursor => "cursor",
            Self::Kind { .. } => "kind",
            Self::Body { .. } => "body",
            Self::TooLarge { .. } => "too-large",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::Row { .. } => "row",
            Self::Report { .. } => "report",
            Self::NoKey => "no-key",
            Self::KeyTaken => "key-taken",
            Self::KeyBusy => "key-busy",
            Self::TooMany { .. } => "too-many-requests",
            Self::OutsideScopes { .. } => "outside-scopes",
            Self::UnknownArea => "unknown-area",
        }
    }
}

impl Slip {
    /// After how many seconds to ask again.
    pub(crate) const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { seconds } => Some(*seconds),
            Self::KeyBusy => Some(1),
            _ => None,
        }
    }

    /// A fault of a use, of which one is the caller's: an area that is not there.
    pub(crate) fn of_area(fault: FlowFault) -> Problem {
        match fault {
            FlowFault::UnknownArea { .. } => Self::UnknownArea.into(),
            fault => Problem::Fault(fault),
        }
    }
}

impl From<Slip> for Problem {
    fn from(slip: Slip) -> Self {
        Self::Slip(slip)
    }
}

/// What to do about a status that has no slip.
pub(crate) const fn advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => {
            "send `Authorization: Bearer` with a token that is good; who looks after accounts issues them with `account token issue`"
        }
        StatusCode::FORBIDDEN => "no purpose of yours does this; ask for a token with one that does",
        StatusCode::NOT_FOUND => {
            "nothing is there, or nothing in your scope; check address, numbers and purpose"
        }
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take the method; `Allow` has those it takes",
        StatusCode::REQUEST_TIMEOUT => "it took too long; ask for less at once",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large; send less at once",
        StatusCode::BAD_REQUEST => {
            "the request cannot be read, or comes from another site; compare it with `/api/v1/openapi.json`"
        }
        _ => "try again in a moment; if it happens again, tell the operator `instance`",
    }
}

/// What a caller gave, short enough for an answer.
pub(crate) fn cut(given: &str) -> String {
    given.chars().take(40).collect()
}
