//! Events from outside: what is taken and what is kept aside.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tidstro_govern::log::{AsideReason, GENESIS, Hash, ImportCheck, hex};
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use super::book::at;

fn begin() -> ImportCheck {
    ImportCheck { last_line: GENESIS, last_at: Timestamp::MIN }
}

fn line(prior: &Hash, kind: &str, second: i64) -> String {
    let (at, prior) = (at(second), hex(prior));
    format!(
        r#"{{"at":"{at}","kind":"{kind}","subjects":["{}"],"case":"case-7","detail":"consent withdrawn","prior":"{prior}"}}"#,
        hex(&[8; 32])
    )
}

fn hash(line: &str) -> Hash {
    Sha256::digest(line).into()
}

fn take(check: &mut ImportCheck, line: &str) -> Result<Event, AsideReason> {
    check.line(line.as_bytes(), &ActorId::parse("job:crm").unwrap(), at(100))
}

#[test]
fn lines_that_fit_are_events() {
    let mut check = begin();
    let first = line(&GENESIS, "lease-event", 1);
    let event = take(&mut check, &first).unwrap();
    assert_eq!((event.at, event.kind, event.actor.as_str()), (at(1), EventKind::LeaseEvent, "job:crm"));
    assert_eq!((event.subjects, event.detail.as_str()), (vec![[8; 32]], "consent withdrawn"));
    assert_eq!(event.case.unwrap().as_str(), "case-7");
    let second = line(&hash(&first), "case-event", 1);
    assert_eq!(take(&mut check, &second).unwrap().kind, EventKind::CaseEvent);
    assert_eq!(check, ImportCheck { last_line: hash(&second), last_at: at(1) });
}

#[test]
fn lines_that_do_not_fit_are_told_apart() {
    for (kind, second, reason) in [
        ("lease-event", 101, AsideReason::FromTheFuture),
        ("lease-event", 1, AsideReason::OutOfOrder),
        ("leased", 3, AsideReason::UnknownKind),
        // What only this program can know.
        ("register-approved", 3, AsideReason::UnknownKind),
        ("segment-expired", 3, AsideReason::UnknownKind),
        ("granted", 3, AsideReason::UnknownKind),
    ] {
        let mut check = begin();
        let first = line(&GENESIS, "lease-event", 2);
        take(&mut check, &first).unwrap();
        let unfit = line(&hash(&first), kind, second);
        assert_eq!(take(&mut check, &unfit), Err(reason), "{kind} {second}");
        // It stays part of the chain, and what follows it fits.
        assert!(take(&mut check, &line(&hash(&unfit), "lease-event", 2)).is_ok(), "{kind} {second}");
    }
}

#[test]
fn after_a_break_nothing_fits() {
    let mut check = begin();
    let [first, second, third] = [1, 2, 3].map(|second| second);
    let first = line(&GENESIS, "lease-event", first);
    let second = line(&hash(&first), "lease-event", second);
    let third = line(&hash(&second), "lease-event", third);
    take(&mut check, &first).unwrap();
    // The second line is missing, or another stands in its place.
    assert_eq!(take(&mut check, &third), Err(AsideReason::BrokenPrior));
    let forged = line(&hash(&third), "lease-event", 4);
    assert_eq!(take(&mut check, &forged), Err(AsideReason::BrokenPrior));
    assert_eq!(take(&mut check, &first), Err(AsideReason::BrokenPrior), "the same file again");
    // With the missing line the chain goes on.
    assert!(take(&mut check, &second).is_ok() && take(&mut check, &third).is_ok());
}

#[test]
fn unreadable_lines_are_no_events() {
    let whole = line(&GENESIS, "lease-event", 1);
    let mut lines = vec![String::new(), "{}".into(), whole[..40].into(), "[1]".into()];
    lines.extend(
        [
            ("\"at\":\"", "\"at\":\"yesterday "),
            ("case-7", "Case 7"),
            ("\"detail\"", "\"name\""),
            ("0808", "08"),
            ("\"kind\"", "\"actor\":\"staff:anna\",\"kind\""),
        ]
        .map(|(from, to)| whole.replacen(from, to, 1)),
    );
    for line in lines {
        assert_eq!(take(&mut begin(), &line), Err(AsideReason::Unreadable), "{line}");
    }
}
