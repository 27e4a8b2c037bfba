//! Our records against those of `m-bus-parser`, whose application layer others wrote from the same standard.
//!
//! Where both read a record, both must say the same of it. The codes on which they differ are named here, each with
//! the reason; a difference that is not named fails, and so does a name that is no difference any more.

use m_bus_application_layer::{
    DataRecords,
    data_information::{DataType, FunctionField, Month, SingleEveryOrInvalid as Part},
};
use proptest::{collection, prelude::*, sample::select};
use tidstro_model::{Decimal, Function, QuantityKind, Reading, Unit, Value};
use tidstro_telegram::{DecodeOptions, KeyRing, decode};

use crate::encode::{clear, wireless};

/// What is compared of one record.
#[derive(Debug, PartialEq)]
struct Said {
    function: Function,
    storage: u64,
    tariff: u64,
    subunit: u64,
    value: String,
    unit: Unit,
}

fn ours(record: &[u8]) -> Option<Said> {
    let telegram = decode(&wireless(&clear(record)), &KeyRing::new(), &DecodeOptions::default()).unwrap();
    let reading = telegram.readings.into_iter().next()?;
    Some(Said {
        function: reading.function,
        storage: reading.storage,
        tariff: u64::from(reading.tariff),
        subunit: u64::from(reading.subunit),
        unit: compared_unit(&reading),
        value: match reading.value {
            Value::Number(number) => number.normalised().to_string(),
            Value::Date(date) => date.to_string(),
            Value::DateTime(moment) => moment.to_string(),
            _ => return None,
        },
    })
}

/// They have no unit for what an allocator counts.
fn compared_unit(reading: &Reading) -> Unit {
    if reading.quantity == QuantityKind::HcaUnits { Unit::One } else { reading.unit }
}

fn theirs(record: &[u8]) -> Option<Said> {
    let record = DataRecords::from(record).next()?.ok()?;
    let (data, value) = (record.data_information()?, record.value_information()?);
    let units: Vec<String> = value
        .units()
        .map(|unit| match unit.exponent {
            1 => format!("{:?}", unit.name),
            exponent => format!("{:?}^{exponent}", unit.name),
        })
        .collect();
    let (unit, power) = unit(&units.join(" "))?;
    let scale = i8::try_from(value.decimal_scale_exponent).ok()? + power;
    Some(Said {
        function: match data.function_field {
            FunctionField::InstantaneousValue => Function::Instantaneous,
            FunctionField::MaximumValue => Function::Maximum,
            FunctionField::MinimumValue => Function::Minimum,
            FunctionField::ValueDuringErrorState => Function::DuringError,
            _ => return None,
        },
        storage: data.storage_number,
        tariff: data.tariff,
        subunit: data.device,
        value: shown(record.value()?, scale)?,
        unit,
    })
}

fn shown(value: &DataType<'_>, scale: i8) -> Option<String> {
    match value {
        DataType::Number(number) => {
            // Their numbers are 64-bit reals; up to 15 digits those are exact.
            let number = Decimal::parse(number.to_string().as_bytes()).ok()?;
            Some(Decimal::new(number.mantissa(), number.exponent() + scale).normalised().to_string())
        }
        DataType::Date(day, month, year) => date(day, month, year),
        DataType::DateTime(day, month, year, Part::Single(hour), Part::Single(minute)) => {
            Some(format!("{}T{hour:02}:{minute:02}:00", date(day, month, year)?))
        }
        _ => None,
    }
}

fn date(day: &Part<u8>, month: &Part<Month>, year: &Part<u16>) -> Option<String> {
    let (Part::Single(day), Part::Single(month), Part::Single(year)) = (day, month, year) else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == format!("{month:?}"))? + 1;
    // Two digits mean this century up to 80, as in ours.
    let year = if *year < 100 { if *year <= 80 { 2000 + year } else { 1900 + year } } else { *year };
    Some(format!("{year}-{month:02}-{day:02}"))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Our unit for theirs, and the power of ten between them.
fn unit(name: &str) -> Option<(Unit, i8)> {
    let unit = match name {
        "" | "BitTime" | "HCAUnit" => Unit::One,
        "Watt Hour" => Unit::WattHour,
        "Joul" => Unit::Joule,
        "Calorie" => Unit::Calorie,
        "ReactiveWatt Hour" => Unit::VarHour,
        "ApparentWatt Hour" => Unit::VoltAmpereHour,
        "Meter^3" => Unit::CubicMetre,
        "Feet^3" => Unit::CubicFoot,
        "Kilogram" => Unit::Kilogram,
        "Tonne" => return Some((Unit::Kilogram, 3)),
        "Watt" => Unit::Watt,
        "ReactiveWatt" => Unit::Var,
        "ApparentWatt" => Unit::VoltAmpere,
        "Joul Hour^-1" => Unit::JoulePerHour,
        "Meter^3 Hour^-1" => Unit::CubicMetrePerHour,
        "Meter^3 Minute^-1" => Unit::CubicMetrePerMinute,
        "Meter^3 Second^-1" => Unit::CubicMetrePerSecond,
        "Kilogram Hour^-1" => Unit::KilogramPerHour,
        "Celsius" => Unit::Celsius,
        "Kelvin" => Unit::Kelvin,
        "Fahrenheit" => Unit::Fahrenheit,
        "Bar" => Unit::Bar,
        "Percent" => Unit::Percent,
        "Volt" => Unit::Volt,
        "Ampere" => Unit::Ampere,
        "Hertz" => Unit::Hertz,
        "Degree" => Unit::Degree,
        "Second" => Unit::Second,
        "Minute" => Unit::Minute,
        "Hour" => Unit::Hour,
        "Day" => Unit::Day,
        "Month" => Unit::Month,
        "Year" => Unit::Year,
        "Symbol Second^-1" => Unit::BitPerSecond,
        "DecibelMilliWatt" => Unit::DecibelMilliwatt,
        "LocalMoneyCurrency" => Unit::Currency,
        _ => return None,
    };
    Some((unit, 0))
}

/// Where both differ: prefix, first and last code, and why.
const DIFFERENT: &[(&[u8], u8, u8, &str)] = &[
    (&[], 0x6d, 0x6d, "two bytes of a date and time: they want four or six"),
    (&[], 0x6f, 0x6f, "reserved: they give no record, we give a number without meaning"),
    (
        &[0xfb],
        0x22,
        0x26,
        "gallons, as older editions of the standard have them; they have other codes there",
    ),
    (&[0xfb], 0x68, 0x6e, "factors of 2^-12 and a power in W (table 14), which they give as bare numbers"),
    (&[0xfd], 0x12, 0x16, "access codes and passwords, which we withhold"),
    (&[0xfd], 0x17, 0x18, "bits, which they give as a number"),
    (&[0xfd], 0x19, 0x19, "a key, which we withhold"),
    (&[0xfd], 0x1a, 0x1b, "bits"),
    (&[0xfd], 0x1f, 0x1f, "bits"),
    (&[0xfd], 0x23, 0x23, "bits"),
    (&[0xfd], 0x2a, 0x2a, "the operator's own bytes, which they give as a number"),
    (&[0xfd], 0x2c, 0x2f, "durations, to which they give no unit"),
    (&[0xfd], 0x30, 0x30, "a date, which they give as a number"),
    (&[0xfd], 0x31, 0x39, "durations, to which they give other units"),
    (&[0xfd], 0x3b, 0x3b, "a container of bytes"),
    (&[0xfd], 0x3c, 0x3f, "durations, to which they give no unit"),
    (&[0xfd], 0x62, 0x62, "bits"),
    (&[0xfd], 0x66, 0x67, "bits"),
    (&[0xfd], 0x6f, 0x6f, "years, which they take for hours"),
    (&[0xfd], 0x70, 0x70, "a date, which they give as a number"),
    (&[0xfd], 0x72, 0x73, "bits of types K and L"),
    (&[0xfd], 0x74, 0x74, "days, to which they give no unit"),
    (&[0xfd], 0x76, 0x76, "a container of bytes"),
];

fn is_different(prefix: &[u8], code: u8) -> bool {
    DIFFERENT.iter().any(|(of, first, last, _)| *of == prefix && (*first..=*last).contains(&code))
}

/// Codes that mean something without more bytes: 7B to 7F lead to other tables.
const CODES: std::ops::Range<u8> = 0..0x7b;

#[test]
fn every_code_means_the_same_to_both_but_those_named() {
    for prefix in [&[][..], &[0xfb], &[0xfd]] {
        for code in CODES {
            let record = [&[0x02][..], prefix, &[code, 0x2c, 0x21]].concat();
            let (ours, theirs) = (ours(&record), theirs(&record));
            let is_named = is_different(prefix, code);
            assert_eq!(ours != theirs, is_named, "{prefix:02X?} {code:02X}: {ours:?}, theirs {theirs:?}");
        }
    }
    // Their second level of FD reads its own code as a refinement, too.
    for code in [0x00, 0x02, 0x03, 0x3e] {
        let record = [0x02, 0xfd, 0xfd, code, 0x2c, 0x21];
        assert_eq!(ours(&record), theirs(&record), "FD FD {code:02X}");
    }
}

#[test]
fn dates_are_the_same() {
    for day in 1..=28_u8 {
        for (month, year) in [(1, 0), (2, 24), (7, 63), (12, 80)] {
            let (low, high) = (day | (year & 7) << 5, month | year >> 3 << 4);
            for record in [vec![0x02, 0x6c, low, high], vec![0x04, 0x6d, 41, 23, low, high]] {
                let ours = ours(&record);
                assert!(ours.is_some(), "{record:02X?}");
                assert_eq!(ours, theirs(&record), "{record:02X?}");
            }
        }
    }
}

/// Data fields, and bytes of each. Real numbers are left out: theirs are 64 bits of what the meter said in 32.
const FIELDS: [(u8, usize); 11] = [
    (0x1, 1),
    (0x2, 2),
    (0x3, 3),
    (0x4, 4),
    (0x6, 6),
    (0x7, 8),
    (0x9, 1),
    (0xa, 2),
    (0xb, 3),
    (0xc, 4),
    (0xe, 6),
];

/// The number of a record without sign, so that no digit is above nine and no number the lowest.
fn data((field, len): (u8, usize), digits: &[u8]) -> Vec<u8> {
    let is_bcd = field >= 9;
    let mut data: Vec<u8> = digits[..len]
        .iter()
        .map(|byte| if is_bcd { ((byte / 16 % 10) << 4) | (byte % 10) } else { *byte })
        .collect();
    // Their numbers are exact up to 53 bits.
    data.iter_mut().skip(6).for_each(|byte| *byte = 0);
    if let Some(top) = data.last_mut() {
        *top &= 0x7f;
    }
    data
}

prop_compose! {
    fn record()(
        (prefix, code) in (select(vec![&[][..], &[0xfb], &[0xfd]]), CODES)
            .prop_filter("named as different", |(prefix, code)| !is_different(prefix, *code))
            .prop_filter("a date has a length of its own", |(prefix, code)| !prefix.is_empty() || *code != 0x6c),
        vifes in collection::vec(select(vec![0x3b, 0x3c, 0x70, 0x73, 0x75, 0x77, 0x7d]), 0..4),
        difes in collection::vec(any::<u8>(), 0..=10),
        (field, function) in (select(&FIELDS[..]), 0_u8..8),
        digits in any::<[u8; 8]>(),
    ) -> Vec<u8> {
        let chained = |mut bytes: Vec<u8>| {
            let last = bytes.len() - 1;
            bytes[..last].iter_mut().for_each(|byte| *byte |= 0x80);
            bytes[last] &= 0x7f;
            bytes
        };
        let information = chained([&[field.0 | function << 4], &difes[..]].concat());
        let value = chained([prefix, &[code], &vifes].concat());
        [information, value, data(field, &digits)].concat()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn random_records_are_the_same(record in record()) {
        let (ours, theirs) = (ours(&record), theirs(&record));
        // Names are text to us: fabrication number, enhanced identification, parameter set.
        prop_assume!(ours.is_some());
        prop_assert_eq!(ours, theirs, "{:02X?}", record);
    }
}
