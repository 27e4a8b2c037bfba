//! The register beside an interval series: where it was read, and what passed between two readings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_metering::{Dial, Mounted, Passed};
use tidstro_model::{Decimal, Findings, Interval, Mark, Mounting, Quality, Timeline};

use crate::personal::read::Window;

/// What a register showed, at bounds of intervals.
pub(super) type Readings = BTreeMap<Timestamp, Decimal>;

/// The register of a point: what it showed, and how it counts.
#[derive(Default)]
pub(super) struct Register {
    pub(super) readings: Readings,
    /// The smallest step it shows.
    pub(super) pulse: Option<Decimal>,
    /// How its meter was connected.
    pub(super) mounted: Timeline<Mounting>,
}

impl Register {
    /// The time between two bounds, cut where the register was read, with what passed in each part.
    pub(super) fn stretches(
        &self,
        (start, end): (Timestamp, Timestamp),
        zone: &Zone,
    ) -> Vec<(Interval, Option<Passed>)> {
        let mut stretches = Vec::new();
        let mut from = start;
        let read = self.readings.range(start..=end).map(|(at, _)| *at);
        let ends = read.chain((!self.readings.contains_key(&end)).then_some(end));
        for at in ends.filter(|at| *at > start) {
            let passed = self.passed((from, at), zone);
            stretches.extend(Interval::new(from, at).ok().map(|between| (between, passed)));
            from = at;
        }
        stretches
    }

    /// What passed between two readings, in the unit of the point. `None` where one of them was not made, or where factor or
    /// multiplier changed in between and nobody read it then.
    pub(super) fn passed(&self, (from, to): (Timestamp, Timestamp), zone: &Zone) -> Option<Passed> {
        let (shown, later) = (self.readings.get(&from)?, self.readings.get(&to)?);
        let Mounted { mounting, is_certain } = Mounted::between(&self.mounted, (from, to), zone);
        let dial = Dial { pulse: self.pulse?, digits: mounting.digits };
        let passed = Passed::between(*shown, *later, dial).filter(|_| is_certain)?;
        passed.at_the_point(&mounting)
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
