//! A file of master data that is read twice: once to know where its rows lie, and once piece by piece.

use std::io::{BufRead as _, BufReader, Cursor, Read, Seek, SeekFrom};

use tidstro_metering::master_file::MasterRowReader;

use crate::FlowFault;

/// Bytes that can be read again from any place: a file, or bytes in memory.
pub trait ReadAgain: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadAgain for T {}

/// A file of master data to take in.
pub struct MasterSource {
    /// Its name, as reports tell it.
    pub name: String,
    /// Its bytes, from the first one on.
    pub bytes: Box<dyn ReadAgain>,
}

impl MasterSource {
    /// A file whose bytes are in memory.
    #[must_use]
    pub fn held(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes: Box::new(Cursor::new(bytes)) }
    }
}

/// A file that is read line by line.
pub(super) struct Lines {
    pub(super) name: String,
    bytes: BufReader<Box<dyn ReadAgain>>,
    /// Where the next line begins, counted from the first byte.
    at: u64,
    /// How its rows are read; `None` until its header is.
    pub(super) reader: Option<MasterRowReader>,
}

/// How many bytes are read at once.
const READ_BYTES: usize = 64 << 10;

impl Lines {
    pub(super) fn of(source: MasterSource) -> Self {
        let bytes = BufReader::with_capacity(READ_BYTES, source.bytes);
        Self { name: source.name, bytes, at: 0, reader: None }
    }

    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// Reads the next line with its end; whether there was one.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, std::io::Error> {
        line.clear();
        let read = self.bytes.read_until(b'\n', line)?;
        self.at += read as u64;
        Ok(read > 0)
    }

    /// Reads the line that begins at a place.
    pub(super) fn line_at(&mut self, at: u64, line: &mut Vec<u8>) -> Result<(), std::io::Error> {
        match i64::try_from(at).ok().zip(i64::try_from(self.at).ok()) {
            // What is in the buffer stays there.
            Some((to, from)) => self.bytes.seek_relative(to - from)?,
            None => drop(self.bytes.seek(SeekFrom::Start(at))?),
        }
        self.at = at;
        self.next(line).map(|_| ())
    }

    pub(super) fn unreadable(&self, line: u64, source: std::io::Error) -> FlowFault {
        FlowFault::Input { name: self.name.clone(), line, source }
    }
}

/// A line without its end.
pub(super) fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}
