//! The log as a bundle.

use std::io::Write;

use crate::db::Connection;
use jiff::Timestamp;
use tidstro_govern::log::{BundleHead, GENESIS, StreamEnd, event_line, header_line, segment_line};

use super::stream::{StoredSegment, Tail, origin};
use super::verify::each_event;
use crate::StoreFault;
use crate::seal::Vault;

/// Writes a bundle of all closed segments.
pub(crate) fn export(
    db: &Connection,
    vault: &Vault,
    at: Timestamp,
    out: &mut impl Write,
) -> Result<(), StoreFault> {
    let mut write = |line: &str| writeln!(out, "{line}").map_err(|source| StoreFault::Bundle { source });
    // One transaction, so that what expires meanwhile is still there.
    let snapshot = db.snapshot()?;
    let streams = closed_streams(&snapshot)?;
    let key = vault.log_key()?;
    let ends = streams.iter().map(|(tail, segments)| end_of(tail, segments)).collect();
    let statement = BundleHead { origin: origin(&snapshot)?, key: key.public(), at, streams: ends }.text();
    write(&header_line(&statement, &key.sign(&statement)))?;
    for (tail, segments) in streams {
        for StoredSegment { segment, signature, is_expired } in segments {
            write(&segment_line(tail.stream, &segment, !is_expired, &signature))?;
            if !is_expired {
                let next = Some(segment.next_seq());
                each_event(&snapshot, tail.stream_no, segment.first_seq, next, |event, hash| {
                    write(&event_line(event, hash))
                })?;
            }
        }
    }
    out.flush().map_err(|source| StoreFault::Bundle { source })
}

fn closed_streams(db: &Connection) -> Result<Vec<(Tail, Vec<StoredSegment>)>, StoreFault> {
    let with_segments = |tail: Tail| Ok((StoredSegment::all(db, tail.stream_no)?, tail));
    let streams = Tail::all(db)?.into_iter().map(with_segments);
    streams.map(|stream| stream.map(|(segments, tail)| (tail, segments))).collect()
}

fn end_of(tail: &Tail, segments: &[StoredSegment]) -> StreamEnd {
    let last = segments.last().map(|stored| &stored.segment);
    StreamEnd {
        stream: tail.stream,
        segments: last.map_or(0, |segment| segment.number),
        last_seq: last.map_or(0, |segment| segment.next_seq().saturating_sub(1)),
        head: last.map_or(GENESIS, |segment| segment.head(tail.stream)),
    }
}
