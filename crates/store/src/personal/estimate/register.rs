//! The register beside an interval series: where it was read, and what passed between two readings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_metering::{Dial, Passed};
use tidstro_model::{Decimal, Findings, Interval, Mark, Quality};

use crate::personal::read::Window;

/// What a register showed, at bounds of intervals.
pub(super) type Readings = BTreeMap<Timestamp, Decimal>;

/// The register of a point: what it showed, and how it counts.
#[derive(Default)]
pub(super) struct Register {
    pub(super) readings: Readings,
    pub(super) dial: Option<Dial>,
}

impl Register {
    /// The time between two bounds, cut where the register was read, with what passed in each part.
    pub(super) fn stretches(&self, (start, end): (Timestamp, Timestamp)) -> Vec<(Interval, Option<Passed>)> {
        let mut stretches = Vec::new();
        let (mut from, mut shown) = (start, self.readings.get(&start).copied());
        let read = self.readings.range(start..=end).map(|(at, value)| (*at, Some(*value)));
        let ends = read.chain((!self.readings.contains_key(&end)).then_some((end, None)));
        for (at, value) in ends.filter(|(at, _)| *at > start) {
            let passed = || Passed::between(shown?, value?, self.dial?);
            stretches.extend(Interval::new(from, at).ok().map(|between| (between, passed())));
            (from, shown) = (at, value);
        }
        stretches
    }
}

/// Whether a register counts what an interval series has.
pub(super) fn counts(register: &Window, window: &Window) -> bool {
    let (of, meta) = (&register.entry.meta, &window.entry.meta);
    let is_same = (of.point, of.commodity, of.quantity, of.unit)
        == (meta.point, meta.commodity, meta.quantity, meta.unit);
    let is_main =
        (register.entry.tariff, register.entry.subunit) == (window.entry.tariff, window.entry.subunit);
    is_same && is_main && of.is_cumulative() && register.days == window.days
}

/// A reading that was measured and failed no rule.
pub(super) fn is_sound(mark: Mark) -> bool {
    mark.quality() == Quality::Measured && mark.findings() == Findings::of(&[])
}
