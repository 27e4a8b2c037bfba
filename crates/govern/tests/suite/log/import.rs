//! Events from outside: what is taken and what is kept aside.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tidstro_calendar::{Amount, Zone};
use tidstro_govern::log::{AsideReason, GENESIS, Hash, ImportCheck, Reported, hex};
use tidstro_govern::{CaseEvent, CaseStep, LeaseEvent, LeaseEventKind, Matter, Moment};
use tidstro_model::{ActivityId, ActorId, CaseId, DayRange, DossierNo, ObligationId, TriggerId};

use super::book::at;

fn begin() -> ImportCheck {
    ImportCheck { last_line: GENESIS, last_at: Timestamp::MIN }
}

/// A line of a kind and an instant, about a case if it is a case event.
fn line(prior: &Hash, kind: &str, second: i64) -> String {
    let of = match kind {
        "case-event" => r#""what":"access.received","case":"case-7""#,
        _ => r#""what":"consent-withdrawn","subject":"person-1","purpose":"rights","dossier":7"#,
    };
    format!(r#"{{"at":"{}","kind":"{kind}",{of},"prior":"{}"}}"#, at(second), hex(prior))
}

fn hash(line: &str) -> Hash {
    Sha256::digest(line).into()
}

fn crm() -> ActorId {
    ActorId::parse("job:crm").unwrap()
}

fn take(check: &mut ImportCheck, line: &str) -> Result<Reported, AsideReason> {
    check.line(line.as_bytes(), &crm(), at(100), &Zone::copenhagen())
}

fn case_event(moment: Moment, step: CaseStep) -> Reported {
    let case = CaseId::parse("case-7").unwrap();
    Reported::Case(CaseEvent { case, at: moment, step, by: crm(), recorded: at(100) })
}

#[test]
fn lines_that_fit_are_events() {
    let mut check = begin();
    let first = line(&GENESIS, "lease-event", 1);
    let Reported::Lease(lease) = take(&mut check, &first).unwrap() else { panic!("{first}") };
    assert_eq!((lease.purpose.as_str(), lease.reference.as_str()), ("rights", "person-1"));
    let (kind, matter) = (LeaseEventKind::ConsentWithdrawn, Some(Matter::Dossier(DossierNo::new(7))));
    assert_eq!(lease.event, LeaseEvent { at: at(1), kind, matter, activity: None, days: None });
    let second = line(&hash(&first), "case-event", 1);
    let received = CaseStep::Trigger { trigger: TriggerId::parse("access.received").unwrap(), starts: None };
    assert_eq!(take(&mut check, &second).unwrap(), case_event(Moment::Instant(at(1)), received));
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
            ("person-1\"", "person-1\",\"detail\":\"\""),
            ("\"rights\"", "\"Rights\""),
            ("\"subject\":\"person-1\",", ""),
            ("\"dossier\":7", "\"dossier\":7,\"occupancy\":7"),
            ("\"dossier\":7", "\"from\":\"2026-01-01\""),
            ("\"dossier\":7", "\"on\":\"2026-01-01\""),
            ("\"kind\"", "\"actor\":\"staff:anna\",\"kind\""),
        ]
        .map(|(from, to)| whole.replacen(from, to, 1)),
    );
    for line in lines {
        assert_eq!(take(&mut begin(), &line), Err(AsideReason::Unreadable), "{line}");
    }
}

/// A case line with these fields in the place of its trigger.
fn case_line(fields: &str) -> String {
    line(&GENESIS, "case-event", 1).replacen(r#""what":"access.received""#, fields, 1)
}

#[test]
fn every_step_of_a_case_can_be_reported() {
    let obligation = ObligationId::parse("access.answer").unwrap();
    let (by, reason) = (Amount::parse("P2M").unwrap(), "many requests".to_owned());
    let of = r#""obligation":"access.answer""#;
    for (fields, step) in [
        (
            r#""what":"subprocessor.planned","starts":"2026-09-01""#.to_owned(),
            CaseStep::Trigger {
                trigger: TriggerId::parse("subprocessor.planned").unwrap(),
                starts: Some("2026-09-01".parse().unwrap()),
            },
        ),
        (
            format!(r#""what":"extension",{of},"extend":"P2M","reason":"many requests""#),
            CaseStep::Extension { obligation: obligation.clone(), by, reason: reason.clone() },
        ),
        (
            format!(r#""what":"pause",{of},"reason":"many requests""#),
            CaseStep::Pause { obligation: obligation.clone(), reason },
        ),
        (format!(r#""what":"resume",{of}"#), CaseStep::Resume { obligation }),
    ] {
        let reported = take(&mut begin(), &case_line(&fields));
        assert_eq!(reported, Ok(case_event(Moment::Instant(at(1)), step)), "{fields}");
    }
    for fields in [
        r#""what":"extension","obligation":"access.answer","extend":"P2M""#,
        r#""what":"extension","obligation":"access.answer","extend":"soon","reason":"many""#,
        r#""what":"pause","reason":"many""#,
        r#""what":"resume","obligation":"access.answer","reason":"dropped in silence""#,
        r#""what":"access.received","obligation":"access.answer""#,
        r#""what":"access.received","starts":"soon""#,
        r#""what":"Access received""#,
    ] {
        assert_eq!(take(&mut begin(), &case_line(fields)), Err(AsideReason::Unreadable), "{fields}");
    }
}

#[test]
fn an_account_says_its_days_and_an_activity() {
    let line = line(&GENESIS, "lease-event", 1)
        .replace("consent-withdrawn", "account-delivered")
        .replace(r#""dossier":7"#, r#""activity":"billing","from":"2025-01-01","to":"2026-01-01""#);
    let Ok(Reported::Lease(lease)) = take(&mut begin(), &line) else { panic!("{line}") };
    let days = DayRange::new("2025-01-01".parse().unwrap(), "2026-01-01".parse().unwrap()).unwrap();
    assert_eq!(lease.event.days, Some(days));
    assert_eq!(lease.event.activity, Some(ActivityId::parse("billing").unwrap()));
    let unknown = line.replace("account-delivered", "account-sent");
    assert_eq!(take(&mut begin(), &unknown), Err(AsideReason::UnknownKind));
}

#[test]
fn a_day_may_stand_for_the_instant() {
    let on = |line: String, day: &str| {
        let (_, rest) = line.split_once(',').unwrap();
        format!(r#"{{"on":"{day}",{rest}"#)
    };
    let today = Zone::copenhagen().day_of(at(100));
    let mut check = begin();
    let first = line(&GENESIS, "lease-event", 2);
    take(&mut check, &first).unwrap();
    // Some of the day lies after the line before, so it may be in order.
    let second = on(line(&hash(&first), "case-event", 0), &today.to_string());
    let Ok(Reported::Case(event)) = take(&mut check, &second) else { panic!("{second}") };
    assert_eq!(event.at, Moment::Day(today));
    // For leases it is the first instant of the day.
    let third = on(line(&hash(&second), "lease-event", 0), &today.to_string());
    let Ok(Reported::Lease(lease)) = take(&mut check, &third) else { panic!("{third}") };
    assert_eq!(lease.event.at, Zone::copenhagen().day_start(today));
    let before = on(line(&hash(&third), "case-event", 0), &today.yesterday().unwrap().to_string());
    assert_eq!(take(&mut check, &before), Err(AsideReason::OutOfOrder));
    let ahead = on(line(&hash(&before), "case-event", 0), &today.tomorrow().unwrap().to_string());
    assert_eq!(take(&mut check, &ahead), Err(AsideReason::FromTheFuture));
}
