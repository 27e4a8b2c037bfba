//! Who a device is, in the words of the protocol it speaks: an M-Bus address, a system title, or a name.
//!
//! What comes in: fields of telegrams and pushes, and texts of master data. What goes out: a [`DeviceId`] with one
//! text form that reads back. A name is taken as the meter writes it; nothing is guessed from one form to another.

use std::fmt;

use crate::{Manufacturer, Medium, MeterFault, MeterId, MeterNumber};

/// The eight bytes that name a meter or client in DLMS (IEC 62056-5-3 § 4.3.4): three letters of the maker, then
/// five bytes of the maker's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SystemTitle(pub [u8; 8]);

impl SystemTitle {
    /// Reads 16 hexadecimal digits.
    ///
    /// # Errors
    /// [`MeterFault::Title`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MeterFault> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(MeterFault::Title);
        }
        u64::from_str_radix(text, 16).map(|title| Self(title.to_be_bytes())).map_err(|_| MeterFault::Title)
    }

    /// The maker's three letters, if they are letters.
    #[must_use]
    pub fn maker(&self) -> Option<&str> {
        let [a, b, c, ..] = &self.0;
        let is_letters = [a, b, c].iter().all(|letter| letter.is_ascii_uppercase());
        self.0.get(..3).and_then(|letters| std::str::from_utf8(letters).ok()).filter(|_| is_letters)
    }
}

impl fmt::Display for SystemTitle {
    /// 16 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// The longest name: a logical device name has 16 characters, numbers of P1 ports up to 32.
const NAME_MAX: usize = 32;

/// What a meter calls itself in the clear: its logical device name (0-0:42.0.0), or a number of its own (0-0:96.1.0,
/// 0-0:96.1.1). 1 to 32 letters, digits and marks of ASCII, without spaces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName {
    /// The text, then zeros.
    bytes: [u8; NAME_MAX],
}

impl DeviceName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`MeterFault::Name`] if it is empty, too long, or has a character that no number plate has.
    pub fn parse(text: &str) -> Result<Self, MeterFault> {
        let mut bytes = [0; NAME_MAX];
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > NAME_MAX || !is_plain {
            return Err(MeterFault::Name);
        }
        bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Ok(Self { bytes })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = self.bytes.iter().take_while(|byte| **byte != 0).count();
        // Only ASCII was taken in.
        self.bytes.get(..len).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceName({self})")
    }
}

/// Who a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceId {
    /// A device of M-Bus, by wire or radio.
    Mbus(MeterId),
    /// A DLMS meter, by the title that its protected messages carry.
    Title(SystemTitle),
    /// A DLMS meter or P1 port that was heard in the clear only.
    Named(DeviceName),
}

impl DeviceId {
    /// Reads `KAM 12345678 v1B t07`, `title 4B464D6750000001` or `name KFM1200000000001`.
    ///
    /// ```
    /// use tidstro_model::DeviceId;
    ///
    /// let device = DeviceId::parse("title 4B464D6750000001")?;
    /// assert_eq!(device.to_string(), "title 4B464D6750000001");
    /// # Ok::<(), tidstro_model::MeterFault>(())
    /// ```
    ///
    /// # Errors
    /// [`MeterFault`] for the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, MeterFault> {
        match text.split_once(' ') {
            Some(("title", title)) => SystemTitle::parse(title).map(Self::Title),
            Some(("name", name)) => DeviceName::parse(name).map(Self::Named),
            _ => mbus(text).map(Self::Mbus),
        }
    }

    /// The M-Bus address, where it has one.
    #[must_use]
    pub const fn meter(self) -> Option<MeterId> {
        match self {
            Self::Mbus(meter) => Some(meter),
            Self::Title(_) | Self::Named(_) => None,
        }
    }
}

impl From<MeterId> for DeviceId {
    fn from(meter: MeterId) -> Self {
        Self::Mbus(meter)
    }
}

impl fmt::Display for DeviceId {
    /// The form [`DeviceId::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mbus(meter) => meter.fmt(f),
            Self::Title(title) => write!(f, "title {title}"),
            Self::Named(name) => write!(f, "name {name}"),
        }
    }
}

/// Maker, number, version and type, as [`MeterId`] shows them.
fn mbus(text: &str) -> Result<MeterId, MeterFault> {
    let mut parts = text.split(' ');
    let mut next = |fault| parts.next().ok_or(fault);
    let manufacturer = Manufacturer::parse(next(MeterFault::Manufacturer)?)?;
    let number = MeterNumber::parse(next(MeterFault::Number)?)?;
    let version = byte_after(next(MeterFault::Version)?, 'v').ok_or(MeterFault::Version)?;
    let medium = byte_after(next(MeterFault::Type)?, 't').ok_or(MeterFault::Type)?;
    if parts.next().is_some() {
        return Err(MeterFault::Type);
    }
    Ok(MeterId { manufacturer, number, version, medium: Medium(medium) })
}

/// A letter and two hexadecimal digits.
fn byte_after(text: &str, letter: char) -> Option<u8> {
    let digits = text.strip_prefix(letter)?;
    let is_pair = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| is_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back() {
        for text in ["KAM 12345678 v1B t07", "title 4B464D6750000001", "name KFM1200000000001", "name E-7!"] {
            let device = DeviceId::parse(text).unwrap();
            assert_eq!(device.to_string(), text);
            assert_eq!(device.meter().is_some(), text.starts_with("KAM"));
        }
        assert_eq!(SystemTitle(*b"KFMgP\0\0\x01").maker(), Some("KFM"));
        assert_eq!(SystemTitle([1; 8]).maker(), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, expected| assert_eq!(DeviceId::parse(text), Err(expected), "{text}");
        check("", MeterFault::Manufacturer);
        check("KAM 1234567 v1B t07", MeterFault::Number);
        check("KAM 12345678", MeterFault::Version);
        check("KAM 12345678 v1B t7", MeterFault::Type);
        check("KAM 12345678 v1B t07 x", MeterFault::Type);
        check("title 4B46", MeterFault::Title);
        check("name ", MeterFault::Name);
        check("name two words", MeterFault::Name);
        check(&format!("name {}", "9".repeat(33)), MeterFault::Name);
    }
}
