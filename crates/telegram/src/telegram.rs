//! What a whole telegram said.

use jiff::civil::DateTime;
use tidstro_model::{Function, MeterId, Reading, Value};

use crate::{
    apdu::{RecordFault, Records},
    layers::Layers,
};

/// How the telegram was protected, and what was therefore proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Security {
    /// Not encrypted, not authenticated.
    Clear,
    /// Security mode 5: AES-128-CBC with the meter's key; decrypted, not authenticated.
    Mode5,
    /// Security mode 7: derived keys, message counter; authenticated by an AES-CMAC, then decrypted.
    Mode7,
    /// The header announces this mode, the payload was in the clear already, and
    /// [`DecodeOptions::assume_decrypted`](crate::DecodeOptions::assume_decrypted) allowed it. Nothing is proved.
    AssumedDecrypted {
        /// The announced mode.
        mode: u8,
    },
}

impl Security {
    /// The word used in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Mode5 => "mode-5",
            Self::Mode7 => "mode-7",
            Self::AssumedDecrypted { .. } => "assumed-decrypted",
        }
    }
}

/// A decoded telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telegram {
    /// Whose values these are.
    pub meter: MeterId,
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
    /// What was proved.
    pub security: Security,
    /// The values, in the order of the telegram.
    pub readings: Vec<Reading>,
    /// Records that could not be read. The values before them stay: the frame was proven.
    pub faults: Vec<RecordFault>,
    /// The meter says that more records follow in another telegram (DIF 1F).
    pub more_follows: bool,
}

impl Telegram {
    pub(crate) fn new(layers: &Layers, security: Security, records: Records) -> Self {
        Self {
            meter: layers.meter,
            link_address: layers.link_address,
            access_number: layers.access_number,
            status: layers.status,
            message_counter: layers.message_counter(),
            security,
            readings: records.readings,
            faults: records.faults,
            more_follows: records.more_follows,
        }
    }

    /// The moment the meter says it is: its first plain date and time (types F and I) that is
    /// instantaneous, storage 0, tariff 0, subunit 0. A date alone (type G) is no moment. The time is
    /// the meter's own clock, which rarely follows summer time.
    #[must_use]
    pub fn moment(&self) -> Option<DateTime> {
        self.readings.iter().find_map(|reading| match reading.value {
            Value::DateTime(moment) if states_now(reading) => Some(moment),
            _ => None,
        })
    }
}

fn states_now(reading: &Reading) -> bool {
    reading.quantity == tidstro_model::QuantityKind::DateTime
        && reading.function == Function::Instantaneous
        && (reading.storage, reading.tariff, reading.subunit) == (0, 0, 0)
        && reading.modifiers.is_empty()
}
