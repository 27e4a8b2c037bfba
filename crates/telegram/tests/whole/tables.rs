//! The tables of EN 13757-3:2018, row by row: every code of every table has one row, and is read as it says.
//!
//! Written down from the standard, apart from the decoder: a row is a run of codes.

use std::ops::RangeInclusive;

use tidstro_model::{
    Decimal, Modifier,
    QuantityKind::{self, *},
    Reading,
    Unit::{self, *},
    Value,
};
use tidstro_telegram::{DecodeOptions, KeyRing, decode};

use crate::encode::{clear, wireless};

/// What the data of a code are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Signed numbers; each code counts ten times the one before.
    Signed(Unit, i8),
    /// The same without sign.
    Unsigned(Unit, i8),
    /// Signed numbers; each code has its own unit.
    Times(&'static [Unit]),
    /// Unsigned numbers; each code has its own unit.
    Periods(&'static [Unit]),
    /// Unsigned numbers of 4096ths.
    Factors,
    /// Bits.
    Flags,
    /// Digits of a name.
    Digits,
    /// A date, a time or both.
    Date,
    /// A secret: read and not given.
    Withheld,
    /// Kept for later: a number that means nothing.
    Reserved,
}

/// A run of codes.
#[derive(Debug)]
pub(crate) struct Row {
    /// The bytes that lead to the table.
    pub(crate) table: &'static [u8],
    pub(crate) codes: RangeInclusive<u8>,
    pub(crate) quantity: QuantityKind,
    pub(crate) kind: Kind,
}

const fn row(table: &'static [u8], codes: RangeInclusive<u8>, quantity: QuantityKind, kind: Kind) -> Row {
    Row { table, codes, quantity, kind }
}

const TIMES: &[Unit] = &[Second, Minute, Hour, Day];
const LONG_TIMES: &[Unit] = &[Hour, Day, Month, Year];

/// Table 10.
const MAIN: &[u8] = &[];
/// Table 14.
const FB: &[u8] = &[0xfb];
/// Table 12.
const FD: &[u8] = &[0xfd];
/// Table 13.
const FD_FD: &[u8] = &[0xfd, 0xfd];
/// Kept for later.
const EF: &[u8] = &[0xef];

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row(MAIN, 0x00..=0x07, Energy, Kind::Signed(WattHour, -3)),
    row(MAIN, 0x08..=0x0f, Energy, Kind::Signed(Joule, 0)),
    row(MAIN, 0x10..=0x17, Volume, Kind::Signed(CubicMetre, -6)),
    row(MAIN, 0x18..=0x1f, Mass, Kind::Signed(Kilogram, -3)),
    row(MAIN, 0x20..=0x23, OnTime, Kind::Times(TIMES)),
    row(MAIN, 0x24..=0x27, OperatingTime, Kind::Times(TIMES)),
    row(MAIN, 0x28..=0x2f, Power, Kind::Signed(Watt, -3)),
    row(MAIN, 0x30..=0x37, Power, Kind::Signed(JoulePerHour, 0)),
    row(MAIN, 0x38..=0x3f, VolumeFlow, Kind::Signed(CubicMetrePerHour, -6)),
    row(MAIN, 0x40..=0x47, VolumeFlow, Kind::Signed(CubicMetrePerMinute, -7)),
    row(MAIN, 0x48..=0x4f, VolumeFlow, Kind::Signed(CubicMetrePerSecond, -9)),
    row(MAIN, 0x50..=0x57, MassFlow, Kind::Signed(KilogramPerHour, -3)),
    row(MAIN, 0x58..=0x5b, FlowTemperature, Kind::Signed(Celsius, -3)),
    row(MAIN, 0x5c..=0x5f, ReturnTemperature, Kind::Signed(Celsius, -3)),
    row(MAIN, 0x60..=0x63, TemperatureDifference, Kind::Signed(Kelvin, -3)),
    row(MAIN, 0x64..=0x67, ExternalTemperature, Kind::Signed(Celsius, -3)),
    row(MAIN, 0x68..=0x6b, Pressure, Kind::Signed(Bar, -3)),
    row(MAIN, 0x6c..=0x6d, DateTime, Kind::Date),
    row(MAIN, 0x6e..=0x6e, HcaUnits, Kind::Signed(Hca, 0)),
    row(MAIN, 0x6f..=0x6f, Other, Kind::Reserved),
    row(MAIN, 0x70..=0x73, AveragingDuration, Kind::Times(TIMES)),
    row(MAIN, 0x74..=0x77, ActualityDuration, Kind::Times(TIMES)),
    row(MAIN, 0x78..=0x78, FabricationNumber, Kind::Digits),
    row(MAIN, 0x79..=0x79, Identification, Kind::Digits),
    row(MAIN, 0x7a..=0x7a, BusAddress, Kind::Unsigned(One, 0)),
    // 7B and 7D lead to tables only with their extension bit, 7E stands in requests.
    row(MAIN, 0x7b..=0x7b, Other, Kind::Reserved),
    row(MAIN, 0x7d..=0x7e, Other, Kind::Reserved),
    row(MAIN, 0x7f..=0x7f, ManufacturerSpecific, Kind::Signed(One, 0)),

    row(FB, 0x00..=0x01, Energy, Kind::Signed(WattHour, 5)),
    row(FB, 0x02..=0x03, ReactiveEnergy, Kind::Signed(VarHour, 3)),
    row(FB, 0x04..=0x05, ApparentEnergy, Kind::Signed(VoltAmpereHour, 3)),
    row(FB, 0x06..=0x06, CoefficientOfPerformance, Kind::Signed(One, -1)),
    row(FB, 0x07..=0x07, Other, Kind::Reserved),
    row(FB, 0x08..=0x09, Energy, Kind::Signed(Joule, 8)),
    row(FB, 0x0a..=0x0b, Other, Kind::Reserved),
    row(FB, 0x0c..=0x0f, Energy, Kind::Signed(Calorie, 5)),
    row(FB, 0x10..=0x11, Volume, Kind::Signed(CubicMetre, 2)),
    row(FB, 0x12..=0x13, Other, Kind::Reserved),
    row(FB, 0x14..=0x17, ReactivePower, Kind::Signed(Var, 0)),
    row(FB, 0x18..=0x19, Mass, Kind::Unsigned(Kilogram, 5)),
    row(FB, 0x1a..=0x1b, Humidity, Kind::Unsigned(Percent, -1)),
    row(FB, 0x1c..=0x1f, Other, Kind::Reserved),
    row(FB, 0x20..=0x20, Volume, Kind::Signed(CubicFoot, 0)),
    row(FB, 0x21..=0x21, Volume, Kind::Signed(CubicFoot, -1)),
    // Until 2004.
    row(FB, 0x22..=0x22, Volume, Kind::Signed(AmericanGallon, -1)),
    row(FB, 0x23..=0x23, Volume, Kind::Signed(AmericanGallon, 0)),
    row(FB, 0x24..=0x24, VolumeFlow, Kind::Signed(AmericanGallonPerMinute, -3)),
    row(FB, 0x25..=0x25, VolumeFlow, Kind::Signed(AmericanGallonPerMinute, 0)),
    row(FB, 0x26..=0x26, VolumeFlow, Kind::Signed(AmericanGallonPerHour, 0)),
    row(FB, 0x27..=0x27, Other, Kind::Reserved),
    row(FB, 0x28..=0x29, Power, Kind::Signed(Watt, 5)),
    row(FB, 0x2a..=0x2a, PhaseAngle, Kind::Signed(Degree, -1)),
    row(FB, 0x2b..=0x2b, PhaseAngle, Kind::Signed(Degree, -1)),
    row(FB, 0x2c..=0x2f, Frequency, Kind::Signed(Hertz, -3)),
    row(FB, 0x30..=0x31, Power, Kind::Signed(JoulePerHour, 8)),
    row(FB, 0x32..=0x33, Other, Kind::Reserved),
    row(FB, 0x34..=0x37, ApparentPower, Kind::Signed(VoltAmpere, 0)),
    row(FB, 0x38..=0x57, Other, Kind::Reserved),
    // Until 2004.
    row(FB, 0x58..=0x5b, FlowTemperature, Kind::Signed(Fahrenheit, -3)),
    row(FB, 0x5c..=0x5f, ReturnTemperature, Kind::Signed(Fahrenheit, -3)),
    row(FB, 0x60..=0x63, TemperatureDifference, Kind::Signed(Fahrenheit, -3)),
    row(FB, 0x64..=0x67, ExternalTemperature, Kind::Signed(Fahrenheit, -3)),
    row(FB, 0x68..=0x68, RatingFactor, Kind::Factors),
    row(FB, 0x69..=0x69, RatingFactor, Kind::Unsigned(Watt, 0)),
    row(FB, 0x6a..=0x6e, RatingFactor, Kind::Factors),
    row(FB, 0x6f..=0x6f, Other, Kind::Reserved),
    row(FB, 0x70..=0x73, TemperatureLimit, Kind::Signed(Fahrenheit, -3)),
    row(FB, 0x74..=0x77, TemperatureLimit, Kind::Signed(Celsius, -3)),
    row(FB, 0x78..=0x7f, CumulatedMaximumPower, Kind::Signed(Watt, -3)),

    row(FD, 0x00..=0x03, Credit, Kind::Signed(Currency, -3)),
    row(FD, 0x04..=0x07, Debit, Kind::Signed(Currency, -3)),
    row(FD, 0x08..=0x08, AccessNumber, Kind::Unsigned(One, 0)),
    row(FD, 0x09..=0x09, DeviceType, Kind::Unsigned(One, 0)),
    row(FD, 0x0a..=0x0a, Manufacturer, Kind::Unsigned(One, 0)),
    row(FD, 0x0b..=0x0b, ParameterSet, Kind::Digits),
    row(FD, 0x0c..=0x0c, ModelVersion, Kind::Unsigned(One, 0)),
    row(FD, 0x0d..=0x0d, HardwareVersion, Kind::Unsigned(One, 0)),
    row(FD, 0x0e..=0x0e, SoftwareVersion, Kind::Unsigned(One, 0)),
    row(FD, 0x0f..=0x0f, SoftwareVersion, Kind::Unsigned(One, 0)),
    row(FD, 0x10..=0x10, Customer, Kind::Unsigned(One, 0)),
    row(FD, 0x11..=0x11, Customer, Kind::Unsigned(One, 0)),
    row(FD, 0x12..=0x16, AccessCode, Kind::Withheld),
    row(FD, 0x17..=0x17, ErrorFlags, Kind::Flags),
    row(FD, 0x18..=0x18, ErrorMask, Kind::Flags),
    row(FD, 0x19..=0x19, AccessCode, Kind::Withheld),
    row(FD, 0x1a..=0x1b, DigitalIo, Kind::Flags),
    row(FD, 0x1c..=0x1c, BaudRate, Kind::Unsigned(BitPerSecond, 0)),
    row(FD, 0x1d..=0x1d, ResponseDelay, Kind::Unsigned(One, 0)),
    row(FD, 0x1e..=0x1e, Counter, Kind::Unsigned(One, 0)),
    row(FD, 0x1f..=0x1f, Setting, Kind::Flags),
    row(FD, 0x20..=0x20, StorageNumber, Kind::Unsigned(One, 0)),
    row(FD, 0x21..=0x21, StorageNumber, Kind::Unsigned(One, 0)),
    row(FD, 0x22..=0x22, StorageNumber, Kind::Unsigned(One, 0)),
    row(FD, 0x23..=0x23, Setting, Kind::Flags),
    row(FD, 0x24..=0x27, StorageInterval, Kind::Times(TIMES)),
    row(FD, 0x28..=0x29, StorageInterval, Kind::Times(&[Month, Year])),
    row(FD, 0x2a..=0x2a, ManufacturerSpecific, Kind::Flags),
    row(FD, 0x2b..=0x2b, Setting, Kind::Unsigned(One, 0)),
    row(FD, 0x2c..=0x2f, ActualityDuration, Kind::Times(TIMES)),
    row(FD, 0x30..=0x30, TariffStart, Kind::Date),
    row(FD, 0x31..=0x33, TariffDuration, Kind::Times(&[Minute, Hour, Day])),
    row(FD, 0x34..=0x37, TariffPeriod, Kind::Times(TIMES)),
    row(FD, 0x38..=0x39, TariffPeriod, Kind::Times(&[Month, Year])),
    row(FD, 0x3a..=0x3a, Dimensionless, Kind::Signed(One, 0)),
    row(FD, 0x3b..=0x3b, Other, Kind::Flags),
    row(FD, 0x3c..=0x3f, TransmissionPeriod, Kind::Periods(TIMES)),
    row(FD, 0x40..=0x4f, Voltage, Kind::Signed(Volt, -9)),
    row(FD, 0x50..=0x5f, Current, Kind::Signed(Ampere, -12)),
    row(FD, 0x60..=0x60, Counter, Kind::Unsigned(One, 0)),
    row(FD, 0x61..=0x61, Counter, Kind::Unsigned(One, 0)),
    row(FD, 0x62..=0x62, Setting, Kind::Flags),
    row(FD, 0x63..=0x63, Setting, Kind::Unsigned(One, 0)),
    row(FD, 0x64..=0x64, Setting, Kind::Unsigned(One, 0)),
    row(FD, 0x65..=0x65, Setting, Kind::Unsigned(One, 0)),
    row(FD, 0x66..=0x66, ParameterState, Kind::Flags),
    row(FD, 0x67..=0x67, ManufacturerSpecific, Kind::Flags),
    row(FD, 0x68..=0x6b, Duration, Kind::Times(LONG_TIMES)),
    row(FD, 0x6c..=0x6f, BatteryOperatingTime, Kind::Times(LONG_TIMES)),
    row(FD, 0x70..=0x70, BatteryChange, Kind::Date),
    row(FD, 0x71..=0x71, SignalStrength, Kind::Signed(DecibelMilliwatt, 0)),
    row(FD, 0x72..=0x73, Setting, Kind::Flags),
    row(FD, 0x74..=0x74, BatteryLife, Kind::Periods(&[Day])),
    row(FD, 0x75..=0x75, Counter, Kind::Unsigned(One, 0)),
    row(FD, 0x76..=0x76, ManufacturerSpecific, Kind::Flags),
    row(FD, 0x77..=0x7f, Other, Kind::Reserved),

    row(FD_FD, 0x00..=0x00, Setting, Kind::Unsigned(One, 0)),
    row(FD_FD, 0x01..=0x01, Other, Kind::Reserved),
    row(FD_FD, 0x02..=0x03, BatteryLife, Kind::Times(&[Month, Year])),
    row(FD_FD, 0x04..=0x3d, Other, Kind::Reserved),
    // Moisture, of a later edition.
    row(FD_FD, 0x3e..=0x3e, Humidity, Kind::Signed(Percent, 0)),
    row(FD_FD, 0x3f..=0x7f, Other, Kind::Reserved),

    row(EF, 0x00..=0x7f, Other, Kind::Reserved),
];

/// The only reading of a record.
pub(crate) fn read(record: &[u8]) -> Reading {
    let telegram = decode(&wireless(&clear(record)), &KeyRing::new(), &DecodeOptions::default()).unwrap();
    assert_eq!((telegram.readings.len(), &telegram.faults[..]), (1, &[][..]), "{record:02X?}");
    telegram.readings.into_iter().next().unwrap()
}

impl Row {
    /// The unit and power of ten of a code.
    pub(crate) fn scale(&self, code: u8) -> (Unit, i8) {
        let index = code - self.codes.start();
        match self.kind {
            Kind::Signed(unit, exponent) | Kind::Unsigned(unit, exponent) => {
                (unit, exponent + index.cast_signed())
            }
            Kind::Times(units) | Kind::Periods(units) => (units[usize::from(index)], 0),
            _ => (One, 0),
        }
    }

    /// What two bytes with all bits but the lowest set are.
    fn value_of_fffe(&self, code: u8) -> Value {
        let (_, exponent) = self.scale(code);
        match self.kind {
            Kind::Signed(..) | Kind::Times(_) | Kind::Reserved => Value::Number(Decimal::new(-2, exponent)),
            Kind::Unsigned(..) | Kind::Periods(_) | Kind::Digits => {
                Value::Number(Decimal::new(65_534, exponent))
            }
            Kind::Factors => Value::Number(Decimal::new(1_599_951_171_875, -11)),
            Kind::Flags => Value::Bytes([0xfe, 0xff].into()),
            Kind::Date => Value::Invalid,
            Kind::Withheld => Value::Bytes(Box::default()),
        }
    }
}

#[test]
fn every_code_has_one_row() {
    for table in [MAIN, FB, FD, FD_FD, EF] {
        for code in 0..0x80 {
            let rows = ROWS.iter().filter(|row| row.table == table && row.codes.contains(&code)).count();
            // A plain-text unit follows 7C.
            assert_eq!(rows, usize::from(table != MAIN || code != 0x7c), "{table:02X?} {code:02X}");
        }
    }
}

#[test]
fn every_row_is_read_as_it_says() {
    for row in ROWS {
        for code in row.codes.clone() {
            let got = read(&[&[0x02], row.table, &[code, 0xfe, 0xff]].concat());
            let (unit, _) = row.scale(code);
            let unit = if matches!(got.value, Value::Number(_)) { unit } else { One };
            assert_eq!((got.quantity, got.unit), (row.quantity, unit), "{row:?} {code:02X}");
            assert_eq!(got.value, row.value_of_fffe(code), "{row:?} {code:02X}");
            assert_eq!(got.modifiers, [], "{row:?} {code:02X}");
        }
    }
}

/// What a combinable VIFE does (tables 15 and 18).
#[derive(Debug, Clone, Copy)]
enum Does {
    Nothing,
    Error,
    Refines,
    Scales(i8),
    Adds(i8),
    IsDate,
    Lasts(&'static [Unit]),
    Counts,
    IsCode,
    IsGallons,
}

#[rustfmt::skip]
const COMBINABLE: &[(RangeInclusive<u8>, Does)] = &[
    (0x00..=0x00, Does::Nothing),
    (0x01..=0x0f, Does::Error),
    (0x10..=0x14, Does::Refines),
    (0x15..=0x17, Does::Error),
    (0x18..=0x1b, Does::Refines),
    (0x1c..=0x1c, Does::Error),
    (0x1d..=0x38, Does::Refines),
    (0x39..=0x39, Does::IsDate),
    (0x3a..=0x3c, Does::Refines),
    (0x3d..=0x3d, Does::IsGallons),
    (0x3e..=0x3e, Does::Refines),
    (0x3f..=0x3f, Does::IsCode),
    (0x40..=0x40, Does::Refines),
    (0x41..=0x41, Does::Counts),
    (0x42..=0x43, Does::IsDate),
    (0x44..=0x45, Does::Refines),
    (0x46..=0x47, Does::IsDate),
    (0x48..=0x48, Does::Refines),
    (0x49..=0x49, Does::Counts),
    (0x4a..=0x4b, Does::IsDate),
    (0x4c..=0x4d, Does::Refines),
    (0x4e..=0x4f, Does::IsDate),
    (0x50..=0x53, Does::Lasts(TIMES)),
    (0x54..=0x57, Does::Lasts(TIMES)),
    (0x58..=0x5b, Does::Lasts(TIMES)),
    (0x5c..=0x5f, Does::Lasts(TIMES)),
    (0x60..=0x63, Does::Lasts(TIMES)),
    (0x64..=0x67, Does::Lasts(TIMES)),
    (0x68..=0x69, Does::Refines),
    (0x6a..=0x6b, Does::IsDate),
    (0x6c..=0x6d, Does::Refines),
    (0x6e..=0x6f, Does::IsDate),
    (0x70..=0x77, Does::Scales(-6)),
    (0x78..=0x7b, Does::Adds(-3)),
    (0x7d..=0x7d, Does::Scales(3)),
    (0x7e..=0x7f, Does::Refines),
];

#[test]
fn every_combinable_vife_does_what_its_row_says() {
    for code in (0..0x80).filter(|code| *code != 0x7c) {
        let rows: Vec<_> = COMBINABLE.iter().filter(|(codes, _)| codes.contains(&code)).collect();
        assert_eq!(rows.len(), 1, "{code:02X}");
        let (codes, does) = rows[0];
        let index = code - codes.start();
        // 4,911 litres; as a date 15 March 2024 would be 0F 33.
        let got = read(&[0x02, 0x93, code, 0x0f, 0x33]);
        let litres = Value::Number(Decimal::new(13_071, -3));
        let (value, unit) = match *does {
            Does::Error => (Value::Invalid, One),
            Does::Nothing | Does::Refines => (litres, CubicMetre),
            Does::Scales(power) => {
                (Value::Number(Decimal::new(13_071, power + index.cast_signed() - 3)), CubicMetre)
            }
            Does::Adds(power) => {
                let addend = Decimal::new(1, power + index.cast_signed() - 3);
                (Value::Number(Decimal::new(13_071, -3).checked_add(addend).unwrap()), CubicMetre)
            }
            Does::IsDate => (Value::Date(jiff::civil::date(2024, 3, 15)), One),
            Does::Lasts(units) => (Value::Number(Decimal::new(13_071, 0)), units[usize::from(index)]),
            Does::Counts => (Value::Number(Decimal::new(13_071, 0)), One),
            Does::IsCode => (Value::Bytes([0x0f, 0x33].into()), One),
            Does::IsGallons => (Value::Number(Decimal::new(13_071, 0)), AmericanGallon),
        };
        assert_eq!((got.quantity, got.value, got.unit), (Volume, value, unit), "{code:02X}");
        let is_applied = matches!(does, Does::Nothing | Does::Scales(_) | Does::Adds(_));
        let expected: &[Modifier] = if is_applied { &[] } else { &[Modifier(u16::from(code))] };
        assert_eq!(got.modifiers, expected, "{code:02X}");
    }
}

/// Table 16: phases, quadrants and directions refine; four say how the data are to be read.
#[test]
fn every_vife_behind_7c_is_kept() {
    for code in 0..0x80 {
        let got = read(&[0x02, 0x93, 0xfc, code, 0x0f, 0xf3]);
        let value = match code {
            0x0d => Value::Number(Decimal::new(-3_313, -3)),
            0x11 => Value::Number(Decimal::new(62_223, -3)),
            0x12 => Value::Bytes([0x0f, 0xf3].into()),
            0x13 => Value::Invalid,
            _ => Value::Number(Decimal::new(-3_313, -3)),
        };
        assert_eq!(got.value, value, "{code:02X}");
        assert_eq!(got.quantity, if code == 0x0d { Other } else { Volume }, "{code:02X}");
        assert_eq!(got.modifiers, [Modifier(0x7c00 | u16::from(code))]);
    }
}

/// Bytes of data of each data field (table 4); 13 says its length itself.
const LENGTHS: [usize; 13] = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4];

#[test]
fn every_dif_has_its_length_or_is_no_record() {
    let next = [0x01, 0x13, 7];
    for dif in 0..=u8::MAX {
        let dife: &[u8] = if dif & 0x80 == 0 { &[] } else { &[0x00] };
        let (len, length_code): (usize, &[u8]) = match dif & 0x0f {
            0x0d => (3, &[0xe3]),
            0x0e => (6, &[]),
            field => (LENGTHS.get(usize::from(field)).copied().unwrap_or_default(), &[]),
        };
        let head = [&[dif], dife, &[0x13], length_code].concat();
        let records = [&head[..], &[0x11; 8][..len], &next].concat();
        let telegram =
            decode(&wireless(&clear(&records)), &KeyRing::new(), &DecodeOptions::default()).unwrap();
        let offsets: Vec<u32> = telegram.readings.iter().map(|reading| reading.offset - 15).collect();
        let second = u32::try_from(records.len() - next.len()).unwrap();
        match dif & 0x0f {
            // No data, or a request for them: nothing to read, and the next record follows.
            0x00 | 0x08 => assert_eq!(offsets, [second], "{dif:02X}"),
            // 0F and 1F: the rest is the maker's own. 2F is a filler, behind which 13 stands as a DIF.
            0x0f if dif < 0x20 => assert_eq!(offsets, [0], "{dif:02X}"),
            0x0f if dif == 0x2f => {}
            0x0f => assert_eq!((telegram.readings.len(), telegram.faults.len()), (0, 1), "{dif:02X}"),
            _ => assert_eq!(offsets, [0, second], "{dif:02X}"),
        }
    }
}
