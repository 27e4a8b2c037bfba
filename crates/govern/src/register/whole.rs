//! The text of a register: one file, or several as one.
//!
//! What comes in: names and texts of files. What goes out: one text, and the file, line and column of
//! each of its bytes. Never: a place outside the file that was named.

use super::RegisterFile;

/// The files as one text.
pub(super) struct Whole<'t> {
    text: String,
    files: Vec<Part<'t>>,
    line_starts: Vec<usize>,
}

/// One file in the whole.
struct Part<'t> {
    name: &'t str,
    start: usize,
    first_line: usize,
}

impl<'t> Whole<'t> {
    pub(super) fn of(files: &[RegisterFile<'t>]) -> Self {
        let mut text = String::new();
        let mut parts = Vec::new();
        for file in files {
            if !parts.is_empty() {
                text.push('\n');
            }
            parts.push(Part {
                name: file.name,
                start: text.len(),
                first_line: text.matches('\n').count() + 1,
            });
            text.push_str(file.text);
        }
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(after_breaks).collect();
        Self { text, files: parts, line_starts }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Each file's text, with its offset in the whole.
    pub(super) fn files(&self) -> impl Iterator<Item = (usize, &str)> {
        let ends = self.files.iter().skip(1).map(|next| next.start - 1).chain([self.text.len()]);
        self.files
            .iter()
            .zip(ends)
            .map(|(file, end)| (file.start, self.text.get(file.start..end).unwrap_or("")))
    }

    /// The first line of each file in the whole, counted from 1, and its name.
    pub(super) fn first_lines(&self) -> Vec<(u32, String)> {
        self.files.iter().map(|file| (count(file.first_line), file.name.to_owned())).collect()
    }

    /// File, line and column (in characters) of a byte offset, both counted from 1.
    pub(super) fn place(&self, at: usize) -> (&'t str, u32, u32) {
        let line = self.line_starts.partition_point(|&start| start <= at);
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied().unwrap_or(0);
        let before = self.text.get(start..at).map_or(0, |text| text.chars().count());
        let (name, first) = self.file_at(at);
        (name, count(line + 1 - first), count(before + 1))
    }

    /// The line of the whole, counted from 1: what nouns carry.
    pub(super) fn line(&self, at: usize) -> u32 {
        count(self.line_starts.partition_point(|&start| start <= at))
    }

    fn file_at(&self, at: usize) -> (&'t str, usize) {
        let file = self.files.iter().rev().find(|file| file.start <= at);
        file.map_or(("", 1), |file| (file.name, file.first_line))
    }
}

/// A count of lines or columns; a file of more than four billion lines is called that long.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
