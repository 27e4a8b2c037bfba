//! Stories of the demo town: who sees what, and until when.

use jiff::civil::Date;
use tidstro_govern::{
    ColumnFault, DossierFact, LeaseEvent, LeaseEventKind, Operation, PersonalColumn, Reach, Recipient,
    RefusalRule, SubjectEvent, Target, decide, explain,
};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, AreaNo, CategoryId, DayRange, DossierKind, DossierNo, OccupancyNo,
    PartyId, PointNo, Resolution, SubjectNo,
};

use crate::town::{ask, day, days, facts, granted, noon, refused, town};

const FLAT: Target = Target::Point(PointNo::new(40));

/// One flat: subject 7 until 16 March, then five empty days, then subject 8.
fn flat() -> tidstro_govern::Facts {
    facts(&[(1, 7, "2020-05-01..2026-03-16"), (2, 8, "2026-03-21..")])
}

fn own(reach: &Reach) -> Vec<(u32, DayRange)> {
    match reach {
        Reach::Occupancies(occupancies) => {
            occupancies.iter().map(|(no, days)| (no.as_u32(), *days)).collect()
        }
        Reach::Target { .. } => panic!("the whole target"),
    }
}

#[test]
fn a_resident_sees_exactly_the_days_of_their_occupancy() {
    let register = town();
    for resolution in Resolution::ALL {
        for (actor, expected) in [
            ("resident:7", (1, days("2026-03-01..2026-03-16"))),
            ("resident:8", (2, days("2026-03-21..2026-04-01"))),
        ] {
            let mut ask = ask(actor, "own-view", Operation::Read, "consumption", FLAT);
            ask.resolution = resolution;
            let grant = granted(&register, &flat(), &ask, "2026-04-02");
            assert_eq!(own(&grant.scope.reach), [expected], "{actor} at {resolution}");
            assert_eq!(grant.scope.finest, resolution);
        }
    }
}

#[test]
fn a_resident_gets_nothing_of_others_and_cannot_tell_whether_they_exist() {
    let register = town();
    let nobody = facts(&[]);
    let whole = |target| ask("resident:7", "own-view", Operation::Read, "consumption", target);
    let subject = |number| Target::Subject(SubjectNo::new(number));
    let refusals = [
        refused(&register, &facts(&[(2, 8, "2026-03-21..")]), &whole(FLAT), "2026-04-02"),
        refused(&register, &nobody, &whole(FLAT), "2026-04-02"),
        refused(&register, &facts(&[(2, 8, "2026-03-21..")]), &whole(subject(8)), "2026-04-02"),
        refused(&register, &nobody, &whole(subject(999)), "2026-04-02"),
        refused(&register, &nobody, &whole(Target::Area(AreaNo::new(1))), "2026-04-02"),
        refused(&register, &nobody, &whole(Target::Everything), "2026-04-02"),
    ];
    assert!(refusals.iter().all(|refuse| refuse.rule == RefusalRule::NotOwnData));
    assert!(refusals.iter().all(|refuse| refuse.detail == refusals[0].detail), "{refusals:?}");
}

#[test]
fn a_second_spelling_of_a_resident_is_nobody() {
    let ask = ask("resident:007", "own-view", Operation::Read, "consumption", FLAT);
    assert_eq!(refused(&town(), &flat(), &ask, "2026-04-02").rule, RefusalRule::UnknownActor);
}

#[test]
fn days_outside_the_occupancy_are_not_in_scope() {
    let mut ask = ask("resident:7", "own-view", Operation::Read, "consumption", FLAT);
    ask.days = days("2026-03-16..2026-04-01");
    assert_eq!(refused(&town(), &flat(), &ask, "2026-04-02").rule, RefusalRule::NothingInScope);
}

#[test]
fn a_former_residents_page_closes_after_a_year() {
    let register = town();
    let ask = ask("resident:7", "own-view", Operation::Read, "consumption", FLAT);
    // The last day lived there was 15 March 2026.
    let until = granted(&register, &flat(), &ask, "2027-03-15");
    assert_eq!(own(&until.scope.reach), [(1, days("2026-03-01..2026-03-16"))]);
    assert_eq!(refused(&register, &flat(), &ask, "2027-03-16").rule, RefusalRule::NoLiveLease);
}

#[test]
fn billing_sees_months_and_the_whole_point_with_its_vacancy() {
    let register = town();
    let mut ask = ask("staff:anna", "billing", Operation::Compute, "consumption", FLAT);
    let grant = granted(&register, &flat(), &ask, "2026-04-02");
    let Reach::Target { live_since, cuts } = &grant.scope.reach else { panic!("{grant:?}") };
    assert_eq!((*live_since, cuts.as_slice()), (day("2021-02-20"), &[][..]));
    // Five years and six weeks back, to the day: what ended then is live, the day before is not.
    let former = |end: &str| facts(&[(1, 7, &format!("2020-05-01..{end}"))]);
    let mut of_subject = ask.clone();
    (of_subject.target, of_subject.days) = (Target::Subject(SubjectNo::new(7)), DayRange::always());
    granted(&register, &former("2021-02-20"), &of_subject, "2026-04-02");
    let gone = refused(&register, &former("2021-02-19"), &of_subject, "2026-04-02");
    assert_eq!(gone.rule, RefusalRule::NoLiveLease);
    assert_eq!(grant.scope.days, ask.days);
    assert_eq!(grant.scope.finest, Resolution::P1M);

    ask.resolution = Resolution::PT1H;
    let refuse = refused(&register, &flat(), &ask, "2026-04-02");
    assert_eq!(refuse.rule, RefusalRule::ResolutionTooFine);
    assert_eq!(
        refuse.detail,
        "purpose `billing` sees `consumption` no finer than `P1M`, asked was `PT1H`; ask for `P1M` or coarser"
    );
}

#[test]
fn a_subject_that_never_was_and_one_long_gone_look_the_same() {
    let register = town();
    let target = Target::Subject(SubjectNo::new(7));
    let ask = ask("staff:anna", "billing", Operation::Read, "identity", target);
    let gone = refused(&register, &facts(&[(1, 7, "2010-01-01..2015-01-01")]), &ask, "2026-04-02");
    assert_eq!(gone.rule, RefusalRule::NoLiveLease);
    assert_eq!(gone, refused(&register, &facts(&[]), &ask, "2026-04-02"));
}

#[test]
fn retention_from_registration_cuts_the_days() {
    let mut ask = ask("staff:sofie", "network-operation", Operation::Read, "consumption", Target::Everything);
    ask.days = days("2020-01-01..2026-04-01");
    let grant = granted(&town(), &facts(&[]), &ask, "2026-04-02");
    // Three years, and the event day is not counted: what was registered on 2 April 2023 is kept today.
    assert_eq!(grant.scope.days, days("2023-04-02..2026-04-01"));
    ask.days = days("2020-01-01..2023-04-02");
    assert_eq!(refused(&town(), &facts(&[]), &ask, "2026-04-02").rule, RefusalRule::NothingInScope);
    ask.days = days("2020-01-01..2021-01-01");
    assert_eq!(refused(&town(), &facts(&[]), &ask, "2026-04-02").rule, RefusalRule::NoLiveLease);
}

#[test]
fn asking_for_no_days_is_not_in_scope() {
    let mut ask = ask("job:ingest", "reading", Operation::Store, "consumption", Target::Everything);
    ask.days = days("2026-03-01..2026-03-01");
    ask.resolution = Resolution::Raw;
    assert_eq!(refused(&town(), &facts(&[]), &ask, "2026-04-02").rule, RefusalRule::NothingInScope);
}

#[test]
fn the_jobs_are_named_actors_with_purposes() {
    let register = town();
    for (purpose, operation, category, resolution) in [
        ("reading", Operation::Collect, "telegram", Resolution::Raw),
        ("reading", Operation::Store, "telegram", Resolution::Raw),
        ("reading", Operation::Store, "consumption", Resolution::Raw),
        ("grid-reading", Operation::Store, "consumption", Resolution::PT1H),
        ("grid-reading", Operation::Export, "consumption", Resolution::PT1H),
        ("validation", Operation::Compute, "consumption", Resolution::Raw),
    ] {
        let mut ask = ask("job:ingest", purpose, operation, category, Target::Everything);
        ask.resolution = resolution;
        ask.recipient = (operation == Operation::Export)
            .then(|| Recipient { party: PartyId::parse("market-hub").unwrap(), country: None });
        let grant = granted(&register, &facts(&[]), &ask, "2026-04-02");
        assert!(!grant.basis.is_empty());
    }
    let ask = ask("job:ingest", "billing", Operation::Read, "consumption", Target::Everything);
    assert_eq!(refused(&register, &facts(&[]), &ask, "2026-04-02").rule, RefusalRule::RoleNotInPurpose);
}

#[test]
fn unknown_names_are_refused_by_name() {
    let register = town();
    let rule = |actor, purpose, category| {
        let ask = ask(actor, purpose, Operation::Read, category, Target::Everything);
        refused(&register, &facts(&[]), &ask, "2026-04-02").rule
    };
    assert_eq!(rule("staff:nobody", "billing", "consumption"), RefusalRule::UnknownActor);
    assert_eq!(rule("staff:anna", "curiosity", "consumption"), RefusalRule::UnknownPurpose);
    assert_eq!(rule("staff:anna", "billing", "horoscope"), RefusalRule::UnknownCategory);
    assert_eq!(rule("staff:anna", "billing", "indoor-climate"), RefusalRule::CategoryNotInPurpose);
}

#[test]
fn an_explanation_reads_as_the_decision_was_made() {
    let register = town();
    let now = noon(day("2026-04-02"));
    let line = |needle: &str| {
        let text = include_str!("../../../../registers/town.toml");
        let after = text.find("id = \"billing\"").unwrap();
        let at = after + text[after..].find(needle).unwrap();
        text[..at].lines().count() + usize::from(text[..at].ends_with('\n'))
    };
    let mut ask = ask("staff:anna", "billing", Operation::Read, "consumption", FLAT);
    ask.resolution = Resolution::PT1H;
    let shown = explain(&register, &flat(), &ask, now).to_string();
    let expected = format!(
        "may `staff:anna` read `consumption` of point 40, 2026-03-01..2026-04-01 at PT1H, for `billing`, on 2026-04-02?\n\
        \x20 yes actor       `staff:anna` has `billing-clerk`  (registers/town.toml:{actor})\n\
        \x20 yes purpose     `billing`: Consumption accounts and objections to them  (registers/town.toml:{id})\n\
        \x20 yes force       `billing` is in force all days  (registers/town.toml:{id})\n\
        \x20 yes role        `billing` admits `billing-clerk`  (registers/town.toml:{roles})\n\
        \x20 yes session     `billing` needs one factor, at any hour  (registers/town.toml:{id})\n\
        \x20 yes operation   `billing` does `read`, `compute`, `export`  (registers/town.toml:{operations})\n\
        \x20 yes category    `billing` sees `consumption` at `P1M`  (registers/town.toml:{data})\n\
        \x20 NO  resolution  `billing` sees `consumption` at `P1M`  (registers/town.toml:{data})\n\
        refused by resolution-too-fine: purpose `billing` sees `consumption` no finer than `P1M`, asked was `PT1H`; \
        ask for `P1M` or coarser",
        actor = line("id = \"staff:anna\""),
        id = line("id = \"billing\""),
        roles = line("roles ="),
        operations = line("do ="),
        data = line("data ="),
    );
    assert_eq!(shown, expected);

    ask.resolution = Resolution::P1M;
    let explained = explain(&register, &flat(), &ask, now);
    assert!(explained.checks.iter().all(|check| check.passed));
    assert_eq!(explained.decision, decide(&register, &flat(), &ask, now));
}

#[test]
fn every_personal_column_needs_a_category() {
    let register = town();
    let column = |table, column| PersonalColumn { table, column };
    assert_eq!(
        register.check_columns(&[column("subject", "sealed_name"), column("series_block", "sealed")]),
        Ok(())
    );
    let faults = register.check_columns(&[column("subject", "shoe_size")]).unwrap_err();
    assert!(matches!(faults[0], ColumnFault::NoCategory { .. }));
    assert_eq!(
        faults[0].to_string(),
        "column `subject.shoe_size` holds personal data and is in no category of register `town`; \
        add it to the `columns` of one"
    );
}

/// What belongs to nobody known ends with the longest rule that counts from its registration.
#[test]
fn what_belongs_to_no_subject_ends_too() {
    let register = town();
    let column = |table, column| PersonalColumn { table, column };
    assert_eq!(register.check_unowned(&column("event_aside", "sealed")), Ok(()));
    let aside = CategoryId::parse("kept-aside").unwrap();
    let until = register.unowned_until(&aside, "2025-01-15T12:00:00Z".parse().unwrap());
    assert_eq!(until, Some("2026-02-15T23:00:00Z".parse().unwrap()));
    // Names are kept by occupancies alone, so one of nobody would never end.
    let identity = CategoryId::parse("identity").unwrap();
    assert_eq!(register.unowned_until(&identity, "2025-01-15T12:00:00Z".parse().unwrap()), None);
    let faults = register.check_unowned(&column("subject", "sealed_name")).unwrap_err();
    assert!(
        matches!(&faults[..], [ColumnFault::NoEnd { category, .. }] if category == "identity"),
        "{faults:?}"
    );
}

#[test]
fn a_register_is_its_text() {
    let register = town();
    assert_eq!((register.id(), register.edition()), ("town", "2026-01"));
    let text = include_str!("../../../../registers/town.toml");
    let other = tidstro_govern::Register::parse(&format!("{text}\n"), "other").unwrap();
    assert_ne!(register.hash(), other.hash());
    let roles = |actor: &str| {
        let roles = register.roles_of(&ActorId::parse(actor).unwrap());
        roles.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(roles("staff:mikkel"), ["meter-data-clerk"]);
    assert_eq!(roles("resident:3"), ["resident"]);
    assert!(roles("staff:nobody").is_empty());
    assert!(register.activity(&ActivityId::parse("reading").unwrap()).is_some());
}

#[test]
fn an_open_occupancy_is_live_on_every_day() {
    let mut ask = ask("resident:8", "own-view", Operation::Read, "consumption", FLAT);
    ask.days = DayRange::always();
    let grant = granted(&town(), &flat(), &ask, "9999-12-28");
    assert_eq!(own(&grant.scope.reach), [(2, DayRange::new(day("2026-03-21"), Date::MAX).unwrap())]);
    assert_eq!(grant.scope.reach, Reach::Occupancies(vec![(OccupancyNo::new(2), days("2026-03-21.."))]));
}

#[test]
fn what_waits_for_consent_never_reaches_a_whole_target() {
    let text = include_str!("../../../../registers/town.toml").replace(
        "basis = [{ gdpr = \"6(1)(c)\", cite = \"Danish Electricity Supply Act, duties of grid companies\" }]",
        "basis = [{ gdpr = \"6(1)(a)\", cite = \"consent\" }]",
    );
    let register = tidstro_govern::Register::parse(&text, "consent").unwrap();
    let mut grid = facts(&[(1, 7, "2020-05-01.."), (2, 8, "2020-05-01..")]);
    for fact in &mut grid.occupancies {
        fact.area = AreaKind::GridArea;
    }
    for target in [Target::Everything, Target::Area(AreaNo::new(1)), FLAT] {
        let ask = ask("staff:sofie", "network-operation", Operation::Read, "consumption", target);
        assert_eq!(refused(&register, &grid, &ask, "2026-04-02").rule, RefusalRule::NoLiveLease);
        assert_eq!(refused(&register, &facts(&[]), &ask, "2026-04-02").rule, RefusalRule::NoLiveLease);
        let mut one_consented = grid.clone();
        one_consented.events.push(SubjectEvent {
            subject: SubjectNo::new(8),
            event: LeaseEvent {
                at: noon(day("2026-01-01")),
                kind: LeaseEventKind::ConsentGiven,
                matter: None,
                activity: None,
                days: None,
            },
        });
        let grant = granted(&register, &one_consented, &ask, "2026-04-02");
        assert_eq!(own(&grant.scope.reach), [(2, ask.days)]);
    }
}

#[test]
fn a_dossier_has_no_days_of_its_own() {
    let text = include_str!("../../../../registers/town.toml").replace(
        "areas = [\"building\"]\ndata = { identity = \"full\", occupancy = \"full\", consumption = \"P1Y\" }",
        "dossiers = [\"ticket\"]\ndata = { identity = \"full\", occupancy = \"full\", consumption = \"P1Y\" }",
    );
    let text = text.replace(
        "roles = [\"bookkeeper\"]\nto = [\"hosting\"]\nkeep = [{ from = \"occupancy-end\", for = [\"P6W\", \"P5Y\"], then = \"erase\" }]",
        "roles = [\"bookkeeper\"]\nto = [\"hosting\"]\nkeep = [{ from = \"registration\", at_most = \"PT24H\", then = \"erase\" }]",
    );
    let register = tidstro_govern::Register::parse(&text, "tickets").unwrap();
    let opened = noon(day("2026-04-02"));
    let dossier = DossierFact {
        dossier: DossierNo::new(5),
        subject: Some(SubjectNo::new(7)),
        kind: DossierKind::parse("ticket").unwrap(),
        opened,
    };
    let ticket = tidstro_govern::Facts { dossiers: vec![dossier], ..facts(&[]) };
    for target in [Target::Dossier(DossierNo::new(5)), Target::Subject(SubjectNo::new(7))] {
        let mut ask = ask("staff:karen", "bookkeeping", Operation::Read, "identity", target);
        ask.days = days("2020-01-01..2020-02-01");
        let grant = granted(&register, &ticket, &ask, "2026-04-02");
        assert_eq!(grant.scope.dossiers, [DossierNo::new(5)]);
        assert_eq!(refused(&register, &ticket, &ask, "2026-04-03").rule, RefusalRule::NoLiveLease);
    }
}

#[test]
fn a_hold_reaches_what_no_lease_keeps_any_more() {
    let target = Target::Subject(SubjectNo::new(7));
    let mut ask = ask("staff:dpo", "rights", Operation::Restrict, "choices", target);
    ask.days = DayRange::always();
    let long_gone = facts(&[(1, 7, "2010-01-01..2015-01-01")]);
    let grant = granted(&town(), &long_gone, &ask, "2026-04-02");
    assert_eq!(own(&grant.scope.reach), [(1, days("2010-01-01..2015-01-01"))]);
    // It reads nothing: the same purpose sees none of it.
    ask.operation = Operation::Read;
    assert_eq!(refused(&town(), &long_gone, &ask, "2026-04-02").rule, RefusalRule::NoLiveLease);
    ask.operation = Operation::Restrict;
    assert_eq!(refused(&town(), &facts(&[]), &ask, "2026-04-02").rule, RefusalRule::NoLiveLease);
}
