//! Values on their way out of an answer.

use super::DbFault;

/// A value of an answer, where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// Of a kind this program never stores.
    Other,
}

/// A value that is not of the kind asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OtherKind;

impl<'a> Seen<'a> {
    /// The bytes.
    pub(crate) const fn as_blob(self) -> Result<&'a [u8], OtherKind> {
        match self {
            Self::Blob(bytes) => Ok(bytes),
            _ => Err(OtherKind),
        }
    }

    /// The text.
    pub(crate) const fn as_str(self) -> Result<&'a str, OtherKind> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(OtherKind),
        }
    }

    /// The text; `None` if there is none.
    pub(crate) const fn as_str_or_null(self) -> Result<Option<&'a str>, OtherKind> {
        match self {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            _ => Err(OtherKind),
        }
    }
}

/// What can be read from an answer. `None`: it is not that.
pub(crate) trait FromColumn: Sized {
    /// The value, checked.
    fn from_column(seen: Seen<'_>) -> Option<Self>;
}

macro_rules! numbers_from_columns {
    ($($number:ty),*) => {$(
        impl FromColumn for $number {
            fn from_column(seen: Seen<'_>) -> Option<Self> {
                match seen {
                    Seen::Int(number) => Self::try_from(number).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
numbers_from_columns!(i8, i16, i32, i64, u8, u16, u32);

impl FromColumn for bool {
    fn from_column(seen: Seen<'_>) -> Option<Self> {
        match seen {
            Seen::Int(number) => Some(number != 0),
            _ => None,
        }
    }
}

impl FromColumn for String {
    fn from_column(seen: Seen<'_>) -> Option<Self> {
        seen.as_str().ok().map(str::to_owned)
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(seen: Seen<'_>) -> Option<Self> {
        seen.as_blob().ok().map(<[u8]>::to_vec)
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(seen: Seen<'_>) -> Option<Self> {
        seen.as_blob().ok()?.try_into().ok()
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(seen: Seen<'_>) -> Option<Self> {
        match seen {
            Seen::Null => Some(None),
            seen => T::from_column(seen).map(Some),
        }
    }
}

/// Reads a value of column `column`.
pub(super) fn read<T: FromColumn>(seen: Seen<'_>, column: usize) -> Result<T, DbFault> {
    T::from_column(seen).ok_or(DbFault::Column { column })
}
