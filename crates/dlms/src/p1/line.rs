//! One line of a P1 telegram: a code and values in brackets (IEC 62056-21 § 6.5).

use tidstro_model::{Decimal, Obis};

use super::Stamp;

/// A code and what stands in the brackets behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct P1Line {
    /// The code.
    pub obis: Obis,
    /// The values, in order.
    pub values: Vec<P1Value>,
    /// Offset of the line in the input.
    pub offset: usize,
}

/// What stands in one pair of brackets, as written: a number with or without a unit, a time, a name, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct P1Value {
    /// The characters between the brackets.
    pub text: Box<str>,
}

/// A line that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineFault {
    /// Offset of the line in the input.
    pub offset: usize,
    /// What is wrong.
    pub kind: LineFaultKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineFaultKind {
    /// It does not begin with a code.
    #[error("does not begin with an OBIS code; the line is not used")]
    Code,
    /// Brackets that do not close, or something between them.
    #[error("does not consist of a code and values in brackets; the line is not used")]
    Brackets,
    /// A number that is none, or too long.
    #[error("has a unit behind what is no number of up to 18 digits; the line is not used")]
    Number,
    /// A unit nobody defined.
    #[error("has a unit that is not decoded; keep the telegram for a later version")]
    UnitUnknown,
}

impl P1Line {
    pub(super) fn read(text: &[u8], offset: usize) -> Result<Self, LineFaultKind> {
        let text = std::str::from_utf8(text).map_err(|_| LineFaultKind::Code)?;
        let (code, brackets) = text.split_at(text.find('(').ok_or(LineFaultKind::Brackets)?);
        let obis = Obis::parse(code).map_err(|_| LineFaultKind::Code)?;
        let inner = brackets.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let inner = inner.ok_or(LineFaultKind::Brackets)?;
        if inner.split(")(").any(|value| value.contains(['(', ')'])) {
            return Err(LineFaultKind::Brackets);
        }
        let values = inner.split(")(").map(|value| P1Value { text: value.into() }).collect();
        Ok(Self { obis, values, offset })
    }
}

impl P1Value {
    /// The time, if it is one.
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        Stamp::parse(&self.text)
    }

    /// The number and its unit as written, if it is a number.
    #[must_use]
    pub fn number(&self) -> Option<(Decimal, Option<&str>)> {
        let (number, unit) = match self.text.split_once('*') {
            Some((number, unit)) => (number, Some(unit)),
            None => (&*self.text, None),
        };
        Some((Decimal::parse(number.as_bytes()).ok()?, unit))
    }

    /// The name that stands here as the hexadecimal digits of its letters, or as it is; `None` if it is empty.
    #[must_use]
    pub fn name(&self) -> Option<Box<str>> {
        let name = letters(&self.text).unwrap_or_else(|| self.text.clone());
        Some(name).filter(|name| !name.is_empty())
    }
}

/// The letters that pairs of hexadecimal digits stand for, if all of them are printable.
fn letters(text: &str) -> Option<Box<str>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let letter = |pair: &[u8; 2]| {
        let byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        matches!(byte, b' '..=b'~').then_some(char::from(byte))
    };
    let letters: Option<String> = pairs.iter().map(letter).collect();
    letters.filter(|_| odd.is_empty()).map(Into::into)
}
