//! The form of a calendar file.
//!
//! What comes in: the text of one TOML file. What goes out: a calendar in which every holiday has one rule and
//! a span of years, or the first fault with its place. It must never guess: an unknown field is a fault.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use super::WorkingCalendar;

/// Furthest a holiday lies from Easter: it stays in the year of that Easter.
const EASTER_REACH: RangeInclusive<i32> = -80..=200;

/// Why a text is no working calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// Not TOML, or a field that is unknown, missing or of another type.
    #[error("calendar line {line}: {message}; see the files in `calendars` for the form")]
    Syntax {
        /// Line from 1.
        line: usize,
        /// What the TOML reader says.
        message: String,
    },
    /// The version is no date.
    #[error("calendar `{calendar}`: version `{version}` is not a date; write it as `YYYY-MM-DD`")]
    Version {
        /// Name of the calendar.
        calendar: String,
        /// The version as written.
        version: String,
    },
    /// No such weekday.
    #[error("calendar `{calendar}`: weekday `{weekday}` is unknown; write `monday` to `sunday`")]
    Weekday {
        /// Name of the calendar.
        calendar: String,
        /// The weekday as written.
        weekday: String,
    },
    /// Every weekday is a day of the weekend, so that no deadline would ever end.
    #[error("calendar `{calendar}`: the weekend leaves no working day; name at most six weekdays")]
    NoWorkingDay {
        /// Name of the calendar.
        calendar: String,
    },
    /// A holiday without a rule, or with two.
    #[error("calendar `{calendar}`: holiday `{holiday}` needs one of `fixed` and `easter`, and not both")]
    Rule {
        /// Name of the calendar.
        calendar: String,
        /// Name of the holiday.
        holiday: String,
    },
    /// A fixed date that is none.
    #[error(
        "calendar `{calendar}`: holiday `{holiday}` has no date `{fixed}`; write month and day as `MM-DD`"
    )]
    Fixed {
        /// Name of the calendar.
        calendar: String,
        /// Name of the holiday.
        holiday: String,
        /// The date as written.
        fixed: String,
    },
    /// Too far from Easter.
    #[error("calendar `{calendar}`: holiday `{holiday}` lies {days} days from Easter; write -80 to 200")]
    Easter {
        /// Name of the calendar.
        calendar: String,
        /// Name of the holiday.
        holiday: String,
        /// Days from Easter Sunday.
        days: i32,
    },
    /// The last year lies before the first.
    #[error("calendar `{calendar}`: holiday `{holiday}` ends in {until} before it begins in {from}")]
    Years {
        /// Name of the calendar.
        calendar: String,
        /// Name of the holiday.
        holiday: String,
        /// First year.
        from: i16,
        /// Last year.
        until: i16,
    },
}

/// One holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holiday {
    pub(super) name: String,
    pub(super) rule: Rule,
    pub(super) years: RangeInclusive<i16>,
}

/// Where in a year a holiday falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The same date each year; 29 February only in leap years.
    Fixed { month: i8, day: i8 },
    /// So many days after Easter Sunday, negative before.
    Easter { days: i32 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    version: String,
    source: String,
    weekend: Vec<String>,
    #[serde(default)]
    holiday: Vec<WrittenHoliday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHoliday {
    name: String,
    fixed: Option<String>,
    easter: Option<i32>,
    from: Option<i16>,
    until: Option<i16>,
}

pub(super) fn parse(text: &str) -> Result<WorkingCalendar, CalendarFault> {
    let written: Written = toml::from_str(text).map_err(|fault| syntax(text, &fault))?;
    let Written { name, version, source, weekend, holiday } = written;
    if version.parse::<Date>().is_err() {
        return Err(CalendarFault::Version { calendar: name, version });
    }
    let weekend = weekend_days(&name, &weekend)?;
    let holidays = holiday.into_iter().map(|holiday| checked(&name, holiday)).collect::<Result<_, _>>()?;
    Ok(WorkingCalendar { name, version, source, weekend, holidays })
}

fn syntax(text: &str, fault: &toml::de::Error) -> CalendarFault {
    let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    CalendarFault::Syntax { line: before.matches('\n').count() + 1, message: fault.message().to_owned() }
}

fn weekend_days(calendar: &str, words: &[String]) -> Result<Vec<Weekday>, CalendarFault> {
    let unknown = |word: &String| CalendarFault::Weekday { calendar: calendar.into(), weekday: word.clone() };
    let mut days = Vec::new();
    for word in words {
        let day = weekday(word).ok_or_else(|| unknown(word))?;
        if !days.contains(&day) {
            days.push(day);
        }
    }
    if days.len() < 7 { Ok(days) } else { Err(CalendarFault::NoWorkingDay { calendar: calendar.into() }) }
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn checked(calendar: &str, written: WrittenHoliday) -> Result<Holiday, CalendarFault> {
    let WrittenHoliday { name, fixed, easter, from, until } = written;
    let calendar = || calendar.to_owned();
    let rule = match (fixed, easter) {
        (Some(fixed), None) => fixed_rule(&fixed).ok_or_else(|| CalendarFault::Fixed {
            calendar: calendar(),
            holiday: name.clone(),
            fixed,
        })?,
        (None, Some(days)) if EASTER_REACH.contains(&days) => Rule::Easter { days },
        (None, Some(days)) => {
            return Err(CalendarFault::Easter { calendar: calendar(), holiday: name, days });
        }
        _ => return Err(CalendarFault::Rule { calendar: calendar(), holiday: name }),
    };
    let (from, until) = (from.unwrap_or(i16::MIN), until.unwrap_or(i16::MAX));
    if until < from {
        return Err(CalendarFault::Years { calendar: calendar(), holiday: name, from, until });
    }
    Ok(Holiday { name, rule, years: from..=until })
}

/// `MM-DD`, a date of a leap year.
fn fixed_rule(text: &str) -> Option<Rule> {
    let day = format!("2000-{text}").parse::<Date>().ok()?;
    (text.len() == 5).then_some(Rule::Fixed { month: day.month(), day: day.day() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tail: &str, fault: &str) {
        let text = format!("name = \"x\"\nversion = \"2026-01-01\"\nsource = \"s\"\n{tail}");
        assert_eq!(parse(&text).unwrap_err().to_string(), fault);
    }

    #[test]
    fn faults_name_the_place() {
        let holiday = |fields: &str| format!("weekend = [\"sunday\"]\n[[holiday]]\nname = \"h\"\n{fields}");
        check(
            "weekend = [\"søndag\"]",
            "calendar `x`: weekday `søndag` is unknown; write `monday` to `sunday`",
        );
        check(
            &holiday("fixed = \"02-30\""),
            "calendar `x`: holiday `h` has no date `02-30`; write month and day as `MM-DD`",
        );
        check(
            &holiday("fixed = \"1-1\""),
            "calendar `x`: holiday `h` has no date `1-1`; write month and day as `MM-DD`",
        );
        check(&holiday(""), "calendar `x`: holiday `h` needs one of `fixed` and `easter`, and not both");
        check(
            &holiday("easter = 300"),
            "calendar `x`: holiday `h` lies 300 days from Easter; write -80 to 200",
        );
        check(
            &holiday("easter = 1\nfrom = 2024\nuntil = 2023"),
            "calendar `x`: holiday `h` ends in 2023 before it begins in 2024",
        );
        let week = "[\"monday\",\"tuesday\",\"wednesday\",\"thursday\",\"friday\",\"saturday\",\"sunday\"]";
        check(
            &format!("weekend = {week}"),
            "calendar `x`: the weekend leaves no working day; name at most six weekdays",
        );
    }

    #[test]
    fn unknown_fields_are_faults_with_their_line() {
        let text = "name = \"x\"\nversion = \"2026-01-01\"\nsource = \"s\"\nweekend = []\nholidays = []";
        let fault = parse(text).unwrap_err();
        assert!(matches!(fault, CalendarFault::Syntax { line: 5, .. }), "{fault}");
        let dated = text.replace("\nholidays = []", "").replace("2026-01-01", "new");
        assert!(matches!(parse(&dated), Err(CalendarFault::Version { .. })));
    }
}
