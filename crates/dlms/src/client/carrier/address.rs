//! The HDLC address of a meter (IEC 62056-46 § 6.4.2.4): which logical device, and where on the line.

/// The address of a meter on HDLC: one byte, two or four, the shortest that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    logical: u16,
    physical: Option<u16>,
}

/// Numbers in one half of an address: 7 bits in each byte.
const HALF: u16 = 1 << 14;

impl ServerAddress {
    /// The logical device (1 is the management device) and, where several meters share a line, the physical one.
    /// `None` if either is above 16,383.
    #[must_use]
    pub const fn new(logical: u16, physical: Option<u16>) -> Option<Self> {
        let is_near = match physical {
            Some(physical) => physical < HALF,
            // Without a physical device there is one byte.
            None => logical < 1 << 7,
        };
        if logical < HALF && is_near { Some(Self { logical, physical }) } else { None }
    }

    /// The bytes, the last one with its lowest bit set.
    pub(super) fn bytes(self) -> Vec<u8> {
        let [logical_high, logical_low] = halves(self.logical);
        let Some(physical) = self.physical else { return vec![logical_low | 1] };
        let [physical_high, physical_low] = halves(physical);
        if logical_high == 0 && physical_high == 0 {
            vec![logical_low, physical_low | 1]
        } else {
            vec![logical_high, logical_low, physical_high, physical_low | 1]
        }
    }

    /// The address as one number, as frames are read.
    pub(super) fn number(self) -> u32 {
        self.bytes().iter().fold(0, |number, byte| number << 7 | u32::from(byte >> 1))
    }
}

/// Seven bits each, shifted to leave room for the end bit.
fn halves(number: u16) -> [u8; 2] {
    let half = |bits: u16| u8::try_from(bits & 0x7f).unwrap_or_default() << 1;
    [half(number >> 7), half(number)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_takes_as_many_bytes_as_it_needs() {
        let bytes = |logical, physical| ServerAddress::new(logical, physical).map(ServerAddress::bytes);
        assert_eq!(bytes(1, None), Some(vec![0x03]));
        assert_eq!(bytes(1, Some(17)), Some(vec![0x02, 0x23]));
        assert_eq!(bytes(1, Some(16_383)), Some(vec![0x00, 0x02, 0xfe, 0xff]));
        assert_eq!((bytes(128, None), bytes(1, Some(16_384)), bytes(16_384, Some(1))), (None, None, None));
    }
}
