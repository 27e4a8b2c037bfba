//! Columns of a row group, as Parquet takes them.

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::Result;
use parquet::file::writer::SerializedColumnWriter;

/// Rows of one table, until there are enough for a row group.
pub(super) trait Rows {
    /// The table in Parquet's own words.
    const TABLE: &'static str;
    /// No rows.
    fn new() -> Self;
    /// How many rows there are.
    fn len(&self) -> usize;
    /// The columns in the order of the table.
    fn columns(&self) -> Vec<Column<'_>>;
}

/// Values of which some are null: the others in order, and of each row whether it has one.
pub(super) struct Nullable<T> {
    values: Vec<T>,
    /// Parquet's definition levels: 1 for a value, 0 for null.
    levels: Vec<i16>,
}

impl<T> Nullable<T> {
    pub(super) const fn new() -> Self {
        Self { values: Vec::new(), levels: Vec::new() }
    }

    pub(super) fn push(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.values.extend(value);
    }
}

/// One column of a row group.
pub(super) enum Column<'a> {
    /// Texts, none null.
    Text(&'a [ByteArray]),
    /// Texts and nulls.
    NullableText(&'a Nullable<ByteArray>),
    /// Whole numbers of 32 bits.
    Int(&'a [i32]),
    /// Whole numbers of 64 bits, or what is stored as such.
    Long(&'a [i64]),
    /// The same, and nulls.
    NullableLong(&'a Nullable<i64>),
    /// Yes or no.
    Flag(&'a [bool]),
}

impl Column<'_> {
    /// Writes all of it.
    pub(super) fn write(&self, mut to: SerializedColumnWriter<'_>) -> Result<()> {
        match self {
            Self::Text(values) => to.typed::<ByteArrayType>().write_batch(values, None, None)?,
            Self::NullableText(Nullable { values, levels }) => {
                to.typed::<ByteArrayType>().write_batch(values, Some(levels), None)?
            }
            Self::Int(values) => to.typed::<Int32Type>().write_batch(values, None, None)?,
            Self::Long(values) => to.typed::<Int64Type>().write_batch(values, None, None)?,
            Self::NullableLong(Nullable { values, levels }) => {
                to.typed::<Int64Type>().write_batch(values, Some(levels), None)?
            }
            Self::Flag(values) => to.typed::<BoolType>().write_batch(values, None, None)?,
        };
        to.close()
    }
}

/// A text as Parquet keeps it. Copies of it share its bytes.
pub(super) fn text(text: &str) -> ByteArray {
    ByteArray::from(text)
}
