//! Why a record could not be read.

/// A record that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct RecordFault {
    /// Byte of the (decrypted) telegram at which the record begins, from 0.
    pub offset: usize,
    /// What is wrong with it.
    pub kind: RecordFaultKind,
}

/// What is wrong with a record (EN 13757-3:2018 § 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordFaultKind {
    /// The telegram ends inside the record.
    #[error("the telegram ends inside the {part}; the record is cut, later ones are missing")]
    Cut {
        /// Which part of the record was being read.
        part: &'static str,
    },
    /// More than ten DIFEs or VIFEs.
    #[error("more than 10 {part}; the record is damaged, what follows it cannot be read")]
    ChainTooLong {
        /// `DIFE` or `VIFE`.
        part: &'static str,
    },
    /// A special DIF that carries no record (3F to 6F reserved, 7F read-out request) or an extended one.
    #[error("DIF `{dif:02X}` is no record; what follows it cannot be read")]
    SpecialDif {
        /// The DIF.
        dif: u8,
    },
    /// A data field that only asks for a value (data field 8).
    #[error("the record asks for a value and has none (selection for read-out)")]
    Selection,
    /// A length code of variable-length data that the standard reserves.
    #[error("variable length code `{lvar:02X}` is reserved; what follows it cannot be read")]
    VariableLength {
        /// The code.
        lvar: u8,
    },
    /// A date or time in a data field that no date type has.
    #[error("a date or time in a data field that has none; the value is left out")]
    DateType,
    /// A number beyond what a decimal of 18 digits and a power of ten holds.
    #[error("the number has more digits than are kept; the value is left out")]
    NumberTooLong,
}

impl RecordFaultKind {
    /// Whether nothing says where the next record begins.
    pub(crate) const fn hides_length(self) -> bool {
        match self {
            Self::Cut { .. }
            | Self::ChainTooLong { .. }
            | Self::SpecialDif { .. }
            | Self::VariableLength { .. } => true,
            Self::Selection | Self::DateType | Self::NumberTooLong => false,
        }
    }
}
