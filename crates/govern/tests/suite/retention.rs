//! What is true of every retention plan, whatever is held and whatever happened.

use jiff::{Span, Timestamp, civil::Date};
use proptest::prelude::*;
use tidstro_govern::{
    Held, Holding, LeaseEvent, LeaseEventKind, Matter, MatterHoldings, OccupancyFact, PlanItem, Register,
    RetentionPlan, SubjectHoldings, lease,
};
use tidstro_model::{AreaKind, CategoryId, DayRange, OccupancyNo, SubjectNo};

use crate::town::{noon, town};

fn any_day() -> impl Strategy<Value = Date> {
    (0_i32..6000).prop_map(|n| Date::constant(2015, 1, 1).saturating_add(Span::new().days(n)))
}

fn any_occupancy() -> impl Strategy<Value = OccupancyFact> {
    let area = prop::sample::select(&AreaKind::ALL[..]);
    (0_u32..50, area, any_day(), 1_i32..2000, any::<bool>()).prop_map(
        |(number, area, start, length, open)| {
            let end = if open { Date::MAX } else { start.saturating_add(Span::new().days(length)) };
            let days = DayRange::new(start, end).unwrap();
            OccupancyFact { occupancy: OccupancyNo::new(number), subject: SubjectNo::new(1), area, days }
        },
    )
}

fn any_event() -> impl Strategy<Value = LeaseEvent> {
    let kind = prop::sample::select(LeaseEventKind::ALL);
    (kind, any_day(), prop::option::of(0_u32..3), any_day(), 1_i32..400).prop_map(
        |(kind, day, occupancy, start, length)| LeaseEvent {
            at: noon(day),
            kind,
            matter: occupancy.map(|number| Matter::Occupancy(OccupancyNo::new(number))),
            activity: None,
            days: DayRange::new(start, start.saturating_add(Span::new().days(length))).ok(),
        },
    )
}

/// Everything that can be held of some occupancies, from a day on.
struct Everything<'r> {
    matters: Vec<MatterHoldings<'r>>,
    own: Vec<&'r CategoryId>,
    frame: &'r CategoryId,
}

impl<'r> Everything<'r> {
    fn of(register: &'r Register, occupancies: &[OccupancyFact], from: Date) -> Self {
        let named = |name: &str| {
            let found = register.categories().find(|category| category.id.as_str() == name);
            &found.unwrap().id
        };
        let values = ["consumption", "indoor-climate", "telegram", "finding"];
        let matter = |fact: &OccupancyFact| MatterHoldings {
            fact: fact.matter(),
            holdings: values.map(|name| Holding { category: named(name), from }).to_vec(),
            frame: named("occupancy"),
        };
        Self {
            matters: occupancies.iter().map(matter).collect(),
            own: vec![named("identity"), named("contact")],
            frame: named("choices"),
        }
    }

    fn plan(&self, register: &'r Register, events: &[LeaseEvent], now: Timestamp) -> Vec<PlanItem<'r>> {
        let events: Vec<&LeaseEvent> = events.iter().collect();
        let (matters, own) = (&self.matters, &self.own);
        let subject = SubjectHoldings { matters, own, frame: Some(self.frame), events: &events };
        RetentionPlan::new(register, now).of(&subject)
    }
}

fn parts<'p, 'r>(plan: &'p [PlanItem<'r>], of: Held, category: &CategoryId) -> Vec<&'p PlanItem<'r>> {
    let parts = plan.iter().filter(|item| item.of == of && item.category == category && !item.is_frame);
    parts.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Erased, kept and protected days of one category follow each other without gap or overlap, and are all
    /// that is held; every row has one fate.
    #[test]
    fn everything_has_one_fate(
        occupancies in prop::collection::vec(any_occupancy(), 0..4),
        events in prop::collection::vec(any_event(), 0..6),
        from in any_day(),
        now in any_day(),
    ) {
        let mut occupancies = occupancies;
        occupancies.sort_by_key(|fact| fact.occupancy);
        occupancies.dedup_by_key(|fact| fact.occupancy);
        let register = town();
        let held = Everything::of(&register, &occupancies, from);
        let plan = held.plan(&register, &events, noon(now));
        for matter in &held.matters {
            let of = Held::Matter(matter.fact.matter);
            let days = occupancies.iter().find(|fact| fact.matter() == matter.fact).unwrap().days;
            for holding in &matter.holdings {
                let parts = parts(&plan, of, holding.category);
                let first = days.start().max(from).min(days.end());
                prop_assert_eq!(parts.first().unwrap().days.start(), first);
                prop_assert_eq!(parts.last().unwrap().days.end(), days.end());
                prop_assert!(parts.windows(2).all(|pair| pair[0].days.end() == pair[1].days.start()));
            }
            prop_assert_eq!(plan.iter().filter(|item| item.of == of && item.is_frame).count(), 1);
        }
        prop_assert_eq!(plan.iter().filter(|item| item.of == Held::Subject).count(), 3);
    }

    /// No value goes that a lease still keeps, and no row that something kept needs.
    #[test]
    fn nothing_kept_goes(
        occupancy in any_occupancy(),
        events in prop::collection::vec(any_event(), 0..6),
        now in any_day(),
    ) {
        let register = town();
        let held = Everything::of(&register, &[occupancy], Date::MIN);
        let plan = held.plan(&register, &events, noon(now));
        let refs: Vec<&LeaseEvent> = events.iter().collect();
        for item in plan.iter().filter(|item| item.goes() && !item.is_frame && item.of != Held::Subject) {
            for activity in register.activities().filter(|one| one.rule_for(item.category).is_some()) {
                let Some(lease) = lease(activity, &occupancy.matter(), &refs, noon(now), register.zone()) else { continue };
                prop_assert!(
                    !lease.state.keeps() || item.days.end() <= lease.kept_from,
                    "{} keeps {} from {}", activity.id, item.category, lease.kept_from
                );
            }
        }
        let frame_goes = |of| plan.iter().any(|item| item.of == of && item.is_frame && item.goes());
        let of = Held::Matter(occupancy.matter().matter);
        let values_stay = plan.iter().any(|item| item.of == of && !item.is_frame && !item.goes());
        prop_assert!(!(values_stay && frame_goes(of)));
        prop_assert!(frame_goes(of) || !frame_goes(Held::Subject));
    }

    /// What is over stays over, as long as nothing new happens.
    #[test]
    fn time_alone_brings_nothing_back(
        occupancy in any_occupancy(),
        events in prop::collection::vec(any_event(), 0..6),
        now in any_day(),
        later in 0_i32..3000,
    ) {
        let register = town();
        let events: Vec<_> = events.into_iter().filter(|event| event.at <= noon(now)).collect();
        let held = Everything::of(&register, &[occupancy], Date::MIN);
        let then = noon(now.saturating_add(Span::new().days(later)));
        let (before, after) = (held.plan(&register, &events, noon(now)), held.plan(&register, &events, then));
        for over in before.iter().filter(|item| item.bucket().is_some()) {
            let still = after.iter().any(|item| {
                item.bucket().is_some()
                    && (item.of, item.category, item.is_frame) == (over.of, over.category, over.is_frame)
                    && item.days.start() <= over.days.start()
                    && over.days.end() <= item.days.end()
            });
            prop_assert!(still, "{over:?} came back");
        }
    }

    /// With a hold on everything, nothing goes.
    #[test]
    fn a_hold_protects_everything(
        occupancies in prop::collection::vec(any_occupancy(), 0..4),
        now in any_day(),
    ) {
        let register = town();
        let held = Everything::of(&register, &occupancies, Date::MIN);
        let at = noon(Date::constant(2014, 1, 1));
        let hold = LeaseEvent { at, kind: LeaseEventKind::HoldSet, matter: None, activity: None, days: None };
        let plan = held.plan(&register, &[hold], noon(now));
        prop_assert!(plan.iter().all(|item| !item.goes()));
    }
}
