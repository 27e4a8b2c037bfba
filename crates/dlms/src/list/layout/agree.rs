//! Whether the numbers of a list agree with the scales a layout gives them: the volt-amperes of the phases with the
//! power.
//!
//! What comes in: items and their scales. What goes out: yes or no. It never chooses a scale; it only keeps a layout
//! from a list it does not fit.

use serde::{Deserialize, Deserializer};
use tidstro_model::Obis;

use super::{Item, Layout, file};

/// Distortion and rounding of small loads, in thousandths of a volt-ampere.
const SLACK: i128 = 150_000;

/// Which codes must agree.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agrees {
    /// Voltage and current of each phase.
    #[serde(deserialize_with = "pairs")]
    phases: Vec<[Obis; 2]>,
    /// Active powers, import and export.
    #[serde(deserialize_with = "file::obis_list")]
    active: Vec<Obis>,
    /// Reactive powers.
    #[serde(deserialize_with = "file::obis_list")]
    reactive: Vec<Obis>,
}

impl Agrees {
    /// Whether the apparent power of the phases lies between half and five times that of the powers. Summed up phase
    /// by phase it is never smaller, and larger by asymmetry and distortion; a wrong scale is off by ten or more.
    pub(super) fn holds(&self, layout: &Layout, items: &[Item]) -> bool {
        let said = |obis: &Obis| thousandths(layout, items, *obis).unwrap_or(0);
        let apparent: i128 = self.phases.iter().map(|[u, i]| said(u) * said(i) / 1000).sum();
        let active: i128 = self.active.iter().map(said).sum();
        let reactive: i128 = self.reactive.iter().map(said).sum();
        let power = active * active + reactive * reactive;
        let more = (apparent - SLACK).max(0);
        4 * (apparent + SLACK) * (apparent + SLACK) >= power && more * more <= 25 * power
    }
}

/// The number of an item in thousandths of its unit.
fn thousandths(layout: &Layout, items: &[Item], obis: Obis) -> Option<i128> {
    let item = items.iter().find(|item| item.obis == obis)?;
    let (_, exponent) = layout.unit(obis)?;
    // 32 bits are what meters have, and what cannot overflow here.
    let number = i128::from(i32::try_from(item.value.integer()?).ok()?);
    let factor = 10_i128.checked_pow(u32::try_from(i32::from(exponent) + 3).ok()?)?;
    number.checked_mul(factor)
}

fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[Obis; 2]>, D::Error> {
    let pairs = Vec::<[String; 2]>::deserialize(deserializer)?;
    pairs.iter().map(|[u, i]| Ok([file::parsed(u)?, file::parsed(i)?])).collect()
}
