//! The rows of files of master data, some thousand at a time.
//!
//! What comes in: files. They are read once to find their faults and where their rows lie, and then a second time piece by piece.
//! What goes out: pieces for the store, and what became of each file. Never: all rows at once.

use sha2::{Digest as _, Sha256};
use tidstro_calendar::Zone;
use tidstro_metering::master_file::{MasterFileFault, MasterRowFault, MasterRowReader};
use tidstro_model::MasterRow;
use tidstro_store::{ImportSoFar, MasterFileRead, MasterImport, MasterRowRead};

use super::import::{MasterFileLine, MasterImportHow, MasterLine, RefusedLine};
use super::row_index::{RowAt, RowIndex, tell_ahead};
use super::source::{Lines, MasterSource, without_end};
use crate::{FlowFault, Workspace};

/// Files whose rows are known by their places.
pub(super) struct MasterRows<'a> {
    zone: &'a Zone,
    how: MasterImportHow,
    files: Vec<Lines>,
    reads: Vec<MasterFileRead>,
    lines: Vec<MasterFileLine>,
    index: RowIndex,
    so_far: ImportSoFar,
}

impl<'a> MasterRows<'a> {
    /// Reads the files for the first time.
    pub(super) fn read(
        workspace: &'a Workspace,
        sources: Vec<MasterSource>,
        how: MasterImportHow,
    ) -> Result<Self, FlowFault> {
        let (files, reads, lines) = (Vec::new(), Vec::new(), Vec::new());
        let (index, so_far) = (RowIndex::default(), ImportSoFar::default());
        let mut rows = Self { zone: workspace.zone(), how, files, reads, lines, index, so_far };
        for (number, source) in (0..).zip(sources) {
            rows.read_file(number, source)?;
        }
        rows.index.order();
        Ok(rows)
    }

    /// What the first piece must know of the others.
    pub(super) fn so_far(&mut self) -> ImportSoFar {
        std::mem::take(&mut self.so_far)
    }

    /// The files, without what became of their rows.
    pub(super) fn files(&self) -> &[MasterFileLine] {
        &self.lines
    }

    /// What became of each file.
    pub(super) fn into_files(self, so_far: &ImportSoFar) -> Vec<MasterFileLine> {
        let mut lines = self.lines;
        for ((number, line), read) in lines.iter_mut().enumerate().zip(&self.reads) {
            let counts = so_far.counts_of(number);
            (line.added, line.retired) = (counts.added, counts.retired);
            line.refused_rows = read.unread + counts.refused;
        }
        lines
    }

    fn read_file(&mut self, number: u16, source: MasterSource) -> Result<(), FlowFault> {
        let mut line = MasterFileLine { name: source.name.clone(), ..MasterFileLine::default() };
        let mut file = Lines::of(source);
        let (before, ahead) = (self.index.len(), self.so_far.clone());
        let mut first =
            FirstReading { hash: Sha256::new(), bytes: Vec::new(), line: 0, marked: 0, unread: 0 };
        let read = self.read_lines(number, &mut file, &mut first);
        match read.map_err(|source| file.unreadable(first.line.into(), source))? {
            Ok(()) => line.rows = (self.index.len() - before) as u64,
            Err(fault) => {
                self.index.truncate(before);
                self.so_far = ahead;
                (line.fault, file.reader, first.unread) = (Some(fault), None, 0);
            }
        }
        line.about = file.reader.as_ref().map(|reader| reader.kind().word());
        let (name, hash) = (line.name.clone(), first.hash.finalize().into());
        self.reads.push(MasterFileRead { name, hash, rows: line.rows, unread: first.unread });
        self.lines.push(line);
        self.files.push(file);
        Ok(())
    }

    /// Reads every line for the first time; the fault of the file, if it has one.
    fn read_lines(
        &mut self,
        number: u16,
        file: &mut Lines,
        first: &mut FirstReading,
    ) -> Result<Result<(), MasterFileFault>, std::io::Error> {
        let mut fault = None;
        loop {
            let at = file.at();
            if !first.next(file)? {
                break;
            }
            let line = first.line;
            first.go_on(file)?;
            let text = match first.text(at) {
                Ok(text) => text,
                // It counts before what may be wrong with the header, and its bytes are hashed to the end.
                Err(no_text) => {
                    fault = fault.filter(MasterFileFault::is_no_text).or(Some(no_text));
                    continue;
                }
            };
            if fault.is_some() || text.is_empty() || text.starts_with('#') {
                continue;
            }
            match &file.reader {
                None => match MasterRowReader::of_header(text) {
                    Ok(reader) => file.reader = Some(reader),
                    Err(not_one) => fault = Some(not_one),
                },
                Some(reader) => {
                    let row = reader.read(text, self.zone, self.how.check).ok();
                    row.iter().for_each(|row| tell_ahead(&mut self.so_far, row));
                    self.index.add((number, at, line), row.as_ref());
                    first.unread += u64::from(row.is_none());
                }
            }
        }
        let empty = file.reader.is_none().then_some(MasterFileFault::Empty);
        Ok(fault.or(empty).map_or(Ok(()), Err))
    }

    /// Reads the next piece; tells the rows in it that say nothing. And whether it is the last one.
    pub(super) fn next_piece(
        &mut self,
        tell: &mut (dyn FnMut(MasterLine) + Send),
    ) -> Result<(MasterImport, bool), FlowFault> {
        let (places, is_last) = self.index.next_piece(self.how.piece_rows);
        let mut import = MasterImport { files: self.reads.clone(), rows: Vec::with_capacity(places.len()) };
        let mut bytes = Vec::new();
        for place in places {
            let (file, line) = (usize::from(place.file), u64::from(place.line));
            match self.row_at(place, &mut bytes)? {
                Some(Ok(row)) => import.rows.push(MasterRowRead { file, line, row }),
                Some(Err(fault)) => {
                    let (column, reason) = (fault.column(), fault.to_string());
                    tell(MasterLine::Refused(file, RefusedLine { line, column, reason }));
                }
                None => {}
            }
        }
        Ok((import, is_last))
    }

    /// What a row says; `None` if its file has none.
    fn row_at(
        &mut self,
        place: RowAt,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<Result<MasterRow, MasterRowFault>>, FlowFault> {
        let Some(file) = self.files.get_mut(usize::from(place.file)) else { return Ok(None) };
        let read = file.row_at(place.at, bytes);
        read.map_err(|source| file.unreadable(place.line.into(), source))?;
        // It was text a moment ago.
        let text = std::str::from_utf8(bytes).map_err(|source| {
            file.unreadable(place.line.into(), std::io::Error::new(std::io::ErrorKind::InvalidData, source))
        })?;
        let Some(reader) = &file.reader else { return Ok(None) };
        Ok(Some(reader.read(without_end(text), self.zone, self.how.check)))
    }
}

/// The first reading of a file, as far as it has come.
struct FirstReading {
    hash: Sha256,
    bytes: Vec<u8>,
    /// The last line read, counted from 1.
    line: u32,
    /// How many bytes mark the beginning of the file and are no text.
    marked: u64,
    /// Rows that say nothing.
    unread: u64,
}

/// What may stand before the text of a file.
const MARK: &[u8] = b"\xEF\xBB\xBF";

impl FirstReading {
    fn next(&mut self, file: &mut Lines) -> Result<bool, std::io::Error> {
        let is_there = file.next(&mut self.bytes)?;
        self.hash.update(&self.bytes);
        self.line = self.line.saturating_add(1);
        if self.line == 1 && self.bytes.starts_with(MARK) {
            self.marked = MARK.len() as u64;
            self.bytes.drain(..MARK.len());
        }
        Ok(is_there)
    }

    /// Reads the rest of a row that has more than one line.
    fn go_on(&mut self, file: &mut Lines) -> Result<(), std::io::Error> {
        let hashed = self.bytes.len();
        self.line = self.line.saturating_add(file.go_on(&mut self.bytes)?);
        self.hash.update(self.bytes.get(hashed..).unwrap_or_default());
        Ok(())
    }

    /// The row that began at a place.
    fn text(&self, at: u64) -> Result<&str, MasterFileFault> {
        let begins = if self.line == 1 { 0 } else { at - self.marked };
        let no_text = |fault: std::str::Utf8Error| MasterFileFault::NoText {
            byte: usize::try_from(begins).unwrap_or(usize::MAX).saturating_add(fault.valid_up_to()),
        };
        std::str::from_utf8(&self.bytes).map(without_end).map_err(no_text)
    }
}
