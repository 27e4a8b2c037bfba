//! A missing neutral, made out from voltages: one phase is high while another is low at the same time.
//!
//! With the neutral broken the phases share the voltage by their load, so that one rises as another falls. The meter's
//! own event for it is rare; the voltages of one meter, or of several on one cable, show it.

use super::{AlarmCode, Change, Evidence, Signal, Source};

/// Voltages of one meter at one moment, in tenths of a volt; `None` for a phase it does not have or did not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voltages(pub [Option<u32>; 3]);

/// The band in which the voltage of a phase may lie, in tenths of a volt, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// The lowest.
    pub low: u32,
    /// The highest.
    pub high: u32,
}

impl Band {
    /// 230 V ± 10 % (EN 50160 clause 4.2.2).
    pub const EN_50160: Self = Self { low: 2070, high: 2530 };
}

/// Says whether the neutral is missing, from the voltages of one meter, or of several on one cable at the same time.
/// Cleared when at least two phases were told and all lie in the band. `None` where they do not decide: one phase, or
/// all off the band to the same side. The evidence has bits 0 to 2 for high phases, bits 3 to 5 for low ones.
#[must_use]
pub fn missing_neutral(told: &[Voltages], band: Band) -> Option<Signal> {
    let (mut high, mut low, mut phases) = (0_u64, 0_u64, 0_usize);
    for (bit, voltage) in told.iter().flat_map(|Voltages(voltages)| (0..).zip(voltages)) {
        let Some(voltage) = voltage else { continue };
        phases += 1;
        high |= u64::from(*voltage > band.high) << bit;
        low |= u64::from(*voltage < band.low) << bit;
    }
    let change = match (high != 0, low != 0) {
        (true, true) => Change::Raised,
        (false, false) if phases >= 2 => Change::Cleared,
        _ => return None,
    };
    let evidence = Evidence { source: Source::Derived, raw: high | low << 3 };
    Some(Signal { code: AlarmCode::MissingNeutral, phase: None, change, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(volts: [u32; 3]) -> Option<(Change, u64)> {
        let signal = missing_neutral(&[Voltages(volts.map(|volts| Some(volts * 10)))], Band::EN_50160)?;
        Some((signal.change, signal.evidence.raw))
    }

    #[test]
    fn one_high_and_one_low_is_a_missing_neutral() {
        assert_eq!(told([268, 190, 231]), Some((Change::Raised, 0b010_001)));
        assert_eq!(told([229, 231, 230]), Some((Change::Cleared, 0)));
        assert_eq!(told([253, 207, 230]), Some((Change::Cleared, 0)), "both ends are in the band");
        assert_eq!(told([190, 195, 231]), None, "a weak cable is no missing neutral");
        assert_eq!(told([260, 261, 262]), None);
    }

    #[test]
    fn meters_of_one_phase_show_it_together() {
        let one = |volts: u32| Voltages([Some(volts * 10), None, None]);
        assert_eq!(missing_neutral(&[one(270)], Band::EN_50160), None);
        let together = missing_neutral(&[one(270), one(188)], Band::EN_50160);
        assert_eq!(together.map(|signal| signal.change), Some(Change::Raised));
        assert_eq!(missing_neutral(&[], Band::EN_50160), None);
    }
}
