//! Rows about the weather: from named fields to a statement.

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::Zone;
use tidstro_model::{DEGREE_DAY_EXPONENT, Decimal, DegreeDays, StatedDegreeDays};

use super::field::Row;
use super::{FieldFault, MasterRowFault};

/// No month has so many degree days, in tenths: 31 days of 100 kelvin below the limit.
const MOST: i64 = 31_000;

/// A row of degree days. Both numbers empty withdraw what is known of the month; one alone says nothing.
pub(super) fn degree_days(row: &Row<'_>, zone: &Zone) -> Result<StatedDegreeDays, MasterRowFault> {
    let number = |text: &str| {
        let parsed = Decimal::parse(text.as_bytes()).ok();
        let tenths = parsed.and_then(|number| number.in_steps_of(DEGREE_DAY_EXPONENT));
        tenths.filter(|tenths| (0..=MOST).contains(tenths)).ok_or(FieldFault::DegreeDays)
    };
    let actual = row.read_if("degree_days", number)?;
    let normal = row.read_if("normal_degree_days", number)?;
    let days = match (actual, normal) {
        (Some(actual), Some(normal)) => Some(DegreeDays { actual, normal }),
        (None, None) => None,
        (None, Some(_)) => return Err(empty("degree_days")),
        (Some(_), None) => return Err(empty("normal_degree_days")),
    };
    Ok(StatedDegreeDays {
        area: row.read("area", |text| Ok(text.to_owned()))?,
        at: row.read("month", |text| month(text, zone))?,
        days,
    })
}

const fn empty(column: &'static str) -> MasterRowFault {
    MasterRowFault::Field { column, fault: FieldFault::Empty }
}

/// The first instant of a month, written as `2026-01`.
fn month(text: &str, zone: &Zone) -> Result<Timestamp, FieldFault> {
    let parts = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
    let first = parts.and_then(|(year, month)| Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok());
    first.map(|first| zone.day_start(first)).ok_or(FieldFault::NotMonth)
}
