//! Clocks as tables, text and JSON. `plan_by` comes first and stands alone, `ends_at` is a remark beside it.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use tidstro_calendar::{Amount, DayOff, LastDays, Profile, Roll, WorkingCalendar, Zone};
use tidstro_govern::{
    ClockDirection, ClockView, Counted, Language, Obligation, ObligationClock, Pause, Register, Texts,
};

use super::event::{moment, moment_json};
use super::series::local;
use super::{Table, plain};

/// Clocks, one a row.
pub(crate) fn clocks_table(clocks: &[ClockView<'_>], zone: &Zone, language: Language) -> Table {
    let mut table = Table::new(&["plan by", "state", "case", "obligation", "next", "ends"]);
    for clock in clocks {
        table.row(vec![
            clock
                .counted
                .as_ref()
                .map_or_else(|| "no time named".to_owned(), |end| local(end.deadline.plan_by, zone)),
            clock.state.to_string(),
            clock.case.to_string(),
            clock.obligation.id.to_string(),
            clock.next().map(|(_, text)| text.in_language(language).to_owned()).unwrap_or_default(),
            clock.counted.as_ref().and_then(outer_bound).map(|end| local(end, zone)).unwrap_or_default(),
        ]);
    }
    table
}

/// The legal outer bound, where it is another instant than the strict end.
fn outer_bound(counted: &Counted) -> Option<Timestamp> {
    counted.deadline.ends_at.filter(|end| *end != counted.deadline.plan_by)
}

/// How one clock was counted.
pub(crate) fn clock_text(clock: &ClockView<'_>, register: &Register, language: Language) -> String {
    let zone = register.zone();
    let mut lines = vec![headline(clock, zone), format!("  {}", clock.obligation.text.in_language(language))];
    let mut say = |what: &str, how: String| lines.push(format!("  {what:<12}{how}"));
    say("who", clock.obligation.who.to_string());
    say("because", clock.obligation.cite.clone());
    say("register", register.place(clock.obligation.line));
    say("started by", format!("{} at {}", clock.obligation.when, moment(clock.started, zone)));
    if let (Some(rule), Some(counted)) = (&clock.obligation.clock, &clock.counted) {
        for (what, how) in counting(clock, rule, counted, zone) {
            say(what, how);
        }
    }
    for proof in &clock.proof {
        say(
            "proof",
            proof.at.map_or_else(
                || format!("{} is missing", proof.trigger),
                |at| format!("{} at {}", proof.trigger, moment(at, zone)),
            ),
        );
    }
    if let Some((trigger, _)) = clock.next() {
        say("next", format!("record `{trigger}` when it is done"));
    }
    plain(&(lines.join("\n") + "\n")).into_owned()
}

/// The strict end in front, the legal bound behind it.
fn headline(clock: &ClockView<'_>, zone: &Zone) -> String {
    let mut line = match &clock.counted {
        Some(counted) => format!("PLAN BY {}", local(counted.deadline.plan_by, zone)),
        None => "NO TIME NAMED".to_owned(),
    };
    if let Some(end) = clock.counted.as_ref().and_then(outer_bound) {
        // Writing to a text cannot fail.
        let _ = write!(line, "   (ends {})", local(end, zone));
    }
    let _ = write!(line, "\n{}: {} in case {}", clock.state, clock.obligation.id, clock.case);
    line
}

fn counting(
    clock: &ClockView<'_>,
    rule: &ObligationClock,
    counted: &Counted,
    zone: &Zone,
) -> Vec<(&'static str, String)> {
    let mut said = vec![("amount", amount(rule, counted)), ("counted", profile(rule).to_owned())];
    said.extend(clock.starts.map(|day| ("starts", day.to_string())));
    said.extend(counted.calendar.map(|calendar| ("calendar", calendar_words(calendar))));
    said.extend(counted.deadline.days.map(|days| ("last day", last_day(days, counted.calendar))));
    said.extend(rule.not_before.map(|day| ("not before", day.to_string())));
    if let Some(extension) = &clock.extension {
        let at = moment(extension.at, zone);
        said.push(("extended", format!("by {} at {at}: {}", extension.by, extension.reason)));
    }
    said.extend(clock.pauses.iter().map(|pause| ("stood", stood(pause, zone))));
    said
}

fn amount(rule: &ObligationClock, counted: &Counted) -> String {
    let direction = match rule.direction {
        ClockDirection::Within => "after the event",
        ClockDirection::Before => "before the start",
    };
    if counted.amount == rule.clock.amount {
        format!("{} {direction}", counted.amount)
    } else {
        format!("{} {direction}; {} without the extension", counted.amount, rule.clock.amount)
    }
}

/// The rules it was counted by.
fn profile(rule: &ObligationClock) -> &'static str {
    match (rule.clock.profile, &rule.clock.amount) {
        _ if rule.direction == ClockDirection::Before => {
            "back from the start, never rolled (Reg. 1182/71 art. 3(4))"
        }
        (Profile::Elapsed, _) => "elapsed time from the instant of the event, as a contract counts",
        (Profile::Legal(_), Amount::Hours(_)) => {
            "the hour of the event is not counted (Reg. 1182/71 art. 3(1))"
        }
        (Profile::Legal(_), Amount::WorkingDays(_)) => "working days; the day of the event is not counted",
        (Profile::Legal(Roll::None), _) => {
            "the day of the event is not counted (Reg. 1182/71 art. 3(1)); no roll"
        }
        (Profile::Legal(Roll::NextWorkingDay), _) => {
            "the day of the event is not counted; the last day rolls to a working day (Reg. 1182/71 art. 3(1), 3(4))"
        }
    }
}

fn calendar_words(calendar: &WorkingCalendar) -> String {
    format!("{} of {}", calendar.name(), calendar.version())
}

fn last_day(days: LastDays, calendar: Option<&WorkingCalendar>) -> String {
    let LastDays { unrolled_last_day, last_day } = days;
    if unrolled_last_day == last_day {
        return last_day.to_string();
    }
    let why = calendar.and_then(|calendar| calendar.day_off(unrolled_last_day)).map(day_off);
    format!("{last_day}, rolled from {unrolled_last_day}{}", why.unwrap_or_default())
}

fn day_off(why: DayOff<'_>) -> String {
    match why {
        DayOff::Weekend(weekday) => format!(", a {weekday:?}"),
        DayOff::Holiday(name) => format!(", {name}"),
    }
}

fn stood(pause: &Pause, zone: &Zone) -> String {
    let until = pause.until.map_or_else(
        || "now; the end moves on by as long as it stands".to_owned(),
        |until| local(until, zone),
    );
    format!("from {} until {until}: {}", local(pause.from, zone), pause.reason)
}

/// Everything about one clock.
pub(crate) fn clock_json(clock: &ClockView<'_>, register: &Register) -> Value {
    let started = json!({ "by": clock.obligation.when.as_str(), "at": moment_json(clock.started) });
    let fields = vec![
        ("case", clock.case.as_str().into()),
        ("obligation", clock.obligation.id.as_str().into()),
        ("state", clock.state.word().into()),
        ("started", started),
        ("starts", clock.starts.map(|day| day.to_string()).into()),
    ];
    let all = [
        fields,
        end_json(clock),
        moved_json(clock),
        proof_json(clock),
        obligation_json(clock.obligation, register),
    ];
    all.into_iter().flatten().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn moved_json(clock: &ClockView<'_>) -> Vec<(&'static str, Value)> {
    let extension = clock.extension.as_ref().map(|extension| {
        json!({ "at": moment_json(extension.at), "by": extension.by.to_string(), "reason": extension.reason })
    });
    let pauses: Vec<_> = clock.pauses.iter().map(pause_json).collect();
    vec![("extension", extension.into()), ("pauses", pauses.into())]
}

fn proof_json(clock: &ClockView<'_>) -> Vec<(&'static str, Value)> {
    let proof = clock.proof.iter();
    let proof =
        proof.map(|proof| json!({ "event": proof.trigger.as_str(), "at": proof.at.map(moment_json) }));
    let next = clock.next();
    let next = next.map(|(trigger, text)| json!({ "event": trigger.as_str(), "text": texts_json(text) }));
    vec![("proof", proof.collect::<Vec<_>>().into()), ("next", next.into())]
}

fn obligation_json(obligation: &Obligation, register: &Register) -> Vec<(&'static str, Value)> {
    vec![
        ("who", obligation.who.as_str().into()),
        ("cite", obligation.cite.as_str().into()),
        ("register", register.place(obligation.line).into()),
    ]
}

/// The end, and what it was counted by; nothing where no time is named.
fn end_json(clock: &ClockView<'_>) -> Vec<(&'static str, Value)> {
    let (Some(rule), Some(counted)) = (&clock.obligation.clock, &clock.counted) else {
        return vec![("plan_by", Value::Null), ("ends_at", Value::Null)];
    };
    let deadline = counted.deadline;
    vec![
        ("plan_by", deadline.plan_by.to_string().into()),
        ("ends_at", deadline.ends_at.map(|end| end.to_string()).into()),
        ("amount", counted.amount.to_string().into()),
        ("counted", profile(rule).into()),
        (
            "calendar",
            counted.calendar.map(|one| json!({ "name": one.name(), "version": one.version() })).into(),
        ),
        ("unrolled_last_day", deadline.days.map(|days| days.unrolled_last_day.to_string()).into()),
        ("last_day", deadline.days.map(|days| days.last_day.to_string()).into()),
    ]
}

fn pause_json(pause: &Pause) -> Value {
    json!({
        "from": pause.from.to_string(),
        "until": pause.until.map(|until| until.to_string()),
        "reason": pause.reason,
    })
}

fn texts_json(text: &Texts) -> Value {
    json!({ "da": text.da, "de": text.de, "en": text.en })
}
