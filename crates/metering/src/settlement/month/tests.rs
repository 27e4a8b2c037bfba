use jiff::civil::date;
use proptest::{collection::vec, prelude::*};
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::{Gln, GridArea, Gsrn, Parties, PointType, Quality, SettlementMethod};

use super::super::{DayValues, EnergyUnit};
use super::*;
use crate::{IntervalBlock, Month, MonthVersion, VersionOf, encode_month};

const FIRST: Date = date(2026, 3, 26);
const DAYS: i8 = 6;

fn area(name: &str) -> GridArea {
    GridArea::parse(name).unwrap()
}

fn days() -> DayRange {
    DayRange::new(FIRST, date(2026, 4, 1)).unwrap()
}

/// A point with intervals of this resolution for some hours from the first day on.
fn period(kind: PointType, resolution: Resolution, (from, hours): (i64, i64)) -> PointPeriod {
    let hour = |hour: i64| Zone::copenhagen().day_start(FIRST) + jiff::SignedDuration::from_hours(hour);
    let parties = Parties { supplier: Some(Gln::from_body(1)), balance_responsible: None };
    let valid = Interval::new(hour(from), hour(from + hours)).unwrap();
    PointPeriod {
        point: Gsrn::from_body(1),
        kind,
        area: area("543"),
        resolution,
        parent: None,
        parties,
        valid,
    }
}

fn kinds() -> [PointType; 3] {
    let exchange = PointType::Exchange { from: area("543"), to: area("791") };
    [PointType::Consumption(SettlementMethod::Flex), PointType::Production, exchange]
}

/// The blocks of all days, 29 March with its 23 hours among them.
fn blocks(resolution: Resolution, slots: &[(i64, u8)]) -> Vec<IntervalBlock> {
    let qualities = [Quality::Measured, Quality::Missing, Quality::Estimated, Quality::Calculated];
    let mut slots = slots.iter().cycle();
    let of_day = |day: Date| {
        let mut block = IntervalBlock::empty(-1);
        for (value, quality) in
            slots.by_ref().take(Zone::copenhagen().slots(day, resolution).unwrap() as usize)
        {
            block.push(Some(*value), qualities[usize::from(*quality)]).unwrap();
        }
        block
    };
    days().start().series(jiff::Span::new().days(1)).take(6).map(of_day).collect()
}

fn month_of(blocks: &[IntervalBlock]) -> Month {
    let version = |(block, day): (&IntervalBlock, u8)| MonthVersion {
        of: VersionOf { day, seq: 1 },
        block: block.clone().into(),
    };
    let versions: Vec<_> = blocks.iter().zip(26..).map(version).collect();
    let (index, bytes) = encode_month(&versions).unwrap();
    let mut month = Month::default();
    month.read(&index, &bytes).unwrap();
    month
}

/// Value in tenths of a kWh, and a quality: nearly always measured.
fn slot() -> impl Strategy<Value = (i64, u8)> {
    (-50_i64..5_000, prop_oneof![8 => Just(0_u8), 1 => 1..4_u8])
}

proptest! {
    #[test]
    fn several_days_add_what_each_adds(
        slots in prop_oneof![vec(slot(), 600), vec((0..9_i64, Just(0_u8)), 600)],
        hourly in any::<bool>(), settled_hourly in any::<bool>(), kind in 0..3_usize,
        valid in (0..120_i64, 1..160_i64), taken in (0..6_usize, 1..=6_usize),
    ) {
        let resolution = |hourly| if hourly { Resolution::PT1H } else { Resolution::PT15M };
        let (own, settled) = (resolution(hourly), resolution(settled_hourly));
        let period = period(kinds()[kind], own, valid);
        let blocks = blocks(own, &slots);
        let positions = taken.0..(taken.0 + taken.1).min(usize::from(DAYS.unsigned_abs()));
        let zone = Zone::copenhagen();
        let mut sums = MonthSums::new(&zone, days(), settled).unwrap();
        let month = month_of(&blocks);
        let first = from_epoch_day(epoch_day(FIRST) + i32::try_from(positions.start).unwrap()).unwrap();
        let days = month.days(positions.clone()).unwrap();
        let values = MonthValues { resolution: own, unit: EnergyUnit::KilowattHour, days };
        sums.add(&period, first, &values).unwrap();
        sums.add(&period, first, &values).unwrap();

        let day = |position: usize| {
            let mut sums = DaySums::new(&zone, from_epoch_day(epoch_day(FIRST) + i32::try_from(position).unwrap()).unwrap(), settled).unwrap();
            if let Some(block) = blocks.get(position).filter(|_| positions.contains(&position)) {
                let values = DayValues { resolution: own, unit: EnergyUnit::KilowattHour, block };
                sums.add(&period, Some(values)).unwrap();
                sums.add(&period, Some(values)).unwrap();
            }
            sums
        };
        prop_assert_eq!(sums.into_days().unwrap(), (0..6).map(day).collect::<Vec<_>>());
    }
}

#[test]
fn a_day_has_the_values_of_its_own_length() {
    let own = Resolution::PT1H;
    let blocks = blocks(own, &[(7, 0)]);
    let month = month_of(&blocks);
    let period = period(kinds()[0], own, (0, 144));
    let mut sums = MonthSums::new(&Zone::copenhagen(), days(), own).unwrap();
    let values = |positions| {
        let days = month.days(positions).unwrap();
        MonthValues { resolution: own, unit: EnergyUnit::KilowattHour, days }
    };
    // The values of the 28th and 29th, 24 and 23, as if they were those of the 29th and 30th.
    let fault = sums.add(&period, date(2026, 3, 29), &values(2..4)).unwrap_err();
    assert_eq!(fault, SettlementFault::Slots { resolution: own, expected: 23, got: 24 });
    for (first, positions) in [(date(2026, 3, 31), 4..6), (date(2026, 3, 25), 0..1), (date(2026, 4, 1), 0..1)]
    {
        let fault = sums.add(&period, first, &values(positions)).unwrap_err();
        assert!(matches!(fault, SettlementFault::Slots { expected: 0, .. }), "{first}: {fault}");
    }
    assert!(sums.into_days().unwrap().iter().all(|day| day.groups().is_empty()));
    assert!(month.days(5..7).is_none() && month.days(3..3).is_none());
}
