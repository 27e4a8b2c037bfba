//! What a register says passed between two readings.
//!
//! What comes in: readings at both ends, and how the register counts. What goes out: the difference, over an overflow
//! and over a meter exchange, and how finely it is known. It never guesses an end that was not read.

use tidstro_model::{Decimal, Mounting};

/// How a register counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dial {
    /// The smallest step it shows, in the series' unit.
    pub pulse: Decimal,
    /// How many digits it shows before it begins at 0 again; `None` if that is not known.
    pub digits: Option<u8>,
}

/// What passed between two readings, or over several meters in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    total: Decimal,
    pulse: Decimal,
    differences: u32,
}

impl Dial {
    /// What the register counts up to before it begins at 0 again.
    #[must_use]
    pub fn capacity(self) -> Option<Decimal> {
        let exponent = self.pulse.exponent().checked_add(i8::try_from(self.digits?).ok()?)?;
        Some(Decimal::new(self.pulse.mantissa(), exponent))
    }
}

impl Passed {
    /// The difference of two readings of one register. Where the second is lower, the register has overflowed once;
    /// `None` if it cannot, because its digits are not known, or where numbers do not fit in 64 bits.
    #[must_use]
    pub fn between(start: Decimal, end: Decimal, dial: Dial) -> Option<Self> {
        let start = Decimal::new(start.mantissa().checked_neg()?, start.exponent());
        let difference = end.checked_add(start)?;
        let total =
            if difference.mantissa() >= 0 { difference } else { difference.checked_add(dial.capacity()?)? };
        (total.mantissa() >= 0).then_some(Self { total, pulse: dial.pulse, differences: 1 })
    }

    /// What passed through this register and then, after a meter exchange, through the next one.
    #[must_use]
    pub fn and(self, next: Self) -> Option<Self> {
        let is_coarser = |one: Decimal, other: Decimal| {
            let exponent = one.exponent().min(other.exponent());
            one.in_steps_of(exponent) > other.in_steps_of(exponent)
        };
        let pulse = if is_coarser(next.pulse, self.pulse) { next.pulse } else { self.pulse };
        let differences = self.differences.saturating_add(next.differences);
        Some(Self { total: self.total.checked_add(next.total)?, pulse, differences })
    }

    /// What that means at the point: times factor and multiplier of the meter; `None` where numbers do not fit in 64 bits.
    #[must_use]
    pub fn at_the_point(self, mounting: &Mounting) -> Option<Self> {
        let (total, pulse) = (mounting.at_the_point(self.total)?, mounting.at_the_point(self.pulse)?);
        Some(Self { total, pulse, ..self })
    }

    /// How much passed, in the series' unit.
    #[must_use]
    pub const fn total(self) -> Decimal {
        self.total
    }

    /// The coarsest step it was counted in.
    #[must_use]
    pub const fn pulse(self) -> Decimal {
        self.pulse
    }

    /// Of how many differences it is the sum: one for each meter.
    #[must_use]
    pub const fn differences(self) -> u32 {
        self.differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_DIGITS: Dial = Dial { pulse: Decimal::new(1, 3), digits: Some(5) };

    fn kwh(number: i64) -> Decimal {
        Decimal::new(number, 3)
    }

    #[test]
    fn a_register_that_overflows_has_counted_on() {
        let passed = |start, end, dial| Passed::between(kwh(start), kwh(end), dial).map(Passed::total);
        assert_eq!(passed(100, 130, FIVE_DIGITS), Some(kwh(30)));
        assert_eq!(passed(99_990, 20, FIVE_DIGITS), Some(kwh(30)));
        assert_eq!(passed(99_990, 20, Dial { digits: None, ..FIVE_DIGITS }), None);
        assert_eq!(passed(250_000, 20, FIVE_DIGITS), None, "it cannot have shown six digits");
        assert_eq!(FIVE_DIGITS.capacity(), Some(kwh(100_000)));
    }

    #[test]
    fn what_passed_behind_transformers_is_more() {
        let factor = tidstro_model::Factor::parse("40").unwrap();
        let mounting = Mounting { factor, ..Mounting::default() };
        let passed =
            Passed::between(kwh(99_990), kwh(20), FIVE_DIGITS).unwrap().at_the_point(&mounting).unwrap();
        assert_eq!((passed.total().in_steps_of(3), passed.pulse().in_steps_of(3)), (Some(1_200), Some(40)));
    }

    #[test]
    fn a_meter_exchange_is_two_differences() {
        let old = Passed::between(kwh(4_000), kwh(4_012), FIVE_DIGITS).unwrap();
        let fine = Dial { pulse: Decimal::new(1, 0), digits: Some(9) };
        let new = Passed::between(Decimal::ZERO, Decimal::new(7_301, 0), fine).unwrap();
        let both = old.and(new).unwrap();
        assert_eq!((both.total(), both.pulse(), both.differences()), (Decimal::new(19_301, 0), kwh(1), 2));
        assert_eq!(new.and(old).map(Passed::pulse), Some(kwh(1)), "the coarser one, whichever comes first");
    }
}
