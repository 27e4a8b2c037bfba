//! The world's own encoder of what electricity meters send unasked: pushes of DLMS, and telegrams of the P1 port.
//!
//! What comes in: registers, the clock, the meter's name or its title and keys. What goes out: bytes as they leave the meter, in
//! frames of HDLC, M-Bus or the wrapper of TCP. It is written from the standards (IEC 62056-5-3, -6-2, -46, -47, EN 13757-2,
//! DSMR 5.0) and must never share code with the decoder, so that each proves the other.

use jiff::civil::DateTime;

use crate::meter_server::{MeterKeys, checksum};

/// A register: its code, number, power of ten, and unit (IEC 62056-6-2 table 4: 30 watt hours, 32 var hours, 27 watts).
pub type PushedRegister = ([u8; 6], u32, i8, u8);

/// What a meter tells in one push.
#[derive(Debug, Clone)]
pub struct Pushed<'a> {
    /// Its clock.
    pub clock: DateTime,
    /// Minutes to add to the clock for UTC: -60 for Central European standard time.
    pub deviation_minutes: i16,
    /// Its number (0-0:96.1.0), where it says it.
    pub name: Option<&'a str>,
    /// Its registers.
    pub registers: &'a [PushedRegister],
}

/// Who pushes under protection, and with which keys. They are invented; real ones must never come here.
#[derive(Debug, Clone, Copy)]
pub struct PushSecurity {
    /// The system title.
    pub title: [u8; 8],
    /// The encryption key.
    pub encryption: [u8; 16],
    /// The authentication key.
    pub authentication: [u8; 16],
}

impl Pushed<'_> {
    /// The data-notification, in the clear.
    #[must_use]
    pub fn notification(&self) -> Vec<u8> {
        let clock = self.clock_bytes();
        let mut apdu = [&[0x0f, 0, 0, 0, 1, 12][..], &clock].concat();
        let count = self.registers.len() + usize::from(self.name.is_some()) + 1;
        apdu.extend([0x01, small(count)]);
        apdu.extend(item([0, 0, 1, 0, 0, 255], &[&[0x09, 12][..], &clock].concat(), None));
        if let Some(name) = self.name {
            let value = [&[0x0a, small(name.len())][..], name.as_bytes()].concat();
            apdu.extend(item([0, 0, 96, 1, 0, 255], &value, None));
        }
        for (code, number, scaler, unit) in self.registers {
            let value = [&[0x06][..], &number.to_be_bytes()].concat();
            apdu.extend(item(*code, &value, Some((*scaler, *unit))));
        }
        apdu
    }

    /// The same, authenticated and encrypted under this counter; `None` if it is too long.
    #[must_use]
    pub fn protected(&self, security: &PushSecurity, counter: u32) -> Option<Vec<u8>> {
        let PushSecurity { title, encryption, authentication } = *security;
        let sealed = MeterKeys { encryption, authentication }.seal(title, counter, &self.notification())?;
        let len = u16::try_from(sealed.len()).ok()?.to_be_bytes();
        Some([&[0xdb, 8][..], &title, &[0x82], &len, &sealed].concat())
    }

    /// The P1 telegram of a meter with that identification, with its CRC.
    #[must_use]
    pub fn p1(&self, identification: &str) -> String {
        let season = if self.deviation_minutes == -120 { 'S' } else { 'W' };
        let clock = self.clock.strftime("%y%m%d%H%M%S");
        let mut text = format!("/{identification}\r\n\r\n0-0:1.0.0({clock}{season})\r\n");
        if let Some(name) = self.name {
            let digits: String = name.bytes().map(|byte| format!("{byte:02X}")).collect();
            text.push_str(&format!("0-0:96.1.1({digits})\r\n"));
        }
        for ([a, b, c, d, e, _], number, ..) in self.registers {
            let (whole, rest) = (number / 1000, number % 1000);
            text.push_str(&format!("{a}-{b}:{c}.{d}.{e}({whole:06}.{rest:03}*kWh)\r\n"));
        }
        text.push('!');
        let crc = crc16(text.as_bytes());
        format!("{text}{crc:04X}\r\n")
    }

    fn clock_bytes(&self) -> [u8; 12] {
        let [year_high, year_low] = self.clock.year().to_be_bytes();
        let [far, near] = self.deviation_minutes.to_be_bytes();
        let byte = |number: i8| number.cast_unsigned();
        let status = if self.deviation_minutes == -120 { 0x80 } else { 0 };
        let (month, day) = (byte(self.clock.month()), byte(self.clock.day()));
        let (hour, minute, second) =
            (byte(self.clock.hour()), byte(self.clock.minute()), byte(self.clock.second()));
        [year_high, year_low, month, day, 0xff, hour, minute, second, 0, far, near, status]
    }
}

fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(0x7f)
}

/// Code, value, and scaler with unit where there is one.
fn item(code: [u8; 6], value: &[u8], scale: Option<(i8, u8)>) -> Vec<u8> {
    let mut bytes = vec![0x02, if scale.is_some() { 3 } else { 2 }, 0x09, 6];
    bytes.extend(code);
    bytes.extend(value);
    if let Some((scaler, unit)) = scale {
        bytes.extend([0x02, 0x02, 0x0f, scaler.cast_unsigned(), 0x16, unit]);
    }
    bytes
}

/// The APDU in frames of HDLC with at most `size` bytes of information each.
#[must_use]
pub fn in_hdlc(apdu: &[u8], size: usize) -> Vec<Vec<u8>> {
    let information = [&[0xe6, 0xe7, 0x00][..], apdu].concat();
    let count = information.chunks(size.max(1)).count();
    let frame = |(part, number): (&[u8], usize)| {
        // Format, addresses 1 and 1, unnumbered information, two checks.
        let len = u16::try_from(2 + 2 + 1 + 2 + part.len() + 2).unwrap_or(0x7ff);
        let format = 0xa000 | u16::from(number < count) << 11 | len;
        let mut frame = [&format.to_be_bytes()[..], &[0x03, 0x03, 0x13]].concat();
        frame.extend(checksum(&frame));
        frame.extend(part);
        frame.extend(checksum(&frame));
        [&[0x7e][..], &frame, &[0x7e]].concat()
    };
    information.chunks(size.max(1)).zip(1..).map(frame).collect()
}

/// The APDU in long frames of wired M-Bus with at most `size` bytes of it each.
#[must_use]
pub fn in_mbus(apdu: &[u8], size: usize) -> Vec<Vec<u8>> {
    let parts: Vec<&[u8]> = apdu.chunks(size.clamp(1, 240)).collect();
    let frame = |(part, number): (&&[u8], u8)| {
        let is_last = usize::from(number) + 1 == parts.len();
        let ci = number & 0x0f | u8::from(is_last) << 4;
        let content = [&[0x53, 0xff, ci, 0x01, 0x67][..], part].concat();
        let len = u8::try_from(content.len()).unwrap_or(u8::MAX);
        let sum = content.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        [&[0x68, len, len, 0x68][..], &content, &[sum, 0x16]].concat()
    };
    parts.iter().zip(0_u8..).map(frame).collect()
}

/// The APDU behind the wrapper of TCP.
#[must_use]
pub fn in_wrapper(apdu: &[u8]) -> Vec<u8> {
    let len = u16::try_from(apdu.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0, 1, 0, 1, 0, 0x66][..], &len, apdu].concat()
}

/// CRC-16 of P1: polynomial x^16 + x^15 + x^2 + 1, lowest bit first, from zero (DSMR 5.0 § 5.2).
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let step = |crc: u16, _| if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
        (0..8).fold(crc ^ u16::from(*byte), step)
    })
}
