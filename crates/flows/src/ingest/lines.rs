//! Lines of an input, without ever holding more than one long line.

use std::io::Read;

use crate::FlowFault;

/// Bytes read at once.
const CHUNK: usize = 1 << 20;
/// The longest line kept. What is longer is cut here, and refused by whoever parses it.
const LINE_LIMIT: usize = 64 * 1024;

/// A line, without its end.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u64,
    /// The line, cut after 64 KiB.
    pub bytes: &'a [u8],
    /// Bytes of the input up to the end of this line.
    pub read: u64,
}

/// Reads lines from an input in large chunks.
pub struct Lines<'a> {
    input: &'a mut (dyn Read + Send),
    name: String,
    buffer: Vec<u8>,
    /// The unread part of the buffer.
    start: usize,
    end: usize,
    at_end: bool,
    number: u64,
    read: u64,
    /// Where the line `peek` found ends in the buffer, and how far reading it goes on.
    found: Option<(usize, usize)>,
}

impl<'a> Lines<'a> {
    /// Lines of an input; `name` is for messages.
    pub fn new(input: &'a mut (dyn Read + Send), name: &str) -> Self {
        Self {
            input,
            name: name.to_owned(),
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            at_end: false,
            number: 0,
            read: 0,
            found: None,
        }
    }

    /// Name of the input, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next line, which stays the next.
    ///
    /// # Errors
    /// [`FlowFault::Input`] if the input cannot be read.
    pub fn peek(&mut self) -> Result<Option<Line<'_>>, FlowFault> {
        if self.found.is_none() {
            self.found = self.find_end()?;
        }
        let Some((end, after)) = self.found else { return Ok(None) };
        let bytes = self.buffer.get(self.start..end).unwrap_or_default();
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line { number: self.number + 1, bytes, read: self.read + (after - self.start) as u64 }))
    }

    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// [`FlowFault::Input`] if the input cannot be read.
    #[expect(
        clippy::should_implement_trait,
        reason = "a line borrows the buffer, which an iterator cannot lend"
    )]
    pub fn next(&mut self) -> Result<Option<Line<'_>>, FlowFault> {
        if self.found.is_none() {
            self.found = self.find_end()?;
        }
        let Some((end, after)) = self.found.take() else { return Ok(None) };
        let start = std::mem::replace(&mut self.start, after);
        self.number += 1;
        self.read += (after - start) as u64;
        let bytes = self.buffer.get(start..end).unwrap_or_default();
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line { number: self.number, bytes, read: self.read }))
    }

    /// End of the line at `start`, and start of the one after it.
    fn find_end(&mut self) -> Result<Option<(usize, usize)>, FlowFault> {
        let mut searched = 0;
        loop {
            let unread = self.buffer.get(self.start..self.end).unwrap_or_default();
            if let Some(length) = memchr::memchr(b'\n', unread.get(searched..).unwrap_or_default()) {
                let end = self.start + searched + length;
                return Ok(Some((end, end + 1)));
            }
            if unread.len() >= LINE_LIMIT {
                return self.skip_rest_of_line().map(Some);
            }
            searched = unread.len();
            if self.at_end {
                return Ok((searched > 0).then_some((self.end, self.end)));
            }
            self.fill()?;
        }
    }

    /// Drops the rest of a line that is too long and gives its first bytes.
    fn skip_rest_of_line(&mut self) -> Result<(usize, usize), FlowFault> {
        self.make_room();
        let cut = self.start + LINE_LIMIT;
        self.end = cut;
        let mut scratch = vec![0; CHUNK];
        loop {
            let count = self.read_some(&mut scratch)?;
            let dropped = scratch.get(..count).unwrap_or_default();
            if count == 0 {
                self.at_end = true;
                return Ok((cut, cut));
            }
            if let Some(newline) = memchr::memchr(b'\n', dropped) {
                let rest = dropped.get(newline + 1..).unwrap_or_default().to_vec();
                self.read += newline as u64 + 1;
                self.append(&rest);
                return Ok((cut, cut));
            }
            self.read += count as u64;
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.buffer.truncate(self.end);
        self.buffer.extend_from_slice(bytes);
        self.end = self.buffer.len();
        self.buffer.resize(self.buffer.len().max(self.end + CHUNK), 0);
    }

    /// Moves the unread part to the front.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }

    fn fill(&mut self) -> Result<(), FlowFault> {
        self.make_room();
        if self.buffer.len() - self.end < CHUNK / 2 {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let count = self.read_some(buffer.get_mut(self.end..).unwrap_or_default());
        self.buffer = buffer;
        let count = count?;
        self.end += count;
        self.at_end = count == 0;
        Ok(())
    }

    fn read_some(&mut self, into: &mut [u8]) -> Result<usize, FlowFault> {
        loop {
            match self.input.read(into) {
                Ok(count) => return Ok(count),
                Err(fault) if fault.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(FlowFault::Input { name: self.name.clone(), line: self.number, source });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut input = input;
        let mut lines = Lines::new(&mut input, "test");
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.number, line.bytes.to_vec()));
        }
        found
    }

    #[test]
    fn ends_of_lines_of_every_kind() {
        assert!(all(b"").is_empty());
        let expected = vec![(1, b"a".to_vec()), (2, b"".to_vec()), (3, b"b".to_vec())];
        assert_eq!(all(b"a\r\n\nb"), expected);
        assert_eq!(all(b"a\n\nb\n"), expected);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_whole() {
        for length in [LINE_LIMIT - 1, LINE_LIMIT, 300_000, 3 * CHUNK] {
            let mut input = vec![b'x'; length];
            input.extend_from_slice(b"\nshort\nlast");
            let lines = all(&input);
            assert_eq!(lines.len(), 3, "{length}");
            assert!(lines[0].1.len() <= length && lines[0].1.len() >= LINE_LIMIT.min(length));
            assert_eq!(lines[1], (2, b"short".to_vec()));
            assert_eq!(lines[2], (3, b"last".to_vec()));
        }
    }

    #[test]
    fn peeking_does_not_take() {
        let mut input: &[u8] = b"one\ntwo\n";
        let mut lines = Lines::new(&mut input, "test");
        assert_eq!(lines.peek().unwrap().unwrap().bytes, b"one");
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"one");
        let last = lines.next().unwrap().unwrap();
        assert_eq!((last.bytes, last.read), (b"two".as_slice(), 8));
        assert!(lines.peek().unwrap().is_none());
    }
}
