//! What energy results must always say of each other.

use proptest::prelude::*;
use tidstro_metering::settlement::{
    AggregationLevel, DaySums, EnergyResult, EnergySeries, GroupKey, PointPeriod, PointType, QualitySet,
    SettlementSum,
};
use tidstro_model::{Quality, Resolution};

use super::town::{Town, towns};

/// Watt-hours of a series at a level, slot by slot; 0 where nobody is in it.
fn watt_hours(
    results: &[EnergyResult],
    series: EnergySeries,
    level: AggregationLevel,
    slots: usize,
) -> Vec<i64> {
    let mut sum = vec![0; slots];
    for result in results.iter().filter(|result| (result.series, result.level) == (series, level)) {
        for (sum, value) in sum.iter_mut().zip(&result.values) {
            *sum += value.map_or(0, |value| value.watt_hours);
        }
    }
    sum
}

fn area_sums(town: &Town, series: EnergySeries) -> Vec<i64> {
    let slots = town.sums(Resolution::PT15M).slots();
    watt_hours(&town.results(Resolution::PT15M), series, AggregationLevel::Area, slots)
}

fn plus(one: &[i64], other: &[i64]) -> Vec<i64> {
    one.iter().zip(other).map(|(one, other)| one + other).collect()
}

/// Quarter watt-hours of everything a group was given, read without the product's sums.
fn exact(town: &Town, key: &GroupKey, slot_of_hour: usize) -> i64 {
    let mut sum = 0;
    for (period, block) in &town.points {
        for (_, direction) in GroupKey::of(period).filter(|(of, _)| of == key) {
            let sign = if direction == tidstro_metering::settlement::Direction::In { 1 } else { -1 };
            let quarters = match period.resolution {
                Resolution::PT1H => block.value(slot_of_hour).unwrap_or(0) * 4,
                _ => (0..4).map(|quarter| block.value(slot_of_hour * 4 + quarter).unwrap_or(0) * 4).sum(),
            };
            sum += sign * quarters;
        }
    }
    sum
}

proptest! {
    #[test]
    fn grid_loss_balances_every_quarter(town in towns()) {
        let given = plus(&area_sums(&town, EnergySeries::NetExchange), &area_sums(&town, EnergySeries::Production));
        let taken = plus(
            &area_sums(&town, EnergySeries::FlexConsumption),
            &area_sums(&town, EnergySeries::NonProfiledConsumption),
        );
        prop_assert_eq!(&given, &taken);
        let is_exchanged = |period: &PointPeriod| matches!(period.kind, PointType::Exchange { .. });
        if town.points.iter().any(|(period, _)| is_exchanged(period)) {
            prop_assert_eq!(area_sums(&town, EnergySeries::TotalConsumption), given);
        }
    }

    #[test]
    fn every_level_says_the_same(town in towns()) {
        let results = town.results(Resolution::PT15M);
        let slots = town.sums(Resolution::PT15M).slots();
        for series in [EnergySeries::Production, EnergySeries::FlexConsumption, EnergySeries::NonProfiledConsumption] {
            let at = |level| watt_hours(&results, series, level, slots);
            prop_assert_eq!(at(AggregationLevel::Supplier), at(AggregationLevel::Area));
            prop_assert_eq!(at(AggregationLevel::BalanceResponsible), at(AggregationLevel::Area));
        }
        let exchange = watt_hours(&results, EnergySeries::NetExchangePerNeighbour, AggregationLevel::Area, slots);
        prop_assert_eq!(exchange, area_sums(&town, EnergySeries::NetExchange));
    }

    #[test]
    fn sums_are_what_the_blocks_hold(town in towns()) {
        let (quarters, hours) = (town.sums(Resolution::PT15M), town.sums(Resolution::PT1H));
        for (key, sum) in quarters.groups() {
            let hourly = &hours.groups()[key];
            for (hour, quarters) in sum.quarter_watt_hours().chunks(4).enumerate() {
                let exact = exact(&town, key, hour);
                prop_assert_eq!(quarters.iter().sum::<i64>(), exact);
                prop_assert_eq!(hourly.quarter_watt_hours()[hour], exact);
            }
        }
    }

    #[test]
    fn rounded_quarters_are_the_hour_exactly(town in towns()) {
        let by_quarter = town.results(Resolution::PT15M);
        for hourly in town.results(Resolution::PT1H) {
            // Exchange may turn inside an hour of half watt-hours, and what is computed from it with it.
            let is_measured = matches!(
                hourly.series,
                EnergySeries::TemporaryFlexConsumption | EnergySeries::TemporaryProduction | EnergySeries::NonProfiledConsumption
            );
            if is_measured {
                let quarterly = by_quarter.iter().find(|one| {
                    (one.series, one.level, one.parties) == (hourly.series, hourly.level, hourly.parties)
                });
                for (hour, quarters) in hourly.values.iter().zip(quarterly.unwrap().values.chunks(4)) {
                    let sum: i64 = quarters.iter().flatten().map(|value| value.watt_hours).sum();
                    prop_assert_eq!(sum, hour.unwrap().watt_hours);
                }
            }
        }
    }

    #[test]
    fn the_order_of_points_does_not_matter(town in towns(), seed in any::<u64>()) {
        let mut shuffled = town.clone();
        shuffled.points.sort_by_key(|(period, _)| period.point.as_u64().wrapping_mul(seed | 1));
        prop_assert_eq!(town.sums(Resolution::PT15M), shuffled.sums(Resolution::PT15M));
        let mut merged = DaySums::new(&tidstro_calendar::Zone::copenhagen(), town.day, Resolution::PT15M).unwrap();
        for one in shuffled.points {
            merged.merge(&Town { points: vec![one], ..town.clone() }.sums(Resolution::PT15M)).unwrap();
        }
        prop_assert_eq!(town.sums(Resolution::PT15M), merged);
    }

    #[test]
    fn qualities_are_those_of_the_parts(town in towns()) {
        let sums = town.sums(Resolution::PT15M);
        for (key, sum) in sums.groups() {
            let mut expected = vec![QualitySet::EMPTY; sums.slots()];
            for (period, block) in &town.points {
                let times = GroupKey::of(period).filter(|(of, _)| of == key).count();
                let width = sums.slots() / block.len();
                for (slot, expected) in expected.iter_mut().enumerate().filter(|_| times > 0) {
                    *expected = expected.with(block.mark(slot / width).unwrap().quality());
                }
            }
            prop_assert_eq!(sum.qualities().collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn nothing_at_all_is_no_quality() {
    let sum = SettlementSum::zero(Resolution::PT15M, 96).unwrap();
    assert!(sum.is_zero());
    assert!(sum.qualities().all(QualitySet::is_empty));
    assert!(!QualitySet::only(Quality::Missing).is_empty());
}
