//! What can go wrong in an export.

use std::path::PathBuf;

use tidstro_model::{Decimal, QuantityKind, Unit};

/// Why an export could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// The days have no beginning or no end, or none lies between them.
    #[error("an export needs days from a first to a last one; give both `--from` and `--to`")]
    OpenDays,
    /// A month of the area lies in the folder already.
    #[error("`{path}` is there already; remove it, or export into another folder")]
    MonthThere {
        /// The folder of the month.
        path: PathBuf,
    },
    /// Somebody exports into the same folder.
    #[error("another export writes below `{path}`; wait for it, or export into another folder")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be made, written or renamed.
    #[error(
        "`{path}`: {source}; check that there is space and that this user may write to it, and export again"
    )]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The Parquet writer fails.
    #[error("`{path}` cannot be written as Parquet: {source}; check that there is space, and export again")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: parquet::errors::ParquetError,
    },
    /// A value has more digits than the column. The value itself is not shown.
    #[error(
        "a value of {quantity} in `{unit}` has steps of 10^{exponent}, and the column `value` holds 15 digits and three \
         decimals; export another category, or leave the area's points with finer values out"
    )]
    DoesNotFit {
        /// What is measured.
        quantity: QuantityKind,
        /// In which unit.
        unit: Unit,
        /// The power of ten its steps are counted in.
        exponent: i8,
    },
}

impl ExportFault {
    /// The fault of a value that does not fit.
    pub(super) fn does_not_fit(quantity: QuantityKind, unit: Unit, value: Decimal) -> Self {
        Self::DoesNotFit { quantity, unit, exponent: value.normalised().exponent() }
    }
}
