//! Identifiers of the market (GSRN, GLN) and dense numbers of the store.

use std::fmt;

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// Wrong number of characters.
    #[error("has {got} characters, expected {expected} digits")]
    Length {
        /// Digits of this kind of identifier.
        expected: usize,
        /// Characters found.
        got: usize,
    },
    /// A character that is not a digit.
    #[error("character {position} is not a digit")]
    NotADigit {
        /// Position of the character, counted from 1.
        position: usize,
    },
    /// The GS1 check digit does not match the others.
    #[error(
        "check digit is {got}, the other digits give {expected}; check the identifier for a typing error"
    )]
    CheckDigit {
        /// The digit the others give.
        expected: u8,
        /// The digit found.
        got: u8,
    },
}

/// Whether an identifier's check digit must be right.
///
/// Own registration requires it; published test data of the market often has none that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigit {
    /// A wrong check digit is a fault.
    Required,
    /// The check digit is kept as it is.
    Ignored,
}

impl CheckDigit {
    /// Both, the strict one first.
    pub const ALL: &'static [Self] = &[Self::Required, Self::Ignored];

    /// The word as it is written in registers and on the command line: `strict` or `any`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "strict",
            Self::Ignored => "any",
        }
    }

    /// Reads a word exactly as [`Self::word`] writes it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.word() == word)
    }
}

impl fmt::Display for CheckDigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Reads exactly `N` digits and proves the GS1 modulo-10 check digit (GS1 General Specifications
/// § 7.9: weights 3, 1, 3, … from the right, check digit left out).
fn parse_gs1<const N: usize>(text: &[u8], check: CheckDigit) -> Result<u64, IdFault> {
    if text.len() != N {
        return Err(IdFault::Length { expected: N, got: text.len() });
    }
    let (mut value, mut sum) = (0_u64, 0_u64);
    for (index, &byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(IdFault::NotADigit { position: index + 1 });
        }
        let digit = u64::from(byte - b'0');
        value = value * 10 + digit;
        if index + 1 < N {
            sum += digit * if (N - 1 - index) % 2 == 1 { 3 } else { 1 };
        }
    }
    let (expected, got) = ((10 - sum % 10) % 10, value % 10);
    if check == CheckDigit::Required && expected != got {
        let digit = |d: u64| u8::try_from(d).unwrap_or(0);
        return Err(IdFault::CheckDigit { expected: digit(expected), got: digit(got) });
    }
    Ok(value)
}

/// Completes 17 (or 12) digits with their GS1 check digit.
fn with_check_digit(body: u64) -> u64 {
    let (mut rest, mut sum, mut weight) = (body, 0, 3);
    while rest > 0 {
        sum += rest % 10 * weight;
        weight = 4 - weight;
        rest /= 10;
    }
    body * 10 + (10 - sum % 10) % 10
}

/// Global Service Relation Number of a metering point: 18 digits, the last one a GS1 check digit.
/// In Denmark `57` + `13131` (electricity) + grid company and serial number + check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gsrn(u64);

impl Gsrn {
    /// Reads 18 digits.
    ///
    /// # Errors
    /// [`IdFault`] for another length, a character that is no digit, or (if required) a wrong check digit.
    pub fn parse(text: &[u8], check: CheckDigit) -> Result<Self, IdFault> {
        parse_gs1::<18>(text, check).map(Self)
    }

    /// The number with the given first 17 digits and its right check digit.
    #[must_use]
    pub fn from_body(body: u64) -> Self {
        Self(with_check_digit(body % 100_000_000_000_000_000))
    }

    /// The 18 digits as a number.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Gsrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:018}", self.0)
    }
}

/// Global Location Number of a market actor: 13 digits, the last one a GS1 check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gln(u64);

impl Gln {
    /// Reads 13 digits.
    ///
    /// # Errors
    /// [`IdFault`] for another length, a character that is no digit, or (if required) a wrong check digit.
    pub fn parse(text: &[u8], check: CheckDigit) -> Result<Self, IdFault> {
        parse_gs1::<13>(text, check).map(Self)
    }

    /// The number with the given first 12 digits and its right check digit.
    #[must_use]
    pub fn from_body(body: u64) -> Self {
        Self(with_check_digit(body % 1_000_000_000_000))
    }

    /// The 13 digits as a number.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Gln {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

/// Declares a dense number that means something only inside one store.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            /// The number as the store keeps it.
            #[must_use]
            pub const fn new(number: u32) -> Self {
                Self(number)
            }

            /// The plain number.
            #[must_use]
            pub const fn as_u32(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// An account: somebody who may log in.
    AccountNo
);
number!(
    /// A metering point of any commodity: where something is measured.
    PointNo
);
number!(
    /// A building, or an electricity grid area: what metering points are grouped by.
    AreaNo
);
number!(
    /// A person or organisation whose consumption is measured. A pseudonym: identity lives elsewhere.
    SubjectNo
);
number!(
    /// One subject's time in one flat, or one supply period of a metering point.
    OccupancyNo
);
number!(
    /// A dossier: one subject's records in one affair, such as a newsletter subscription or a proceeding.
    DossierNo
);
number!(
    /// A meter that can be mounted at a metering point.
    DeviceNo
);
number!(
    /// The series of one register of one metering point. Dense and pseudonymous.
    SeriesNo
);
number!(
    /// A sealing key: one per subject and occupancy, one per metering point for the time nobody lives there.
    KeyNo
);
number!(
    /// Where data came from: a file, a gateway's upload, a job.
    SourceNo
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_identifiers_are_right() {
        for text in ["571313154390359463", "571313180400090019"] {
            let gsrn = Gsrn::parse(text.as_bytes(), CheckDigit::Required).unwrap();
            assert_eq!(gsrn.to_string(), text);
            assert_eq!(Gsrn::from_body(gsrn.as_u64() / 10), gsrn);
        }
        for text in ["5790001330552", "5790000432752"] {
            assert_eq!(Gln::parse(text.as_bytes(), CheckDigit::Required).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_check_digit_is_named() {
        let text = b"571313001234567895";
        let fault = Gsrn::parse(text, CheckDigit::Required).unwrap_err();
        assert_eq!(fault, IdFault::CheckDigit { expected: 1, got: 5 });
        assert!(Gsrn::parse(text, CheckDigit::Ignored).is_ok());
    }

    #[test]
    fn form_is_checked_first() {
        assert_eq!(
            Gsrn::parse(b"57", CheckDigit::Ignored).unwrap_err(),
            IdFault::Length { expected: 18, got: 2 }
        );
        assert_eq!(
            Gsrn::parse(b"57131315439035946x", CheckDigit::Ignored).unwrap_err(),
            IdFault::NotADigit { position: 18 }
        );
    }
}
