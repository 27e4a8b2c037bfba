//! What a whole telegram said.

use std::fmt;

use jiff::civil::DateTime;
use tidstro_model::{Function, Medium, MeterId, Modifier, Reading, Value};

use crate::{
    apdu::{RecordFault, Records},
    formats::Format,
    layers::{Layers, ell::Ell},
};

/// A protection as the headers announce it, before anything is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Announced {
    /// This security mode of the transport layer (EN 13757-7:2018 table 26).
    Mode(u8),
    /// The encryption of the extended link layer (EN 13757-4).
    ExtendedLink,
    /// The maker's own encryption behind a CI field of the maker's own (A0 to B7).
    MakersOwn,
}

impl fmt::Display for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode(mode) => write!(f, "security mode {mode}"),
            Self::ExtendedLink => f.write_str("the encrypted extended link layer"),
            Self::MakersOwn => f.write_str("the maker's own encryption"),
        }
    }
}

/// How the telegram was protected, and what was therefore proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Security {
    /// Not encrypted, not authenticated.
    Clear,
    /// Security mode 5: AES-128-CBC with the meter's key; decrypted, not authenticated.
    Mode5,
    /// Security mode 7: derived keys, message counter; authenticated by an AES-CMAC, then decrypted.
    Mode7,
    /// Security mode 8: AES-128-CTR, message counter; authenticated by a CMAC of 4 bytes, then decrypted.
    Mode8,
    /// Security mode 9: AES-128-GCM, message counter; authenticated by a tag of 12 bytes and decrypted.
    Mode9,
    /// Security mode 10: AES-128-CCM, message counter; authenticated by a tag of 4 to 16 bytes and decrypted.
    Mode10,
    /// Security mode 0 or 5 in an authentication layer whose code was verified.
    Authenticated {
        /// The mode.
        mode: u8,
    },
    /// Extended link layer: AES-128-CTR with the meter's key; decrypted, its payload CRC fits, not authenticated.
    ExtendedLink,
    /// The maker's own encryption with the meter's key; decrypted, the fixed bytes of its layout fit, not authenticated.
    MakersOwn,
    /// The header announces this protection, the payload was in the clear already, and
    /// [`DecodeOptions::assume_decrypted`](crate::DecodeOptions::assume_decrypted) allowed it. Nothing is proved.
    AssumedDecrypted {
        /// The announced protection.
        announced: Announced,
    },
}

impl Security {
    /// Whether the meter's key was needed: to decrypt, to verify a code, or both.
    #[must_use]
    pub const fn is_protected(self) -> bool {
        matches!(self, Self::Mode5 | Self::ExtendedLink | Self::MakersOwn) || self.is_authenticated()
    }

    /// Whether a code or tag proves that no byte of the content was changed.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Mode7 | Self::Mode8 | Self::Mode9 | Self::Mode10 | Self::Authenticated { .. })
    }

    /// The word used in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Mode5 => "mode-5",
            Self::Mode7 => "mode-7",
            Self::Mode8 => "mode-8",
            Self::Mode9 => "mode-9",
            Self::Mode10 => "mode-10",
            Self::Authenticated { mode: 5 } => "mode-5-authenticated",
            Self::Authenticated { .. } => "clear-authenticated",
            Self::ExtendedLink => "ell-ctr",
            Self::MakersOwn => "makers-own",
            Self::AssumedDecrypted { .. } => "assumed-decrypted",
        }
    }
}

/// A decoded telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telegram {
    /// Whose values these are.
    pub meter: MeterId,
    /// What is measured: the meter's device type, or what its layout says of a type of the maker's own.
    pub medium: Medium,
    /// Who sent the frame: another device than `meter` where a radio converter is used. For a wired
    /// frame the same as `meter`.
    pub link_address: MeterId,
    /// Access number of the transport layer, else of the extended link layer.
    pub access_number: Option<u8>,
    /// Status byte of the transport layer (EN 13757-3:2018 table 17): bits 0-1 application state,
    /// 2 low power, 3 permanent error, 4 temporary error, 5-7 the maker's.
    pub status: Option<u8>,
    /// Message counter of the authentication layer; rises with every message of the meter.
    pub message_counter: Option<u32>,
    /// Session number of the extended link layer: bits 0 to 3 session, 4 to 28 minutes of the meter's own, 29 to 31
    /// encryption. Rises from one session to the next.
    pub session_number: Option<u32>,
    /// What was proved.
    pub security: Security,
    /// A number made of the telegram as sent, without its length and CRCs: the same from every gateway, and another one
    /// for other bytes (but for coincidence, or intent: it is no proof).
    pub fingerprint: u64,
    /// The values, in the order of the telegram.
    pub readings: Vec<Reading>,
    /// Records that could not be read. The values before them stay: the frame was proven.
    pub faults: Vec<RecordFault>,
    /// The format of this full frame, where the source of formats did not know it: give it to
    /// [`Formats::insert`](crate::Formats::insert), and compact frames of the meter type are decoded.
    pub format: Option<Format>,
    /// The meter says that more records follow in another telegram (DIF 1F).
    pub more_follows: bool,
}

impl Telegram {
    pub(crate) fn new(layers: &Layers, ell: Option<&Ell>, security: Security, records: Records) -> Self {
        Self {
            meter: layers.meter,
            medium: layers.meter.medium,
            link_address: layers.link_address,
            access_number: layers.access_number,
            status: layers.status,
            message_counter: layers.message_counter(),
            session_number: ell.and_then(|ell| ell.session).map(|session| session.0),
            security,
            fingerprint: 0,
            readings: records.readings,
            faults: records.faults,
            format: None,
            more_follows: records.more_follows,
        }
    }

    /// A telegram whose headers end at a CI field of the maker's own.
    pub(crate) fn of_layout(meter: MeterId, security: Security, readings: Vec<Reading>) -> Self {
        Self {
            meter,
            medium: meter.medium,
            link_address: meter,
            access_number: None,
            status: None,
            message_counter: None,
            session_number: None,
            security,
            fingerprint: 0,
            readings,
            faults: Vec::new(),
            format: None,
            more_follows: false,
        }
    }

    /// The moment the meter says it is: its first plain date and time (types F and I) that is
    /// instantaneous, storage 0, tariff 0, subunit 0. A date alone (type G) is no moment, and no time the meter marks
    /// as invalid is. The time is the meter's own clock in standard time: an hour less where the meter says that it
    /// shows summer time, which few do.
    #[must_use]
    pub fn moment(&self) -> Option<DateTime> {
        self.readings.iter().find_map(|reading| match reading.value {
            Value::DateTime(moment) if states_now(reading) => in_standard_time(moment, &reading.modifiers),
            _ => None,
        })
    }
}

fn states_now(reading: &Reading) -> bool {
    reading.quantity == tidstro_model::QuantityKind::DateTime
        && reading.function == Function::Instantaneous
        && (reading.storage, reading.tariff, reading.subunit) == (0, 0, 0)
}

/// `None` where the record is refined by anything but summer time: then it states another moment than now.
fn in_standard_time(moment: DateTime, modifiers: &[Modifier]) -> Option<DateTime> {
    match modifiers {
        [] => Some(moment),
        [Modifier::SUMMER_TIME] => moment.checked_sub(jiff::Span::new().hours(1)).ok(),
        _ => None,
    }
}
