//! Clocks worked by hand, and what must hold for all of them.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const LEGAL: Profile = Profile::Legal(Roll::NextWorkingDay);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn clock(amount: &str, profile: Profile) -> Clock {
    Clock { amount: Amount::parse(amount).unwrap(), profile }
}

fn pause(start: &str, end: &str) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

fn danish(zone: &Zone) -> Circumstances<'_> {
    Circumstances::new(zone).with_calendar(WorkingCalendar::shipped("dk-working").unwrap())
}

#[test]
fn hours_do_not_stop_for_weekends_or_clock_changes() {
    let zone = Zone::copenhagen();
    let event = Event::Instant(at("2025-03-29T20:40:00+01:00"));
    let deadline = clock("PT24H", LEGAL).deadline(event, &danish(&zone)).unwrap();
    assert_eq!(deadline.plan_by, at("2025-03-30T21:40:00+02:00"));
    assert_eq!(deadline.ends_at, Some(at("2025-03-30T22:00:00+02:00")));
    assert_eq!(deadline.until_plan_by(at("2025-03-29T21:40:00+01:00")), SignedDuration::from_hours(23));
    let contract = clock("PT24H", Profile::Elapsed).deadline(event, &danish(&zone)).unwrap();
    assert_eq!(contract, Deadline { ends_at: None, ..deadline });
}

#[test]
fn months_roll_and_extensions_count_from_the_event() {
    let zone = Zone::copenhagen();
    let event = Event::Instant(at("2025-05-08T09:00:00+02:00"));
    let first = clock("P1M", LEGAL);
    let deadline = first.deadline(event, &danish(&zone)).unwrap();
    // 8 June 2025 is Whit Sunday, 9 June Whit Monday.
    let days = LastDays { unrolled_last_day: date(2025, 6, 8), last_day: date(2025, 6, 10) };
    assert_eq!(deadline.days, Some(days));
    assert_eq!(deadline.plan_by, at("2025-06-09T00:00:00+02:00"));
    assert_eq!(deadline.ends_at, Some(at("2025-06-11T00:00:00+02:00")));
    let extended = first.extended(&Amount::parse("P2M").unwrap()).unwrap();
    let days = extended.deadline(event, &danish(&zone)).unwrap().days.unwrap();
    assert_eq!(days.last_day, date(2025, 8, 8));
    assert!(matches!(first.extended(&Amount::parse("PT1H").unwrap()), Err(ClockFault::Extension { .. })));
}

#[test]
fn working_days_end_at_the_local_clock_time() {
    let zone = Zone::copenhagen();
    let place = Circumstances { calendar: WorkingCalendar::shipped("dk-market"), ..danish(&zone) };
    let event = Event::Day(date(2025, 10, 20));
    let deadline = clock("5WD@21:00", LEGAL).deadline(event, &place).unwrap();
    assert_eq!(deadline.plan_by, at("2025-10-27T20:00:00Z"));
    let whole = clock("5WD", LEGAL).deadline(event, &place).unwrap();
    assert_eq!(whole.ends_at, Some(at("2025-10-28T00:00:00+01:00")));
}

#[test]
fn an_earlier_end_is_lifted() {
    let zone = Zone::copenhagen();
    let place = Circumstances { not_before: Some(at("2025-06-07T12:00:00+02:00")), ..danish(&zone) };
    let event = Event::Instant(at("2025-05-01T09:00:00+02:00"));
    let days = clock("P1M", LEGAL).deadline(event, &place).unwrap().days.unwrap();
    assert_eq!(days, LastDays { unrolled_last_day: date(2025, 6, 1), last_day: date(2025, 6, 10) });
    let hours = clock("PT1H", LEGAL).deadline(event, &place).unwrap();
    assert_eq!(
        (hours.plan_by, hours.ends_at),
        (at("2025-06-07T10:00:00Z"), Some(at("2025-06-07T10:00:00Z")))
    );
}

#[test]
fn a_clock_stands_while_it_is_paused() {
    let zone = Zone::copenhagen();
    let pauses = [
        pause("2025-05-04T00:00:00Z", "2025-05-05T00:00:00Z"),
        pause("2025-05-02T10:00:00Z", "2025-05-02T12:00:00Z"),
        pause("2025-05-02T11:00:00Z", "2025-05-02T13:00:00Z"),
    ];
    let place = Circumstances { pauses: &pauses, ..danish(&zone) };
    let event = Event::Instant(at("2025-05-01T10:00:00Z"));
    // Three hours stood, and the pause of 4 May begins after the end.
    let hours = clock("PT48H", LEGAL).deadline(event, &place).unwrap();
    assert_eq!(hours.plan_by, at("2025-05-03T13:00:00Z"));
    // One local day stood, 4 to 5 May.
    let days = clock("P1W", LEGAL).deadline(event, &place).unwrap().days.unwrap();
    assert_eq!(days.last_day, date(2025, 5, 9));
}

#[test]
fn clocks_that_cannot_run_say_why() {
    let zone = Zone::copenhagen();
    let place = Circumstances::new(&zone);
    let fault =
        |amount, profile, event| clock(amount, profile).deadline(event, &place).unwrap_err().to_string();
    let day = Event::Day(date(2025, 1, 1));
    assert_eq!(
        fault("P1M", LEGAL, day),
        "a clock of `P1M` counts working days and has no calendar; name one, such as `dk-working`"
    );
    assert_eq!(
        fault("PT1H", LEGAL, day),
        "a clock of `PT1H` runs from an instant, and the event is the day `2025-01-01`; give its clock time"
    );
    assert_eq!(
        fault("P1M", Profile::Elapsed, Event::Instant(Timestamp::UNIX_EPOCH)),
        "`P1M` has no fixed length in hours; write hours, days or weeks, or use a legal clock"
    );
    let beyond =
        |amount: &str| format!("a clock of `{amount}` ends after the year 9999; check the date of the event");
    assert_eq!(fault("P1M", Profile::Legal(Roll::None), Event::Day(Date::MAX)), beyond("P1M"));
    assert_eq!(fault("PT9H", LEGAL, Event::Instant(Timestamp::MAX)), beyond("PT9H"));
}

fn any_clock() -> impl Strategy<Value = Clock> {
    let profile = prop::sample::select(vec![LEGAL, Profile::Legal(Roll::None)]);
    let form = prop::sample::select(vec!["PT{}H", "P{}D", "P{}W", "P{}M", "P{}Y", "{}WD@21:00", "{}WD"]);
    (form, 1_u32..30, profile)
        .prop_map(|(form, n, profile)| clock(&form.replace("{}", &n.to_string()), profile))
}

/// 2000 to 2063, to the second.
fn any_instant() -> impl Strategy<Value = Timestamp> {
    (946_684_800_i64..2_950_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn any_pauses(after: Timestamp) -> impl Strategy<Value = Vec<Interval>> {
    prop::collection::vec((-400_000_i64..4_000_000, 0_i64..2_000_000), 0..4).prop_map(move |spans| {
        let second = |second: i64| Timestamp::from_second(after.as_second() + second).unwrap();
        spans
            .into_iter()
            .map(|(start, length)| Interval::new(second(start), second(start + length)).unwrap())
            .collect()
    })
}

proptest! {
    #[test]
    fn a_later_event_never_ends_earlier(
        (event, pauses) in any_instant().prop_flat_map(|at| (Just(at), any_pauses(at))),
        later in 0_i64..4_000_000,
        clock in any_clock(),
    ) {
        let zone = Zone::copenhagen();
        let place = Circumstances { pauses: &pauses, ..danish(&zone) };
        let next = event.checked_add(SignedDuration::from_secs(later)).unwrap();
        let ends = [event, next].map(|at| clock.deadline(Event::Instant(at), &place).unwrap());
        prop_assert!(ends[0].plan_by <= ends[1].plan_by);
        prop_assert!(ends[0].ends_at <= ends[1].ends_at);
    }

    #[test]
    fn the_legal_bound_is_never_before_the_plan(event in any_instant(), clock in any_clock()) {
        let zone = Zone::copenhagen();
        let deadline = clock.deadline(Event::Instant(event), &danish(&zone)).unwrap();
        let ends_at = deadline.ends_at.unwrap();
        prop_assert!(event < deadline.plan_by && deadline.plan_by <= ends_at);
        if matches!(clock.amount, Amount::Hours(_)) {
            prop_assert!(deadline.plan_by.duration_until(ends_at) <= SignedDuration::from_hours(1));
        }
    }

    #[test]
    fn a_pause_never_shortens(
        (event, pauses) in any_instant().prop_flat_map(|at| (Just(at), any_pauses(at))),
        hours in 1_u32..1000,
    ) {
        let zone = Zone::copenhagen();
        let paused = Circumstances { pauses: &pauses, ..danish(&zone) };
        let clock = clock(&format!("PT{hours}H"), LEGAL);
        let [with, without] =
            [paused, danish(&zone)].map(|place| clock.deadline(Event::Instant(event), &place).unwrap());
        prop_assert!(without.plan_by <= with.plan_by);
    }
}
