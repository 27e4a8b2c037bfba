//! Random records of the standard, encoded here and decoded there: what was meant must be what is read.
//!
//! The encoder below knows the standard's tables in another form than the decoder: as rows of consecutive codes, each
//! ten times the one before. Nothing of the decoder is used.

use proptest::{collection, prelude::*, sample::select};
use tidstro_model::{Decimal, Function, Modifier, QuantityKind as Q, Reading, Unit, Value};
use tidstro_telegram::{DecodeOptions, KeyRing, decode};

use crate::encode::{clear, wireless};

/// Consecutive codes behind a prefix, and what the first one means.
struct Codes {
    prefix: Option<u8>,
    first: u8,
    count: u8,
    quantity: Q,
    unit: Unit,
    exponent: i8,
}

const fn codes(prefix: Option<u8>, first: u8, count: u8, quantity: Q, unit: Unit, exponent: i8) -> Codes {
    Codes { prefix, first, count, quantity, unit, exponent }
}

const FB: Option<u8> = Some(0xfb);
const FD: Option<u8> = Some(0xfd);

/// Everything that is a signed number with powers of ten.
const SCALED: &[Codes] = &[
    codes(None, 0x00, 8, Q::Energy, Unit::WattHour, -3),
    codes(None, 0x08, 8, Q::Energy, Unit::Joule, 0),
    codes(None, 0x10, 8, Q::Volume, Unit::CubicMetre, -6),
    codes(None, 0x18, 8, Q::Mass, Unit::Kilogram, -3),
    codes(None, 0x28, 8, Q::Power, Unit::Watt, -3),
    codes(None, 0x30, 8, Q::Power, Unit::JoulePerHour, 0),
    codes(None, 0x38, 8, Q::VolumeFlow, Unit::CubicMetrePerHour, -6),
    codes(None, 0x40, 8, Q::VolumeFlow, Unit::CubicMetrePerMinute, -7),
    codes(None, 0x48, 8, Q::VolumeFlow, Unit::CubicMetrePerSecond, -9),
    codes(None, 0x50, 8, Q::MassFlow, Unit::KilogramPerHour, -3),
    codes(None, 0x58, 4, Q::FlowTemperature, Unit::Celsius, -3),
    codes(None, 0x5c, 4, Q::ReturnTemperature, Unit::Celsius, -3),
    codes(None, 0x60, 4, Q::TemperatureDifference, Unit::Kelvin, -3),
    codes(None, 0x64, 4, Q::ExternalTemperature, Unit::Celsius, -3),
    codes(None, 0x68, 4, Q::Pressure, Unit::Bar, -3),
    codes(None, 0x6e, 1, Q::HcaUnits, Unit::Hca, 0),
    codes(FB, 0x00, 2, Q::Energy, Unit::WattHour, 5),
    codes(FB, 0x02, 2, Q::ReactiveEnergy, Unit::VarHour, 3),
    codes(FB, 0x04, 2, Q::ApparentEnergy, Unit::VoltAmpereHour, 3),
    codes(FB, 0x08, 2, Q::Energy, Unit::Joule, 8),
    codes(FB, 0x0c, 4, Q::Energy, Unit::Calorie, 5),
    codes(FB, 0x10, 2, Q::Volume, Unit::CubicMetre, 2),
    codes(FB, 0x14, 4, Q::ReactivePower, Unit::Var, 0),
    codes(FB, 0x28, 2, Q::Power, Unit::Watt, 5),
    codes(FB, 0x2c, 4, Q::Frequency, Unit::Hertz, -3),
    codes(FB, 0x30, 2, Q::Power, Unit::JoulePerHour, 8),
    codes(FB, 0x34, 4, Q::ApparentPower, Unit::VoltAmpere, 0),
    codes(FB, 0x74, 4, Q::TemperatureLimit, Unit::Celsius, -3),
    codes(FB, 0x78, 8, Q::CumulatedMaximumPower, Unit::Watt, -3),
    codes(FD, 0x00, 4, Q::Credit, Unit::Currency, -3),
    codes(FD, 0x04, 4, Q::Debit, Unit::Currency, -3),
    codes(FD, 0x3a, 1, Q::Dimensionless, Unit::One, 0),
    codes(FD, 0x40, 16, Q::Voltage, Unit::Volt, -9),
    codes(FD, 0x50, 16, Q::Current, Unit::Ampere, -12),
];

/// How the number is written.
#[derive(Debug, Clone, Copy)]
enum Coding {
    /// Bytes of a two's complement.
    Binary(usize),
    /// Bytes of two digits.
    Bcd(usize),
    /// The same behind a length code.
    VariableBinary(usize),
    /// The same behind a length code, which holds the sign.
    VariableBcd(usize),
}

#[derive(Debug, Clone)]
struct Meant {
    /// Row and code in it.
    code: (usize, u8),
    coding: Coding,
    number: i64,
    function: Function,
    storage: u64,
    tariff: u32,
    subunit: u16,
    /// VIFEs, each with the bytes that say it.
    refinements: Vec<Modifier>,
    /// Factor as a power of ten.
    factor: Option<i8>,
}

fn coding() -> impl Strategy<Value = Coding> {
    let bytes = select(vec![1_usize, 2, 3, 4, 6, 8]);
    prop_oneof![
        bytes.prop_map(Coding::Binary),
        select(vec![1_usize, 2, 3, 4, 6]).prop_map(Coding::Bcd),
        (1_usize..=8).prop_map(Coding::VariableBinary),
        (1_usize..=9).prop_map(Coding::VariableBcd),
    ]
}

/// What the coding can hold. The lowest number of a two's complement means that there is none; a sign of BCD without
/// a length code takes the place of the top digit.
fn numbers(coding: Coding) -> std::ops::RangeInclusive<i64> {
    let power = |digits: usize| 10_i64.pow(u32::try_from(digits).unwrap());
    match coding {
        Coding::Binary(len) | Coding::VariableBinary(len) => {
            let highest = i64::MAX >> (64 - 8 * len);
            -highest..=highest
        }
        Coding::Bcd(len) => 1 - power(2 * len - 1)..=power(2 * len) - 1,
        Coding::VariableBcd(len) => 1 - power(2 * len)..=power(2 * len) - 1,
    }
}

fn meant() -> impl Strategy<Value = Meant> {
    let refinement =
        select(vec![0x12, 0x22, 0x2c, 0x3a, 0x3b, 0x3c, 0x3e, 0x40, 0x48, 0x7c01, 0x7c10, 0x7f33]);
    let code = (0..SCALED.len()).prop_flat_map(|row| (Just(row), 0..SCALED[row].count));
    let number = coding().prop_flat_map(|coding| (Just(coding), numbers(coding)));
    let functions =
        vec![Function::Instantaneous, Function::Maximum, Function::Minimum, Function::DuringError];
    (
        code,
        number,
        select(functions),
        prop_oneof![0_u64..4, 0_u64..1 << 41],
        prop_oneof![Just(0_u32), 0_u32..1 << 20],
        prop_oneof![Just(0_u16), 0_u16..1 << 10],
        collection::vec(refinement.prop_map(Modifier), 0..3),
        proptest::option::of(-6_i8..=1),
    )
        .prop_map(|(code, (coding, number), function, storage, tariff, subunit, refinements, factor)| {
            Meant { code, coding, number, function, storage, tariff, subunit, refinements, factor }
        })
}

impl Meant {
    fn bytes(&self) -> Vec<u8> {
        [self.data_information(), self.value_information(), self.data()].concat()
    }

    fn data_information(&self) -> Vec<u8> {
        let field = match self.coding {
            Coding::Binary(8) => 7,
            Coding::Binary(len) => len,
            Coding::Bcd(6) => 0x0e,
            Coding::Bcd(len) => 8 + len,
            Coding::VariableBinary(_) | Coding::VariableBcd(_) => 0x0d,
        };
        let function = match self.function {
            Function::Instantaneous => 0,
            Function::Maximum => 1,
            Function::Minimum => 2,
            Function::DuringError => 3,
        };
        let low_bit = u8::from(self.storage % 2 == 1);
        let mut bytes = vec![u8::try_from(field).unwrap() | function << 4 | low_bit << 6];
        let (mut storage, mut tariff, mut subunit) = (self.storage / 2, self.tariff, self.subunit);
        while storage != 0 || tariff != 0 || subunit != 0 {
            let part = (storage % 16) | (u64::from(tariff % 4) << 4) | (u64::from(subunit % 2) << 6);
            bytes.push(u8::try_from(part).unwrap());
            (storage, tariff, subunit) = (storage / 16, tariff / 4, subunit / 2);
        }
        chained(bytes)
    }

    fn value_information(&self) -> Vec<u8> {
        let (row, code) = self.code;
        let mut bytes: Vec<u8> = SCALED[row].prefix.into_iter().chain([SCALED[row].first + code]).collect();
        bytes.extend(self.factor.map(|power| (0x76 + power).cast_unsigned()));
        for Modifier(refinement) in &self.refinements {
            let [prefix, code] = refinement.to_be_bytes();
            bytes.extend([prefix, code].iter().filter(|byte| **byte != 0));
        }
        chained(bytes)
    }

    fn data(&self) -> Vec<u8> {
        let len = |base: u8, len: usize| base + u8::try_from(len).unwrap();
        let binary = |len: usize| self.number.to_le_bytes()[..len].to_vec();
        match self.coding {
            Coding::Binary(len) => binary(len),
            Coding::VariableBinary(bytes) => [vec![len(0xe0, bytes)], binary(bytes)].concat(),
            Coding::VariableBcd(bytes) => {
                let base = if self.number < 0 { 0xd0 } else { 0xc0 };
                [vec![len(base, bytes)], digits(self.number.unsigned_abs(), bytes)].concat()
            }
            Coding::Bcd(len) => {
                let mut bytes = digits(self.number.unsigned_abs(), len);
                bytes[len - 1] |= if self.number < 0 { 0xf0 } else { 0 };
                bytes
            }
        }
    }

    /// The number in the unit of the row.
    fn number(&self) -> Decimal {
        let (row, code) = self.code;
        Decimal::new(self.number, SCALED[row].exponent + code.cast_signed() + self.factor.unwrap_or(0))
    }

    /// Behind VIFE FF all is the maker's own, so FF itself is told, too.
    fn modifiers(&self) -> Vec<Modifier> {
        let mut told = Vec::new();
        let mut is_makers = false;
        for modifier in &self.refinements {
            let [prefix, code] = modifier.0.to_be_bytes();
            for byte in [prefix, code].into_iter().filter(|byte| *byte != 0) {
                match (is_makers, byte) {
                    (true, _) => told.push(Modifier(0x7f00 | u16::from(byte))),
                    (false, 0x7f) => {
                        told.push(Modifier(0x7f));
                        is_makers = true;
                    }
                    (false, 0x7c) => {}
                    (false, _) if prefix == 0x7c => told.push(*modifier),
                    (false, _) => told.push(Modifier(u16::from(byte))),
                }
            }
        }
        told
    }
}

/// Sets the extension bit of all but the last.
pub(crate) fn chained(mut bytes: Vec<u8>) -> Vec<u8> {
    let last = bytes.len() - 1;
    bytes[..last].iter_mut().for_each(|byte| *byte |= 0x80);
    bytes
}

/// Two digits a byte, lowest first.
pub(crate) fn digits(number: u64, len: usize) -> Vec<u8> {
    let powers = (0..len).map(|index| number / 100_u64.pow(u32::try_from(index).unwrap()) % 100);
    powers.map(|pair| u8::try_from(((pair / 10) << 4) | (pair % 10)).unwrap()).collect()
}

fn read(records: &[u8]) -> Vec<Reading> {
    let telegram = decode(&wireless(&clear(records)), &KeyRing::new(), &DecodeOptions::default()).unwrap();
    assert_eq!(telegram.faults, [], "{records:02X?}");
    telegram.readings
}

fn assert_is(got: &Reading, meant: &Meant) {
    let row = &SCALED[meant.code.0];
    assert_eq!((got.quantity, got.unit), (row.quantity, row.unit), "{meant:?}");
    assert_eq!(got.value, Value::Number(meant.number()), "{meant:?}");
    assert_eq!((got.function, got.storage), (meant.function, meant.storage), "{meant:?}");
    assert_eq!((got.tariff, got.subunit), (meant.tariff, meant.subunit), "{meant:?}");
    assert_eq!(got.modifiers, meant.modifiers(), "{meant:?}");
}

#[test]
fn every_code_of_every_table_is_read() {
    for (row, codes) in SCALED.iter().enumerate() {
        for code in 0..codes.count {
            let (coding, number) = (Coding::Binary(2), 4711);
            let meant = Meant {
                code: (row, code),
                coding,
                number,
                function: Function::Instantaneous,
                storage: 0,
                tariff: 0,
                subunit: 0,
                refinements: Vec::new(),
                factor: None,
            };
            assert_is(&read(&meant.bytes())[0], &meant);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// One after the other, also with fillers between them, each is read where it begins.
    #[test]
    fn what_was_meant_is_read(meant in collection::vec((meant(), 0_usize..2), 1..6)) {
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        for (record, fillers) in &meant {
            bytes.extend(vec![0x2f; *fillers]);
            starts.push(u32::try_from(15 + bytes.len()).unwrap());
            bytes.extend(record.bytes());
        }
        let readings = read(&bytes);
        prop_assert_eq!(readings.len(), meant.len());
        for ((reading, (record, _)), start) in readings.iter().zip(&meant).zip(starts) {
            assert_is(reading, record);
            prop_assert_eq!(reading.offset, start);
        }
    }

    /// A record cut anywhere gives no reading of its own, and takes none of those before it away.
    #[test]
    fn a_cut_record_is_no_reading(meant in meant(), at in 0_usize..64) {
        let record = meant.bytes();
        let cut = &record[..1 + at % (record.len() - 1).max(1)];
        prop_assume!(cut.len() < record.len());
        let frame = wireless(&clear(&[&[0x01, 0x13, 7][..], cut].concat()));
        let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap();
        prop_assert_eq!((telegram.readings.len(), telegram.faults.len()), (1, 1));
    }
}
