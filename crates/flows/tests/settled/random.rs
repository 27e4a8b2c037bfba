//! Random values, corrections, suppliers and states of points in random order, against a model that knows what must be true.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use tidstro_metering::settlement::{AggregationLevel, EnergySeries};
use tidstro_model::{
    DayRange, GridArea, MasterData, PointState, PointType, Resolution, SettlementMethod, StatedPoint,
};

use super::{Market, NOW, at, hours, point, register, supplier, supply};

/// Local days that anything happens on; the clock changes on the third.
const DAYS: [Date; 5] =
    [date(2026, 3, 27), date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 3, 31)];

/// Numbers that look random and are the same every time (a linear congruential generator).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn day(&mut self) -> (usize, Date) {
        let index = usize::try_from(self.below(DAYS.len() as u64)).unwrap();
        (index, *DAYS.get(index).unwrap())
    }
}

/// What must be true: watt-hours by point and day, who supplies on each day, and which points are settled flex.
#[derive(Default)]
struct Model {
    energy: BTreeMap<(u64, Date), Vec<i64>>,
    supplied: BTreeMap<(u64, Date), u64>,
    flex: BTreeMap<(u64, Date), bool>,
}

impl Model {
    /// Watt-hours of flex consumption by day and supplier.
    fn flex_by_supplier(&self) -> BTreeMap<(Date, u64), i64> {
        let mut sums = BTreeMap::new();
        for ((number, day), values) in &self.energy {
            let is_flex = self.flex.get(&(*number, *day)) == Some(&true);
            if let Some(by) = self.supplied.get(&(*number, *day)).filter(|_| is_flex) {
                *sums.entry((*day, *by)).or_default() += values.iter().sum::<i64>();
            }
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }
}

/// Two points that consume; what they are changes as the walk goes.
async fn step(market: &Market, model: &mut Model, random: &mut Random) {
    let (number, (index, day)) = (1 + random.below(2), random.day());
    match random.below(6) {
        0 => {
            let by = 1 + random.below(3);
            let days = DayRange::from(day);
            let supplies = vec![supply(number, by, days)];
            register(&market.workspace, MasterData { supplies, ..MasterData::default() }, at(NOW)).await;
            model.supplied.extend(DAYS.iter().skip(index).map(|day| ((number, *day), by)));
        }
        1 => {
            let is_flex = random.below(2) == 0;
            let method = if is_flex { SettlementMethod::Flex } else { SettlementMethod::NonProfiled };
            let area = GridArea::parse("543").unwrap();
            let state = PointState::measured(PointType::Consumption(method), area, Resolution::PT1H);
            let stated_points = vec![StatedPoint { point: point(number), state, days: DayRange::from(day) }];
            register(&market.workspace, MasterData { stated_points, ..MasterData::default() }, at(NOW)).await;
            model.flex.extend(DAYS.iter().skip(index).map(|day| ((number, *day), is_flex)));
        }
        _ => {
            let first = random.below(20);
            let values: Vec<i64> =
                (0..=random.below(3)).map(|_| i64::try_from(random.below(5_000)).unwrap()).collect();
            let known = model.energy.entry((number, day)).or_insert_with(|| vec![0; 24]);
            let mut rows = vec![String::new(); usize::try_from(first).unwrap()];
            rows.extend(values.iter().map(|value| format!("{}.{:03}", value / 1000, value % 1000)));
            for (slot, value) in known.iter_mut().skip(usize::try_from(first).unwrap()).zip(&values) {
                *slot = *value;
            }
            let rows = hours(number, day, &rows.iter().map(String::as_str).collect::<Vec<_>>());
            // Only the hours that say something.
            let rows: String =
                rows.lines().filter(|row| !row.contains(";;")).map(|row| format!("{row}\n")).collect();
            market.ingest(&rows).await;
        }
    }
}

#[tokio::test]
async fn kept_sums_are_the_recomputed_ones_after_any_walk() {
    let all = DayRange::new(DAYS[0], date(2026, 4, 1)).unwrap();
    for seed in [7, 2_026, 543] {
        let market = Market::new().await;
        let (mut model, mut random) = (Model::default(), Random(seed));
        for day in DAYS {
            for number in 1..=2 {
                model.supplied.insert((number, day), number);
                model.flex.insert((number, day), true);
            }
        }
        for walked in 0..40 {
            step(&market, &mut model, &mut random).await;
            if walked % 8 == 7 {
                let verified = market.verified(all).await;
                assert!(
                    verified.is_equal() && verified.beyond == 0,
                    "seed {seed}, step {walked}: {verified:?}"
                );
            }
        }
        let view = market.settled(all).await;
        let mut sums = BTreeMap::new();
        for line in &view.lines {
            let result = &line.result;
            if result.series == EnergySeries::FlexConsumption && result.level == AggregationLevel::Supplier {
                let by = (1..=3).find(|by| result.parties.supplier == Some(supplier(*by))).unwrap();
                let sum: i64 = result.values.iter().flatten().map(|value| value.watt_hours).sum();
                sums.insert((line.day, by), sum);
            }
        }
        sums.retain(|_, sum| *sum != 0);
        assert_eq!(sums, model.flex_by_supplier(), "seed {seed}");
        assert!(!sums.is_empty() && view.left.is_empty(), "seed {seed}");
    }
}
