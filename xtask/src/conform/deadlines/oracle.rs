//! Working calendars of an oracle against the shipped ones.
//!
//! What comes in: the holidays of an input, or of every year of a file. What goes out: a check that the
//! shipped calendar computes the same days for those years, and a calendar of exactly the input's days.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use tidstro_calendar::{WorkingCalendar, easter_sunday};

use super::super::checks::{Checks, list, text};

/// The shipped calendar an oracle means by a name.
fn shipped(name: &str) -> Option<&'static WorkingCalendar> {
    // The oracle calls the holidays all German states share federal.
    WorkingCalendar::shipped(if name == "de-federal" { "de-working" } else { name })
}

/// The shipped calendar an input names. That its holidays are the input's is a check of its own.
pub(super) fn calendar_of(given: &Json) -> Result<WorkingCalendar, String> {
    let name = text(given, "name")?;
    shipped(name).cloned().ok_or_else(|| format!("calendar `{name}` is unknown"))
}

/// The holidays written in an input are those of the shipped calendar, for each year the input speaks of.
pub(super) fn input_calendar(checks: &mut Checks, what: &str, given: &Json) {
    let what = format!("{what}: calendar");
    let days: Vec<&str> = list(given, "holidays").iter().filter_map(Json::as_str).collect();
    let years: BTreeSet<i16> = days.iter().filter_map(|day| Some(day.parse::<Date>().ok()?.year())).collect();
    let computed = calendar_of(given).map(|calendar| {
        let dates = years.iter().flat_map(|year| dates(&calendar, *year)).collect::<Vec<_>>();
        json!(dates)
    });
    checks.equal(&what, &json!(days), computed.ok().as_ref());
    checks.equal(&format!("{what} weekend"), &json!(["saturday", "sunday"]), given.get("weekend"));
}

/// A file of calendars by year: `easter` is one date a year, every other object a list of holidays a year.
pub(super) fn calendars(checks: &mut Checks, file: &str, json: &Json) {
    for (name, years) in json.as_object().into_iter().flatten() {
        match years.as_object() {
            Some(years) => years.iter().for_each(|(year, expected)| {
                let what = format!("{file} {name} {year}");
                checks.equal(&what, expected, computed(name, year).as_ref());
            }),
            None if name == "note" => {}
            None => checks.fail(file, &format!("field `{name}` is unknown")),
        }
    }
}

fn computed(name: &str, year: &str) -> Option<Json> {
    let year = year.parse().ok()?;
    if name == "easter" {
        return Some(json!(easter_sunday(year)?.to_string()));
    }
    Some(json!(dates(shipped(name)?, year)))
}

fn dates(calendar: &WorkingCalendar, year: i16) -> Vec<String> {
    calendar.holidays(year).iter().map(|(day, _)| day.to_string()).collect()
}
