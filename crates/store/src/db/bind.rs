//! Values on their way into a statement.
//!
//! Four kinds are enough for both databases: nothing, a number of 64 bits, text and bytes. What a number is too large for
//! does not compile.

use super::DbFault;

/// One value of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// Numbers as one value, for `unnest`: PostgreSQL only.
    Ints(&'a [i64]),
    /// Bytes, many as one value: PostgreSQL only.
    Blobs(&'a [Vec<u8>]),
    /// Texts as one value: PostgreSQL only.
    Texts(&'a [String]),
}

/// What can be given to a statement.
pub(crate) trait Bind {
    /// The value as the databases know it.
    fn bound(&self) -> Bound<'_>;
}

macro_rules! bind_numbers {
    ($($number:ty),*) => {$(
        impl Bind for $number {
            fn bound(&self) -> Bound<'_> {
                Bound::Int(i64::from(*self))
            }
        }

        impl From<$number> for Bound<'_> {
            fn from(number: $number) -> Self {
                Self::Int(i64::from(number))
            }
        }
    )*};
}
bind_numbers!(i8, i16, i32, i64, u8, u16, u32, bool);

impl Bind for str {
    fn bound(&self) -> Bound<'_> {
        Bound::Text(self)
    }
}

impl Bind for String {
    fn bound(&self) -> Bound<'_> {
        Bound::Text(self)
    }
}

impl Bind for [u8] {
    fn bound(&self) -> Bound<'_> {
        Bound::Blob(self)
    }
}

impl Bind for Vec<u8> {
    fn bound(&self) -> Bound<'_> {
        Bound::Blob(self)
    }
}

impl Bind for [i64] {
    fn bound(&self) -> Bound<'_> {
        Bound::Ints(self)
    }
}

impl Bind for Vec<i64> {
    fn bound(&self) -> Bound<'_> {
        Bound::Ints(self)
    }
}

impl Bind for Vec<Vec<u8>> {
    fn bound(&self) -> Bound<'_> {
        Bound::Blobs(self)
    }
}

impl Bind for Vec<String> {
    fn bound(&self) -> Bound<'_> {
        Bound::Texts(self)
    }
}

impl<const N: usize> Bind for [u8; N] {
    fn bound(&self) -> Bound<'_> {
        Bound::Blob(self)
    }
}

impl Bind for Bound<'_> {
    fn bound(&self) -> Bound<'_> {
        *self
    }
}

impl<T: Bind> Bind for Option<T> {
    fn bound(&self) -> Bound<'_> {
        self.as_ref().map_or(Bound::Null, Bind::bound)
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn bound(&self) -> Bound<'_> {
        (**self).bound()
    }
}

/// All values of a statement, in order.
pub(crate) trait Params {
    /// Hands on each value.
    fn each<'a>(&'a self, take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault>;
}

impl Params for &[&dyn Bind] {
    fn each<'a>(&'a self, take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault> {
        self.iter().try_for_each(|value| take(value.bound()))
    }
}

impl Params for [&dyn Bind; 0] {
    fn each<'a>(&'a self, _: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault> {
        Ok(())
    }
}

macro_rules! params_of_arrays {
    ($($length:literal),*) => {$(
        impl<T: Bind> Params for [T; $length] {
            fn each<'a>(
                &'a self,
                take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>,
            ) -> Result<(), DbFault> {
                self.iter().try_for_each(|value| take(value.bound()))
            }
        }
    )*};
}
params_of_arrays!(1, 2, 3, 4, 5, 6);

impl<A: Bind, B: Bind> Params for (A, B) {
    fn each<'a>(&'a self, take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault> {
        take(self.0.bound())?;
        take(self.1.bound())
    }
}

impl<A: Bind, B: Bind, C: Bind> Params for (A, B, C) {
    fn each<'a>(&'a self, take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault> {
        take(self.0.bound())?;
        take(self.1.bound())?;
        take(self.2.bound())
    }
}

/// As many values as there are.
pub(crate) struct Listed<T>(Vec<T>);

/// Values of a list whose length is known only when the program runs.
pub(crate) fn params_from_iter<T: Bind>(values: impl IntoIterator<Item = T>) -> Listed<T> {
    Listed(values.into_iter().collect())
}

impl<T: Bind> Params for Listed<T> {
    fn each<'a>(&'a self, take: &mut dyn FnMut(Bound<'a>) -> Result<(), DbFault>) -> Result<(), DbFault> {
        self.0.iter().try_for_each(|value| take(value.bound()))
    }
}

/// The values of a statement, of any kinds.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::db::Bind),*] as &[&dyn $crate::db::Bind]
    };
}
pub(crate) use params;
