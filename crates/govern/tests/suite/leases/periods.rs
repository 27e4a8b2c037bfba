//! How long: each retention of the sources, to the instant.

use tidstro_govern::{
    Ask, Decision, DossierFact, Facts, LeaseEventKind as Kind, LeaseState::*, RefusalRule, SubjectEvent,
    Target, decide,
};
use tidstro_model::{DayRange, DossierKind, DossierNo, SubjectNo};

use super::{activity, affair, at, check, event, flat, lease_of, register, register_of};

#[test]
fn a_web_log_is_kept_for_fourteen_elapsed_days() {
    let register =
        register(&["6(1)(e)"], "keep = [{ from = \"registration\", at_most = \"P14D\", then = \"erase\" }]");
    // Summer time ends in between: fourteen days are 336 hours, and the clock shows one hour less.
    check(
        &register,
        &affair("2025-10-20T12:00+02:00"),
        &[],
        &[
            ("2025-10-20T12:00+02:00", Live),
            ("2025-11-03T10:59:59+01:00", Live),
            ("2025-11-03T11:00+01:00", Ended),
        ],
    );
}

#[test]
fn waiver_notes_are_kept_for_twelve_months() {
    let register =
        register(&["6(1)(f)"], "keep = [{ from = \"registration\", for = [\"P12M\"], then = \"erase\" }]");
    check(
        &register,
        &affair("2024-02-29T08:00+01:00"),
        &[],
        &[("2025-02-28T23:59:59+01:00", Live), ("2025-03-01T00:00+01:00", Ended)],
    );
}

#[test]
fn ten_years_from_the_end_of_the_calendar_year() {
    let keep = "keep = [{ from = \"case-closed\", for = [\"P10Y\"], end_of_year = true, then = \"erase\" }]";
    let register = register(&["6(1)(c)"], keep);
    let closed = [event(Kind::CaseClosed, "2024-03-05T10:00+01:00")];
    check(
        &register,
        &affair("2023-01-01T00:00+01:00"),
        &closed,
        &[
            ("2024-03-05T10:00+01:00", Live),
            ("2034-12-31T23:59:59+01:00", Live),
            ("2035-01-01T00:00+01:00", Ended),
        ],
    );
    // New Year's Eve in Denmark is the old year, whatever the world's clock says.
    let closed = [event(Kind::CaseClosed, "2024-12-31T23:30:00Z")];
    assert_eq!(
        lease_of(&register, &affair("2023-01-01T00:00Z"), &closed, "2025-06-01T00:00Z").until,
        Some(at("2036-01-01T00:00+01:00"))
    );
}

#[test]
fn ten_years_after_the_project_or_twenty_after_the_last_judgment() {
    let keep = "keep = [{ from = \"project-end\", for = [\"P10Y\"], then = \"erase\" }, { from = \"final-decision\", for = [\"P20Y\"], then = \"erase\" }]";
    let register = register(&["6(1)(c)"], keep);
    let project = event(Kind::ProjectEnd, "2020-06-30T12:00+02:00");
    let judgment = event(Kind::FinalDecision, "2015-06-30T12:00+02:00");
    let late = event(Kind::FinalDecision, "2029-01-15T12:00+01:00");
    let until = |events: &[_]| {
        lease_of(&register, &affair("2010-01-01T00:00+01:00"), events, "2029-06-01T00:00+02:00").until
    };
    assert_eq!(until(&[]), None, "nothing has happened that it counts from");
    assert_eq!(until(std::slice::from_ref(&project)), Some(at("2030-07-01T00:00+02:00")));
    // Whichever is later, and not whichever happened later.
    assert_eq!(until(&[project.clone(), judgment]), Some(at("2035-07-01T00:00+02:00")));
    assert_eq!(until(&[project, late]), Some(at("2049-01-16T00:00+01:00")));
}

#[test]
fn the_later_of_two_ends_counts_also_when_it_is_the_other_one() {
    let keep = "keep = [{ from = \"project-end\", for = [\"P10Y\"], then = \"erase\" }, { from = \"final-decision\", for = [\"P2Y\"], then = \"erase\" }]";
    let register = register(&["6(1)(c)"], keep);
    let events = [
        event(Kind::ProjectEnd, "2020-06-30T12:00+02:00"),
        event(Kind::FinalDecision, "2021-06-30T12:00+02:00"),
    ];
    check(
        &register,
        &affair("2010-01-01T00:00+01:00"),
        &events,
        &[("2030-06-30T23:59+02:00", Live), ("2030-07-01T00:00+02:00", Ended)],
    );
}

#[test]
fn security_data_are_locked_after_three_months_and_gone_after_eighteen() {
    let keep =
        "keep = [{ from = \"registration\", for = [\"P18M\"], then = \"erase\" }]\nlock_after = \"P3M\"";
    let register = register(&["6(1)(e)"], keep);
    let events = [
        event(Kind::LockOpened, "2025-06-01T09:00+02:00"),
        event(Kind::LockClosed, "2025-06-03T17:00+02:00"),
    ];
    check(
        &register,
        &affair("2025-01-31T12:00+01:00"),
        &events,
        &[
            // 31 January and three months: April has 30 days.
            ("2025-04-30T23:59:59+02:00", Live),
            ("2025-05-01T00:00+02:00", Locked),
            ("2025-06-01T09:00+02:00", Live),
            ("2025-06-03T16:59:59+02:00", Live),
            ("2025-06-03T17:00+02:00", Locked),
            ("2026-07-31T23:59:59+02:00", Locked),
            ("2026-08-01T00:00+02:00", Ended),
        ],
    );
}

#[test]
fn a_lock_counts_from_the_first_event_a_lease_waits_for() {
    let keep = "keep = [{ from = \"registration\", for = [\"P18M\"], then = \"erase\" }]\nlock_after = \"P3M\"\nbegins = \"suspicion-raised\"";
    let register = register(&["6(1)(e)"], keep);
    let events = [
        event(Kind::SuspicionRaised, "2025-02-10T12:00+01:00"),
        event(Kind::SuspicionRaised, "2025-04-20T12:00+02:00"),
    ];
    check(
        &register,
        &affair("2025-01-31T12:00+01:00"),
        &events,
        &[
            ("2025-02-10T11:59:59+01:00", NotBegun),
            ("2025-02-10T12:00+01:00", Live),
            ("2025-05-10T23:59:59+02:00", Live),
            ("2025-05-11T00:00+02:00", Locked),
        ],
    );
}

#[test]
fn an_unconfirmed_newsletter_goes_after_a_day_and_a_confirmed_one_on_request() {
    let unconfirmed =
        register(&["6(1)(f)"], "keep = [{ from = \"registration\", at_most = \"PT24H\", then = \"erase\" }]");
    let confirmed =
        register(&["6(1)(a)"], "keep = [{ from = \"consent-withdrawn\", at_once = true, then = \"erase\" }]");
    let subscription = affair("2026-03-28T13:00+01:00");
    // Summer time begins in between: a day is 24 hours.
    let after_a_day = [("2026-03-29T13:59:59+02:00", Live), ("2026-03-29T14:00+02:00", Ended)];
    check(&unconfirmed, &subscription, &[], &after_a_day);
    check(
        &confirmed,
        &subscription,
        &[],
        &[("2026-03-28T13:00+01:00", NotBegun), ("2026-04-28T13:00+02:00", NotBegun)],
    );
    let events = [
        event(Kind::ConsentGiven, "2026-03-28T15:00+01:00"),
        event(Kind::ConsentWithdrawn, "2030-01-01T10:00+01:00"),
    ];
    check(&unconfirmed, &subscription, &events, &after_a_day);
    check(
        &confirmed,
        &subscription,
        &events,
        &[
            ("2026-03-28T14:59:59+01:00", NotBegun),
            ("2026-03-28T15:00+01:00", Live),
            ("2030-01-01T09:59:59+01:00", Live),
            ("2030-01-01T10:00+01:00", Ended),
        ],
    );
}

#[test]
fn what_belongs_to_an_occupancy_lasts_as_long_as_it() {
    let register = register(
        &["6(1)(b)"],
        "keep = [{ from = \"occupancy-end\", for = [\"P6W\", \"P5Y\"], then = \"erase\" }]",
    );
    check(
        &register,
        &flat("2019-01-01.."),
        &[],
        &[("2018-12-31T22:59Z", NotBegun), ("2099-01-01T00:00Z", Live)],
    );
    // The last day lived there is 17 January 2023; six weeks later it is 28 February, five years later too.
    check(
        &register,
        &flat("2019-01-01..2023-01-18"),
        &[],
        &[("2028-02-28T23:59:59+01:00", Live), ("2028-02-29T00:00+01:00", Ended)],
    );
}

#[test]
fn what_a_lapsed_purpose_ends_is_over_while_the_subject_lives_there() {
    let contract = "{ from = \"contract-end\", at_once = true, then = \"erase\" }";
    let ended = [event(Kind::ContractEnd, "2022-06-01T12:00+02:00")];
    let before_and_after = |after| [("2022-06-01T11:59:59+02:00", Live), ("2022-06-01T12:00+02:00", after)];
    let alone = register(&["6(1)(b)"], &format!("keep = [{contract}]"));
    check(&alone, &flat("2019-01-01.."), &ended, &before_and_after(Ended));
    // Beside a rule that waits for the move nothing ends before it.
    let moved = "{ from = \"occupancy-end\", at_once = true, then = \"erase\" }";
    let beside = register(&["6(1)(b)"], &format!("keep = [{contract}, {moved}]"));
    check(&beside, &flat("2019-01-01.."), &ended, &before_and_after(Live));
    check(
        &beside,
        &flat("2019-01-01..2023-01-18"),
        &ended,
        &[("2023-01-17T23:59:59+01:00", Live), ("2023-01-18T00:00+01:00", Ended)],
    );
}

/// When billing has ended but bookkeeping law runs on, only bookkeeping still reads.
#[test]
fn bookkeeping_outlives_billing() {
    let keep = |period: &str| {
        format!("keep = [{{ from = \"contract-end\", for = [\"{period}\"], then = \"erase\" }}]")
    };
    let register = register_of(&[
        activity("billing", &["6(1)(b)"], &keep("P6W")),
        activity("bookkeeping", &["6(1)(c)"], &keep("P5Y")),
    ]);
    let subject = SubjectNo::new(1);
    let dossier = DossierFact {
        dossier: DossierNo::new(1),
        subject: Some(subject),
        kind: DossierKind::parse("affair").unwrap(),
        opened: at("2020-01-01T00:00Z"),
    };
    let event = SubjectEvent { subject, event: event(Kind::ContractEnd, "2024-01-31T12:00+01:00") };
    let facts = Facts { dossiers: vec![dossier], events: vec![event], ..Facts::default() };
    let read = |purpose: &str, now: &str| {
        let target = Target::Subject(subject);
        let ask = crate::town::ask("staff:kim", purpose, tidstro_govern::Operation::Read, "words", target);
        let ask = Ask { days: DayRange::always(), ..ask };
        match decide(&register, &facts, &ask, at(now)) {
            Decision::Grant(_) => None,
            Decision::Refuse(refuse) => Some(refuse.rule),
        }
    };
    let ended = Some(RefusalRule::NoLiveLease);
    for (now, billing, bookkeeping) in [
        ("2024-01-31T12:00+01:00", None, None),
        ("2024-03-13T23:59:59+01:00", None, None),
        ("2024-03-14T00:00+01:00", ended, None),
        ("2029-01-31T23:59:59+01:00", ended, None),
        ("2029-02-01T00:00+01:00", ended, ended),
    ] {
        assert_eq!((read("billing", now), read("bookkeeping", now)), (billing, bookkeeping), "at {now}");
    }
}
