//! How far one local day of one interval series has come.

use std::fmt;

use tidstro_model::{Mark, Quality};

use crate::IntervalBlock;

/// How far one local day of one interval series has come. A day of which nothing came has none.
///
/// The first four follow from the values alone, the others also from what was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DayState {
    /// Some of its intervals have no value.
    Partly,
    /// Every interval has a value; one that was neither estimated here nor accepted failed a rule.
    Collected,
    /// Every interval has a value that was measured or calculated, and none failed a rule, or somebody accepted it.
    Validated,
    /// Every interval has a value, some of them estimated.
    Estimated,
    /// Its newest version is the one that goes out, and the first one did in time.
    Released,
    /// The same, and the first one went out after the deadline.
    ReleasedLate,
    /// It changed after it was released, and the change is not released yet.
    Corrected,
}

impl DayState {
    /// Every state, in the order of the way.
    pub const ALL: [Self; 7] = [
        Self::Partly,
        Self::Collected,
        Self::Validated,
        Self::Estimated,
        Self::Released,
        Self::ReleasedLate,
        Self::Corrected,
    ];

    /// How far the values of a day have come; `None` if nothing is there.
    ///
    /// ```
    /// use tidstro_metering::IntervalBlock;
    /// use tidstro_metering::cycle::DayState;
    /// use tidstro_model::Quality;
    ///
    /// let mut day = IntervalBlock::all_missing(0, 24)?;
    /// assert_eq!(DayState::of_values(&day), None);
    /// day.set(7, 125, Quality::Measured)?;
    /// assert_eq!(DayState::of_values(&day), Some(DayState::Partly));
    /// # Ok::<(), tidstro_metering::BlockFault>(())
    /// ```
    #[must_use]
    pub fn of_values(block: &IntervalBlock) -> Option<Self> {
        let marks = block.marks();
        let missing = marks.iter().filter(|mark| mark.quality() == Quality::Missing).count();
        if missing == marks.len() {
            return None;
        }
        Some(if missing > 0 {
            Self::Partly
        } else if marks.iter().any(is_doubtful) {
            Self::Collected
        } else if marks.iter().any(|mark| mark.quality() == Quality::Estimated) {
            Self::Estimated
        } else {
            Self::Validated
        })
    }

    /// Whether every interval has a value nobody doubts, so that the day can be released.
    #[must_use]
    pub const fn is_ready(self) -> bool {
        matches!(self, Self::Validated | Self::Estimated)
    }

    /// Whether the newest version is the one that goes out.
    #[must_use]
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Released | Self::ReleasedLate)
    }

    /// The word used in SQL, answers and screens.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Partly => "partly",
            Self::Collected => "collected",
            Self::Validated => "validated",
            Self::Estimated => "estimated",
            Self::Released => "released",
            Self::ReleasedLate => "released-late",
            Self::Corrected => "corrected",
        }
    }

    /// Reads a word as [`DayState::code`] writes it.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl fmt::Display for DayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Whether a value failed a rule, and nobody has decided about it.
const fn is_doubtful(mark: &Mark) -> bool {
    !mark.open_findings().is_empty()
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Method, Rule};

    use super::*;

    fn day(marks: &[Mark]) -> IntervalBlock {
        IntervalBlock::new(0, vec![0; marks.len()], marks.to_vec()).unwrap()
    }

    #[test]
    fn the_state_follows_from_the_marks() {
        let [measured, estimated, missing] =
            [Quality::Measured, Quality::Estimated, Quality::Missing].map(Mark::new);
        let calculated = Mark::new(Quality::Calculated);
        let odd = measured.with(Rule::Spike);
        let replaced = Mark::estimated(Method::Linear).with(Rule::Spike);
        for (marks, state) in [
            (&[missing, missing][..], None),
            (&[measured, missing], Some(DayState::Partly)),
            (&[odd, missing], Some(DayState::Partly)),
            (&[measured, odd], Some(DayState::Collected)),
            (&[estimated, odd], Some(DayState::Collected)),
            (&[measured, estimated.with(Rule::Spike)], Some(DayState::Collected)),
            (&[measured, calculated], Some(DayState::Validated)),
            (&[measured.corrected(), measured], Some(DayState::Validated)),
            (&[measured, estimated], Some(DayState::Estimated)),
            (&[measured, replaced], Some(DayState::Estimated)),
            (&[measured, odd.accepted()], Some(DayState::Validated)),
            (&[odd, odd.accepted()], Some(DayState::Collected)),
        ] {
            assert_eq!(DayState::of_values(&day(marks)), state, "{marks:?}");
        }
        assert_eq!(DayState::of_values(&IntervalBlock::empty(0)), None);
    }

    #[test]
    fn words_read_as_written() {
        for state in DayState::ALL {
            assert_eq!(DayState::from_code(state.code()), Some(state));
        }
        assert_eq!(DayState::from_code("nothing"), None);
    }
}
