//! Last gasps: when a transformer fails, every meter behind it says so at once. One storm, not a thousand alarms.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// The last message of a meter whose supply is gone. `device` and `transformer` are the caller's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastGasp {
    /// When the supply went.
    pub at: Timestamp,
    /// Which meter.
    pub device: u32,
    /// What it hangs behind.
    pub transformer: u32,
}

/// What makes gasps one storm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StormLimits {
    /// The longest silence inside one storm: 1 to 3 minutes.
    pub hold: SignedDuration,
    /// From how many meters on.
    pub at_least: usize,
}

impl Default for StormLimits {
    /// As the file that comes with the program says.
    fn default() -> Self {
        *SHIPPED
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    hold_seconds: i64,
    at_least: usize,
}

impl StormLimits {
    /// Reads limits; `None` for a text of another form, or a silence that is not 1 to 3 minutes long.
    fn parse(text: &str) -> Option<Self> {
        let Written { hold_seconds, at_least } = toml::from_str(text).ok()?;
        let hold = SignedDuration::from_secs(hold_seconds);
        (60..=180).contains(&hold_seconds).then_some(Self { hold, at_least })
    }
}

// The file comes with the program and a test reads it.
static SHIPPED: LazyLock<StormLimits> = LazyLock::new(|| {
    let text = include_str!("../../alarms/storms.toml");
    StormLimits::parse(text).unwrap_or(StormLimits { hold: SignedDuration::from_mins(2), at_least: 3 })
});

/// Several meters behind one transformer that lost their supply together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storm {
    /// Behind what.
    pub transformer: u32,
    /// The first gasp.
    pub began: Timestamp,
    /// The last one.
    pub last: Timestamp,
    /// The meters, each once, in ascending order.
    pub devices: Vec<u32>,
}

impl Storm {
    /// Meters behind the transformer that were heard after the storm had begun, and did not gasp: none, and the
    /// whole transformer is out. `behind` has every meter there with the last time it was heard.
    #[must_use]
    pub fn still_heard(&self, behind: &[(u32, Option<Timestamp>)]) -> Vec<u32> {
        let after = |heard: &Option<Timestamp>| heard.is_some_and(|heard| heard > self.began);
        let living = behind.iter().filter(|(device, heard)| !self.devices.contains(device) && after(heard));
        living.map(|(device, _)| *device).collect()
    }
}

/// Groups last gasps into storms, in whatever order they came and however often a meter said it. Fewer meters than the
/// limit are no storm: their own alarms say it.
#[must_use]
pub fn storms(gasps: &[LastGasp], limits: StormLimits) -> Vec<Storm> {
    let mut by_transformer: BTreeMap<u32, Vec<&LastGasp>> = BTreeMap::new();
    for gasp in gasps {
        by_transformer.entry(gasp.transformer).or_default().push(gasp);
    }
    let mut found = Vec::new();
    for (transformer, mut gasps) in by_transformer {
        gasps.sort_by_key(|gasp| gasp.at);
        let together = gasps.chunk_by(|one, next| next.at.duration_since(one.at) <= limits.hold);
        found.extend(together.map(|gasps| storm(transformer, gasps)));
    }
    found.retain(|storm| storm.devices.len() >= limits.at_least);
    found
}

fn storm(transformer: u32, gasps: &[&LastGasp]) -> Storm {
    let at = |gasp: Option<&&LastGasp>| gasp.map_or(Timestamp::MIN, |gasp| gasp.at);
    let mut devices: Vec<u32> = gasps.iter().map(|gasp| gasp.device).collect();
    devices.sort_unstable();
    devices.dedup();
    Storm { transformer, began: at(gasps.first()), last: at(gasps.last()), devices }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gasp(second: i64, device: u32, transformer: u32) -> LastGasp {
        LastGasp { at: Timestamp::from_second(1_700_000_000 + second).unwrap(), device, transformer }
    }

    #[test]
    fn meters_that_go_together_are_one_storm() {
        let gasps = [gasp(0, 1, 7), gasp(30, 2, 7), gasp(30, 2, 7), gasp(140, 3, 7), gasp(20, 9, 8)];
        let found = storms(&gasps, StormLimits::default());
        assert_eq!(found.len(), 1);
        let storm = &found[0];
        assert_eq!((storm.transformer, storm.devices.as_slice()), (7, [1, 2, 3].as_slice()));
        let heard = |second| Some(gasp(second, 0, 0).at);
        assert_eq!(storm.still_heard(&[(1, heard(-5)), (4, heard(60)), (5, heard(-60)), (6, None)]), [4]);
    }

    #[test]
    fn the_limits_are_data() {
        let text = |seconds| format!("hold_seconds = {seconds}\nat_least = 3\n");
        let shipped = StormLimits::parse(include_str!("../../alarms/storms.toml")).unwrap();
        assert_eq!(shipped, StormLimits::parse(&text(120)).unwrap());
        assert_eq!((StormLimits::parse(&text(59)), StormLimits::parse(&text(181))), (None, None));
        assert_eq!(StormLimits::parse("hold_seconds = 60"), None);
    }

    #[test]
    fn a_long_silence_parts_two_storms() {
        let of = |from: i64| (0..3).map(move |number| gasp(from + i64::from(number), number, 7));
        let gasps: Vec<LastGasp> = of(0).chain(of(123)).collect();
        assert_eq!(storms(&gasps, StormLimits::default()).len(), 2);
        let gasps: Vec<LastGasp> = of(0).chain(of(122)).collect();
        assert_eq!(storms(&gasps, StormLimits::default()).len(), 1, "two minutes are still together");
    }

    proptest! {
        /// The order of arrival changes nothing, and no meter is lost from a storm or in two at once.
        #[test]
        fn order_does_not_matter(seconds in proptest::collection::vec((0_i64..600, 0_u32..20, 0_u32..3), 0..80)) {
            let mut gasps: Vec<LastGasp> =
                seconds.into_iter().map(|(second, device, behind)| gasp(second, device, behind)).collect();
            let limits = StormLimits { at_least: 1, ..StormLimits::default() };
            let found = storms(&gasps, limits);
            gasps.reverse();
            prop_assert_eq!(&storms(&gasps, limits), &found);
            for gasp in &gasps {
                let holds = |storm: &&Storm| {
                    storm.transformer == gasp.transformer && (storm.began..=storm.last).contains(&gasp.at)
                };
                let holding: Vec<_> = found.iter().filter(holds).collect();
                prop_assert_eq!(holding.len(), 1);
                prop_assert!(holding[0].devices.contains(&gasp.device));
            }
        }
    }
}
