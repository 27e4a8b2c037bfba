//! What can be wrong with a file of master data, and with one of its rows.

use tidstro_model::{FactorFault, IdFault, MeterFault, NetSettlementFault};
use tidstro_wire::OpenQuote;

/// Why a file is not read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterFileFault {
    /// Bytes that are no UTF-8.
    #[error("byte {byte} is not UTF-8; save the file as UTF-8")]
    NoText {
        /// Position of the first such byte, counted from 0.
        byte: usize,
    },
    /// No line with anything on it.
    #[error("the file is empty; the first line names the columns")]
    Empty,
    /// No kind of master data has these columns.
    #[error(
        "the first line has not the columns of any kind of master data; docs/MASTER-DATA.md lists them, separated by `;`"
    )]
    UnknownHeader,
    /// A quote of the first line stays open.
    #[error("the first line: {0}")]
    Quote(#[from] OpenQuote),
    /// A column of another kind of file, or of none.
    #[error("column {column} is not one of {kind}; remove it, or correct its name")]
    UnknownColumn {
        /// Position of the column, counted from 1.
        column: usize,
        /// What the file is about.
        kind: &'static str,
    },
    /// The same column twice.
    #[error("column {column} is named twice")]
    ColumnTwice {
        /// Position of the second one, counted from 1.
        column: usize,
    },
}

impl MasterFileFault {
    /// Whether it is that the bytes are no text, which counts before anything the text may say.
    #[must_use]
    pub const fn is_no_text(&self) -> bool {
        matches!(self, Self::NoText { .. })
    }
}

/// Why a row says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterRowFault {
    /// Another number of fields than columns.
    #[error("row has {got} fields, the header has {expected}")]
    Fields {
        /// Columns of the header.
        expected: usize,
        /// Fields found.
        got: usize,
    },
    /// A quote stays open.
    #[error(transparent)]
    Quote(#[from] OpenQuote),
    /// A field is wrong.
    #[error("field `{column}` {fault}")]
    Field {
        /// The column.
        column: &'static str,
        /// What is wrong.
        #[source]
        fault: FieldFault,
    },
}

impl MasterRowFault {
    /// The column at fault; `None` if the row falls into other fields than the header.
    #[must_use]
    pub const fn column(self) -> Option<&'static str> {
        match self {
            Self::Fields { .. } | Self::Quote(_) => None,
            Self::Field { column, .. } => Some(column),
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    /// Nothing where something must be.
    #[error("is empty; it must say something")]
    Empty,
    /// Something where nothing may be.
    #[error("must be empty for a point of this type")]
    NotEmpty,
    /// No code that may stand there.
    #[error("is not known; write one of {0}")]
    Code(&'static str),
    /// No number of the market.
    #[error("{0}")]
    Id(#[from] IdFault),
    /// No device.
    #[error("{0}")]
    Device(#[from] MeterFault),
    /// No factor.
    #[error("{0}")]
    Factor(#[from] FactorFault),
    /// No net settlement group, or a month that does not belong to it.
    #[error("{0}")]
    NetSettlement(#[from] NetSettlementFault),
    /// A number of digits no register has.
    #[error("is not a number of digits; write 1 to 18")]
    Digits,
    /// Neither a local day nor an instant.
    #[error("is not a day; write `2026-03-01`, or the instant of local midnight as `2026-02-28T23:00:00Z`")]
    DayForm,
    /// Looks like a day, and there is none.
    #[error("names a day or time that does not exist; check month and day")]
    NoSuchDay,
    /// An instant inside a day.
    #[error("is not local midnight; master data hold for whole local days")]
    NotMidnight,
    /// The end is not after the start.
    #[error("is not after `from_date`; leave it empty if no end is known")]
    NoDays,
    /// A price resolution that a charge of this kind cannot have.
    #[error(
        "does not fit the type; a tariff has prices for `PT15M`, `PT1H` or `P1D`, a subscription or fee for `P1M`"
    )]
    PriceResolution,
    /// A link that is none, or a tariff linked more than once.
    #[error("is not a number of pieces; write 1 for a tariff, 1 or more for subscriptions and fees")]
    Pieces,
    /// No price of at most six decimals.
    #[error(
        "is not a price; write at most 12 digits with a point and at most 6 decimals, such as `0.123456`"
    )]
    Price,
    /// A price for a time that no quarter begins with.
    #[error("is not the begin of a quarter of an hour; write an instant such as `2026-02-28T23:00:00Z`")]
    NotQuarter,
    /// No share of at most nine decimals.
    #[error(
        "is not a share; write 0 or more, below 1000, with a point and at most 9 decimals, such as `0.000114155`"
    )]
    Share,
    /// No number of degree days of a month.
    #[error(
        "is not a number of degree days; write 0 to 3100 with a point and at most one decimal, such as `412.5`"
    )]
    DegreeDays,
    /// No month.
    #[error("is not a month; write year and month, such as `2026-01`")]
    NotMonth,
    /// A point that is its own parent.
    #[error("is the point itself; a point is no child of its own")]
    OwnParent,
}
