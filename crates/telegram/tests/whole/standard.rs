//! Telegrams nobody has seen, of the standard's layout: random records over whole tables, in every transport, on every
//! wire. What was meant must be what is read, all of it and nothing else.

use jiff::civil::{DateTime, date};
use proptest::{collection, prelude::*, sample::select};
use tidstro_model::{Decimal, Function, QuantityKind, Reading, Unit, Value};
use tidstro_telegram::{DecodeOptions, Key, KeyRing, decode};

use crate::{
    encode::{
        KEY, clear, extended_link, format_a, format_b, mode5, mode7, mode8, mode9, mode10, wired, wireless,
    },
    records::{chained, digits},
    tables::{Kind, ROWS},
};

/// A record: its bytes, and what they mean.
#[derive(Debug, Clone)]
struct Meant {
    bytes: Vec<u8>,
    quantity: QuantityKind,
    value: Value,
    unit: Unit,
    function: Function,
    storage: u64,
    tariff: u32,
    subunit: u16,
}

impl Meant {
    fn is(&self, got: &Reading) -> bool {
        let places = (got.function, got.storage, got.tariff, got.subunit);
        (got.quantity, &got.value, got.unit) == (self.quantity, &self.value, self.unit)
            && places == (self.function, self.storage, self.tariff, self.subunit)
    }
}

/// Data field, data, and their value.
type Data = (u8, Vec<u8>, Value);

fn number(mantissa: i64, exponent: i8) -> Value {
    Value::Number(Decimal::new(mantissa, exponent))
}

/// Data fields of binary numbers by their bytes; 13 with a length code for those that have none.
fn binary(number: i64, len: usize) -> (u8, Vec<u8>) {
    let bytes = number.to_le_bytes()[..len].to_vec();
    match len {
        1..=4 | 6 => (u8::try_from(len).unwrap(), bytes),
        8 => (7, bytes),
        _ => (0x0d, [&[0xe0 | u8::try_from(len).unwrap()][..], &bytes].concat()),
    }
}

/// The same of decimal numbers.
fn decimal(number: u64, len: usize) -> (u8, Vec<u8>) {
    let bytes = digits(number, len);
    match len {
        1..=4 => (8 + u8::try_from(len).unwrap(), bytes),
        6 => (0x0e, bytes),
        _ => (0x0d, [&[0xc0 | u8::try_from(len).unwrap()][..], &bytes].concat()),
    }
}

fn signed(exponent: i8) -> impl Strategy<Value = Data> {
    prop_oneof![
        (1_usize..=8, any::<i64>()).prop_map(move |(len, drawn)| {
            let drawn = drawn >> (64 - 8 * len);
            let (field, bytes) = binary(drawn, len);
            // The lowest number says that there is none.
            let is_none = drawn == i64::MIN >> (64 - 8 * len);
            (field, bytes, if is_none { Value::Invalid } else { number(drawn, exponent) })
        }),
        unsigned(exponent),
        // A real that is a whole number.
        any::<i16>().prop_map(move |drawn| {
            (0x05, f32::from(drawn).to_le_bytes().to_vec(), number(i64::from(drawn), exponent))
        }),
    ]
}

fn unsigned(exponent: i8) -> impl Strategy<Value = Data> {
    prop_oneof![
        (1_usize..=7, any::<u64>()).prop_map(move |(len, drawn)| {
            // Without the top bit it means the same with and without sign.
            let drawn = i64::try_from(drawn >> (65 - 8 * len)).unwrap();
            let (field, bytes) = binary(drawn, len);
            (field, bytes, number(drawn, exponent))
        }),
        (1_usize..=9, any::<u64>()).prop_map(move |(len, drawn)| {
            let drawn = drawn % 10_u64.pow(u32::try_from(2 * len).unwrap());
            let (field, bytes) = decimal(drawn, len);
            (field, bytes, number(i64::try_from(drawn).unwrap(), exponent))
        }),
    ]
}

/// Dates of types G, F and I.
fn dates() -> impl Strategy<Value = Data> {
    let moment = (2000_i16..=2080, 1_i8..=12, 1_i8..=28, 0_i8..24, 0_i8..60, 0_i8..60);
    (select(vec![2_u8, 4, 6]), moment).prop_map(|(field, (year, month, day, hour, minute, second))| {
        let byte = |part: i8| part.cast_unsigned();
        let years = u8::try_from(year - 2000).unwrap();
        let (low, high) = (byte(day) | (years & 7) << 5, byte(month) | years >> 3 << 4);
        let day = date(year, month, day);
        let at =
            |second| Value::DateTime(DateTime::from_parts(day, jiff::civil::time(hour, minute, second, 0)));
        match field {
            2 => (field, vec![low, high], Value::Date(day)),
            4 => (field, vec![byte(minute), byte(hour), low, high], at(0)),
            _ => (field, vec![byte(second), byte(minute), byte(hour), low, high, 0], at(second)),
        }
    })
}

fn data(kind: Kind, exponent: i8) -> BoxedStrategy<Data> {
    let bytes = |len: usize| collection::vec(any::<u8>(), len);
    match kind {
        Kind::Signed(..) | Kind::Times(_) | Kind::Reserved => signed(exponent).boxed(),
        Kind::Unsigned(..) | Kind::Periods(_) => unsigned(exponent).boxed(),
        Kind::Factors => any::<u16>()
            .prop_map(|drawn| (2, drawn.to_le_bytes().to_vec(), number(i64::from(drawn) * 244_140_625, -12)))
            .boxed(),
        Kind::Flags => bytes(2).prop_map(|bytes| (2, bytes.clone(), Value::Bytes(bytes.into()))).boxed(),
        Kind::Digits => (1_usize..=4, 0_u64..100_000_000)
            .prop_map(|(len, drawn)| {
                let drawn = drawn % 100_u64.pow(u32::try_from(len).unwrap());
                let (field, bytes) = decimal(drawn, len);
                (field, bytes, Value::Text(format!("{drawn:0width$}", width = 2 * len).into()))
            })
            .boxed(),
        Kind::Date => dates().boxed(),
        Kind::Withheld => bytes(4).prop_map(|bytes| (4, bytes, Value::Bytes(Box::default()))).boxed(),
    }
}

/// Where a record comes from: function, storage, tariff, subunit.
fn places() -> impl Strategy<Value = (u8, u64, u32, u16)> {
    (0_u8..4, prop_oneof![0_u64..3, 0_u64..1 << 20], prop_oneof![Just(0_u32), 0_u32..16], 0_u16..3)
}

/// A record of any code of any table.
fn meant() -> impl Strategy<Value = Meant> {
    let code = (0..ROWS.len()).prop_flat_map(|row| (Just(row), ROWS[row].codes.clone()));
    let drawn = code.prop_flat_map(|(row, code)| {
        let (_, exponent) = ROWS[row].scale(code);
        (Just((row, code)), data(ROWS[row].kind, exponent), places())
    });
    drawn.prop_map(|((row, code), (field, data, value), (function, storage, tariff, subunit))| {
        let row = &ROWS[row];
        let dib = information(field | function << 4, storage, tariff, subunit);
        let (unit, _) = row.scale(code);
        Meant {
            bytes: [&dib, row.table, &[code], &data].concat(),
            quantity: row.quantity,
            unit: if matches!(value, Value::Number(_)) { unit } else { Unit::One },
            value,
            function: [Function::Instantaneous, Function::Maximum, Function::Minimum, Function::DuringError]
                [usize::from(function)],
            storage,
            tariff,
            subunit,
        }
    })
}

/// DIF and DIFEs.
fn information(dif: u8, mut storage: u64, mut tariff: u32, mut subunit: u16) -> Vec<u8> {
    let mut bytes = vec![dif | u8::from(storage % 2 == 1) << 6];
    storage /= 2;
    while storage != 0 || tariff != 0 || subunit != 0 {
        let part = (storage % 16) | (u64::from(tariff % 4) << 4) | (u64::from(subunit % 2) << 6);
        bytes.push(u8::try_from(part).unwrap());
        (storage, tariff, subunit) = (storage / 16, tariff / 4, subunit / 2);
    }
    chained(bytes)
}

/// A filled-up memory of an error has no value, whatever its code says.
fn is_empty_memory(meant: &Meant) -> bool {
    let data = meant.bytes.iter().rev().take(2);
    meant.function == Function::DuringError && data.into_iter().all(|byte| *byte == 0xff)
}

/// Content of each protection that has a code, a tag or none.
fn transports(records: &[u8], counter: u32) -> [(&'static str, Vec<u8>); 8] {
    let none = [&[0x78], records].concat();
    [
        ("clear, short header", clear(records)),
        ("clear, no header", none.clone()),
        ("clear extended link", extended_link(0x8c, 0, &clear(records))),
        ("encrypted extended link", extended_link(0x8d, 0x2000_0000 | counter & 0x0fff_ffff, &none)),
        ("mode 7", mode7(records, counter)),
        ("mode 8", mode8(records, counter, &[1, 2])),
        ("mode 9", mode9(records, &[], counter)),
        ("mode 10", mode10(records, counter, 8)),
    ]
}

/// Whether all records of a telegram are read as they were meant.
fn assert_read(name: &str, frame: &[u8], meant: &[Meant]) {
    let accept_clear = DecodeOptions { accept_clear: true, ..DecodeOptions::default() };
    let telegram = decode(frame, &Key::new(KEY), &accept_clear);
    let telegram = telegram.unwrap_or_else(|refusal| panic!("{name}: {refusal}: {meant:?}"));
    assert_eq!((telegram.readings.len(), &telegram.faults[..]), (meant.len(), &[][..]), "{name}: {meant:?}");
    for (got, meant) in telegram.readings.iter().zip(meant) {
        assert!(meant.is(got), "{name}: {got:?} is not {meant:?}");
    }
}

/// Records that meters of a building send, in security mode 5: there a record no meter sends is no record.
fn usual() -> impl Strategy<Value = Meant> {
    let record = |code: u8, quantity, unit, exponent: i8| {
        (Just((code, quantity, unit, exponent)), 0_i64..1_000_000, 0_u64..20)
    };
    let register = prop_oneof![
        record(0x06, QuantityKind::Energy, Unit::WattHour, 3),
        record(0x0e, QuantityKind::Energy, Unit::Joule, 6),
        record(0x13, QuantityKind::Volume, Unit::CubicMetre, -3),
        record(0x14, QuantityKind::Volume, Unit::CubicMetre, -2),
        record(0x2b, QuantityKind::Power, Unit::Watt, 0),
        record(0x3b, QuantityKind::VolumeFlow, Unit::CubicMetrePerHour, -3),
        record(0x6e, QuantityKind::HcaUnits, Unit::Hca, 0),
    ];
    let register = register.prop_map(|((code, quantity, unit, exponent), drawn, storage)| {
        (code, quantity, unit, decimal(drawn.unsigned_abs(), 4), number(drawn, exponent), storage)
    });
    let of_date = (dates(), 0_u64..20).prop_map(|((field, data, value), storage)| {
        let code = if field == 2 { 0x6c } else { 0x6d };
        (code, QuantityKind::DateTime, Unit::One, (field, data), value, storage)
    });
    prop_oneof![3 => register, 1 => of_date].prop_map(
        |(code, quantity, unit, (field, data), value, storage)| {
            let bytes = [&information(field, storage, 0, 0)[..], &[code], &data].concat();
            let function = Function::Instantaneous;
            Meant { bytes, quantity, value, unit, function, storage, tariff: 0, subunit: 0 }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_standard_telegram_is_decoded(
        meant in collection::vec(meant().prop_filter("an empty memory", |meant| !is_empty_memory(meant)), 1..8),
        counter in 1_u32..0x0fff_ffff,
    ) {
        let records: Vec<u8> = meant.iter().flat_map(|meant| meant.bytes.clone()).collect();
        prop_assume!(records.len() <= 180);
        for (name, content) in transports(&records, counter) {
            let frame = wireless(&content);
            assert_read(name, &frame, &meant);
            assert_read(name, &format_a(&frame), &meant);
            assert_read(name, &format_b(&frame), &meant);
        }
        let long = [&[0x72, 0x78, 0x56, 0x34, 0x12, 0x2d, 0x2c, 0x1b, 0x07][..], &clear(&records)[1..]].concat();
        assert_read("long header", &wireless(&long), &meant);
        assert_read("wired", &wired(&long), &meant);
    }

    #[test]
    fn what_meters_of_a_building_send_is_decoded_in_mode_5(meant in collection::vec(usual(), 1..12)) {
        let records: Vec<u8> = meant.iter().flat_map(|meant| meant.bytes.clone()).collect();
        let frame = wireless(&mode5(&records, &[]));
        assert_read("mode 5", &frame, &meant);
        assert_read("mode 5", &format_a(&frame), &meant);
        prop_assert!(decode(&frame, &KeyRing::new(), &DecodeOptions::default()).is_err());
    }
}
