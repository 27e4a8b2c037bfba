//! How a value is known, in words: measured, estimated in part and how, or missing and why.
//!
//! What comes in: values as the gate gives them. What goes out: what a page says of them, and how much of a bar is hatched. Only the part
//! that is estimated is called so. Never: a missing value without a reason.

use jiff::Timestamp;
use tidstro_flows::{SeriesLine, SeriesValue};
use tidstro_model::{Method, Quality, Resolution, Rule};

use crate::words::Words;

/// How a value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// All of it was measured.
    Measured,
    /// All of it follows from other values.
    Calculated,
    /// Some parts of it, of all, are estimated.
    Estimated { parts: u64, of: u64, how: Option<Method> },
    /// Measured between readings that do not lie at both ends of the period: on so many days of all there is one.
    Within { parts: u64, of: u64 },
    /// There is no value.
    Missing(Gap),
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The period has not begun, or nothing of it has come yet.
    ToCome,
    /// Nothing came.
    Nothing,
    /// There is a reading, and none before it that the consumption could be counted from.
    NoneBefore,
    /// Some intervals came, and a part is no sum.
    Partly { parts: u64, of: u64 },
    /// The register stood lower than before.
    Falls,
}

impl Known {
    /// How a value of a series is known at an instant.
    pub(crate) fn of(value: &SeriesValue, line: &SeriesLine, now: Timestamp) -> Self {
        if value.value.is_none() {
            return Self::Missing(gap(value, line, now));
        }
        let of = u64::from(value.expected);
        match value.quality {
            Quality::Estimated if value.estimated == 0 && value.findings.contains(Rule::Completeness) => {
                Self::Within { parts: value.present.into(), of }
            }
            Quality::Estimated => {
                Self::Estimated { parts: value.estimated.max(1).into(), of, how: value.method }
            }
            Quality::Calculated => Self::Calculated,
            Quality::Measured | Quality::Missing => Self::Measured,
        }
    }

    /// Whether the value is of the whole period.
    pub(crate) const fn is_whole(self) -> bool {
        matches!(self, Self::Measured | Self::Calculated | Self::Estimated { .. })
    }

    /// What a sum of two is: what is missing or not whole in one is so in the sum, and estimated parts add up.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing(gap), other) | (other, Self::Missing(gap)) => match other {
                Self::Missing(_) => Self::Missing(gap),
                _ => Self::Within { parts: 1, of: 2 },
            },
            (Self::Within { parts, of }, Self::Within { parts: more, of: of_more }) => {
                Self::Within { parts: parts + more, of: of + of_more }
            }
            (within @ Self::Within { .. }, _) | (_, within @ Self::Within { .. }) => within,
            (Self::Estimated { parts, of, how }, Self::Estimated { parts: more, of: of_more, how: by }) => {
                Self::Estimated {
                    parts: parts + more,
                    of: of + of_more,
                    how: how.filter(|how| Some(*how) == by),
                }
            }
            // As much of it again was measured.
            (Self::Estimated { parts, of, how }, _) | (_, Self::Estimated { parts, of, how }) => {
                Self::Estimated { parts, of: of * 2, how }
            }
            (Self::Calculated, _) | (_, Self::Calculated) => Self::Calculated,
            (Self::Measured, Self::Measured) => Self::Measured,
        }
    }

    /// How a bar of it is drawn.
    pub(crate) const fn quality(self) -> Quality {
        match self {
            Self::Measured | Self::Within { .. } => Quality::Measured,
            Self::Calculated => Quality::Calculated,
            Self::Estimated { .. } => Quality::Estimated,
            Self::Missing(_) => Quality::Missing,
        }
    }

    /// How much of it is estimated, in thousandths.
    pub(crate) fn estimated_permille(self) -> u16 {
        let Self::Estimated { parts, of, .. } = self else { return 0 };
        u16::try_from((parts * 1000).div_ceil(of.max(1))).map_or(1000, |share| share.min(1000))
    }

    /// In words. `parts` names what its parts are: `days`, `hours`, `quarters`.
    pub(crate) fn words(self, parts_are: &str, words: &Words) -> String {
        let counted = |name: &str, parts: u64, of: u64| {
            let of_parts = words.say_with(
                &format!("parts-{parts_are}"),
                [("parts", parts.to_string().into()), ("of", of.to_string().into())],
            );
            words.say_with(name, [("parts", of_parts.into())])
        };
        match self {
            Self::Measured => words.say("quality-measured"),
            Self::Calculated => words.say("quality-calculated"),
            Self::Estimated { parts, of, how } => {
                let how = how.map(|how| format!(": {}", words.say(&format!("estimated-by-{}", how.code()))));
                let much = if parts >= of {
                    words.say("quality-estimated")
                } else {
                    counted("known-partly", parts, of)
                };
                much + &how.unwrap_or_default()
            }
            Self::Within { parts, of } => counted("known-within", parts, of),
            Self::Missing(Gap::Partly { parts, of }) => counted("missing-partly", parts, of),
            Self::Missing(gap) => words.say(&format!("missing-{}", gap.word())),
        }
    }
}

impl Gap {
    const fn word(self) -> &'static str {
        match self {
            Self::ToCome => "to-come",
            Self::Nothing => "nothing",
            Self::NoneBefore => "none-before",
            Self::Partly { .. } => "partly",
            Self::Falls => "falls",
        }
    }
}

fn gap(value: &SeriesValue, line: &SeriesLine, now: Timestamp) -> Gap {
    let is_over = value.end <= now;
    match value.present {
        _ if value.findings.contains(Rule::Falling) => Gap::Falls,
        0 if !is_over => Gap::ToCome,
        0 => Gap::Nothing,
        _ if line.is_cumulative => Gap::NoneBefore,
        parts => Gap::Partly { parts: parts.into(), of: value.expected.into() },
    }
}

/// What the parts of a series' values are.
pub(crate) const fn parts_of(line: &SeriesLine) -> &'static str {
    match line.resolution {
        Resolution::PT15M => "quarters",
        Resolution::PT1H => "hours",
        _ => "days",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: Known = Known::Measured;
    const GAP: Known = Known::Missing(Gap::Nothing);

    const fn estimated(parts: u64, of: u64) -> Known {
        Known::Estimated { parts, of, how: None }
    }

    #[track_caller]
    fn check(one: Known, other: Known, expected: Known) {
        assert_eq!(one.and(other), expected);
        assert_eq!(other.and(one), expected);
    }

    #[test]
    fn a_sum_is_known_as_its_parts_are() {
        check(MEASURED, MEASURED, MEASURED);
        check(MEASURED, Known::Calculated, Known::Calculated);
        check(estimated(3, 31), estimated(1, 31), estimated(4, 62));
        check(MEASURED, estimated(3, 31), estimated(3, 62));
        check(GAP, GAP, GAP);
        // A room without a value: the sum is not the whole.
        assert!(!MEASURED.and(GAP).is_whole() && !estimated(1, 2).and(GAP).is_whole());
    }

    #[test]
    fn only_the_estimated_part_counts_as_such() {
        assert_eq!(estimated(3, 30).estimated_permille(), 100);
        assert_eq!(estimated(1, 3000).estimated_permille(), 1, "what is there is seen");
        assert_eq!(estimated(30, 30).estimated_permille(), 1000);
        assert_eq!(Known::Within { parts: 1, of: 2 }.estimated_permille(), 0);
    }
}
