//! A missing neutral, made out from voltages: one phase is high while another is low at the same time.
//!
//! With the neutral broken the phases share the voltage by their load, so that one rises as another falls. The meter's
//! own event for it is rare; the voltages of one meter, or of several on one cable, show it.

use tidstro_model::{Function, Obis, QuantityKind, Reading, Unit, Value};

use super::{AlarmCode, Change, Evidence, Signal, Source};

/// Voltages of one meter at one moment, in tenths of a volt; `None` for a phase it does not have or did not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voltages(pub [Option<u32>; 3]);

impl Voltages {
    /// The voltages of now among the readings of one message, by their OBIS codes: 1-b:32.7.0, 52.7.0 and 72.7.0 (IEC
    /// 62056-6-1 table 12). Finer ones than a tenth of a volt are cut.
    #[must_use]
    pub fn of(readings: &[Reading]) -> Self {
        let mut phases = [None; 3];
        for (obis, tenths) in readings.iter().filter_map(voltage) {
            let phase = match obis.0 {
                [1, _, 32, 7, ..] => phases.first_mut(),
                [1, _, 52, 7, ..] => phases.get_mut(1),
                [1, _, 72, 7, ..] => phases.get_mut(2),
                _ => None,
            };
            if let Some(phase) = phase {
                *phase = Some(tenths);
            }
        }
        Self(phases)
    }
}

/// The code and the tenths of a volt of a voltage of now.
fn voltage(reading: &Reading) -> Option<(Obis, u32)> {
    let is_now = reading.function == Function::Instantaneous && reading.storage == 0;
    let is_voltage = reading.quantity == QuantityKind::Voltage && reading.unit == Unit::Volt;
    let Value::Number(number) = reading.value else { return None };
    let to_tenths = i32::from(number.exponent()) + 1;
    let factor = 10_i64.checked_pow(to_tenths.unsigned_abs())?;
    let tenths =
        if to_tenths < 0 { number.mantissa() / factor } else { number.mantissa().checked_mul(factor)? };
    Some((reading.obis.filter(|_| is_now && is_voltage)?, u32::try_from(tenths).ok()?))
}

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
    use tidstro_model::Decimal;

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
    fn voltages_are_known_by_their_codes() {
        let reading = |c, number| Reading {
            quantity: QuantityKind::Voltage,
            value: Value::Number(number),
            unit: Unit::Volt,
            function: Function::Instantaneous,
            storage: 0,
            tariff: 0,
            subunit: 0,
            modifiers: Vec::new(),
            obis: Some(Obis([1, 0, c, 7, 0, 255])),
            offset: 0,
        };
        let told = [
            reading(32, Decimal::new(268, 0)),
            reading(52, Decimal::new(19_049, -2)),
            reading(31, Decimal::new(5, 0)),
            Reading { storage: 1, ..reading(72, Decimal::new(230, 0)) },
        ];
        let voltages = Voltages::of(&told);
        assert_eq!(voltages, Voltages([Some(2680), Some(1904), None]));
        let signal = missing_neutral(&[voltages], Band::EN_50160);
        assert_eq!(signal.map(|signal| signal.change), Some(Change::Raised));
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
