//! Five years after six weeks after the objection deadline: per account, not per person.

use std::slice::from_ref;

use jiff::civil::Date;
use tidstro_govern::{LeaseEvent, LeaseEventKind as Kind, LeaseState::*, Register};

use super::{account, affair, at, check, event, flat, lease_of, register};
use crate::town::day;

/// The deadline is six weeks after the account was received; six weeks and five years follow.
const KEEP: &str = "{ from = \"account-delivered\", for = [\"P6W\", \"P6W\", \"P5Y\"], then = \"erase\" }";

fn accounts() -> Register {
    register(&["6(1)(b)"], &format!("keep = [{KEEP}]"))
}

fn kept_from(register: &Register, lived: &str, events: &[LeaseEvent], now: &str) -> Date {
    lease_of(register, &flat(lived), events, now).kept_from
}

#[test]
fn an_account_is_kept_from_the_day_it_was_received() {
    let received = [account("2022-01-01..2023-01-01", "2023-01-18T09:00+01:00")];
    // 18 January + 6 weeks = 1 March, + 6 weeks = 12 April 2023, + 5 years = 12 April 2028.
    check(
        &accounts(),
        &affair("2023-01-10T00:00+01:00"),
        &received,
        &[("2028-04-12T23:59:59+02:00", Live), ("2028-04-13T00:00+02:00", Ended)],
    );
    // The order counts: five years and then twelve weeks would be 11 April.
    let turned = register(
        &["6(1)(b)"],
        "keep = [{ from = \"account-delivered\", for = [\"P5Y\", \"P6W\", \"P6W\"], then = \"erase\" }]",
    );
    let until = lease_of(&turned, &affair("2023-01-10T00:00+01:00"), &received, "2024-01-01T00:00Z").until;
    assert_eq!(until, Some(at("2028-04-12T00:00+02:00")));
}

#[test]
fn each_accounts_days_go_by_themselves() {
    let events = [
        account("2022-01-01..2023-01-01", "2023-01-18T09:00+01:00"),
        account("2023-01-01..2024-01-01", "2024-01-18T09:00+01:00"),
    ];
    let at = |now| kept_from(&accounts(), "2022-01-01..", &events, now);
    assert_eq!(at("2028-04-12T23:59:59+02:00"), day("2022-01-01"));
    // The last day stays: its reading opens the next account.
    assert_eq!(at("2028-04-13T00:00+02:00"), day("2022-12-31"));
    // 18 January 2024 and twelve weeks: a leap year, 11 April.
    assert_eq!(at("2029-04-11T23:59:59+02:00"), day("2022-12-31"));
    assert_eq!(at("2029-04-12T00:00+02:00"), day("2023-12-31"));
    check(&accounts(), &flat("2022-01-01.."), &events, &[("2099-01-01T00:00Z", Live)]);
}

#[test]
fn a_day_that_two_accounts_use_is_kept_for_both() {
    // The account of the spring was corrected, and delivered again three years later.
    let events = [
        account("2022-01-01..2023-01-01", "2023-01-18T09:00+01:00"),
        account("2022-03-01..2022-06-01", "2026-01-18T09:00+01:00"),
    ];
    assert_eq!(kept_from(&accounts(), "2022-01-01..", &events, "2028-04-13T00:00+02:00"), day("2022-02-28"));
    assert_eq!(kept_from(&accounts(), "2022-01-01..", &events, "2031-04-13T00:00+02:00"), day("2022-12-31"));
}

#[test]
fn days_that_no_account_has_used_are_waited_for() {
    let year_2023_is_missing = [
        account("2022-01-01..2023-01-01", "2023-01-18T09:00+01:00"),
        account("2024-01-01..2025-01-01", "2025-01-18T09:00+01:00"),
    ];
    let later = "2040-01-01T00:00Z";
    assert_eq!(kept_from(&accounts(), "2022-01-01..", &year_2023_is_missing, later), day("2022-12-31"));
    assert_eq!(kept_from(&accounts(), "2021-06-01..", &year_2023_is_missing, later), day("2021-06-01"));
    let found = account("2022-12-15..2024-01-01", "2026-01-18T09:00+01:00");
    let complete = [&year_2023_is_missing[..], &[found]].concat();
    assert_eq!(kept_from(&accounts(), "2022-01-01..", &complete, later), day("2024-12-31"));
}

#[test]
fn accounts_of_another_flat_change_nothing() {
    // One account of the subject is of the flat before, and still kept.
    let events = [
        account("2020-01-01..2021-06-01", "2030-01-18T09:00+01:00"),
        account("2021-06-01..2023-01-01", "2023-01-18T09:00+01:00"),
    ];
    assert_eq!(kept_from(&accounts(), "2021-06-01..", &events, "2031-01-01T00:00Z"), day("2022-12-31"));
}

#[test]
fn a_rule_that_waits_for_its_event_keeps_nothing_beside_others() {
    let register = register(
        &["6(1)(c)"],
        &format!("keep = [{KEEP}, {{ from = \"case-closed\", for = [\"P5Y\"], then = \"erase\" }}]"),
    );
    let accounted = account("2022-01-01..2023-01-01", "2023-01-18T09:00+01:00");
    let closed = event(Kind::CaseClosed, "2027-01-01T12:00+01:00");
    let at = |events: &[_], now| kept_from(&register, "2022-01-01..", events, now);
    assert_eq!(at(from_ref(&accounted), "2028-04-13T00:00+02:00"), day("2022-12-31"));
    // A case keeps everything for its five years, and then nothing more.
    assert_eq!(at(&[accounted.clone(), closed.clone()], "2028-04-13T00:00+02:00"), day("2022-01-01"));
    assert_eq!(at(&[accounted, closed], "2032-01-02T00:00+01:00"), day("2022-12-31"));
    // Where nothing has happened at all, everything is open.
    assert_eq!(at(&[], "2099-01-01T00:00Z"), day("2022-01-01"));
}

#[test]
fn values_kept_from_registration_roll() {
    let register =
        register(&["6(1)(c)"], "keep = [{ from = \"registration\", for = [\"P3Y\"], then = \"erase\" }]");
    let at = |lived, now| kept_from(&register, lived, &[], now);
    assert_eq!(at("2015-01-01..", "2026-04-02T12:00+02:00"), day("2023-04-02"));
    // 28 February keeps what 28 and 29 February registered: both end with the same day.
    assert_eq!(at("2015-01-01..", "2027-02-28T12:00+01:00"), day("2024-02-28"));
    assert_eq!(at("2015-01-01..", "2027-03-01T00:00+01:00"), day("2024-03-01"));
    assert_eq!(at("2025-01-01..", "2026-04-02T12:00+02:00"), day("2025-01-01"));
    assert_eq!(at("2015-01-01..2016-01-01", "2026-04-02T12:00+02:00"), day("2016-01-01"));
}
