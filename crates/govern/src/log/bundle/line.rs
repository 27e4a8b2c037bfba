//! The lines of a bundle: JSON, one object each, fields in a fixed order.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{EventView, Form, Hash, Segment, Signature, StreamId, hex, unhex};

/// Version of the bundle's form.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine<'a> {
    bundle: u8,
    #[serde(borrow)]
    statement: Cow<'a, str>,
    signature: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentLine<'a> {
    segment: u64,
    stream: &'a str,
    form: u8,
    first: u64,
    count: u64,
    root: &'a str,
    prior: &'a str,
    closed: &'a str,
    expired: bool,
    signature: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventLine<'a> {
    event: u64,
    at: &'a str,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    actor: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case: Option<Cow<'a, str>>,
    #[serde(borrow)]
    detail: Cow<'a, str>,
    hash: &'a str,
}

/// The first line of a bundle: its statement and the signature over it.
#[must_use]
pub fn header_line(statement: &str, signature: &Signature) -> String {
    json(&HeaderLine { bundle: VERSION, statement: statement.into(), signature: &hex(signature) })
}

/// The line of a closed segment with its checkpoint's signature. Its events follow unless `is_live` is
/// false.
#[must_use]
pub fn segment_line(stream: StreamId, segment: &Segment, is_live: bool, signature: &Signature) -> String {
    json(&SegmentLine {
        segment: segment.number,
        stream: &stream.to_string(),
        form: segment.form.number(),
        first: segment.first_seq,
        count: segment.count,
        root: &hex(&segment.root),
        prior: &hex(&segment.prior),
        closed: &segment.closed_at.to_string(),
        expired: !is_live,
        signature: &hex(signature),
    })
}

/// The line of an event, with the hash that chains it.
#[must_use]
pub fn event_line(event: &EventView<'_>, hash: &Hash) -> String {
    json(&EventLine {
        event: event.seq,
        at: &event.at.to_string(),
        kind: event.kind.into(),
        actor: event.actor.into(),
        purpose: event.purpose.map(Cow::from),
        rule: event.rule.map(Cow::from),
        subjects: event.subjects.iter().map(|subject| hex(subject).into()).collect(),
        case: event.case.map(Cow::from),
        detail: event.detail.into(),
        hash: &hex(hash),
    })
}

/// Texts, numbers and flags can always be written as JSON. If one could not, the empty line would be no
/// line of a bundle.
fn json(line: &impl Serialize) -> String {
    serde_json::to_string(line).unwrap_or_default()
}

/// Why a line is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoLine {
    /// It is of another version.
    Version(u8),
    /// This program would have written it otherwise, or not at all.
    Unknown,
}

/// The statement and signature of a first line.
pub(super) fn read_header(bytes: &[u8]) -> Result<(String, Signature), NoLine> {
    let line: HeaderLine<'_> = serde_json::from_slice(bytes).map_err(|_| NoLine::Unknown)?;
    if line.bundle != VERSION {
        return Err(NoLine::Version(line.bundle));
    }
    let signature = unhex(line.signature).ok_or(NoLine::Unknown)?;
    as_written(bytes, &header_line(&line.statement, &signature)).ok_or(NoLine::Unknown)?;
    Ok((line.statement.into_owned(), signature))
}

/// What a segment's line says.
pub(super) struct ReadSegment {
    pub(super) stream: StreamId,
    pub(super) segment: Segment,
    pub(super) is_live: bool,
    pub(super) signature: Signature,
}

/// Reads a segment's line; `None` unless it is written as [`segment_line`] writes it.
pub(super) fn read_segment(bytes: &[u8]) -> Option<ReadSegment> {
    let line: SegmentLine<'_> = serde_json::from_slice(bytes).ok()?;
    let read = ReadSegment {
        stream: StreamId::parse(line.stream)?,
        segment: Segment {
            number: line.segment,
            form: Form::from_number(line.form)?,
            first_seq: line.first,
            count: line.count,
            root: unhex(line.root)?,
            prior: unhex(line.prior)?,
            closed_at: line.closed.parse().ok()?,
        },
        is_live: !line.expired,
        signature: unhex(line.signature)?,
    };
    as_written(bytes, &segment_line(read.stream, &read.segment, read.is_live, &read.signature))?;
    Some(read)
}

/// Reads an event's line and hands the event on; `None` unless it is written as [`event_line`] writes it.
pub(super) fn read_event<T>(bytes: &[u8], take: impl FnOnce(&EventView<'_>, &Hash) -> T) -> Option<T> {
    let line: EventLine<'_> = serde_json::from_slice(bytes).ok()?;
    let subjects: Vec<Hash> = line.subjects.iter().map(|subject| unhex(subject)).collect::<Option<_>>()?;
    let at: Timestamp = line.at.parse().ok()?;
    let hash = unhex(line.hash)?;
    let event = EventView {
        seq: line.event,
        at,
        kind: &line.kind,
        actor: &line.actor,
        purpose: line.purpose.as_deref(),
        rule: line.rule.as_deref(),
        subjects: &subjects,
        case: line.case.as_deref(),
        detail: &line.detail,
    };
    as_written(bytes, &event_line(&event, &hash))?;
    Some(take(&event, &hash))
}

/// One content has one line: otherwise a changed byte could pass as another way to write the same.
fn as_written(bytes: &[u8], written: &str) -> Option<()> {
    (bytes == written.as_bytes()).then_some(())
}
