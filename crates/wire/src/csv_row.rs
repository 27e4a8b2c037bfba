//! Fields of one line of a CSV file (RFC 4180), read by `csv-core`: the one place that knows quotes.
//!
//! What comes in: a line without its end, and the separator; or, where a kind of file lets a row go on, several lines with what is
//! between them. What goes out: the fields with where they stand. Never: more lines than it was given, so that whoever asks knows in
//! which line of the file a fault is.

use std::borrow::Cow;
use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder, Terminator};
use zeroize::Zeroizing;

/// One field of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvField<'t> {
    /// What it says: without its quotes, two quotes inside as one, and without the space around it; space in quotes stays. A copy only
    /// where quotes were doubled or stand beside other text.
    pub text: Cow<'t, str>,
    /// Where it stands in the line as written, without the space around it: bytes from 0.
    pub place: Range<usize>,
}

/// A quote that was opened and not closed before the line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the quote that opens column {column} is not closed on its line; close it, or write the line without it"
)]
pub struct OpenQuote {
    /// The column, from 1.
    pub column: usize,
}

/// Reads the fields of a line. A field in quotes may hold the separator, a line break, and two quotes for one. An empty line has one
/// empty field.
///
/// # Errors
/// [`OpenQuote`].
///
/// ```
/// let fields = tidstro_wire::csv_fields("5713;\"moved; see note\"", b';')?;
/// assert_eq!(fields[1].text, "moved; see note");
/// # Ok::<(), tidstro_wire::OpenQuote>(())
/// ```
pub fn csv_fields(line: &str, separator: u8) -> Result<Vec<CsvField<'_>>, OpenQuote> {
    // A line has line feeds inside quotes at most, so a carriage return alone ends nothing.
    let mut reader = ReaderBuilder::new().delimiter(separator).terminator(Terminator::Any(b'\n')).build();
    // The line may hold a key.
    let mut unquoted = Zeroizing::new(vec![0; line.len()]);
    let (mut fields, mut start) = (Vec::new(), 0);
    loop {
        start += space_before_quote(line, start);
        let read = field(&mut reader, line.as_bytes().get(start..).unwrap_or_default(), &mut unquoted);
        let Some(Read { length, unquoted, is_last }) = read else {
            return Err(OpenQuote { column: fields.len() + 1 });
        };
        fields.push(field_of(line, start..start + length, unquoted));
        if is_last {
            return Ok(fields);
        }
        start += length + 1;
    }
}

/// One field as `csv-core` reads it.
struct Read<'b> {
    /// Bytes of it, as written.
    length: usize,
    /// The same without quotes.
    unquoted: &'b [u8],
    /// Whether the line ends with it.
    is_last: bool,
}

/// The next field; `None` if its quote stays open.
fn field<'b>(reader: &mut Reader, rest: &[u8], into: &'b mut [u8]) -> Option<Read<'b>> {
    if rest.is_empty() {
        return Some(Read { length: 0, unquoted: &[], is_last: true });
    }
    let (found, taken, mut written) = reader.read_field(rest, into);
    if let ReadFieldResult::Field { record_end } = found {
        return Some(Read {
            length: taken.saturating_sub(1),
            unquoted: into.get(..written)?,
            is_last: record_end,
        });
    }
    // The line is read. The end of a line ends a field, but not inside quotes.
    let (found, _, more) = reader.read_field(b"\n", into.get_mut(written..)?);
    written += more;
    let is_closed = matches!(found, ReadFieldResult::Field { .. });
    is_closed.then_some(Read { length: taken, unquoted: into.get(..written)?, is_last: true })
}

/// How many bytes of space stand before a quote: `; "a"` is a quoted field for people.
fn space_before_quote(line: &str, start: usize) -> usize {
    let rest = line.get(start..).unwrap_or_default();
    let trimmed = rest.trim_start_matches(' ');
    if trimmed.starts_with('"') { rest.len() - trimmed.len() } else { 0 }
}

fn field_of<'t>(line: &'t str, range: Range<usize>, unquoted: &[u8]) -> CsvField<'t> {
    let raw = line.get(range.clone()).unwrap_or_default();
    let start = range.start + (raw.len() - raw.trim_start().len());
    let written = raw.trim();
    let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // Only quotes are left out of a text, so it stays one.
    let unquoted = std::str::from_utf8(unquoted).unwrap_or_default();
    let unquoted = if raw.starts_with('"') { without_space_after(unquoted, raw) } else { unquoted.trim() };
    let slice = [Some(written), inner].into_iter().flatten().find(|slice| *slice == unquoted);
    let text = slice.map_or_else(|| Cow::Owned(unquoted.to_owned()), Cow::Borrowed);
    CsvField { text, place: start..start + written.len() }
}

/// A quoted text without the space that stands behind its quotes.
fn without_space_after<'t>(unquoted: &'t str, raw: &str) -> &'t str {
    let behind = raw.len() - raw.trim_end().len();
    unquoted.get(..unquoted.len().saturating_sub(behind)).unwrap_or(unquoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        csv_fields(line, b';').unwrap().into_iter().map(|field| field.text.into_owned()).collect()
    }

    #[test]
    fn quotes_hold_separators_and_quotes() {
        for (line, fields) in [
            ("", &[""][..]),
            (";", &["", ""]),
            ("a;b", &["a", "b"]),
            (" a ; b;", &["a", "b", ""]),
            ("\"a;b\";c", &["a;b", "c"]),
            ("\"\";c", &["", "c"]),
            ("a; \"b;c\" ;d", &["a", "b;c", "d"]),
            ("\"a \"\"b\"\" c\"", &["a \"b\" c"]),
            ("a\"b;c", &["a\"b", "c"]),
            ("æ;\"ø;å\"", &["æ", "ø;å"]),
            ("a\rb;c", &["a\rb", "c"]),
            ("\" a \" ; b ", &[" a ", "b"]),
            ("\"a\" b ;c", &["a b", "c"]),
            ("\"a\nb\r\n;c\";d", &["a\nb\r\n;c", "d"]),
        ] {
            assert_eq!(texts(line), fields, "{line}");
        }
    }

    #[test]
    fn places_are_those_of_the_line() {
        let line = "a;  \"b;c\" ; d ";
        let fields = csv_fields(line, b';').unwrap();
        let places: Vec<&str> = fields.iter().map(|field| &line[field.place.clone()]).collect();
        assert_eq!(places, ["a", "\"b;c\"", "d"]);
        assert!(fields.iter().all(|field| matches!(field.text, Cow::Borrowed(_))));
    }

    #[test]
    fn a_quote_ends_on_its_line() {
        assert_eq!(csv_fields("a;\"b;c", b';'), Err(OpenQuote { column: 2 }));
        assert_eq!(csv_fields("\"", b';'), Err(OpenQuote { column: 1 }));
        assert_eq!(csv_fields("a;\"b\"\"", b';'), Err(OpenQuote { column: 2 }));
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_reads_as_it_was(fields in proptest::collection::vec("[a-z;\", æ\r\n\t]{0,8}", 1..6)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = fields.iter().map(quoted).collect::<Vec<_>>().join(";");
            proptest::prop_assert_eq!(texts(&line), fields);
        }

        #[test]
        fn any_line_is_fields_or_a_fault(line in "[\\PC;,\"\r ]{0,40}") {
            if let Ok(fields) = csv_fields(&line, b';') {
                proptest::prop_assert!(fields.iter().all(|field| line.get(field.place.clone()).is_some()));
            }
        }
    }
}
