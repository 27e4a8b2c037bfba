//! P1 telegrams (DSMR 4 and 5, and the Swedish, Danish and Belgian ports made after them): text with OBIS codes.
//!
//! What comes in: bytes of the port. What goes out: each telegram whose CRC is right, with its lines, readings,
//! and sub-meters; or why there is none. A telegram without a CRC (DSMR 2 and 3) gives nothing: nothing proves it.

mod crc;
mod gather;
mod line;
mod stamp;
mod unit;

use tidstro_model::{DeviceName, Function, Obis, Reading, Unit, Value};

use crate::push::named;

pub use gather::{P1Lines, P1Step};
pub use line::{LineFault, LineFaultKind, P1Line, P1Value};
pub use stamp::Stamp;

/// One telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct P1Telegram {
    /// What the meter calls itself, behind the `/`: three letters of the maker, a digit, then its own text.
    pub identification: Box<str>,
    /// When the meter says this was (0-0:1.0.0).
    pub moment: Option<Stamp>,
    /// Every line that could be read, in order.
    pub lines: Vec<P1Line>,
    /// The meter's own values. Offsets count in the input.
    pub readings: Vec<Reading>,
    /// Meters of other media behind this one, by channel.
    pub sub_meters: Vec<SubMeter>,
    /// Lines that could not be read. The others stay: the telegram was proven.
    pub faults: Vec<LineFault>,
}

/// A meter on the M-Bus of an electricity meter (0-n:24.x, 0-n:96.1.0).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubMeter {
    /// Its channel: group B of its codes, 1 to 4.
    pub channel: u8,
    /// Device type (EN 13757-3 table 13): 3 gas, 4 heat, 7 water.
    pub device_type: Option<u8>,
    /// Its number.
    pub number: Option<Box<str>>,
    /// Its values, each with the time the electricity meter read it.
    pub readings: Vec<(Stamp, Reading)>,
}

/// Why a telegram was refused. No value of it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum P1Refusal {
    /// No telegram at all.
    #[error("holds no P1 telegram; one begins with `/` and ends with `!` and four digits")]
    Nothing,
    /// A telegram begins and the input ends inside it. In a stream the rest is still to come.
    #[error("byte {offset}: the telegram that begins here is not finished; the rest is missing")]
    Unfinished {
        /// Where it begins.
        offset: usize,
    },
    /// A telegram without a CRC.
    #[error("byte {offset}: no CRC follows the `!`; nothing proves the telegram, so nothing is used")]
    NoCrc {
        /// Where the CRC should be.
        offset: usize,
    },
    /// The CRC does not fit.
    #[error("byte {offset}: CRC is `{got:04X}`, the bytes give `{expected:04X}`; the telegram was damaged")]
    Crc {
        /// Offset of the CRC.
        offset: usize,
        /// The CRC the bytes give.
        expected: u16,
        /// The CRC found.
        got: u16,
    },
}

impl P1Refusal {
    /// A short stable code, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Unfinished { .. } => "unfinished",
            Self::NoCrc { .. } => "no-crc",
            Self::Crc { .. } => "crc",
        }
    }
}

/// Decodes every telegram in the bytes, in order; never empty.
///
/// ```
/// use tidstro_dlms::decode_p1;
///
/// let text = b"/TID5\\1\r\n\r\n1-0:1.8.0(000012.345*kWh)\r\n!01DA\r\n";
/// let telegrams = decode_p1(text);
/// let reading = &telegrams[0].as_ref().unwrap().readings[0];
/// assert_eq!(format!("{:?} {}", reading.value, reading.unit), "Number(12345) Wh");
/// ```
#[must_use]
pub fn decode_p1(bytes: &[u8]) -> Vec<Result<P1Telegram, P1Refusal>> {
    let (mut telegrams, mut at) = (Vec::new(), 0);
    while let Some(begin) = find(bytes, at, b'/') {
        let telegram = telegram(bytes, begin);
        at = match telegram {
            Ok((_, end)) => end,
            Err(P1Refusal::Unfinished { .. } | P1Refusal::Nothing) => bytes.len(),
            Err(P1Refusal::NoCrc { offset } | P1Refusal::Crc { offset, .. }) => offset,
        };
        telegrams.push(telegram.map(|(telegram, _)| telegram));
    }
    if telegrams.is_empty() {
        telegrams.push(Err(P1Refusal::Nothing));
    }
    telegrams
}

fn find(bytes: &[u8], at: usize, wanted: u8) -> Option<usize> {
    bytes.iter().skip(at).position(|byte| *byte == wanted).map(|found| at + found)
}

/// The telegram that begins at `/`, and where it ends.
fn telegram(bytes: &[u8], begin: usize) -> Result<(P1Telegram, usize), P1Refusal> {
    let unfinished = P1Refusal::Unfinished { offset: begin };
    let end = find(bytes, begin, b'!').ok_or(unfinished)?;
    let offset = end + 1;
    let content = bytes.get(begin..offset).unwrap_or_default();
    let stated = bytes.get(offset..).unwrap_or_default();
    let Some(digits) = stated.first_chunk::<4>() else {
        let is_over = stated.first().is_some_and(|byte| !byte.is_ascii_hexdigit());
        return Err(if is_over { P1Refusal::NoCrc { offset } } else { unfinished });
    };
    let got = std::str::from_utf8(digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let got = got.filter(|_| digits.iter().all(u8::is_ascii_hexdigit)).ok_or(P1Refusal::NoCrc { offset })?;
    let expected = crc::crc(content);
    if got != expected {
        return Err(P1Refusal::Crc { offset, expected, got });
    }
    Ok((read(bytes, begin + 1..end), offset + 4))
}

/// The lines of a proven telegram.
fn read(bytes: &[u8], range: std::ops::Range<usize>) -> P1Telegram {
    let content = bytes.get(range.clone()).unwrap_or_default();
    let mut lines = content.split(|byte| *byte == b'\n').scan(range.start, |at, line| {
        let begin = *at;
        *at += line.len() + 1;
        Some((line.trim_ascii_end(), begin))
    });
    let head = lines.next().map(|(head, _)| String::from_utf8_lossy(head).into_owned());
    let mut telegram = P1Telegram {
        identification: head.unwrap_or_default().into(),
        moment: None,
        lines: Vec::new(),
        readings: Vec::new(),
        sub_meters: Vec::new(),
        faults: Vec::new(),
    };
    for (text, offset) in lines.filter(|(text, _)| !text.is_empty()) {
        match P1Line::read(text, offset) {
            Ok(line) => telegram.take(line),
            Err(kind) => telegram.faults.push(LineFault { offset, kind }),
        }
    }
    telegram
}

impl P1Telegram {
    /// The number the meter gives itself (0-0:96.1.1, else any 0-0:96.1.x), if it can be a name.
    #[must_use]
    pub fn device_name(&self) -> Option<DeviceName> {
        named(&self.readings, &[|obis| obis == [0, 0, 96, 1, 1], |obis| matches!(obis, [0, 0, 96, 1, _])])
    }

    fn take(&mut self, line: P1Line) {
        match (line.obis.0, line.values.as_slice()) {
            ([0, 0, 1, 0, 0, _], [value]) => self.moment = value.stamp(),
            ([0, channel @ 1..=255, 24 | 96, ..], values) => {
                let taken = sub_meter(&mut self.sub_meters, channel).map(|own| own.take(&line, values));
                if let Some(Err(kind)) = taken {
                    self.faults.push(LineFault { offset: line.offset, kind });
                }
            }
            (_, [value]) => match reading(&line, value) {
                Ok(reading) => self.readings.push(reading),
                Err(kind) => self.faults.push(LineFault { offset: line.offset, kind }),
            },
            // Event lists and tables stay lines.
            _ => {}
        }
        self.lines.push(line);
    }
}

/// The sub-meter of a channel, new if it was not named before.
fn sub_meter(sub_meters: &mut Vec<SubMeter>, channel: u8) -> Option<&mut SubMeter> {
    if !sub_meters.iter().any(|own| own.channel == channel) {
        sub_meters.push(SubMeter { channel, device_type: None, number: None, readings: Vec::new() });
    }
    sub_meters.iter_mut().find(|own| own.channel == channel)
}

impl SubMeter {
    fn take(&mut self, line: &P1Line, values: &[P1Value]) -> Result<(), LineFaultKind> {
        match (line.obis.0, values) {
            ([_, _, 24, 1, 0, _], [value]) => self.device_type = value.text.parse().ok(),
            ([_, _, 96, 1, ..], [value]) => self.number = value.name(),
            ([_, _, 24, ..], [stamp, value]) => {
                // A sub-meter that was never read has no time and no value.
                if let Some(stamp) = stamp.stamp() {
                    self.readings.push((stamp, reading(line, value)?));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The reading of a line with one value.
fn reading(line: &P1Line, value: &P1Value) -> Result<Reading, LineFaultKind> {
    let (value, unit) = meant(line.obis, value)?;
    let [medium, .., tariff, _] = line.obis.0;
    let is_energy = matches!(unit, Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour) && medium == 1;
    Ok(Reading {
        quantity: unit::quantity(line.obis, unit, &value),
        value,
        unit,
        function: Function::Instantaneous,
        storage: 0,
        tariff: if is_energy { u32::from(tariff) } else { 0 },
        subunit: 0,
        modifiers: Vec::new(),
        obis: Some(line.obis),
        offset: u32::try_from(line.offset).unwrap_or(u32::MAX),
    })
}

/// A name, a time, a number with its unit, or text.
fn meant(obis: Obis, value: &P1Value) -> Result<(Value, Unit), LineFaultKind> {
    if is_name(obis) {
        let name = value.name().map_or(Value::Invalid, Value::Text);
        return Ok((name, Unit::One));
    }
    if let Some(stamp) = value.stamp() {
        return Ok((Value::DateTime(stamp.local), Unit::One));
    }
    match value.number() {
        Some((number, unit)) => {
            unit::scaled(number, unit).map(|(number, unit)| (Value::Number(number), unit))
        }
        None if value.text.contains('*') => Err(LineFaultKind::Number),
        None => Ok((Value::Text(value.text.clone()), Unit::One)),
    }
}

/// Names written as the hexadecimal digits of their letters.
const fn is_name(obis: Obis) -> bool {
    matches!(obis.0, [0, _, 96, 1 | 13, ..])
}
