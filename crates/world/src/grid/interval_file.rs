//! The interval file as the head-end delivers it.
//!
//! What comes in: true hourly energy. What goes out: rows `metering_point;start;resolution;quantity_kwh;quality`,
//! grouped by local day, then by metering point: start in UTC with `Z`, quantity with three decimals. The
//! faults of the grid area are made here and nowhere else; the truth stays as it is.

use jiff::civil::Date;
use tidstro_model::Resolution;

use super::GridPoint;
use crate::facts::{GridFacts, Hours};
use crate::period::instant;
use crate::town::Town;

/// First line of an interval file.
pub(crate) const HEADER: &[u8] = b"metering_point;start;resolution;quantity_kwh;quality\n";

/// The spike, in Wh: more than the fuse of a house lets through.
const SPIKE_WH: i64 = 187_500;

/// The interval file, one item per local day; the first one begins with the header line.
pub struct IntervalDays<'a> {
    town: &'a Town,
    next_day: u32,
}

impl Iterator for IntervalDays<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let index = self.next_day;
        self.next_day += 1;
        (index < self.town.period.days()).then(|| self.town.interval_day(index))
    }
}

/// What the head-end says of one hour.
enum Delivered {
    Measured(i64),
    Estimated(i64),
    WithComma(i64),
    WrongCheckDigit(i64),
    Missing,
    Nothing,
}

impl Town {
    /// The interval file, local day by local day.
    #[must_use]
    pub fn interval_days(&self) -> IntervalDays<'_> {
        IntervalDays { town: self, next_day: 0 }
    }

    /// The whole interval file.
    #[must_use]
    pub fn interval_file(&self) -> Vec<u8> {
        self.interval_days().flatten().collect()
    }

    /// The rows of one local day.
    fn interval_day(&self, index: u32) -> Vec<u8> {
        let day = self.period.day(index);
        let hours = self.period.hours_of(day);
        let starts = slot_texts(self.period.start_of(index), hours, Resolution::PT1H);
        let mut out = Vec::with_capacity(self.grid_points.len() * starts.len() * 70);
        if index == 0 {
            out.extend_from_slice(HEADER);
        }
        for point in &self.grid_points {
            self.append_point_day(&mut out, point, index, day, &starts);
        }
        self.append_unknown_point(&mut out, day, &starts);
        out
    }

    fn append_point_day(
        &self,
        out: &mut Vec<u8>,
        point: &GridPoint,
        index: u32,
        day: Date,
        starts: &[Vec<u8>],
    ) {
        let gsrn = point.gsrn.to_string();
        for ((wh, start), slot) in self.hours_wh(point, index).into_iter().zip(starts).zip(0..) {
            append_delivered(out, &gsrn, start, &delivered(&self.facts.grid, point, day, slot, wh));
        }
    }

    /// The one row of a metering point nobody knows.
    fn append_unknown_point(&self, out: &mut Vec<u8>, day: Date, starts: &[Vec<u8>]) {
        let unknown = &self.facts.grid.unknown_point;
        for (start, slot) in starts.iter().zip(0..) {
            if unknown.contains(unknown.gsrn, day, slot) {
                append_delivered(out, &unknown.gsrn.to_string(), start, &Delivered::Measured(412));
            }
        }
    }
}

/// What the head-end makes of a true hour.
fn delivered(facts: &GridFacts, point: &GridPoint, day: Date, slot: u32, wh: i64) -> Delivered {
    let is = |hours: &Hours| hours.contains(point.gsrn, day, slot);
    match () {
        () if is(&facts.missing_marked) => Delivered::Missing,
        () if is(&facts.missing_absent) => Delivered::Nothing,
        () if is(&facts.estimated) => Delivered::Estimated(wh),
        () if is(&facts.negative) => Delivered::Measured(-wh),
        () if is(&facts.spike) => Delivered::Measured(SPIKE_WH),
        () if is(&facts.comma) => Delivered::WithComma(wh),
        () if is(&facts.wrong_check_digit) => Delivered::WrongCheckDigit(wh),
        () => Delivered::Measured(wh),
    }
}

/// One row, or none.
fn append_delivered(out: &mut Vec<u8>, gsrn: &str, start: &[u8], delivered: &Delivered) {
    match *delivered {
        Delivered::Measured(wh) => append_measured(out, gsrn.as_bytes(), start, wh),
        Delivered::Estimated(wh) => append_row(out, gsrn.as_bytes(), start, wh, b";estimated\n"),
        Delivered::WithComma(wh) => append_row_with_comma(out, gsrn, start, wh),
        Delivered::WrongCheckDigit(wh) => {
            append_measured(out, wrong_check_digit(gsrn).as_bytes(), start, wh);
        }
        Delivered::Missing => {
            out.extend_from_slice(gsrn.as_bytes());
            out.extend_from_slice(start);
            out.extend_from_slice(b";missing\n");
        }
        Delivered::Nothing => {}
    }
}

/// A row with quality `measured`.
pub(crate) fn append_measured(out: &mut Vec<u8>, gsrn: &[u8], start: &[u8], wh: i64) {
    append_row(out, gsrn, start, wh, b";measured\n");
}

fn append_row(out: &mut Vec<u8>, gsrn: &[u8], start: &[u8], wh: i64, end: &[u8]) {
    out.extend_from_slice(gsrn);
    out.extend_from_slice(start);
    append_kwh(out, wh);
    out.extend_from_slice(end);
}

fn append_row_with_comma(out: &mut Vec<u8>, gsrn: &str, start: &[u8], wh: i64) {
    let mut quantity = Vec::new();
    append_kwh(&mut quantity, wh);
    out.extend_from_slice(gsrn.as_bytes());
    out.extend_from_slice(start);
    out.extend(quantity.into_iter().map(|byte| if byte == b'.' { b',' } else { byte }));
    out.extend_from_slice(b";measured\n");
}

/// The number with its last digit one too high.
fn wrong_check_digit(gsrn: &str) -> String {
    let (body, last) = gsrn.split_at(gsrn.len().saturating_sub(1));
    let digit = last.parse().unwrap_or(0) + 1;
    format!("{body}{}", digit % 10)
}

/// The middle of a row for each interval of a day: `;2026-03-01T23:00:00Z;PT1H;`.
pub(crate) fn slot_texts(day_start: i64, slots: u32, resolution: Resolution) -> Vec<Vec<u8>> {
    let seconds = i64::from(resolution.seconds().unwrap_or(3600));
    let text = |slot: u32| {
        let start = instant(day_start + seconds * i64::from(slot));
        format!(";{start};{};", resolution.code()).into_bytes()
    };
    (0..slots).map(text).collect()
}

/// Watt hours as kilowatt hours with three decimals: `0.125`, `-0.040`.
fn append_kwh(out: &mut Vec<u8>, wh: i64) {
    let magnitude = wh.unsigned_abs();
    if wh < 0 {
        out.push(b'-');
    }
    append_whole(out, magnitude / 1000);
    let fraction = magnitude % 1000;
    out.extend_from_slice(&[b'.', digit(fraction / 100), digit(fraction / 10), digit(fraction)]);
}

/// A whole number without leading zeros.
fn append_whole(out: &mut Vec<u8>, number: u64) {
    if number >= 10 {
        append_whole(out, number / 10);
    }
    out.push(digit(number));
}

/// The last decimal digit of a number.
const fn digit(number: u64) -> u8 {
    b'0' + (number % 10).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_three_decimals() {
        for (wh, expected) in
            [(0, "0.000"), (125, "0.125"), (-40, "-0.040"), (187_500, "187.500"), (1_234_567, "1234.567")]
        {
            let mut out = Vec::new();
            append_kwh(&mut out, wh);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
