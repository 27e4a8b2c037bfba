//! The catalogue: every alarm there is, how severe it is, and what it is evidence of.

use std::fmt;

/// Makes the codes with their words and severities from one table.
macro_rules! catalogue {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $severity:ident;)+) => {
        /// What an alarm says. The word is what screens, files and the database name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum AlarmCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl AlarmCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The code of a word; `None` for one that is not in the catalogue.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// How severe it is while it stands.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)+
                }
            }
        }
    };
}

catalogue! {
    /// The meter lost its supply: the last thing it says (last gasp).
    PowerDown = "power-down", Critical;
    /// No voltage on a phase.
    NoVoltage = "no-voltage", Critical;
    /// Voltage of a phase below the band of EN 50160.
    UnderVoltage = "under-voltage", Warning;
    /// Voltage of a phase above the band of EN 50160.
    OverVoltage = "over-voltage", Warning;
    /// The neutral conductor is broken or loose: appliances may burn.
    MissingNeutral = "missing-neutral", Critical;
    /// The phases come in the wrong order.
    PhaseSequence = "phase-sequence", Warning;
    /// The phases are loaded or displaced unequally.
    PhaseAsymmetry = "phase-asymmetry", Warning;
    /// Current flows against the direction it was mounted for.
    CurrentReversal = "current-reversal", Warning;
    /// The meter's cover was opened.
    MeterCover = "meter-cover", Warning;
    /// The cover of the terminals was opened.
    TerminalCover = "terminal-cover", Warning;
    /// A strong magnetic field.
    MagneticField = "magnetic-field", Warning;
    /// The device was taken off, or tampered with in another way.
    Tamper = "tamper", Warning;
    /// Somebody without the right key or password tried to get in.
    AccessDenied = "access-denied", Warning;
    /// A message was sent a second time by somebody else.
    Replay = "replay", Critical;
    /// The supply was cut off by the disconnector.
    Disconnected = "disconnected", Notice;
    /// The disconnector did not do what it was told.
    DisconnectorFault = "disconnector-fault", Warning;
    /// The limit of the contract was passed.
    LimitPassed = "limit-passed", Notice;
    /// A small flow that never stops.
    Leak = "leak", Warning;
    /// A large flow that never stops.
    Burst = "burst", Critical;
    /// No water in the meter.
    Dry = "dry", Warning;
    /// Flow against the meter's direction.
    ReverseFlow = "reverse-flow", Warning;
    /// Nothing flows for so long that the meter may be blocked, or read where nobody is.
    NoFlow = "no-flow", Notice;
    /// What is measured is beyond what the meter can measure, or was set to watch.
    OutOfRange = "out-of-range", Warning;
    /// Smoke.
    Smoke = "smoke", Critical;
    /// The device is to be cleaned, exchanged or looked after soon.
    ServiceDue = "service-due", Notice;
    /// The battery is nearly empty.
    LowBattery = "low-battery", Warning;
    /// The clock is wrong, or was lost.
    ClockInvalid = "clock-invalid", Notice;
    /// The program or the memory of the meter is damaged.
    MemoryError = "memory-error", Critical;
    /// A sensor is broken, short-circuited, taken off, or no longer heard.
    SensorError = "sensor-error", Critical;
    /// The measuring part is damaged: its values are not to be used.
    MeasurementError = "measurement-error", Critical;
    /// The program of the meter met an error.
    ApplicationError = "application-error", Warning;
    /// The meter noticed something of which only its own flags say more: a leak, a tamper.
    Abnormal = "abnormal", Warning;
    /// An error that passes by itself.
    TemporaryError = "temporary-error", Notice;
    /// An error that stays until the meter is looked after.
    PermanentError = "permanent-error", Critical;
    /// A series has been estimated for too long: no measured value comes.
    EstimateChain = "estimate-chain", Warning;
}

impl fmt::Display for AlarmCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How severe an alarm is, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// To know.
    Notice,
    /// To be looked at in working hours.
    Warning,
    /// To be looked at now.
    Critical,
}

impl Severity {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A phase of the supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// The first.
    L1,
    /// The second.
    L2,
    /// The third.
    L3,
}

impl Phase {
    /// All three.
    pub const ALL: [Self; 3] = [Self::L1, Self::L2, Self::L3];

    /// `L1`, `L2` or `L3`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
        }
    }

    /// The phase of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.word() == word)
    }
}

/// What became of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// It stands from now on.
    Raised,
    /// It stands no more.
    Cleared,
    /// It happened, and does not stand.
    Happened,
}

impl Change {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Cleared => "cleared",
            Self::Happened => "happened",
        }
    }

    /// The change of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Raised, Self::Cleared, Self::Happened].into_iter().find(|change| change.word() == word)
    }
}

/// Where an alarm was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The status byte of the transport layer (EN 13757-3:2018 table 17).
    StatusByte,
    /// Error flags of a telegram's records (VIF FD17), whose bits are the maker's.
    ErrorFlags,
    /// An entry of an event log, or a pushed event, by the numbers of its profile.
    EventCode,
    /// Made from several values.
    Derived,
    /// Replay and downgrade checks of received telegrams.
    Security,
}

impl Source {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::StatusByte => "status-byte",
            Self::ErrorFlags => "error-flags",
            Self::EventCode => "event-code",
            Self::Derived => "derived",
            Self::Security => "security",
        }
    }

    /// The source of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        const ALL: [Source; 5] =
            [Source::StatusByte, Source::ErrorFlags, Source::EventCode, Source::Derived, Source::Security];
        ALL.into_iter().find(|source| source.word() == word)
    }
}

/// What an alarm was read from: the source, and the code as the meter gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// Where.
    pub source: Source,
    /// The byte, the flags or the event number; of a derived alarm, which values made it.
    pub raw: u64,
}

/// One alarm as one message tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal {
    /// What it says.
    pub code: AlarmCode,
    /// Which phase, where it is about one.
    pub phase: Option<Phase>,
    /// What became of it.
    pub change: Change,
    /// What it was read from.
    pub evidence: Evidence,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_one_code_each() {
        for code in AlarmCode::ALL {
            assert_eq!(AlarmCode::from_word(code.word()), Some(*code));
        }
        assert_eq!(AlarmCode::from_word("fire"), None);
        assert_eq!(Phase::from_word("L2"), Some(Phase::L2));
        assert!(AlarmCode::MissingNeutral.severity() > AlarmCode::UnderVoltage.severity());
    }
}
