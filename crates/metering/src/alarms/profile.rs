//! Which numbers and bits mean which alarm: profiles of event codes, and makers' error flags. Data, not code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use tidstro_model::{Manufacturer, Medium};

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

/// What the bits of a maker's error flags say.
#[derive(Debug, Clone)]
pub struct FlagProfile {
    makers: Vec<Manufacturer>,
    media: Vec<u8>,
    bits: Vec<(u8, AlarmCode)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFlags {
    flags: Vec<WrittenMeters>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMeters {
    makers: Vec<String>,
    media: Vec<u8>,
    bits: Vec<WrittenBit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBit {
    bit: u8,
    code: String,
}

impl FlagProfile {
    /// Reads the profiles of a file.
    ///
    /// # Errors
    /// [`ProfileFault`] says what is wrong.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, ProfileFault> {
        let WrittenFlags { flags } = toml::from_str(text)?;
        flags.into_iter().map(Self::of).collect()
    }

    fn of(written: WrittenMeters) -> Result<Self, ProfileFault> {
        let maker = |maker: String| Manufacturer::parse(&maker).map_err(|_| ProfileFault::Maker { maker });
        let bit = |WrittenBit { bit, code }| match bit {
            0..64 => Ok((bit, known(code)?)),
            _ => Err(ProfileFault::Bit { bit, code }),
        };
        Ok(Self {
            makers: written.makers.into_iter().map(maker).collect::<Result<_, _>>()?,
            media: written.media,
            bits: written.bits.into_iter().map(bit).collect::<Result<_, _>>()?,
        })
    }

    /// What these flags say of each alarm they can tell; a set bit that nobody explained is `abnormal`.
    #[must_use]
    pub fn signals(&self, flags: u64) -> Vec<Signal> {
        let evidence = Evidence { source: Source::ErrorFlags, raw: flags };
        let signal = |code, stands| {
            let change = if stands { Change::Raised } else { Change::Cleared };
            Signal { code, phase: None, change, evidence }
        };
        let explained = self.bits.iter().fold(0, |mask, (bit, _)| mask | 1 << bit);
        let known = self.bits.iter().map(|(bit, code)| signal(*code, flags & 1 << bit != 0));
        known.chain([signal(AlarmCode::Abnormal, flags & !explained != 0)]).collect()
    }
}

/// What the error flags of a maker's meters say; flags of a maker nobody has described are all `abnormal`.
#[must_use]
pub fn flags_of(maker: Manufacturer, medium: Medium) -> &'static FlagProfile {
    let of_these =
        |profile: &&FlagProfile| profile.makers.contains(&maker) && profile.media.contains(&medium.0);
    FLAGS.iter().find(of_these).unwrap_or(&UNEXPLAINED)
}

/// The event numbers of the IDIS profile.
#[must_use]
pub fn idis() -> &'static EventProfile {
    &IDIS
}

static UNEXPLAINED: FlagProfile = FlagProfile { makers: Vec::new(), media: Vec::new(), bits: Vec::new() };

// The files come with the program and a test reads them; without them nothing would be explained.
static FLAGS: LazyLock<Vec<FlagProfile>> = LazyLock::new(|| {
    FlagProfile::parse_all(include_str!("../../alarms/error-flags.toml")).unwrap_or_default()
});
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
    fn the_shipped_files_are_read() {
        EventProfile::parse(include_str!("../../alarms/idis.toml")).unwrap();
        assert_eq!(FlagProfile::parse_all(include_str!("../../alarms/error-flags.toml")).unwrap().len(), 1);
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
    fn flags_say_what_the_maker_means() {
        let kam = Manufacturer::parse("KAM").unwrap();
        let raised = |profile: &FlagProfile, flags| -> Vec<AlarmCode> {
            let signals = profile.signals(flags).into_iter();
            signals.filter(|signal| signal.change == Change::Raised).map(|signal| signal.code).collect()
        };
        let water = flags_of(kam, Medium(0x16));
        assert_eq!(raised(water, 0b0101), [AlarmCode::Dry, AlarmCode::Leak]);
        assert_eq!(raised(water, 0x8000), [AlarmCode::Abnormal]);
        let unknown = flags_of(Manufacturer::parse("ABC").unwrap(), Medium(0x07));
        assert_eq!(raised(unknown, 4), [AlarmCode::Abnormal]);
        assert_eq!(raised(unknown, 0), []);
    }

    #[test]
    fn bad_profiles_say_what_is_wrong() {
        let fault = |text: String| EventProfile::parse(&text).unwrap_err().to_string();
        let event = |line: &str| format!("name = \"x\"\n[[event]]\n{line}\n");
        assert!(fault(event("code = \"fire\"")).contains("`fire` is no alarm"));
        assert!(fault(event("code = \"leak\"\nphase = \"L4\"")).contains("L1, L2 or L3"));
        assert!(fault(event("code = \"leak\"\nseen = [1]")).contains("unknown field"));
        let flags =
            |line: &str| FlagProfile::parse_all(&format!("[[flags]]\n{line}\n")).unwrap_err().to_string();
        assert!(
            flags("makers = [\"KAM\"]\nmedia = []\nbits = [{ bit = 64, code = \"leak\" }]")
                .contains("bit 64")
        );
        assert!(flags("makers = [\"K4M\"]\nmedia = []\nbits = []").contains("three letters"));
    }
}
