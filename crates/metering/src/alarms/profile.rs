//! Which numbers of event logs mean which alarm. Data, not code.
//!
//! What comes in: the text of a profile, and numbers as meters log them. What goes out: alarms that were raised, cleared
//! or happened. A number the profile does not have is none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{AlarmCode, Change, Evidence, Phase, Signal, Source};

/// The event numbers of a profile.
#[derive(Debug, Clone)]
pub struct EventProfile {
    name: String,
    /// Ascending by number; one number may clear several alarms.
    meanings: BTreeMap<u32, Vec<(AlarmCode, Option<Phase>, Change)>>,
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileFault {
    /// Not TOML of this form.
    #[error("the profile is not readable: {0}")]
    Form(#[from] toml::de::Error),
    /// A code that the catalogue does not have.
    #[error("`{code}` is no alarm of the catalogue; take a word that is in it")]
    Code {
        /// The word as written.
        code: String,
    },
    /// A phase there is not.
    #[error("`{phase}` is no phase; write L1, L2 or L3")]
    Phase {
        /// The word as written.
        phase: String,
    },
    /// A maker's code that is none.
    #[error("`{maker}` is no maker's code; write its three letters")]
    Maker {
        /// The letters as written.
        maker: String,
    },
    /// A bit that no flags have.
    #[error("bit {bit} of `{code}` is not one of 64; count bits from 0")]
    Bit {
        /// The bit as written.
        bit: u8,
        /// Whose.
        code: String,
    },
    /// A bit that has two meanings.
    #[error("bit {bit} of table `{name}` is said twice; keep one meaning")]
    Twice {
        /// The bit as written.
        bit: u8,
        /// The table's name.
        name: String,
    },
    /// A table nobody can check.
    #[error(
        "table `{name}` does not say where it is from; write who published it, or `observed` and in what"
    )]
    Source {
        /// The table's name.
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProfile {
    name: String,
    event: Vec<WrittenEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEvent {
    code: String,
    phase: Option<String>,
    #[serde(default)]
    raised: Vec<u32>,
    #[serde(default)]
    cleared: Vec<u32>,
    #[serde(default)]
    happened: Vec<u32>,
}

impl EventProfile {
    /// Reads a profile.
    ///
    /// # Errors
    /// [`ProfileFault`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, ProfileFault> {
        let WrittenProfile { name, event } = toml::from_str(text)?;
        let mut meanings: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for WrittenEvent { code, phase, raised, cleared, happened } in event {
            let (code, phase) = (known(code)?, phase.map(phase_of).transpose()?);
            let changes =
                [(raised, Change::Raised), (cleared, Change::Cleared), (happened, Change::Happened)];
            for (numbers, change) in changes {
                for number in numbers {
                    meanings.entry(number).or_default().push((code, phase, change));
                }
            }
        }
        Ok(Self { name, meanings })
    }

    /// What the profile is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What an event number says; nothing for one that is no alarm.
    pub fn signals(&self, number: u32) -> impl Iterator<Item = Signal> + '_ {
        let evidence = Evidence { source: Source::EventCode, raw: u64::from(number) };
        let meanings = self.meanings.get(&number).into_iter().flatten();
        meanings.map(move |&(code, phase, change)| Signal { code, phase, change, evidence })
    }
}

fn known(code: String) -> Result<AlarmCode, ProfileFault> {
    AlarmCode::from_word(&code).ok_or(ProfileFault::Code { code })
}

fn phase_of(phase: String) -> Result<Phase, ProfileFault> {
    Phase::from_word(&phase).ok_or(ProfileFault::Phase { phase })
}

/// The event numbers of the IDIS profile.
#[must_use]
pub fn idis() -> &'static EventProfile {
    &IDIS
}

// The file comes with the program and a test reads it; without it nothing would be explained.
static IDIS: LazyLock<EventProfile> = LazyLock::new(|| {
    let nothing = |_| EventProfile { name: "idis".to_owned(), meanings: BTreeMap::new() };
    EventProfile::parse(include_str!("../../alarms/idis.toml")).unwrap_or_else(nothing)
});

#[cfg(test)]
mod tests {
    use super::*;

    fn said(number: u32) -> Vec<(AlarmCode, Option<Phase>, Change)> {
        idis().signals(number).map(|signal| (signal.code, signal.phase, signal.change)).collect()
    }

    #[test]
    fn the_shipped_file_is_read() {
        EventProfile::parse(include_str!("../../alarms/idis.toml")).unwrap();
    }

    #[test]
    fn events_are_alarms_of_the_catalogue() {
        assert_eq!(said(89), [(AlarmCode::MissingNeutral, None, Change::Happened)]);
        assert_eq!(said(1), [(AlarmCode::PowerDown, None, Change::Raised)]);
        assert_eq!(said(83), [(AlarmCode::NoVoltage, Some(Phase::L2), Change::Raised)]);
        assert_eq!(said(255), []);
        let normal_again: Vec<_> = said(86);
        assert_eq!(normal_again.len(), 3, "a normal voltage ends each of the three");
        assert!(
            normal_again
                .iter()
                .all(|(_, phase, change)| (*phase, *change) == (Some(Phase::L2), Change::Cleared))
        );
    }

    #[test]
    fn bad_profiles_say_what_is_wrong() {
        let fault = |text: String| EventProfile::parse(&text).unwrap_err().to_string();
        let event = |line: &str| format!("name = \"x\"\n[[event]]\n{line}\n");
        assert!(fault(event("code = \"fire\"")).contains("`fire` is no alarm"));
        assert!(fault(event("code = \"leak\"\nphase = \"L4\"")).contains("L1, L2 or L3"));
        assert!(fault(event("code = \"leak\"\nseen = [1]")).contains("unknown field"));
    }
}
