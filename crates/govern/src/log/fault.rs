//! Where a log does not hold.
//!
//! What comes in: nothing. What goes out: a fault that names the stream and the first segment or event
//! that does not hold, and what to do. Never: anything an event says.

use super::StreamId;

/// Where a log does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// A segment does not follow the one before: segments were removed, added or moved.
    #[error(
        "{stream}: segment {found} stands where segment {expected} is expected; keep the log as it is and restore the missing part from a backup"
    )]
    SegmentOutOfSequence {
        /// The stream.
        stream: StreamId,
        /// The number found.
        found: u64,
        /// The number that follows.
        expected: u64,
    },
    /// A segment does not continue the one before: its prior head, form or first event is another.
    #[error(
        "{stream}: segment {segment} does not continue the segment before it; keep the log as it is and compare it with a backup"
    )]
    Unchained {
        /// The stream.
        stream: StreamId,
        /// The segment.
        segment: u64,
    },
    /// An event does not follow the one before: events were removed, added or moved.
    #[error(
        "{stream}: event {seq} stands where event {expected} is expected; keep the log as it is and restore the missing part from a backup"
    )]
    OutOfSequence {
        /// The stream.
        stream: StreamId,
        /// The number found.
        seq: u64,
        /// The number that follows.
        expected: u64,
    },
    /// An event that belongs to no segment: it was added.
    #[error(
        "{stream}: event {seq} belongs to no segment; keep the log as it is and compare it with a backup"
    )]
    Added {
        /// The stream.
        stream: StreamId,
        /// The number of the event.
        seq: u64,
    },
    /// An event was changed: it does not have the hash of its content and of what is before it.
    #[error(
        "{stream}: event {seq} does not have the hash of its content and of the events before it; keep the log as it is and compare it with a backup"
    )]
    Broken {
        /// The stream.
        stream: StreamId,
        /// The number of the event.
        seq: u64,
    },
    /// An event of a kind that belongs in the other stream.
    #[error(
        "{stream}: event {seq} is of a kind that another stream keeps; keep the log as it is and compare it with a backup"
    )]
    Misplaced {
        /// The stream.
        stream: StreamId,
        /// The number of the event.
        seq: u64,
    },
    /// A segment that has not expired has lost events.
    #[error(
        "{stream}: segment {segment} has {found} of its {expected} events; keep the log as it is and restore them from a backup"
    )]
    EventsMissing {
        /// The stream.
        stream: StreamId,
        /// The segment.
        segment: u64,
        /// Events it should have.
        expected: u64,
        /// Events found.
        found: u64,
    },
    /// The events of a segment do not give its root.
    #[error(
        "{stream}: the events of segment {segment} do not give its root; keep the log as it is and compare it with a backup"
    )]
    Root {
        /// The stream.
        stream: StreamId,
        /// The segment.
        segment: u64,
    },
    /// The signature of a checkpoint is not the key's.
    #[error(
        "{stream}: the checkpoint of segment {segment} is not signed by the log's key; keep the log as it is and compare it with a backup"
    )]
    Unsigned {
        /// The stream.
        stream: StreamId,
        /// The segment.
        segment: u64,
    },
    /// The events of a segment are gone, and the log does not say that it expired.
    #[error(
        "{stream}: the events of segment {segment} were deleted, and no event says that it expired; keep the log as it is and restore them from a backup"
    )]
    NotExpired {
        /// The stream.
        stream: StreamId,
        /// The segment.
        segment: u64,
    },
    /// The log says that a segment expired, and its events are still there.
    #[error(
        "{stream}: segment {segment} is said to have expired, and its events are still there; let them expire again"
    )]
    NotDeleted {
        /// The stream.
        stream: StreamId,
        /// The segment.
        segment: u64,
    },
    /// The open end of a stream is not as it was left.
    #[error(
        "{stream}: the last events after {seq} are not as they were written; keep the log as it is and restore them from a backup"
    )]
    End {
        /// The stream.
        stream: StreamId,
        /// The last event found.
        seq: u64,
    },
}
