//! Bundles: a log in one file, checked by anybody without a database and without a network.
//!
//! What comes in: on one side a log's segments and events, on the other the lines of a file. What goes
//! out: lines, or a report of what holds. Never: a line taken that this program would not have written
//! byte for byte; a bundle passed whose end was cut off.
//!
//! The first line is signed and says how far each stream goes. Then come the streams in its order, facts
//! before uses: a line for each segment, and after it one for each of its events, unless it expired.

mod head;
mod line;

pub use head::{BundleHead, StreamEnd};
pub use line::{event_line, header_line, segment_line};

use line::{NoLine, read_event, read_header, read_segment};

use super::{Fingerprint, LogCheck, LogFault, LogReport, StreamId};

/// Why a bundle does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleFault {
    /// There is no line.
    #[error("the file is empty; export the bundle again")]
    Empty,
    /// A line is not as this program writes it.
    #[error(
        "line {line}: is not a line of a log bundle as it was written; keep the file and compare it with another copy"
    )]
    Altered {
        /// The line, counted from 1.
        line: u64,
    },
    /// The bundle has a newer form.
    #[error(
        "line 1: bundle version {found}, this program reads version 1; use the newer program that wrote it"
    )]
    Version {
        /// The version found.
        found: u8,
    },
    /// The first line is not signed by the key it names.
    #[error(
        "line 1: the statement is not signed by the key it names; keep the file and compare it with another copy"
    )]
    Unsigned,
    /// The bundle is signed by another key than the one expected.
    #[error(
        "line 1: signed by the key `{found}`, expected `{expected}`; ask the store's owner for the fingerprint of its key"
    )]
    OtherKey {
        /// Fingerprint of the bundle's key.
        found: Fingerprint,
        /// Fingerprint given.
        expected: Fingerprint,
    },
    /// A segment of a stream that the first line does not name, or not here.
    #[error(
        "line {line}: stream {stream} is not what comes next by the first line; keep the file and compare it with another copy"
    )]
    OtherStream {
        /// The line.
        line: u64,
        /// The stream.
        stream: StreamId,
    },
    /// A segment or event does not hold.
    #[error("line {line}: {fault}")]
    Log {
        /// The line.
        line: u64,
        /// What does not hold.
        fault: LogFault,
    },
    /// A stream does not go as far as the first line says.
    #[error("the file ends before stream {stream} does; keep the file and compare it with another copy")]
    Cut {
        /// The stream.
        stream: StreamId,
    },
}

/// What holds in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleReport {
    /// When it was made.
    pub at: jiff::Timestamp,
    /// What was checked.
    pub log: LogReport,
}

/// Checks a bundle line by line.
#[derive(Debug)]
pub struct BundleCheck {
    expected: Option<Fingerprint>,
    lines: u64,
    begun: Option<Begun>,
}

/// A bundle whose first line holds.
#[derive(Debug)]
struct Begun {
    head: BundleHead,
    check: LogCheck,
    /// Streams begun so far.
    streams: usize,
}

impl BundleCheck {
    /// A check that also requires the key with this fingerprint, if one is given. Without it, a bundle
    /// made anew with another key would hold.
    #[must_use]
    pub const fn new(expected: Option<Fingerprint>) -> Self {
        Self { expected, lines: 0, begun: None }
    }

    /// Takes the next line, without its line feed.
    ///
    /// # Errors
    /// [`BundleFault`] for the first line that does not hold; what follows it says nothing more.
    pub fn line(&mut self, bytes: &[u8]) -> Result<(), BundleFault> {
        self.lines += 1;
        match &mut self.begun {
            None => self.begun = Some(Begun::by(bytes, self.expected)?),
            Some(begun) if bytes.starts_with(b"{\"event\":") => begun.event(bytes, self.lines)?,
            Some(begun) => begun.segment(bytes, self.lines)?,
        }
        Ok(())
    }

    /// The end of the file.
    ///
    /// # Errors
    /// [`BundleFault`] if it ends too early, or if what it says as a whole does not hold.
    pub fn finish(self) -> Result<BundleReport, BundleFault> {
        let line = self.lines;
        let Begun { head, mut check, streams } = self.begun.ok_or(BundleFault::Empty)?;
        let at_end = |fault| BundleFault::Log { line, fault };
        for end in head.streams.get(streams..).unwrap_or_default() {
            check.stream(end.stream).map_err(at_end)?;
        }
        let found = check.finish().map_err(at_end)?;
        for (end, found) in head.streams.iter().zip(&found.streams) {
            if !end.is_reached_by(found) {
                return Err(BundleFault::Cut { stream: end.stream });
            }
        }
        Ok(BundleReport { at: head.at, log: found })
    }
}

impl Begun {
    fn by(bytes: &[u8], expected: Option<Fingerprint>) -> Result<Self, BundleFault> {
        let (statement, signature) = read_header(bytes).map_err(|fault| match fault {
            NoLine::Version(found) => BundleFault::Version { found },
            NoLine::Unknown => BundleFault::Altered { line: 1 },
        })?;
        let head = BundleHead::parse(&statement).ok_or(BundleFault::Altered { line: 1 })?;
        if !head.key.verifies(&statement, &signature) {
            return Err(BundleFault::Unsigned);
        }
        let found = head.key.fingerprint();
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(BundleFault::OtherKey { found, expected });
        }
        Ok(Self { check: LogCheck::new(head.origin, head.key), head, streams: 0 })
    }

    fn segment(&mut self, bytes: &[u8], line: u64) -> Result<(), BundleFault> {
        let read = read_segment(bytes).ok_or(BundleFault::Altered { line })?;
        self.begin(read.stream, line)?;
        let checked = self.check.segment(&read.segment, read.is_live, &read.signature);
        checked.map_err(|fault| BundleFault::Log { line, fault })
    }

    /// Goes on to the stream, past streams without segments.
    fn begin(&mut self, stream: StreamId, line: u64) -> Result<(), BundleFault> {
        let current = self.streams.checked_sub(1).and_then(|index| self.head.streams.get(index));
        if current.is_some_and(|current| current.stream == stream) {
            return Ok(());
        }
        let rest = self.head.streams.get(self.streams..).unwrap_or_default();
        let ahead = rest.iter().position(|end| end.stream == stream);
        let ahead = ahead.ok_or(BundleFault::OtherStream { line, stream })?;
        for end in rest.iter().take(ahead + 1) {
            self.check.stream(end.stream).map_err(|fault| BundleFault::Log { line, fault })?;
        }
        self.streams += ahead + 1;
        Ok(())
    }

    fn event(&mut self, bytes: &[u8], line: u64) -> Result<(), BundleFault> {
        let check = &mut self.check;
        let checked = read_event(bytes, |event, hash| check.event(event, hash));
        checked.ok_or(BundleFault::Altered { line })?.map_err(|fault| BundleFault::Log { line, fault })
    }
}

/// Checks the lines of a whole bundle, without their line feeds; see [`BundleCheck`].
///
/// # Errors
/// [`BundleFault`] for the first line that does not hold.
pub fn verify_bundle(
    lines: impl IntoIterator<Item = impl AsRef<[u8]>>,
    expected: Option<Fingerprint>,
) -> Result<BundleReport, BundleFault> {
    let mut check = BundleCheck::new(expected);
    for line in lines {
        check.line(line.as_ref())?;
    }
    check.finish()
}
