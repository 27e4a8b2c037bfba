//! What stops, suspends and protects: consent, objection, restriction, lock, hold.

use tidstro_govern::{LeaseEvent, LeaseEventKind as Kind, LeaseState, LeaseState::*, Matter, on_hold};
use tidstro_model::{ActivityId, DossierNo};

use super::{DOSSIER, FLAT, affair, at, check, event, flat, register};

const KEEP: &str = "keep = [{ from = \"case-closed\", for = [\"P5Y\"], then = \"erase\" }]";
const OPENED: &str = "2025-01-01T00:00Z";

#[test]
fn an_objection_ends_what_rests_on_a_task_or_an_interest_alone() {
    let objection = [event(Kind::ObjectionUpheld, "2025-06-01T00:00Z")];
    for (bases, state) in [
        (&["6(1)(e)"][..], Ended),
        (&["6(1)(f)"], Ended),
        (&["6(1)(e)", "6(1)(f)"], Ended),
        (&["6(1)(b)"], Live),
        (&["6(1)(c)"], Live),
        (&["6(1)(d)"], Live),
        (&["6(1)(c)", "6(1)(e)"], Live),
        (&["6(1)(b)", "6(1)(f)"], Live),
    ] {
        let register = register(bases, KEEP);
        let expected = [("2025-05-31T23:59:59Z", Live), ("2025-06-01T00:00Z", state)];
        check(&register, &affair(OPENED), &objection, &expected);
        check(&register, &flat("2024-01-01.."), &objection, &expected);
    }
}

#[test]
fn withdrawn_consent_counts_where_it_stands_alone() {
    let events = [
        event(Kind::ConsentGiven, "2025-02-01T00:00Z"),
        event(Kind::ConsentWithdrawn, "2025-06-01T00:00Z"),
        event(Kind::ConsentGiven, "2025-09-01T00:00Z"),
    ];
    let alone = register(&["6(1)(a)"], KEEP);
    check(
        &alone,
        &affair(OPENED),
        &events,
        &[
            ("2025-01-31T23:59:59Z", NotBegun),
            ("2025-02-01T00:00Z", Live),
            ("2025-06-01T00:00Z", Kept),
            ("2025-09-01T00:00Z", Live),
        ],
    );
    let beside = register(&["6(1)(a)", "6(1)(b)"], KEEP);
    check(&beside, &affair(OPENED), &events, &[("2025-01-31T23:59:59Z", Live), ("2025-06-01T00:00Z", Live)]);
}

/// A consent given again after its data went begins nothing anew for what is gone, but ends the end.
#[test]
fn a_retention_from_withdrawal_stops_when_consent_is_given_again() {
    let keep = "keep = [{ from = \"consent-withdrawn\", for = [\"P3M\"], then = \"erase\" }]";
    let register = register(&["6(1)(a)"], keep);
    let withdrawn = [event(Kind::ConsentGiven, OPENED), event(Kind::ConsentWithdrawn, "2025-06-01T10:00Z")];
    check(
        &register,
        &affair(OPENED),
        &withdrawn,
        &[("2025-06-01T10:00Z", Kept), ("2025-09-01T21:59:59Z", Kept), ("2025-09-01T22:00Z", Ended)],
    );
    let again = [&withdrawn[..], &[event(Kind::ConsentGiven, "2025-08-01T00:00Z")]].concat();
    check(&register, &affair(OPENED), &again, &[("2025-08-01T00:00Z", Live), ("2026-08-01T00:00Z", Live)]);
}

#[test]
fn a_restriction_stops_the_use_until_it_is_lifted() {
    let events = [
        event(Kind::RestrictionSet, "2025-03-01T00:00Z"),
        event(Kind::RestrictionLifted, "2025-04-01T00:00Z"),
    ];
    check(
        &register(&["6(1)(c)"], KEEP),
        &affair(OPENED),
        &events,
        &[
            ("2025-02-28T23:59:59Z", Live),
            ("2025-03-01T00:00Z", Restricted),
            ("2025-03-31T23:59:59Z", Restricted),
            ("2025-04-01T00:00Z", Live),
        ],
    );
    let despite = register(&["6(1)(c)"], &format!("{KEEP}\ndespite_restriction = \"a claim in court\""));
    check(&despite, &affair(OPENED), &events, &[("2025-03-15T00:00Z", Live)]);
}

#[test]
fn a_restriction_does_not_make_data_last() {
    let events =
        [event(Kind::CaseClosed, "2025-02-01T12:00Z"), event(Kind::RestrictionSet, "2025-03-01T00:00Z")];
    check(
        &register(&["6(1)(c)"], KEEP),
        &affair(OPENED),
        &events,
        &[("2030-02-01T22:59:59Z", Restricted), ("2030-02-01T23:00Z", Ended)],
    );
}

/// Of two at one instant the one that forbids counts as the later: in doubt nothing is used or lost.
#[test]
fn in_doubt_nothing_is_used() {
    let when = "2025-03-01T00:00Z";
    let both = |one, other| [event(one, when), event(other, when)];
    let locked = format!("{KEEP}\nlock_after = \"P1D\"");
    for (bases, others, events, state) in [
        ("6(1)(c)", KEEP, both(Kind::RestrictionSet, Kind::RestrictionLifted), Restricted),
        ("6(1)(a)", KEEP, both(Kind::ConsentGiven, Kind::ConsentWithdrawn), Kept),
        ("6(1)(c)", locked.as_str(), both(Kind::LockOpened, Kind::LockClosed), Locked),
    ] {
        let register = register(&[bases], others);
        check(&register, &affair(OPENED), &events, &[(when, state)]);
        let [one, other] = events;
        check(&register, &affair(OPENED), &[other, one], &[(when, state)]);
    }
    let held = both(Kind::HoldSet, Kind::HoldLifted);
    assert!(on_hold(DOSSIER, &held.iter().collect::<Vec<_>>(), at(when)));
}

#[test]
fn a_hold_forbids_erasing_and_nothing_else() {
    let register = register(&["6(1)(c)"], KEEP);
    let closed = event(Kind::CaseClosed, "2025-02-01T12:00Z");
    let held = event(Kind::HoldSet, "2029-01-01T00:00Z");
    let lifted = event(Kind::HoldLifted, "2032-01-01T00:00Z");
    let states: [(&str, LeaseState); 2] = [("2030-02-01T22:59:59Z", Live), ("2030-02-01T23:00Z", Ended)];
    check(&register, &affair(OPENED), std::slice::from_ref(&closed), &states);
    check(&register, &affair(OPENED), &[closed, held.clone(), lifted.clone()], &states);
    let events = [&held, &lifted];
    for (now, is_held) in [
        ("2028-12-31T23:59:59Z", false),
        ("2029-01-01T00:00Z", true),
        ("2031-12-31T23:59:59Z", true),
        ("2032-01-01T00:00Z", false),
    ] {
        assert_eq!(on_hold(DOSSIER, &events, at(now)), is_held, "at {now}");
    }
}

#[test]
fn events_concern_what_they_name() {
    let register = register(&["6(1)(c)"], KEEP);
    let restriction = event(Kind::RestrictionSet, "2025-03-01T00:00Z");
    let of = |matter| LeaseEvent { matter: Some(matter), ..restriction.clone() };
    let by = |activity: &str| LeaseEvent {
        activity: Some(ActivityId::parse(activity).unwrap()),
        ..restriction.clone()
    };
    for (event, state) in [
        (restriction.clone(), Restricted),
        (of(DOSSIER), Restricted),
        (of(Matter::Dossier(DossierNo::new(2))), Live),
        (of(FLAT), Live),
        (by("it"), Restricted),
        (by("that"), Live),
    ] {
        check(&register, &affair(OPENED), std::slice::from_ref(&event), &[("2025-03-01T00:00Z", state)]);
    }
    let hold = LeaseEvent { kind: Kind::HoldSet, ..of(FLAT) };
    assert!(on_hold(FLAT, &[&hold], at("2025-03-01T00:00Z")));
    assert!(!on_hold(DOSSIER, &[&hold], at("2025-03-01T00:00Z")));
}
