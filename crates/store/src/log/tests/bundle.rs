//! Bundles of a store.

use tidstro_govern::log::{BundleFault, BundleReport, LogFault, verify_bundle};

use super::super::{close_all, export};
use super::{Desk, USES, days, granted};

fn bundle(desk: &mut Desk) -> Vec<u8> {
    let mut out = Vec::new();
    desk.write(|writing| close_all(writing, days(3)));
    export(&desk.writing.db, &desk.writing.vault, days(3), &mut out).unwrap();
    out
}

fn check(bundle: &[u8]) -> Result<BundleReport, BundleFault> {
    verify_bundle(bundle.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n'), None)
}

#[test]
fn a_bundle_says_what_the_store_says() {
    let mut desk = Desk::with_three_days();
    desk.expire(days(1), days(3)).unwrap();
    let report = check(&bundle(&mut desk)).unwrap();
    assert_eq!(report.at, days(3));
    assert_eq!(report.log, desk.verify().unwrap());
    assert_eq!((report.log.streams[1].segments_expired, report.log.streams[1].events), (1, 8));
}

#[test]
fn an_exported_log_goes_on() {
    let mut desk = Desk::with_three_days();
    let first = bundle(&mut desk);
    assert_eq!(bundle(&mut desk), first, "nothing new, and nothing but what is signed");
    desk.append(vec![granted(days(3), 1)], days(3));
    assert_eq!(desk.verify().unwrap().streams[1].events_open, 1);
    assert_eq!(check(&bundle(&mut desk)).unwrap().log.events(), 16);
}

#[test]
fn an_empty_log_has_a_bundle() {
    assert_eq!(check(&bundle(&mut Desk::new())).unwrap().log.events(), 0);
}

/// What was done to the store is found in the bundle too.
#[test]
fn a_bundle_hides_nothing() {
    let mut desk = Desk::with_three_days();
    desk.tamper("UPDATE event SET actor = 'staff:karen' WHERE stream_no = 2 AND event_seq = 2");
    let fault = LogFault::Broken { stream: USES, seq: 2 };
    assert!(
        matches!(check(&bundle(&mut desk)), Err(BundleFault::Log { fault: found, .. }) if found == fault)
    );
}
