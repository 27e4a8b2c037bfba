//! The proportional factor of a scaled point.
//!
//! What comes in: the values of a local day as measured, and the factor that master data have for the day. What goes out: the
//! values that are settled and sent. The measured ones stay as they are. Never: energy lost by rounding inside the day.
//!
//! Source: regulation D.1 § 6: a production point that is measured with others has a fixed proportional factor, the same
//! over time, and values in kWh with at most three decimals.

use tidstro_model::Factor;

use super::{DayValues, SettlementFault, divide_half_away};
use crate::{BlockFault, IntervalBlock};

/// Steps of a factor that are one.
const THOUSANDTHS: i128 = 1000;

impl DayValues<'_> {
    /// The values times a factor, in whole watt-hours ([`super::EnergyUnit::WattHour`]). What rounding leaves over goes to the next value of the day, so that the
    /// day's energy is the factor times the measured one, rounded once. Qualities stay; a missing value stays missing.
    ///
    /// # Errors
    /// [`SettlementFault::TooFine`] for values finer than a watt-hour, [`SettlementFault::TooLarge`].
    pub fn scaled(&self, factor: Factor) -> Result<IntervalBlock, SettlementFault> {
        let steps = i128::from(self.watt_hours_per_step()?) * i128::from(factor.thousandths());
        let (mut exact, mut given) = (0_i128, 0_i128);
        let mut values = Vec::with_capacity(self.block.len());
        for (slot, (value, _)) in self.block.slots().enumerate() {
            exact += value.map_or(0, i128::from) * steps;
            let total = divide_half_away(exact, THOUSANDTHS);
            // Energy carried over waits for the next value that is there.
            let scaled = value.map_or(0, |_| total - given);
            given += scaled;
            values.push(i64::try_from(scaled).map_err(|_| SettlementFault::TooLarge { slot })?);
        }
        let marks = self.block.marks().to_vec();
        let scaled = IntervalBlock::new(0, values, marks);
        scaled.map_err(|_: BlockFault| SettlementFault::TooLarge { slot: 0 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidstro_model::{Quality, Resolution};

    use super::super::EnergyUnit;
    use super::*;

    fn scaled(values: &[Option<i64>], thousandths: i64) -> Vec<Option<i64>> {
        let mut block = IntervalBlock::empty(0);
        values.iter().for_each(|value| block.push(*value, Quality::Measured).unwrap());
        let values = DayValues { resolution: Resolution::PT1H, unit: EnergyUnit::WattHour, block: &block };
        let scaled = values.scaled(Factor::of_thousandths(thousandths).unwrap()).unwrap();
        assert_eq!(scaled.marks(), block.marks());
        scaled.slots().map(|(value, _)| value).collect()
    }

    #[test]
    fn what_rounding_leaves_over_goes_on() {
        // 0.333 of a watt-hour each time: the second and the fifth are rounded up.
        assert_eq!(scaled(&[Some(1); 6], 333), [0, 1, 0, 0, 1, 0].map(Some));
        assert_eq!(scaled(&[Some(1), None, Some(1)], 600), [Some(1), None, Some(0)]);
        assert_eq!(scaled(&[Some(7), Some(9)], 1_000), [Some(7), Some(9)]);
    }

    proptest! {
        #[test]
        fn the_day_is_rounded_once(values in prop::collection::vec(0_i64..100_000, 1..100), factor in 1_i64..5_000) {
            let measured: i64 = values.iter().sum();
            let given: Vec<_> = values.iter().copied().map(Some).collect();
            let sum: i64 = scaled(&given, factor).into_iter().flatten().sum();
            let expected = divide_half_away(i128::from(measured) * i128::from(factor), THOUSANDTHS);
            prop_assert_eq!(i128::from(sum), expected);
        }
    }
}
