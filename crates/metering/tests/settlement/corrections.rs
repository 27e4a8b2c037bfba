//! Corrections: `new - old` against settling everything again.

use jiff::ToSpan;
use proptest::prelude::*;
use tidstro_calendar::Zone;
use tidstro_metering::{
    IntervalBlock,
    settlement::{
        DaySums, DayValues, Direction, EnergyUnit, Parties, PointPeriod, PointType, SettlementFault,
        SettlementMethod, SettlementSum,
    },
};
use tidstro_model::{Gln, Interval, Quality, Resolution};

use super::town::{DAYS, Town, blocks, point, towns};

fn values<'a>(period: &PointPeriod, block: &'a IntervalBlock) -> Option<DayValues<'a>> {
    Some(DayValues { resolution: period.resolution, unit: EnergyUnit::KilowattHour, block })
}

/// A town, and a new block for some of its points; none for a withdrawn one.
fn corrected_towns() -> impl Strategy<Value = (Town, Vec<(usize, Option<IntervalBlock>)>)> {
    towns().prop_flat_map(|town| {
        let (day, resolutions): (_, Vec<_>) =
            (town.day, town.points.iter().map(|(period, _)| period.resolution).collect());
        let at = 0..town.points.len();
        let one = at.prop_flat_map(move |at| (Just(at), prop::option::of(blocks(day, resolutions[at]))));
        (Just(town), prop::collection::vec(one, 0..6))
    })
}

proptest! {
    #[test]
    fn a_correction_equals_settling_again((town, corrections) in corrected_towns()) {
        let mut sums = town.sums(Resolution::PT15M);
        let mut hourly = town.sums(Resolution::PT1H);
        let mut now: Vec<Option<IntervalBlock>> = town.points.iter().map(|(_, block)| Some(block.clone())).collect();
        for (at, new) in corrections {
            let (period, _) = &town.points[at];
            let old = now[at].clone();
            for sums in [&mut sums, &mut hourly] {
                let (old, new) = (old.as_ref(), new.as_ref());
                let of = |block| values(period, block);
                sums.correct(period, old.and_then(of), new.and_then(of)).unwrap();
            }
            now[at] = new;
        }
        for (sums, resolution) in [(sums, Resolution::PT15M), (hourly, Resolution::PT1H)] {
            let mut again = DaySums::new(&Zone::copenhagen(), town.day, resolution).unwrap();
            for ((period, _), block) in town.points.iter().zip(&now) {
                again.add(period, block.as_ref().and_then(|block| values(period, block))).unwrap();
            }
            prop_assert_eq!(sums, again);
        }
    }

    #[test]
    fn a_later_change_of_supplier_settles_only_its_point(town in towns(), quarter in 0_i64..92) {
        // The first point changes supplier inside the day, which is registered later.
        let (whole, block) = town.points[0].clone();
        let zone = Zone::copenhagen();
        let at = zone.day_start(town.day) + (quarter * 15).minutes();
        let before = Interval::new(whole.valid.start(), at).unwrap();
        let after = Interval::new(at, whole.valid.end()).unwrap();
        let parties = Parties { supplier: Some(Gln::from_body(77)), ..whole.parties };
        let parts = [PointPeriod { valid: before, ..whole }, PointPeriod { valid: after, parties, ..whole }];

        let mut sums = town.sums(Resolution::PT15M);
        sums.subtract(&whole, values(&whole, &block)).unwrap();
        for part in &parts {
            sums.add(part, values(part, &block)).unwrap();
        }
        let mut again = DaySums::new(&zone, town.day, Resolution::PT15M).unwrap();
        let others = town.points.iter().skip(1).map(|(period, block)| (*period, block.clone()));
        for (period, block) in parts.into_iter().map(|part| (part, block.clone())).chain(others) {
            again.add(&period, values(&period, &block)).unwrap();
        }
        prop_assert_eq!(&sums, &again);
        // Both parts together are the whole, whatever they are called.
        let total = |sums: &DaySums| {
            let mut total = SettlementSum::zero(Resolution::PT15M, sums.slots()).unwrap();
            sums.groups().values().for_each(|sum| total.add(sum).unwrap());
            total
        };
        prop_assert_eq!(total(&sums), total(&town.sums(Resolution::PT15M)));
    }

    #[test]
    fn what_is_taken_back_leaves_nothing(town in towns()) {
        let mut sums = town.sums(Resolution::PT15M);
        for (period, block) in &town.points {
            sums.subtract(period, values(period, block)).unwrap();
        }
        prop_assert!(sums.groups().is_empty());
    }

    #[test]
    fn points_whose_block_never_came_are_counted_when_sums_are_read(town in towns(), silent in prop::collection::vec(any::<bool>(), 8)) {
        let zone = Zone::copenhagen();
        let new = || DaySums::new(&zone, town.day, Resolution::PT15M).unwrap();
        let (mut kept, mut everybody, mut again) = (new(), new(), new());
        for ((period, block), silent) in town.points.iter().zip(silent) {
            let came = if silent { None } else { values(period, block) };
            if came.is_some() {
                kept.add(period, came).unwrap();
            }
            everybody.add(period, None).unwrap();
            again.add(period, came).unwrap();
        }
        kept.count_absent(&everybody).unwrap();
        prop_assert_eq!(kept, again);
    }
}

#[test]
fn what_cannot_be_settled_is_named() {
    let flex = PointType::Consumption(SettlementMethod::Flex);
    let period = point(1, flex, Resolution::PT1H, 1);
    let full = |exponent, value| {
        let mut block = IntervalBlock::empty(exponent);
        (0..24).for_each(|_| block.push(Some(value), Quality::Measured).unwrap());
        block
    };
    let mut short = full(-3, 1);
    short.push(Some(1), Quality::Measured).unwrap();
    let add = |resolution, block: &IntervalBlock| {
        let mut sum = SettlementSum::zero(Resolution::PT15M, 96).unwrap();
        let added = sum.add_block(
            &(0..96),
            Some(DayValues { resolution, unit: EnergyUnit::KilowattHour, block }),
            Direction::In,
        );
        assert!(added.is_ok() || sum.is_zero(), "a refused block changes nothing");
        added
    };
    for (resolution, block, expected) in [
        (Resolution::PT1H, full(-4, 1), Err(SettlementFault::TooFine { exponent: -4 })),
        (Resolution::P1D, full(-3, 1), Err(SettlementFault::Resolution { resolution: Resolution::P1D })),
        (
            Resolution::PT1H,
            short,
            Err(SettlementFault::Slots { resolution: Resolution::PT1H, expected: 24, got: 25 }),
        ),
        (Resolution::PT1H, full(-3, 100_000_000_001), Err(SettlementFault::TooLarge { slot: 0 })),
        (Resolution::PT1H, full(-3, 100_000_000_000), Ok(())),
        (Resolution::PT1H, full(0, 100_000_000), Ok(())),
    ] {
        assert_eq!(add(resolution, &block), expected);
    }
    let mut days = DAYS.map(|day| DaySums::new(&Zone::copenhagen(), day, Resolution::PT15M).unwrap());
    let [normal, short, _] = &mut days;
    normal.add(&period, None).unwrap();
    short.add(&period, None).unwrap();
    let shapes = SettlementFault::Shapes { one: 96, other: 92 };
    assert_eq!(normal.merge(short), Err(shapes));
}
