//! The head-end's interval file: one line in, one interval out.
//!
//! What comes in: lines of a file with the header `metering_point;start;resolution;quantity_kwh;quality`
//! and rows such as `571313154390359463;2025-03-30T00:00:00Z;PT1H;0.125;measured`, without their line
//! feed. What goes out: an [`IntervalRow`], or a [`RowFault`] that says which field is wrong and how. It
//! must never panic on any bytes, never guess (a comma, a local time, a fourth decimal are faults), and
//! never read an empty quantity as zero.

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_model::{CheckDigit, Gsrn, IdFault, Quality, Resolution};

const HEADER: &[u8] = b"metering_point;start;resolution;quantity_kwh;quality";
/// Digits of a quantity before the decimal point; with three decimals the value fits in 64 bits.
const WHOLE_DIGITS_MAX: usize = 15;

/// One interval of one metering point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalRow {
    /// The metering point.
    pub gsrn: Gsrn,
    /// First second of the interval, in Unix seconds. Whether an interval of the local day begins there is
    /// the calendar's to say.
    pub start_second: i64,
    /// Length of the interval: PT15M or PT1H.
    pub resolution: Resolution,
    /// Energy in watt hours; `None` exactly if the quality is missing. May be below zero: that is a finding
    /// of validation, not a fault of the row.
    pub value: Option<i64>,
    /// Quality.
    pub quality: Quality,
}

/// Why a line is not a row. No fault repeats the quantity, which belongs to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Not five columns.
    #[error(
        "row has {got} columns, expected 5; write `metering_point;start;resolution;quantity_kwh;quality`"
    )]
    Columns {
        /// Columns found.
        got: usize,
    },
    /// The metering point is no GSRN.
    #[error("field `metering_point` {0}")]
    MeteringPoint(#[source] IdFault),
    /// The start has another form than `2025-03-30T00:00:00Z`.
    #[error("field `start` is not an instant in UTC; write it as `2025-03-30T00:00:00Z`")]
    StartForm,
    /// The start has the right form but there is no such date or time, such as 31 February.
    #[error("field `start` names a date or time that does not exist; check month, day and clock time")]
    StartDate,
    /// The resolution is not one interval files have.
    #[error("field `resolution` is not known; write `PT15M` or `PT1H`")]
    Resolution,
    /// A character of the quantity is wrong.
    #[error(
        "field `quantity_kwh` character {position} is wrong; write digits with a decimal point, as `0.125`"
    )]
    QuantityForm {
        /// Position of the character, counted from 1; one past the end if the quantity ends too early.
        position: usize,
    },
    /// More than three decimals.
    #[error("field `quantity_kwh` has {got} decimals, at most 3 are kept; send watt hours exactly")]
    QuantityDecimals {
        /// Decimals found.
        got: usize,
    },
    /// More digits than any meter has.
    #[error("field `quantity_kwh` has {got} digits before the decimal point, at most 15 are read")]
    QuantityDigits {
        /// Digits found.
        got: usize,
    },
    /// No quantity, but a quality other than missing.
    #[error("field `quantity_kwh` is empty but the quality is `{quality}`; write `missing` or the quantity")]
    QuantityEmpty {
        /// The quality of the row.
        quality: Quality,
    },
    /// A quantity, but the quality missing.
    #[error(
        "field `quantity_kwh` has a value but the quality is `missing`; leave it empty or correct the quality"
    )]
    QuantityOfMissing,
    /// The quality is no word this program knows.
    #[error("field `quality` is not known; write `measured`, `estimated`, `missing` or `calculated`")]
    Quality,
}

impl RowFault {
    /// The fault as a short code, to count by.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Columns { .. } => "columns",
            Self::MeteringPoint(IdFault::CheckDigit { .. }) => "check-digit",
            Self::MeteringPoint(_) => "metering-point",
            Self::StartForm => "start-form",
            Self::StartDate => "start-date",
            Self::Resolution => "resolution",
            Self::QuantityForm { .. } => "quantity-form",
            Self::QuantityDecimals { .. } => "quantity-decimals",
            Self::QuantityDigits { .. } => "quantity-digits",
            Self::QuantityEmpty { .. } => "quantity-empty",
            Self::QuantityOfMissing => "quantity-of-missing",
            Self::Quality => "quality",
        }
    }

    /// The field at fault, as the header names it; `None` if the row has not five.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Columns { .. } => None,
            Self::MeteringPoint(_) => Some("metering_point"),
            Self::StartForm | Self::StartDate => Some("start"),
            Self::Resolution => Some("resolution"),
            Self::Quality => Some("quality"),
            _ => Some("quantity_kwh"),
        }
    }
}

/// A first line that is meant as the header of an interval file and is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "header is not the one of interval data; write `metering_point;start;resolution;quantity_kwh;quality`, in this order and with `;`: no row of the file was read"
)]
pub struct WrongHeader;

/// Whether the line is the header of an interval file. A carriage return at the end does not matter, nor the byte order mark
/// that spreadsheets write at the begin of a file.
#[must_use]
pub fn is_header(line: &[u8]) -> bool {
    meant(line) == HEADER
}

/// The fault of a line that begins as the header of an interval file does and goes on otherwise: other columns, another
/// separator, quotes, capitals. Telegrams do not begin so.
#[must_use]
pub fn wrong_header(line: &[u8]) -> Option<WrongHeader> {
    const FIRST: &[u8] = b"metering_point";
    let meant = meant(line);
    let unquoted = meant.strip_prefix(b"\"").unwrap_or(meant);
    let begins = unquoted.get(..FIRST.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(FIRST));
    (begins && meant != HEADER).then_some(WrongHeader)
}

/// A header without what editors put around it.
fn meant(line: &[u8]) -> &[u8] {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    without_carriage_return(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line))
}

/// Reads rows, one after the other. Most rows of a file are of the point and the date of the row before: those are read
/// once.
#[derive(Debug, Clone)]
pub struct RowReader {
    check: CheckDigit,
    point: Option<([u8; 18], Gsrn)>,
    /// The text of a date, and its first second.
    date: Option<([u8; 10], i64)>,
}

impl RowReader {
    /// A reader that has read nothing yet.
    #[must_use]
    pub const fn new(check: CheckDigit) -> Self {
        Self { check, point: None, date: None }
    }

    /// Reads one row, without its line feed. A carriage return at the end does not matter.
    ///
    /// # Errors
    /// [`RowFault`] for the first field, from left to right, that is wrong; the quality is looked at before the
    /// quantity, which depends on it.
    #[inline]
    pub fn row(&mut self, line: &[u8]) -> Result<IntervalRow, RowFault> {
        let [point, start, resolution, quantity, quality] = columns(without_carriage_return(line))?;
        let gsrn = self.point(point)?;
        let start_second = self.start(start)?;
        let resolution = parse_resolution(resolution)?;
        let quality = parse_quality(quality)?;
        let value = parse_quantity(quantity, quality)?;
        Ok(IntervalRow { gsrn, start_second, resolution, value, quality })
    }

    #[inline]
    fn point(&mut self, text: &[u8]) -> Result<Gsrn, RowFault> {
        match self.point {
            Some((known, gsrn)) if known == text => Ok(gsrn),
            _ => {
                let gsrn = Gsrn::parse(text, self.check).map_err(RowFault::MeteringPoint)?;
                self.point = text.try_into().ok().map(|text| (text, gsrn));
                Ok(gsrn)
            }
        }
    }

    /// Reads `YYYY-MM-DDTHH:MM:SSZ` as Unix seconds.
    #[inline]
    fn start(&mut self, text: &[u8]) -> Result<i64, RowFault> {
        let (date, clock) = text.split_first_chunk::<10>().ok_or(RowFault::StartForm)?;
        if let Some((known, midnight)) = self.date
            && known == *date
        {
            return Ok(midnight + parse_clock(clock)?);
        }
        let numbers = date_numbers(date)?;
        let second = parse_clock(clock)?;
        let midnight = midnight_of(numbers)?;
        self.date = Some((*date, midnight));
        Ok(midnight + second)
    }
}

/// Reads one row as [`RowReader::row`] does the first.
///
/// # Errors
/// As [`RowReader::row`].
pub fn parse_row(line: &[u8], check: CheckDigit) -> Result<IntervalRow, RowFault> {
    RowReader::new(check).row(line)
}

fn without_carriage_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[inline]
fn columns(line: &[u8]) -> Result<[&[u8]; 5], RowFault> {
    let wrong_number = || RowFault::Columns { got: line.split(|byte| *byte == b';').count() };
    let mut rest = line;
    let mut column = || {
        let (column, after) = rest.split_at_checked(memchr::memchr(b';', rest)?)?;
        rest = after.get(1..)?;
        Some(column)
    };
    let four = (column(), column(), column(), column());
    match (four, memchr::memchr(b';', rest)) {
        ((Some(a), Some(b), Some(c), Some(d)), None) => Ok([a, b, c, d, rest]),
        _ => Err(wrong_number()),
    }
}

/// Reads `YYYY-MM-DD` as numbers.
#[inline]
fn date_numbers(text: &[u8; 10]) -> Result<(i16, i8, i8), RowFault> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return Err(RowFault::StartForm) };
    if [y1, y2, y3, y4, m1, m2, d1, d2].iter().any(|digit| !digit.is_ascii_digit()) {
        return Err(RowFault::StartForm);
    }
    Ok((i16::from(two(y1, y2)) * 100 + i16::from(two(y3, y4)), two(m1, m2), two(d1, d2)))
}

/// The first second of a day.
fn midnight_of((year, month, day): (i16, i8, i8)) -> Result<i64, RowFault> {
    let day = Date::new(year, month, day).map_err(|_| RowFault::StartDate)?;
    Ok(i64::from(epoch_day(day)) * 86_400)
}

/// Reads `THH:MM:SSZ` as seconds since midnight.
#[inline]
fn parse_clock(text: &[u8]) -> Result<i64, RowFault> {
    let &[b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = text else { return Err(RowFault::StartForm) };
    if [h1, h2, n1, n2, s1, s2].iter().any(|digit| !digit.is_ascii_digit()) {
        return Err(RowFault::StartForm);
    }
    let (hour, minute, second) = (two(h1, h2), two(n1, n2), two(s1, s2));
    // A leap second has no place of its own in Unix time and none in an interval file.
    if hour > 23 || minute > 59 || second > 59 {
        return Err(RowFault::StartDate);
    }
    Ok(i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

/// Two ASCII digits as a number.
const fn two(tens: u8, ones: u8) -> i8 {
    ((tens - b'0') * 10 + (ones - b'0')).cast_signed()
}

#[inline]
fn parse_resolution(text: &[u8]) -> Result<Resolution, RowFault> {
    match text {
        b"PT1H" => Ok(Resolution::PT1H),
        b"PT15M" => Ok(Resolution::PT15M),
        _ => Err(RowFault::Resolution),
    }
}

#[inline]
fn parse_quality(text: &[u8]) -> Result<Quality, RowFault> {
    match text {
        b"measured" => Ok(Quality::Measured),
        b"estimated" => Ok(Quality::Estimated),
        b"missing" => Ok(Quality::Missing),
        b"calculated" => Ok(Quality::Calculated),
        _ => Err(RowFault::Quality),
    }
}

/// Reads kilowatt hours with at most three decimals as watt hours.
#[inline]
fn parse_quantity(text: &[u8], quality: Quality) -> Result<Option<i64>, RowFault> {
    match (text.is_empty(), quality) {
        (true, Quality::Missing) => return Ok(None),
        (true, _) => return Err(RowFault::QuantityEmpty { quality }),
        (false, Quality::Missing) => return Err(RowFault::QuantityOfMissing),
        (false, _) => {}
    }
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let watt_hours = parse_magnitude(digits).map_err(|fault| shifted(fault, usize::from(negative)))?;
    Ok(Some(if negative { -watt_hours } else { watt_hours }))
}

/// Reads `digits` or `digits.digits`.
#[inline]
fn parse_magnitude(text: &[u8]) -> Result<i64, RowFault> {
    let (mut number, mut whole) = (0_i64, 0);
    let mut bytes = text.iter();
    for byte in bytes.by_ref() {
        match byte {
            b'0'..=b'9' if whole < WHOLE_DIGITS_MAX => number = number * 10 + i64::from(byte - b'0'),
            b'0'..=b'9' => return Err(too_many_digits(text)),
            b'.' if whole > 0 => return parse_decimals(number, whole + 1, bytes.as_slice()),
            _ => return Err(RowFault::QuantityForm { position: whole + 1 }),
        }
        whole += 1;
    }
    if whole == 0 { Err(RowFault::QuantityForm { position: 1 }) } else { Ok(number * 1000) }
}

/// Reads the decimals after `before` characters.
#[inline]
fn parse_decimals(whole: i64, before: usize, decimals: &[u8]) -> Result<i64, RowFault> {
    let wrong = decimals.iter().position(|byte| !byte.is_ascii_digit());
    if let Some(index) = wrong.or(decimals.is_empty().then_some(0)) {
        return Err(RowFault::QuantityForm { position: before + index + 1 });
    }
    let scale = match decimals.len() {
        1 => 100,
        2 => 10,
        3 => 1,
        got => return Err(RowFault::QuantityDecimals { got }),
    };
    let fraction = decimals.iter().fold(0, |number, byte| number * 10 + i64::from(byte - b'0'));
    Ok(whole * 1000 + fraction * scale)
}

#[cold]
fn too_many_digits(text: &[u8]) -> RowFault {
    RowFault::QuantityDigits { got: text.iter().take_while(|byte| byte.is_ascii_digit()).count() }
}

/// The fault with positions counted from the sign on.
fn shifted(fault: RowFault, sign: usize) -> RowFault {
    match fault {
        RowFault::QuantityForm { position } => RowFault::QuantityForm { position: position + sign },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROW: &str = "571313154390359463;2025-03-30T00:00:00Z;PT1H;0.125;measured";

    fn parse(row: &str) -> Result<IntervalRow, RowFault> {
        parse_row(row.as_bytes(), CheckDigit::Required)
    }

    /// The row with one of its five columns replaced.
    fn with(column: usize, text: &str) -> Result<IntervalRow, RowFault> {
        let mut columns: Vec<&str> = ROW.split(';').collect();
        columns[column] = text;
        parse(&columns.join(";"))
    }

    #[test]
    fn a_row_is_read() {
        let row = parse(ROW).unwrap();
        assert_eq!(row.gsrn.to_string(), "571313154390359463");
        assert_eq!(row.start_second, 1_743_292_800);
        assert_eq!((row.resolution, row.quality), (Resolution::PT1H, Quality::Measured));
        assert_eq!(row.value, Some(125));
        assert_eq!(parse(&format!("{ROW}\r")), Ok(row));
    }

    #[test]
    fn the_header_is_known() {
        assert!(is_header(b"metering_point;start;resolution;quantity_kwh;quality\r"));
        assert!(is_header(b"\xef\xbb\xbfmetering_point;start;resolution;quantity_kwh;quality"));
        assert!(!is_header(ROW.as_bytes()) && !is_header(b""));
    }

    #[test]
    fn a_header_that_is_nearly_right_is_told_from_no_header() {
        for near in [
            "metering_point,start,resolution,quantity_kwh,quality",
            "metering_point;start;resolution;quantity_kwh;quality;source",
            "\"metering_point\";\"start\"",
            "Metering_Point;start;resolution;quantity_kwh;quality",
            "\u{feff}metering_point_id;start",
        ] {
            assert_eq!(wrong_header(near.as_bytes()), Some(WrongHeader), "{near}");
        }
        for none in [
            ROW,
            "",
            "metering",
            "14442D2C785634121B07",
            "metering_point;start;resolution;quantity_kwh;quality\r",
        ] {
            assert_eq!(wrong_header(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn quantities_are_watt_hours() {
        for (text, value) in [
            ("0", 0),
            ("1", 1000),
            ("1.5", 1500),
            ("0.02", 20),
            ("12.345", 12_345),
            ("-0.001", -1),
            ("-0", 0),
        ] {
            assert_eq!(with(3, text).unwrap().value, Some(value), "{text}");
        }
        assert_eq!(with(3, "999999999999999.999").unwrap().value, Some(999_999_999_999_999_999));
    }

    #[test]
    fn quantities_that_are_none_are_refused() {
        let form = |position| RowFault::QuantityForm { position };
        for (text, fault) in [
            ("", RowFault::QuantityEmpty { quality: Quality::Measured }),
            ("0,125", form(2)),
            ("NaN", form(1)),
            ("+1", form(1)),
            ("-", form(2)),
            (".5", form(1)),
            ("-.5", form(2)),
            ("1.", form(3)),
            ("1.2.3", form(4)),
            ("1e3", form(2)),
            (" 1", form(1)),
            ("0.1000", RowFault::QuantityDecimals { got: 4 }),
            ("1000000000000000", RowFault::QuantityDigits { got: 16 }),
        ] {
            assert_eq!(with(3, text), Err(fault), "{text}");
        }
    }

    #[test]
    fn missing_has_no_quantity() {
        let row = parse("571313154390359463;2025-03-30T00:00:00Z;PT15M;;missing").unwrap();
        assert_eq!((row.value, row.quality, row.resolution), (None, Quality::Missing, Resolution::PT15M));
        assert_eq!(with(4, "missing"), Err(RowFault::QuantityOfMissing));
        assert_eq!(with(4, "estimated").unwrap().quality, Quality::Estimated);
        assert_eq!(with(4, "Measured"), Err(RowFault::Quality));
    }

    #[test]
    fn starts_are_instants_in_utc() {
        assert_eq!(with(1, "1969-12-31T23:59:59Z").unwrap().start_second, -1);
        assert_eq!(with(1, "2024-02-29T12:34:56Z").unwrap().start_second, 1_709_210_096);
        for text in
            ["2025-02-31T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T24:00:00Z", "2016-12-31T23:59:60Z"]
        {
            assert_eq!(with(1, text), Err(RowFault::StartDate), "{text}");
        }
        for text in [
            "2025-03-30T00:00:00+01:00",
            "2025-03-30T00:00Z",
            "2025-03-30 00:00:00Z",
            "2025-0x-30T00:00:00Z",
            "",
        ] {
            assert_eq!(with(1, text), Err(RowFault::StartForm), "{text}");
        }
    }

    #[test]
    fn other_fields_are_checked() {
        let check_digit = IdFault::CheckDigit { expected: 3, got: 4 };
        assert_eq!(with(0, "571313154390359464"), Err(RowFault::MeteringPoint(check_digit)));
        let ignored = ROW.replacen("463;", "464;", 1);
        assert!(parse_row(ignored.as_bytes(), CheckDigit::Ignored).is_ok());
        assert_eq!(with(2, "P1D"), Err(RowFault::Resolution));
        assert_eq!(parse(""), Err(RowFault::Columns { got: 1 }));
        assert_eq!(parse("a;b;c"), Err(RowFault::Columns { got: 3 }));
        assert_eq!(with(4, "measured;"), Err(RowFault::Columns { got: 6 }));
    }

    #[test]
    fn faults_name_field_and_kind() {
        let fault = with(3, "0,125").unwrap_err();
        assert_eq!((fault.field(), fault.kind()), (Some("quantity_kwh"), "quantity-form"));
        assert!(fault.to_string().contains("character 2"), "{fault}");
        let fault = with(0, "57").unwrap_err();
        assert_eq!((fault.field(), fault.kind()), (Some("metering_point"), "metering-point"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_row_or_a_fault(line in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse_row(&line, CheckDigit::Ignored);
        }

        #[test]
        fn changed_rows_are_a_row_or_a_fault(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut line = ROW.as_bytes().to_vec();
            line[at.index(ROW.len())] = byte;
            if let Ok(row) = parse_row(&line, CheckDigit::Ignored) {
                prop_assert_eq!(row.value.is_none(), row.quality == Quality::Missing);
            }
            line.truncate(cut.index(ROW.len()));
            prop_assert!(parse_row(&line, CheckDigit::Ignored).is_err());
        }

        #[test]
        fn rows_before_change_nothing(
            changes in prop::collection::vec((0..ROW.len(), prop::sample::select(&b"0123456789;:-TZ"[..])), 1..40),
        ) {
            let mut reader = RowReader::new(CheckDigit::Ignored);
            for (at, byte) in changes {
                let mut line = ROW.as_bytes().to_vec();
                line[at] = byte;
                prop_assert_eq!(reader.row(&line), parse_row(&line, CheckDigit::Ignored));
                prop_assert_eq!(reader.row(ROW.as_bytes()), parse_row(ROW.as_bytes(), CheckDigit::Ignored));
            }
        }

        #[test]
        fn values_are_read_exactly(value in -999_999_999_999_999_999_i64..=999_999_999_999_999_999) {
            let text = tidstro_model::Decimal::new(value, -3).to_string();
            prop_assert_eq!(with(3, &text).unwrap().value, Some(value));
        }

        #[test]
        fn starts_are_read_exactly(second in 0_i64..10_000_000_000) {
            let text = jiff::Timestamp::from_second(second).unwrap().to_string();
            prop_assert_eq!(with(1, &text).unwrap().start_second, second);
        }
    }
}
