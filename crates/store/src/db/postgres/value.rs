//! Values as PostgreSQL sends and takes them: binary, high byte first.

use std::error::Error;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::db::DbFault;
use crate::db::bind::Bound;
use crate::db::column::Seen;

/// The type to give a value, where it tells one.
pub(super) const fn type_of(value: &Bound<'_>) -> Type {
    match value {
        Bound::Null => Type::UNKNOWN,
        Bound::Int(_) => Type::INT8,
        Bound::Text(_) => Type::TEXT,
        Bound::Blob(_) => Type::BYTEA,
        Bound::Ints(_) => Type::INT8_ARRAY,
        Bound::Blobs(_) => Type::BYTEA_ARRAY,
        Bound::Texts(_) => Type::TEXT_ARRAY,
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match *self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Int(number) if *wanted == Type::INT4 => i32::try_from(number)?.to_sql(wanted, out)?,
            Self::Int(number) if *wanted == Type::INT8 => number.to_sql(wanted, out)?,
            Self::Text(text) if *wanted == Type::TEXT => text.to_sql(wanted, out)?,
            Self::Blob(bytes) if *wanted == Type::BYTEA => bytes.to_sql(wanted, out)?,
            Self::Ints(numbers) if *wanted == Type::INT8_ARRAY => numbers.to_sql(wanted, out)?,
            Self::Blobs(blobs) if *wanted == Type::BYTEA_ARRAY => blobs.to_sql(wanted, out)?,
            Self::Texts(texts) if *wanted == Type::TEXT_ARRAY => texts.to_sql(wanted, out)?,
            _ => return Err(format!("a value for a parameter of type {wanted}").into()),
        };
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column as it was sent.
struct Raw<'a> {
    of: Type,
    bytes: Option<&'a [u8]>,
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(of: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self { of: of.clone(), bytes: Some(bytes) })
    }

    fn from_sql_null(of: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self { of: of.clone(), bytes: None })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value of a column, where it lies.
pub(in crate::db) fn value(row: &tokio_postgres::Row, column: usize) -> Result<Seen<'_>, DbFault> {
    let raw: Raw<'_> = row.try_get(column)?;
    let Some(bytes) = raw.bytes else { return Ok(Seen::Null) };
    let seen = match raw.of {
        Type::INT8 => bytes.try_into().ok().map(|bytes| Seen::Int(i64::from_be_bytes(bytes))),
        Type::INT4 => bytes.try_into().ok().map(|bytes| Seen::Int(i32::from_be_bytes(bytes).into())),
        Type::BOOL => bytes.first().map(|bit| Seen::Int(i64::from(*bit != 0))),
        Type::NUMERIC => whole_number(bytes).map(Seen::Int),
        Type::BYTEA => Some(Seen::Blob(bytes)),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
            std::str::from_utf8(bytes).ok().map(Seen::Text)
        }
        _ => Some(Seen::Other),
    };
    seen.ok_or(DbFault::Column { column })
}

/// A NUMERIC without places: what PostgreSQL makes of a sum of BIGINTs. Four numbers of 16 bits (how many digits, weight of
/// the first, sign, places), then the digits to the base of 10,000.
fn whole_number(bytes: &[u8]) -> Option<i64> {
    const BASE: i64 = 10_000;
    const NEGATIVE: u16 = 0x4000;
    let (words, []) = bytes.as_chunks::<2>() else { return None };
    let words: Vec<u16> = words.iter().map(|word| u16::from_be_bytes(*word)).collect();
    let [_, weight, sign, 0, digits @ ..] = words.as_slice() else { return None };
    let places = if digits.is_empty() { 0 } else { usize::from(*weight) + 1 };
    let digits = digits.iter().copied().chain(std::iter::repeat(0)).take(places);
    let signed = |digit: u16| if *sign == NEGATIVE { -i64::from(digit) } else { i64::from(digit) };
    match *sign {
        0 | NEGATIVE => {
            digits.map(signed).try_fold(0_i64, |sum, digit| sum.checked_mul(BASE)?.checked_add(digit))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::whole_number;

    fn numeric(words: &[u16]) -> Option<i64> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        whole_number(&bytes)
    }

    #[test]
    fn sums_of_whole_numbers_are_read() {
        assert_eq!(numeric(&[0, 0, 0, 0]), Some(0));
        assert_eq!(numeric(&[1, 0, 0, 0, 7]), Some(7));
        assert_eq!(numeric(&[2, 1, 0x4000, 0, 12, 345]), Some(-120_345));
        assert_eq!(numeric(&[1, 2, 0, 0, 5]), Some(500_000_000));
        assert_eq!(numeric(&[5, 4, 0x4000, 0, 922, 3372, 368, 5477, 5808]), Some(i64::MIN));
        assert_eq!(numeric(&[5, 4, 0, 0, 922, 3372, 368, 5477, 5808]), None, "one too many");
        assert_eq!(numeric(&[1, 0, 0, 2, 7]), None, "places");
        assert_eq!(numeric(&[0, 0, 0xC000, 0]), None, "not a number");
    }
}
