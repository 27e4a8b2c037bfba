//! One case of a worked example: its fields read, its clock counted, its answers written.
//!
//! What comes in: the fields of a case, and what is expected of it (only for the questions it asks, such as at
//! which moments the remaining time is wanted). What goes out: all answers the case has, by the name the
//! oracle gives them. It must never look at an expected answer.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Map, Value as Json, json};
use tidstro_calendar::{
    Amount, Chain, Circumstances, Clock, Deadline, Event, Kept, Profile, Roll, WorkingCalendar, Zone,
    earliest_start_day, end_of_year, erase_at_latest, erase_from, latest_notice_day,
};

use super::{
    super::checks::{list, parsed, text},
    oracle,
};

/// Every field a case may have. Another one changes the meaning in a way nobody here knows.
const FIELDS: [&str; 22] = [
    "name",
    "rule",
    "amount",
    "extension",
    "direction",
    "roll",
    "profile",
    "not_before",
    "event",
    "events",
    "from",
    "start",
    "zone",
    "calendar",
    "operating_day",
    "working_day",
    "at",
    "base",
    "base_instant",
    "anchor",
    "offsets",
    "max",
];

/// The local zone with its offsets, to write instants as the oracle does.
struct Place {
    zone: Zone,
    rules: TimeZone,
    calendar: Option<WorkingCalendar>,
}

impl Place {
    fn of(case: &Json) -> Result<Self, String> {
        let name = text(case, "zone")?;
        let zone = Zone::named(name).map_err(|fault| fault.to_string())?;
        let rules = TimeZone::get(name).map_err(|fault| fault.to_string())?;
        let calendar = case.get("calendar").map(oracle::calendar_of).transpose()?;
        Ok(Self { zone, rules, calendar })
    }

    fn circumstances(&self, not_before: Option<Timestamp>) -> Circumstances<'_> {
        Circumstances { calendar: self.calendar.as_ref(), not_before, ..Circumstances::new(&self.zone) }
    }

    fn written(&self, at: Timestamp) -> Json {
        json!(at.to_zoned(self.rules.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }
}

/// All answers of a case.
pub(super) fn answers(fields: &Map<String, Json>, questions: &Json) -> Result<Json, String> {
    let case = Json::Object(flat(fields)?);
    let place = Place::of(&case)?;
    if case.get("base").or_else(|| case.get("base_instant")).is_some() {
        return retention(&case, &place);
    }
    match case.get("direction").and_then(Json::as_str) {
        Some("backward") => notice(&case),
        None | Some("forward") => forward(&case, &place, questions),
        Some(other) => Err(format!("direction `{other}` is unknown")),
    }
}

/// The fields of `rule` beside the others, each of them known.
fn flat(fields: &Map<String, Json>) -> Result<Map<String, Json>, String> {
    let mut flat = fields.clone();
    if let Some(rule) = flat.remove("rule") {
        flat.extend(rule.as_object().cloned().ok_or("`rule` is no object")?);
    }
    match flat.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        Some(field) => Err(format!("field `{field}` is unknown")),
        None => Ok(flat),
    }
}

fn notice(case: &Json) -> Result<Json, String> {
    let ahead = Chain::parse([text(case, "amount")?]).map_err(|fault| fault.to_string())?;
    let latest = latest_notice_day(parsed(case, "start")?, &ahead).ok_or("there is no such day")?;
    Ok(json!({ "latest_notice_day": latest.to_string() }))
}

fn forward(case: &Json, place: &Place, questions: &Json) -> Result<Json, String> {
    let clock = Clock { amount: amount(case)?, profile: profile(case)? };
    let event = event(case)?;
    let not_before = case.get("not_before").map(|_| parsed(case, "not_before")).transpose()?;
    let circumstances = place.circumstances(not_before);
    let deadline = clock.deadline(event, &circumstances).map_err(|fault| fault.to_string())?;
    let mut answers = deadline_answers(&clock, &deadline, place);
    if let (Amount::Calendar(chain), Event::Instant(at)) = (&clock.amount, event) {
        let start = earliest_start_day(place.zone.day_of(at), chain);
        answers.insert("earliest_start_day".into(), json!(start.map(|day| day.to_string())));
    }
    if case.get("extension").is_some() {
        let extension = Amount::parse(text(case, "extension")?).map_err(|fault| fault.to_string())?;
        let extended = clock.extended(&extension).map_err(|fault| fault.to_string())?;
        let later = extended.deadline(event, &circumstances).map_err(|fault| fault.to_string())?;
        let mut extended_answers = deadline_answers(&extended, &later, place);
        // GDPR art. 12(3): the person is told of the extension within the first period.
        let told_by = answers.get("ends_at").cloned().unwrap_or_default();
        extended_answers.insert("person_must_be_told_by".into(), told_by);
        answers.insert("extension".into(), Json::Object(extended_answers));
    }
    answers.insert("remaining_at".into(), remaining(&deadline, questions)?);
    Ok(Json::Object(answers))
}

/// Working days are written as a number and a clock time, everything else as an amount.
fn amount(case: &Json) -> Result<Amount, String> {
    let text = match case.get("working_day") {
        Some(number) => format!("{number}WD@{}", text(case, "at")?),
        None => text(case, "amount")?.to_owned(),
    };
    Amount::parse(&text).map_err(|fault| fault.to_string())
}

fn profile(case: &Json) -> Result<Profile, String> {
    let roll = match case.get("roll").and_then(Json::as_str) {
        None | Some("none") => Roll::None,
        Some("next-working-day") => Roll::NextWorkingDay,
        Some(other) => return Err(format!("roll `{other}` is unknown")),
    };
    match case.get("profile").and_then(Json::as_str) {
        None | Some("legal") => Ok(Profile::Legal(roll)),
        Some("elapsed") => Ok(Profile::Elapsed),
        Some(other) => Err(format!("profile `{other}` is unknown")),
    }
}

/// The case's own event, the shared event it names, or its operating day.
fn event(case: &Json) -> Result<Event, String> {
    if case.get("operating_day").is_some() {
        return Ok(Event::Day(parsed(case, "operating_day")?));
    }
    let at = match case.get("from") {
        Some(_) => parsed(case.get("events").unwrap_or(&Json::Null), text(case, "from")?)?,
        None => parsed(case, "event")?,
    };
    Ok(Event::Instant(at))
}

fn deadline_answers(clock: &Clock, deadline: &Deadline, place: &Place) -> Map<String, Json> {
    let mut answers = Map::new();
    if let Some(days) = deadline.days {
        answers.insert("unrolled_last_day".into(), json!(days.unrolled_last_day.to_string()));
        answers.insert("last_day".into(), json!(days.last_day.to_string()));
    }
    if let Some(ends_at) = deadline.ends_at {
        answers.insert("ends_at".into(), place.written(ends_at));
    }
    let plan_by = match clock.amount {
        Amount::WorkingDays(_) => "at",
        _ => "plan_by",
    };
    answers.insert(plan_by.into(), place.written(deadline.plan_by));
    answers
}

/// The remaining time at the moments the example asks about, in whole hours.
fn remaining(deadline: &Deadline, questions: &Json) -> Result<Json, String> {
    let at = |question: &Json| {
        let left = deadline.until_plan_by(parsed(question, "now")?);
        let hours = left.as_secs() / 3600;
        Ok(json!({ "now": question.get("now"), "until_plan_by": format!("PT{hours}H") }))
    };
    list(questions, "remaining_at").iter().map(at).collect::<Result<Vec<_>, String>>().map(Json::Array)
}

fn retention(case: &Json, place: &Place) -> Result<Json, String> {
    let base = base(case)?;
    match (case.get("max"), base) {
        (Some(_), _) => {
            let amount = Amount::parse(text(case, "max")?).map_err(|fault| fault.to_string())?;
            let kept = erase_at_latest(base, &amount, &place.zone).map_err(|fault| fault.to_string())?;
            Ok(kept_answers(kept, "erase_at_latest", place))
        }
        (None, Event::Day(day)) => {
            let offsets = list(case, "offsets").iter().map(|offset| offset.as_str().unwrap_or_default());
            let chain = Chain::parse(offsets).map_err(|fault| fault.to_string())?;
            let kept = erase_from(day, &chain, &place.zone).map_err(|fault| fault.to_string())?;
            Ok(kept_answers(kept, "erase_from", place))
        }
        (None, Event::Instant(_)) => Err("a minimum from an instant is unknown".to_owned()),
    }
}

fn base(case: &Json) -> Result<Event, String> {
    if case.get("base_instant").is_some() {
        return Ok(Event::Instant(parsed(case, "base_instant")?));
    }
    let day: Date = parsed(case, "base")?;
    match case.get("anchor").and_then(Json::as_str) {
        None => Ok(Event::Day(day)),
        Some("end-of-calendar-year") => Ok(Event::Day(end_of_year(day))),
        Some(other) => Err(format!("anchor `{other}` is unknown")),
    }
}

fn kept_answers(kept: Kept, erase: &str, place: &Place) -> Json {
    let last_day = kept.last_day_kept.map(|day| day.to_string());
    json!({ "last_day_kept": last_day, erase: place.written(kept.erase) })
}
