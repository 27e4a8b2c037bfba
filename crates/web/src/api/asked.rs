//! Parameters of an address, read once and checked.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use tidstro_model::{ActivityId, CategoryId, DayRange, Resolution};

use super::slip::{Slip, cut};
use crate::Web;
use crate::answered::Problem;

/// The longest text that names something.
const LONGEST: usize = 100;

/// The parameters after `?`. One that no field has, or that comes twice, is a slip: what was meant would be dropped in silence.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Web> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        let Query(asked) = read.map_err(|rejection| Slip::Query { said: rejection.body_text() })?;
        Ok(Self(asked))
    }
}

/// A local day.
pub(crate) fn day(name: &'static str, given: &str) -> Result<Date, Slip> {
    // A day and nothing else: the parser of dates would take an instant too, and drop its time.
    let fault = || Slip::Day { name, given: cut(given) };
    if given.len() == 10 { given.parse().map_err(|_| fault()) } else { Err(fault()) }
}

/// An instant with its offset (RFC 3339).
pub(crate) fn instant(name: &'static str, given: &str) -> Result<Timestamp, Slip> {
    given.parse().map_err(|_| Slip::Instant { name, given: cut(given) })
}

/// The local days from one to another; a side that is left out is open.
pub(crate) fn days(from: Option<&str>, to: Option<&str>) -> Result<DayRange, Slip> {
    let always = DayRange::always();
    let start = from.map(|given| day("from", given)).transpose()?.unwrap_or(always.start());
    let end = to.map(|given| day("to", given)).transpose()?.unwrap_or(always.end());
    Ok(DayRange::new(start, end)?)
}

/// A resolution by its code.
pub(crate) fn resolution(given: &str) -> Result<Resolution, Slip> {
    Resolution::from_code(given).ok_or_else(|| Slip::Resolution { given: cut(given) })
}

/// A purpose by its name in the register.
pub(crate) fn purpose(given: Option<&str>) -> Result<Option<ActivityId>, Slip> {
    let read =
        |given| ActivityId::parse(given).map_err(|_| Slip::Name { name: "purpose", given: cut(given) });
    given.map(read).transpose()
}

/// A category by its name in the register.
pub(crate) fn category(given: Option<&str>) -> Result<Option<CategoryId>, Slip> {
    let read =
        |given| CategoryId::parse(given).map_err(|_| Slip::Name { name: "category", given: cut(given) });
    given.map(read).transpose()
}

/// A text that names something, such as a metering point: one that a database can look up.
pub(crate) fn text(name: &'static str, given: Option<String>) -> Result<Option<String>, Slip> {
    let is_text = |given: &String| {
        !given.is_empty() && given.chars().count() <= LONGEST && !given.chars().any(char::is_control)
    };
    match given {
        Some(given) if !is_text(&given) => Err(Slip::Text { name }),
        given => Ok(given),
    }
}
