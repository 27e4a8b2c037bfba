//! A file of master data that is read twice: once to know where its rows lie, and once piece by piece.

use std::io::{BufRead as _, BufReader, Cursor, Read, Seek, SeekFrom};

use tidstro_metering::master_file::{MasterRowReader, ROW_LINES};

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

    /// Reads the row that begins at a place.
    pub(super) fn row_at(&mut self, at: u64, row: &mut Vec<u8>) -> Result<(), std::io::Error> {
        self.go_to(at)?;
        self.next(row)?;
        self.go_on(row).map(|_| ())
    }

    /// Reads on where the last line read is one of which the row goes on; how many lines more are in the row.
    pub(super) fn go_on(&mut self, row: &mut Vec<u8>) -> Result<u32, std::io::Error> {
        let may_go_on = |reader: &MasterRowReader| as_text(row).is_some_and(|line| reader.may_go_on(line));
        if !self.reader.as_ref().is_some_and(may_go_on) {
            return Ok(0);
        }
        let (at, length) = (self.at, row.len());
        for more in (1..).take(ROW_LINES - 1) {
            let read = self.bytes.read_until(b'\n', row)?;
            self.at += read as u64;
            let text = as_text(row);
            let (Some(reader), Some(lines)) = (&self.reader, text.filter(|_| read > 0)) else { break };
            if reader.is_row(lines) {
                return Ok(more);
            }
        }
        row.truncate(length);
        self.go_to(at).map(|()| 0)
    }

    fn go_to(&mut self, at: u64) -> Result<(), std::io::Error> {
        match i64::try_from(at).ok().zip(i64::try_from(self.at).ok()) {
            // What is in the buffer stays there.
            Some((to, from)) => self.bytes.seek_relative(to - from)?,
            None => drop(self.bytes.seek(SeekFrom::Start(at))?),
        }
        self.at = at;
        Ok(())
    }

    pub(super) fn unreadable(&self, line: u64, source: std::io::Error) -> FlowFault {
        FlowFault::Input { name: self.name.clone(), line, source }
    }
}

/// Lines without the end of the last one, if they are text.
fn as_text(lines: &[u8]) -> Option<&str> {
    std::str::from_utf8(lines).ok().map(without_end)
}

/// A line without its end.
pub(super) fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}
