//! Deadlines of the electricity market against the hub's calendar.
//!
//! What comes in: a JSON file of years, operating days and backward counts. What goes out: a check for every
//! value of it: holidays by date and name, lengths of days, working days and their deadlines.

use std::{path::Path, process::ExitCode};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday, date},
    tz::TimeZone,
};
use serde_json::{Map, Value as Json, json};
use tidstro_calendar::{
    Amount, Circumstances, Clock, DayOff, Event, Profile, Roll, WorkingCalendar, Zone, easter_sunday,
};
use tidstro_model::Resolution;

use super::super::checks::{Checks, list, parsed, read_json, text};
use crate::misuse;

/// The rows of a file that count: everything else in them is words.
const WORDS: [&str; 3] = ["format", "rules", "timezone"];

struct Market {
    zone: Zone,
    rules: TimeZone,
    calendar: &'static WorkingCalendar,
}

/// Checks a file; exit code 1 if a value failed, 2 if it cannot be read.
pub(in crate::conform) fn run(path: &Path) -> ExitCode {
    let read = read_json(path).and_then(|json| Market::of(&json).map(|market| (json, market)));
    let (json, market) = match read {
        Ok(read) => read,
        Err(fault) => return misuse(&format!("`{}` cannot be read: {fault}", path.display())),
    };
    let mut checks = Checks::default();
    for field in json.as_object().into_iter().flat_map(Map::keys) {
        match field.as_str() {
            "years" => market.rows(&mut checks, list(&json, field), "year", Market::year),
            "examples" => market.rows(&mut checks, list(&json, field), "operating_day", Market::example),
            "backward_examples" => market.backward(&mut checks, json.get(field)),
            known if WORDS.contains(&known) => {}
            unknown => checks.fail(unknown, "this field is unknown"),
        }
    }
    checks.finish()
}

impl Market {
    fn of(json: &Json) -> Result<Self, String> {
        let name = text(json, "timezone")?;
        let zone = Zone::named(name).map_err(|fault| fault.to_string())?;
        let rules = TimeZone::get(name).map_err(|fault| fault.to_string())?;
        let calendar = WorkingCalendar::shipped("dk-market").ok_or("calendar `dk-market` is not shipped")?;
        Ok(Self { zone, rules, calendar })
    }

    /// Computes the answers to each row by its key and compares every field of it.
    fn rows(
        &self,
        checks: &mut Checks,
        rows: &[Json],
        key: &str,
        answers: fn(&Self, &Json) -> Result<Json, String>,
    ) {
        if rows.is_empty() {
            checks.fail(key, "there are no rows");
        }
        for row in rows {
            let what = row.get(key).map(Json::to_string).unwrap_or_default();
            match answers(self, row) {
                Ok(answers) => compare(checks, &what, key, row, &answers),
                Err(fault) => checks.fail(&what, &fault),
            }
        }
    }

    fn year(&self, row: &Json) -> Result<Json, String> {
        let year = row.get("year").and_then(Json::as_i64).and_then(|year| i16::try_from(year).ok());
        let year = year.ok_or("field `year` is no year")?;
        let days = || date(year, 1, 1).series(1.day()).take_while(move |day| day.year() == year);
        let holidays = self.calendar.holidays(year);
        let holidays = holidays.iter().map(
            |(day, name)| json!({ "date": day.to_string(), "name": name, "weekday": english(day.weekday()) }),
        );
        let changes = days().filter(|day| self.hours(*day) != Some(24)).map(|day| {
            let span = self.zone.day(day);
            json!({
                "date": day.to_string(), "hours": self.hours(day), "quarters": self.quarters(day),
                "start_utc": span.start().to_string(), "end_utc": span.end().to_string(),
            })
        });
        Ok(json!({
            "easter_sunday": easter_sunday(year).map(|day| day.to_string()),
            "not_working_weekdays": holidays.collect::<Vec<_>>(),
            "working_days": days().filter(|day| self.calendar.is_working(*day)).count(),
            "dst_days": changes.collect::<Vec<_>>(),
            "quarters_in_year": days().filter_map(|day| self.quarters(day)).sum::<u32>(),
        }))
    }

    fn example(&self, row: &Json) -> Result<Json, String> {
        let day: Date = parsed(row, "operating_day")?;
        let nth = |n| self.calendar.nth_after(day, n).ok_or("there is no such day");
        let fifth = nth(5)?;
        let span = self.zone.day(day);
        let deadline = self.clock(day, "5WD@21:00")?;
        let local = deadline.to_zoned(self.rules.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        Ok(json!({
            "weekday": english(day.weekday()),
            "start_utc": span.start().to_string(),
            "end_utc": span.end().to_string(),
            "hours": self.hours(day),
            "quarters": self.quarters(day),
            "first_working_day": nth(1)?.to_string(),
            "third_working_day": nth(3)?.to_string(),
            "fifth_working_day": fifth.to_string(),
            "collection_opens_utc": self.clock(day, "1WD@00:00")?.to_string(),
            "resend_all_window_from": self.clock(day, "3WD@10:00")?.to_string(),
            "deadline_local": local,
            "deadline_utc": deadline.to_string(),
            "skipped_days": self.skipped(day, fifth),
        }))
    }

    /// The days off after the operating day and before the fifth working day, with the reason in Danish.
    fn skipped(&self, day: Date, fifth: Date) -> Vec<Json> {
        let between = day.series(1.day()).skip(1).take_while(|day| *day < fifth);
        let why = |off| match off {
            DayOff::Weekend(Weekday::Saturday) => "lørdag",
            DayOff::Weekend(_) => "søndag",
            DayOff::Holiday(name) => name,
        };
        let row = |day: Date| {
            self.calendar.day_off(day).map(|off| json!({ "date": day.to_string(), "why": why(off) }))
        };
        between.filter_map(row).collect()
    }

    fn clock(&self, day: Date, amount: &str) -> Result<Timestamp, String> {
        let amount = Amount::parse(amount).map_err(|fault| fault.to_string())?;
        let clock = Clock { amount, profile: Profile::Legal(Roll::None) };
        let place = Circumstances::new(&self.zone).with_calendar(self.calendar);
        clock.deadline(Event::Day(day), &place).map(|end| end.plan_by).map_err(|fault| fault.to_string())
    }

    fn backward(&self, checks: &mut Checks, examples: Option<&Json>) {
        let rows = examples.map_or(&[][..], |examples| list(examples, "rows"));
        self.rows(checks, rows, "from_local_date", |market, row| {
            let n = row.get("n").and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok());
            let n = n.ok_or("field `n` is no count")?;
            let day = market.calendar.nth_before(parsed(row, "from_local_date")?, n);
            let day = day.ok_or("there is no such day")?;
            Ok(json!({ "n": n, "expected_utc": market.zone.day_start(day).to_string() }))
        });
    }

    fn hours(&self, day: Date) -> Option<u32> {
        self.zone.slots(day, Resolution::PT1H)
    }

    fn quarters(&self, day: Date) -> Option<u32> {
        self.zone.slots(day, Resolution::PT15M)
    }
}

/// Every field of the row but its key and its note.
fn compare(checks: &mut Checks, what: &str, key: &str, row: &Json, answers: &Json) {
    for (field, expected) in row.as_object().into_iter().flatten() {
        if field != key && field != "note" {
            checks.equal(&format!("{what} {field}"), expected, answers.get(field));
        }
    }
}

fn english(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
