//! A rules file as it is written: the shape of the TOML file, each value with its place.
//!
//! What comes in: text, by `serde`. What goes out: tables in which nothing is checked but the shape. Never: a key that is
//! read and not known.

use serde::Deserialize;
use toml::Spanned;

/// A text and where it is written.
pub(super) type Text = Spanned<String>;
/// A count and where it is written.
pub(super) type Count = Spanned<u32>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) version: Text,
    pub(super) source: String,
    pub(super) class: Vec<Spanned<WrittenClass>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenClass {
    pub(super) name: Text,
    pub(super) units: Option<Spanned<Vec<Text>>>,
    pub(super) resolutions: Option<Spanned<Vec<Text>>>,
    pub(super) commodities: Option<Spanned<Vec<Text>>>,
    pub(super) settlement: Option<Spanned<Vec<Text>>>,
    pub(super) yearly_from: Option<Text>,
    #[serde(default)]
    pub(super) limits: Vec<Spanned<WrittenLimits>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLimits {
    pub(super) since: Option<Text>,
    pub(super) because: String,
    pub(super) profile: Option<String>,
    pub(super) spike: Option<WrittenSpike>,
    pub(super) jump: Option<WrittenShare>,
    pub(super) flat: Option<WrittenFlat>,
    pub(super) sum: Option<WrittenSum>,
    pub(super) zero: Option<WrittenDays>,
    pub(super) inactive: Option<WrittenAbove>,
    pub(super) clock: Option<WrittenSeconds>,
    pub(super) prolonged: Option<WrittenDays>,
    pub(super) replaced: Option<WrittenShare>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSpike {
    pub(super) interval_factor: Count,
    pub(super) register_factor: Count,
    pub(super) floor: Text,
    pub(super) history_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenShare {
    pub(super) percent: u32,
    pub(super) floor: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenFlat {
    pub(super) intervals: Count,
    pub(super) above: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSum {
    pub(super) pulses: u32,
    pub(super) percent: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenDays {
    pub(super) days: Count,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAbove {
    pub(super) above: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSeconds {
    pub(super) seconds: Count,
}

impl WrittenClass {
    /// Whether it has no conditions.
    pub(super) const fn takes_all(&self) -> bool {
        self.units.is_none()
            && self.resolutions.is_none()
            && self.commodities.is_none()
            && self.settlement.is_none()
            && self.yearly_from.is_none()
    }
}
