//! Streams and segments as rows.

use crate::db::{Connection, Row, params};
use jiff::Timestamp;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_govern::log::{Form, Hash, OpenSegment, Origin, Segment, Signature, Stream, StreamId, Tree};

use crate::StoreFault;

/// The writer of this process. There is one writer thread in one process at a time; a second one will
/// write streams of its own.
pub(super) const WRITER: u16 = 1;

/// A stream and its open segment.
pub(super) struct Tail {
    pub(super) stream_no: i64,
    pub(super) stream: StreamId,
    pub(super) open: OpenSegment,
}

const TAIL_COLUMNS: &str =
    "stream_no, stream, writer, segment_no, first_seq, event_count, first_day, prior, last_hash, peaks";

impl Tail {
    /// The open segment of one of this writer's streams.
    pub(super) fn load(db: &Connection, stream: Stream) -> Result<Self, StoreFault> {
        db.prepare_cached(&format!(
            "-- log_tail
             SELECT {TAIL_COLUMNS} FROM log_stream WHERE stream = ?1 AND writer = ?2"
        ))?
        .query_row(params![stream.word(), WRITER], |row| Ok(Self::from_row(row)))?
    }

    /// All streams, facts first.
    pub(super) fn all(db: &Connection) -> Result<Vec<Self>, StoreFault> {
        db.prepare_cached(&format!(
            "-- log_tails
             SELECT {TAIL_COLUMNS} FROM log_stream ORDER BY stream_no"
        ))?
        .query_and_then([], Self::from_row)?
        .collect()
    }

    fn from_row(row: &Row<'_>) -> Result<Self, StoreFault> {
        let damaged = |what| StoreFault::Row { what };
        let stream: String = row.get(1)?;
        let stream = Stream::from_word(&stream).ok_or(damaged("log_stream.stream"))?;
        let first_day: Option<i32> = row.get(6)?;
        let peaks: Vec<u8> = row.get(9)?;
        let tree = Tree::of_peaks(number(row, 5)?, peaks.as_chunks().0.to_vec());
        let open = OpenSegment {
            number: number(row, 3)?,
            form: Form::Second,
            first_seq: number(row, 4)?,
            prior: row.get(7)?,
            first_day: first_day.and_then(from_epoch_day),
            last_hash: row.get(8)?,
            tree: tree.ok_or(damaged("log_stream.peaks"))?,
        };
        Ok(Self { stream_no: row.get(0)?, stream: StreamId { stream, writer: row.get(2)? }, open })
    }

    pub(super) fn save(&self, db: &Connection) -> Result<(), StoreFault> {
        let Self { stream_no, open, .. } = self;
        db.prepare_cached(
            "-- save_log_tail
             UPDATE log_stream SET segment_no = ?2, first_seq = ?3, event_count = ?4, first_day = ?5,
                 prior = ?6, last_hash = ?7, peaks = ?8
             WHERE stream_no = ?1",
        )?
        .execute(params![
            stream_no,
            stored(open.number),
            stored(open.first_seq),
            stored(open.tree.count()),
            open.first_day.map(epoch_day),
            open.prior,
            open.last_hash,
            open.tree.peaks().as_flattened(),
        ])?;
        Ok(())
    }
}

/// A closed segment as it is stored.
pub(super) struct StoredSegment {
    pub(super) segment: Segment,
    pub(super) signature: Signature,
    pub(super) is_expired: bool,
}

const SEGMENT_COLUMNS: &str =
    "segment_no, form, first_seq, event_count, root, prior, closed_ms, signature, is_expired";

impl StoredSegment {
    /// The closed segments of a stream, in order.
    pub(super) fn all(db: &Connection, stream_no: i64) -> Result<Vec<Self>, StoreFault> {
        db.prepare_cached(&format!(
            "-- segments
             SELECT {SEGMENT_COLUMNS} FROM segment WHERE stream_no = ?1 ORDER BY segment_no"
        ))?
        .query_and_then([stream_no], Self::from_row)?
        .collect()
    }

    fn from_row(row: &Row<'_>) -> Result<Self, StoreFault> {
        let form = Form::from_number(row.get(1)?).ok_or(StoreFault::Row { what: "segment.form" })?;
        let segment = Segment {
            number: number(row, 0)?,
            form,
            first_seq: number(row, 2)?,
            count: number(row, 3)?,
            root: row.get(4)?,
            prior: row.get(5)?,
            closed_at: instant(row.get(6)?)?,
        };
        Ok(Self { segment, signature: row.get(7)?, is_expired: row.get(8)? })
    }
}

/// Writes a closed segment, or what was missing of one.
pub(super) fn insert_segment(
    db: &Connection,
    stream_no: i64,
    segment: &Segment,
    signature: &Signature,
) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- insert_segment
         INSERT INTO segment (stream_no, segment_no, form, first_seq, event_count, root, prior, closed_ms, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (stream_no, segment_no) DO UPDATE SET root = ?6, closed_ms = ?8, signature = ?9
         WHERE segment.signature = x''",
    )?
    .execute(params![
        stream_no,
        stored(segment.number),
        segment.form.number(),
        stored(segment.first_seq),
        stored(segment.count),
        segment.root,
        segment.prior,
        segment.closed_at.as_millisecond(),
        signature,
    ])?;
    Ok(())
}

/// The name of this store in its checkpoints.
pub(super) fn origin(db: &Connection) -> Result<Origin, StoreFault> {
    let origin = db
        .prepare_cached(
            "-- log_origin
             SELECT origin FROM log_origin",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(Origin(origin))
}

/// A count or number of the log. The tables hold 63 bits, more than will ever be counted.
fn number(row: &Row<'_>, column: usize) -> Result<u64, StoreFault> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| StoreFault::Row { what: "a number of the log" })
}

pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The log keeps milliseconds.
pub(super) fn instant(at_ms: i64) -> Result<Timestamp, StoreFault> {
    Timestamp::from_millisecond(at_ms).map_err(|_| StoreFault::Row { what: "an instant of the log" })
}

/// The concatenated commitments of `event.subjects`.
pub(super) fn commitments(blob: &[u8]) -> Result<&[Hash], StoreFault> {
    match blob.as_chunks() {
        (commitments, []) => Ok(commitments),
        _ => Err(StoreFault::Row { what: "event.subjects" }),
    }
}
