//! What is true of every decision, whatever is asked.

use jiff::{Span, Timestamp, civil::Date};
use proptest::prelude::*;
use tidstro_govern::{
    Ask, Decision, Facts, OccupancyFact, Operation, Reach, Register, RegisterFile, Target, decide, explain,
    lease,
};
use tidstro_model::{
    ActivityId, ActorId, AreaKind, AreaNo, CategoryId, DayRange, OccupancyNo, PointNo, Resolution, SubjectNo,
};

use crate::town::{noon, town};

fn any_day() -> impl Strategy<Value = Date> {
    (0_i32..6000).prop_map(|n| Date::constant(2015, 1, 1).saturating_add(Span::new().days(n)))
}

fn any_days() -> impl Strategy<Value = DayRange> {
    (any_day(), 0_i32..800, any::<bool>()).prop_map(|(start, length, open)| {
        let end = if open { Date::MAX } else { start.saturating_add(Span::new().days(length)) };
        DayRange::new(start, end).unwrap()
    })
}

fn any_target() -> impl Strategy<Value = Target> {
    prop_oneof![
        (0_u32..4).prop_map(|n| Target::Subject(SubjectNo::new(n))),
        (0_u32..4).prop_map(|n| Target::Point(PointNo::new(n))),
        (0_u32..4).prop_map(|n| Target::Area(AreaNo::new(n))),
        Just(Target::Everything),
    ]
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let area = prop::sample::select(&AreaKind::ALL[..]);
    let fact = (0_u32..50, 0_u32..4, area, any_days());
    let fact = fact.prop_map(|(occupancy, subject, area, days)| OccupancyFact {
        occupancy: OccupancyNo::new(occupancy),
        subject: SubjectNo::new(subject),
        area,
        days,
    });
    // Numbers of occupancies are their own, so that a granted one leads back to its fact.
    prop::collection::vec(fact, 0..6).prop_map(|mut occupancies| {
        occupancies.sort_by_key(|fact| fact.occupancy);
        occupancies.dedup_by_key(|fact| fact.occupancy);
        Facts { occupancies, ..Facts::default() }
    })
}

/// One of the register's names, or one it does not have.
fn one_of(names: Vec<String>, unknown: &'static str) -> impl Strategy<Value = String> {
    let unknown = vec![unknown.to_owned()];
    prop_oneof![9 => prop::sample::select(names), 1 => prop::sample::select(unknown)]
}

fn any_actor(register: &Register) -> impl Strategy<Value = String> + use<> {
    let staff: Vec<_> = register.actors().map(|actor| actor.id.to_string()).collect();
    let residents = (0_u32..4).prop_map(|n| format!("resident:{n}"));
    prop_oneof![one_of(staff, "staff:nobody"), residents]
}

fn any_ask(register: &Register) -> impl Strategy<Value = Ask> + use<> {
    let activities = register.activities().map(|activity| activity.id.to_string()).collect();
    let categories = register.categories().map(|category| category.id.to_string()).collect();
    (
        any_actor(register),
        one_of(activities, "curiosity"),
        prop::sample::select(Operation::ALL),
        one_of(categories, "horoscope"),
        any_target(),
        any_days(),
        prop::sample::select(&Resolution::ALL[..]),
    )
        .prop_map(|(actor, purpose, operation, category, target, days, resolution)| Ask {
            actor: ActorId::parse(&actor).unwrap(),
            purpose: ActivityId::parse(&purpose).unwrap(),
            operation,
            category: CategoryId::parse(&category).unwrap(),
            target,
            days,
            resolution,
            recipient: None,
            factors: 1,
        })
}

fn within(inner: DayRange, outer: DayRange) -> bool {
    outer.start() <= inner.start() && inner.end() <= outer.end()
}

/// What must be true of a grant, said again and apart from how it is decided.
fn check_grant(register: &Register, facts: &Facts, ask: &Ask, now: Timestamp, grant: &tidstro_govern::Grant) {
    let activity = register.activity(&ask.purpose).expect("a granted purpose is in the register");
    let rule = activity.rule_for(&ask.category).expect("a granted category is in the activity");
    assert_eq!((&grant.activity, &grant.basis), (&activity.id, &activity.basis));
    assert!(register.roles_of(&ask.actor).iter().any(|role| activity.roles.contains(role)));
    assert!(activity.operations.contains(&ask.operation));
    assert!(rule.finest.allows(grant.scope.finest), "no finer than the activity allows");
    assert!(
        within(grant.scope.days, ask.days) && !grant.scope.days.is_empty(),
        "never outside the asked days"
    );
    let Reach::Occupancies(reached) = &grant.scope.reach else {
        assert!(!activity.own_only && !matches!(ask.target, Target::Subject(_)));
        return;
    };
    assert!(!reached.is_empty());
    for (occupancy, days) in reached {
        let fact =
            facts.occupancies.iter().find(|fact| fact.occupancy == *occupancy).expect("a known occupancy");
        assert!(within(*days, grant.scope.days) && within(*days, fact.days) && !days.is_empty());
        let lease = lease(activity, &fact.matter(), &[], now, register.zone()).expect("business in the area");
        // A hold or restriction is no use: it reaches what is there until a retention run.
        let is_live = lease.state.is_live() && lease.kept_from <= days.start();
        assert!(is_live || ask.operation == Operation::Restrict, "only with a live lease");
        if activity.own_only {
            assert_eq!(ask.actor.subject(), Some(fact.subject), "only own occupancies");
        }
        if let Target::Subject(subject) = ask.target {
            assert_eq!(fact.subject, subject, "only the asked subject");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_grant_never_reaches_further_than_the_register(
        ask in any_ask(shared()), facts in any_facts(), today in any_day().prop_map(noon),
    ) {
        let register = shared();
        if let Decision::Grant(grant) = decide(register, &facts, &ask, today) {
            check_grant(register, &facts, &ask, today, &grant);
        }
    }

    #[test]
    fn an_unknown_name_is_never_granted(
        ask in any_ask(shared()), facts in any_facts(), today in any_day().prop_map(noon), which in 0..3,
    ) {
        let mut ask = ask;
        match which {
            0 => ask.actor = ActorId::parse("staff:nobody").unwrap(),
            1 => ask.purpose = ActivityId::parse("curiosity").unwrap(),
            _ => ask.category = CategoryId::parse("horoscope").unwrap(),
        }
        prop_assert!(matches!(decide(shared(), &facts, &ask, today), Decision::Refuse(_)));
    }

    #[test]
    fn an_explanation_is_of_the_decision_made(
        ask in any_ask(shared()), facts in any_facts(), today in any_day().prop_map(noon),
    ) {
        let explained = explain(shared(), &facts, &ask, today);
        prop_assert_eq!(&explained.decision, &decide(shared(), &facts, &ask, today));
        let failed = explained.checks.iter().filter(|check| !check.passed).count();
        match &explained.decision {
            Decision::Grant(_) => prop_assert_eq!((failed, explained.checks.len()), (0, 12)),
            Decision::Refuse(refuse) => {
                prop_assert_eq!(failed, 1);
                prop_assert_eq!(explained.checks.last().map(|check| check.step), Some(refuse.rule.step()));
            }
        }
    }

    #[test]
    fn a_narrower_ask_is_never_granted_more(
        ask in any_ask(shared()), facts in any_facts(), today in any_day().prop_map(noon),
    ) {
        // Granted for a day at a time, in sum nothing is granted that the whole ask would not be.
        let first = DayRange::new(ask.days.start(), ask.days.start().tomorrow().unwrap()).unwrap();
        let narrow = Ask { days: first, ..ask.clone() };
        if !ask.days.is_empty() && matches!(decide(shared(), &facts, &narrow, today), Decision::Grant(_)) {
            prop_assert!(matches!(decide(shared(), &facts, &ask, today), Decision::Grant(_)));
        }
    }

    #[test]
    fn any_text_is_a_register_or_has_faults(text in "\\PC{0,200}", cut in 0_usize..20_000) {
        let _ = Register::parse(&text, "any");
        let _ = Register::parse(halves(cut).0, "cut");
    }

    #[test]
    fn any_files_are_a_register_or_have_faults_in_them(cut in 0_usize..20_000, text in "\\PC{0,40}", empty in any::<bool>()) {
        let (first, second) = halves(cut);
        let spoilt = format!("{text}\n{second}");
        let files = [if empty { "" } else { first }, &spoilt, second];
        let files = ["1", "2", "3"].into_iter().zip(files).map(|(name, text)| RegisterFile { name, text });
        let files: Vec<_> = files.collect();
        if let Err(faults) = Register::parse_files(&files) {
            for found in faults.faults {
                let file = files.iter().find(|file| file.name == found.file).expect("one of the files");
                let lines = file.text.matches('\n').count() + 1;
                prop_assert!((1..=lines).contains(&usize::try_from(found.line).unwrap()), "{:?}", found);
            }
        }
    }
}

/// The text of the town, cut in two.
fn halves(cut: usize) -> (&'static str, &'static str) {
    let whole = include_str!("../../../../registers/town.toml");
    let cut = (0..=cut.min(whole.len())).rev().find(|&at| whole.is_char_boundary(at)).unwrap();
    whole.split_at(cut)
}

/// The town, parsed once.
fn shared() -> &'static Register {
    static TOWN: std::sync::OnceLock<Register> = std::sync::OnceLock::new();
    TOWN.get_or_init(town)
}
