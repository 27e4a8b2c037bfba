//! Who a meter is: manufacturer, number, version, medium (EN 13757-3, EN 13757-7).

use std::fmt;

/// Why a text or field does not name a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MeterFault {
    /// Not three letters A-Z.
    #[error("is not a manufacturer; write its three letters, such as `KAM`")]
    Manufacturer,
    /// Not eight hexadecimal digits.
    #[error("is not a meter number; write its eight digits, such as `12345678`")]
    Number,
    /// No `v` with two hexadecimal digits.
    #[error("has no version; write the meter as `KAM 12345678 v1B t07`")]
    Version,
    /// No `t` with two hexadecimal digits, or something behind it.
    #[error("does not end with a type; write the meter as `KAM 12345678 v1B t07`")]
    Type,
    /// Not sixteen hexadecimal digits.
    #[error("is not a system title; write its sixteen hexadecimal digits, such as `4B464D6750000001`")]
    Title,
    /// Empty, longer than 32 characters, or with a character that is none of ASCII's letters, digits and marks.
    #[error("is not the name of a device; write it as the meter does, 1 to 32 characters without spaces")]
    Name,
}

/// Manufacturer as in the M-field: three letters in 15 bits (EN 13757-3:2018 § 5.6, FLAG association).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Manufacturer(u16);

impl Manufacturer {
    /// The manufacturer of an M-field. Bit 15 marks a soft address and is no part of the letters.
    #[must_use]
    pub const fn from_field(field: u16) -> Self {
        Self(field & 0x7fff)
    }

    /// The M-field.
    #[must_use]
    pub const fn field(self) -> u16 {
        self.0
    }

    /// Reads three letters.
    ///
    /// # Errors
    /// [`MeterFault::Manufacturer`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MeterFault> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| MeterFault::Manufacturer)?;
        bytes
            .iter()
            .try_fold(0_u16, |field, byte| match byte {
                b'A'..=b'Z' => Ok(field << 5 | u16::from(byte - b'@')),
                _ => Err(MeterFault::Manufacturer),
            })
            .map(Self)
    }
}

impl fmt::Display for Manufacturer {
    /// Three letters; a field that is not made of letters shows `?` for the wrong ones.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in [10, 5, 0] {
            let letter = match self.0 >> shift & 31 {
                n @ 1..=26 => char::from_u32(u32::from(n) + 64).unwrap_or('?'),
                _ => '?',
            };
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// The eight-digit meter number (identification number), as its four BCD bytes say it.
/// Some meters use the digits A-F too; they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeterNumber(pub u32);

impl MeterNumber {
    /// Reads eight hexadecimal digits.
    ///
    /// # Errors
    /// [`MeterFault::Number`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MeterFault> {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(MeterFault::Number);
        }
        u32::from_str_radix(text, 16).map(Self).map_err(|_| MeterFault::Number)
    }
}

impl fmt::Display for MeterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}", self.0)
    }
}

/// What a meter measures: the device type byte (EN 13757-3:2018 table 13, OMS vol. 2 table 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Medium(pub u8);

impl Medium {
    /// Electricity meter.
    pub const ELECTRICITY: Self = Self(0x02);
    /// Heat meter, volume measured in the return.
    pub const HEAT: Self = Self(0x04);
    /// Warm water meter (30 to 90 °C).
    pub const WARM_WATER: Self = Self(0x06);
    /// Water meter.
    pub const WATER: Self = Self(0x07);
    /// Heat cost allocator.
    pub const HEAT_COST_ALLOCATOR: Self = Self(0x08);
    /// Cold water meter.
    pub const COLD_WATER: Self = Self(0x16);
    /// Room sensor (temperature, humidity).
    pub const ROOM: Self = Self(0x1b);

    /// The field's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self.0 {
            0x00 => "other",
            0x01 => "oil",
            0x02 => "electricity",
            0x03 => "gas",
            0x04 => "heat",
            0x05 => "steam",
            0x06 => "warm water",
            0x07 => "water",
            0x08 => "heat cost allocation",
            0x09 => "compressed air",
            0x0a => "cooling load volume at outlet",
            0x0b => "cooling load volume at inlet",
            0x0c => "heat volume at inlet",
            0x0d => "heat/cooling load",
            0x0e => "bus/system component",
            0x0f => "unknown",
            0x14 => "calorific value",
            0x15 => "hot water",
            0x16 => "cold water",
            0x17 => "hot/cold water",
            0x18 => "pressure",
            0x19 => "a/d converter",
            0x1a => "smoke detector",
            0x1b => "room sensor",
            0x1c => "gas detector",
            0x20 => "breaker",
            0x21 => "valve",
            0x25 => "customer unit",
            0x28 => "waste water",
            0x29 => "garbage",
            0x2a => "carbon dioxide",
            0x31 => "communication controller",
            0x32 => "unidirectional repeater",
            0x33 => "bidirectional repeater",
            0x36 => "radio converter (system side)",
            0x37 => "radio converter (meter side)",
            _ => "reserved",
        }
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Full identity of a meter. Two manufacturers may use the same number, so all four parts belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeterId {
    /// The manufacturer.
    pub manufacturer: Manufacturer,
    /// The eight-digit number.
    pub number: MeterNumber,
    /// Version (generation) byte of the maker.
    pub version: u8,
    /// What it measures.
    pub medium: Medium,
}

impl fmt::Display for MeterId {
    /// `KAM 12345678 v1B t07`: maker, number, version and type in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} v{:02X} t{:02X}", self.manufacturer, self.number, self.version, self.medium.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manufacturers_read_back() {
        // EN 13757-3 gives 0x2c2d for KAM (bytes 2d 2c on the wire).
        assert_eq!(Manufacturer::from_field(0x2c2d).to_string(), "KAM");
        for code in ["KAM", "TCH", "ZZZ", "AAA"] {
            assert_eq!(Manufacturer::parse(code).unwrap().to_string(), code);
        }
        for code in ["", "KA", "kam", "KAMS", "K1M"] {
            assert_eq!(Manufacturer::parse(code), Err(MeterFault::Manufacturer));
        }
    }

    #[test]
    fn numbers_keep_all_digits() {
        assert_eq!(MeterNumber::parse("00254358").unwrap().to_string(), "00254358");
        assert!(MeterNumber::parse("254358").is_err());
    }
}
