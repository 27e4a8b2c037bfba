//! Records as bytes → readings, one small case each.

use jiff::civil::{date, datetime};
use tidstro_model::{Decimal, Manufacturer, Medium, MeterNumber, Modifier, Unit};

use super::*;

/// The readings and faults of records that begin at byte 0, of a maker who keeps to the standard.
fn records(bytes: &[u8], medium: Medium) -> Records {
    let manufacturer = Manufacturer::parse("OMS").unwrap();
    let meter = MeterId { manufacturer, number: MeterNumber(0x1234_5678), version: 1, medium };
    read(bytes, 0..bytes.len(), meter)
}

/// The only reading of one record.
fn reading(bytes: &[u8]) -> Reading {
    let records = records(bytes, Medium::WATER);
    assert_eq!((records.readings.len(), &records.faults[..]), (1, &[][..]), "{bytes:02X?}");
    records.readings.into_iter().next().unwrap()
}

fn number(mantissa: i64, exponent: i8) -> Value {
    Value::Number(Decimal::new(mantissa, exponent))
}

#[test]
fn every_data_field_gives_its_number() {
    for (bytes, expected) in [
        (&[0x01, 0x13, 0xff][..], number(-1, -3)),
        (&[0x02, 0x13, 0x39, 0x30], number(12345, -3)),
        (&[0x03, 0x13, 0xff, 0xff, 0xff], number(-1, -3)),
        (&[0x04, 0x13, 1, 0, 0, 0], number(1, -3)),
        (&[0x05, 0x13, 0xcd, 0xcc, 0xcc, 0x3d], number(1, -4)),
        (&[0x06, 0x13, 0, 0, 0, 0, 0, 0x40], number(0x4000_0000_0000, -3)),
        (&[0x07, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], number(i64::MAX, -3)),
        (&[0x09, 0x13, 0x42], number(42, -3)),
        (&[0x0a, 0x13, 0x34, 0x12], number(1234, -3)),
        (&[0x0b, 0x13, 0x56, 0x34, 0x12], number(123_456, -3)),
        (&[0x0c, 0x13, 0x27, 0x04, 0x85, 0x02], number(2_850_427, -3)),
        (&[0x0e, 0x13, 0x12, 0x90, 0x78, 0x56, 0x34, 0x12], number(123_456_789_012, -3)),
        (&[0x0d, 0x13, 0xc2, 0x34, 0x12], number(1234, -3)),
        (&[0x0d, 0x13, 0xd2, 0x34, 0x12], number(-1234, -3)),
        (&[0x0d, 0x13, 0xe2, 0x34, 0x12], number(0x1234, -3)),
    ] {
        assert_eq!(reading(bytes).value, expected, "{bytes:02X?}");
    }
}

#[test]
fn what_the_meter_marks_as_invalid_is_no_number() {
    for bytes in [
        &[0x01, 0x13, 0x80][..],
        &[0x02, 0x13, 0x00, 0x80],
        &[0x04, 0x13, 0x00, 0x00, 0x00, 0x80],
        &[0x05, 0x13, 0x00, 0x00, 0xc0, 0x7f],
        &[0x0a, 0x13, 0xff, 0xff],
        &[0x0a, 0x13, 0x3a, 0x12],
        &[0x0a, 0x13, 0x34, 0xe2],
        &[0x02, 0x6c, 0xff, 0xff],
        &[0x00, 0x93, 0x15],
        &[0x02, 0x93, 0x17, 0x34, 0x12],
    ] {
        assert_eq!(reading(bytes).value, Value::Invalid, "{bytes:02X?}");
    }
}

/// A memory without a value yet: filled up, and marked as of an error. Without the mark it is a number.
#[test]
fn a_filled_up_memory_of_an_error_is_no_number() {
    assert_eq!(reading(&[0x74, 0x13, 0xfe, 0xfe, 0xfe, 0xfe]).value, Value::Invalid);
    assert_eq!(reading(&[0x44, 0x13, 0xfe, 0xfe, 0xfe, 0xfe]).value, number(-0x0101_0102, -3));
    assert_eq!(reading(&[0x74, 0x13, 0xfe, 0xfe, 0xfe, 0x00]).value, number(0x00fe_fefe, -3));
}

#[test]
fn a_top_digit_f_is_a_minus_sign() {
    assert_eq!(reading(&[0x0a, 0x5a, 0x15, 0xf0]).value, number(-15, -1));
    assert_eq!(reading(&[0x0c, 0x13, 0x01, 0x00, 0x00, 0xf0]).value, number(-1, -3));
}

#[test]
fn storage_tariff_and_subunit_are_collected() {
    let reading = reading(&[0xd4, 0xf1, 0x42, 0x13, 1, 0, 0, 0]);
    // DIF: storage bit 1, maximum. First DIFE: subunit 1, tariff 3, storage 1. Second: subunit 1, storage 2.
    assert_eq!((reading.storage, reading.tariff, reading.subunit), (1 + 2 + 2 * 32, 3, 3));
    assert_eq!((reading.function, reading.obis), (Function::Maximum, None));
}

#[test]
fn chains_end_after_ten() {
    let part = |bytes: &[u8]| records(bytes, Medium::WATER).faults[0].kind;
    let ten = [&[0x84][..], &[0x80; 9], &[0x00, 0x13, 1, 0, 0, 0]].concat();
    assert_eq!(reading(&ten).value, number(1, -3));
    let eleven = [&[0x84][..], &[0x80; 10], &[0x00, 0x13, 1, 0, 0, 0]].concat();
    assert_eq!(part(&eleven), RecordFaultKind::ChainTooLong { part: "DIFE" });
    let vifes = [&[0x04, 0x93][..], &[0xbb; 10], &[0x3b, 1, 0, 0, 0]].concat();
    assert_eq!(part(&vifes), RecordFaultKind::ChainTooLong { part: "VIFE" });
    let endless = [&[0x04, 0x93][..], &[0xbb; 4]].concat();
    assert_eq!(part(&endless), RecordFaultKind::Cut { part: "value information" });
}

#[test]
fn value_information_names_quantity_and_unit() {
    for (vif, quantity, unit, exponent) in [
        (&[0x00][..], QuantityKind::Energy, Unit::WattHour, -3),
        (&[0x06], QuantityKind::Energy, Unit::WattHour, 3),
        (&[0x0e], QuantityKind::Energy, Unit::Joule, 6),
        (&[0x16], QuantityKind::Volume, Unit::CubicMetre, 0),
        (&[0x22], QuantityKind::OnTime, Unit::Hour, 0),
        (&[0x2b], QuantityKind::Power, Unit::Watt, 0),
        (&[0x3b], QuantityKind::VolumeFlow, Unit::CubicMetrePerHour, -3),
        (&[0x5a], QuantityKind::FlowTemperature, Unit::Celsius, -1),
        (&[0x6e], QuantityKind::HcaUnits, Unit::Hca, 0),
        (&[0x74], QuantityKind::ActualityDuration, Unit::Second, 0),
        (&[0xfb, 0x01], QuantityKind::Energy, Unit::WattHour, 6),
        (&[0xfb, 0x09], QuantityKind::Energy, Unit::Joule, 9),
        (&[0xfb, 0x0d], QuantityKind::Energy, Unit::Calorie, 6),
        (&[0xfb, 0x1a], QuantityKind::Humidity, Unit::Percent, -1),
        (&[0xfb, 0x82, 0x75], QuantityKind::ReactiveEnergy, Unit::VarHour, 2),
        (&[0xfb, 0x2e], QuantityKind::Frequency, Unit::Hertz, -1),
        (&[0xfd, 0x48], QuantityKind::Voltage, Unit::Volt, -1),
        (&[0xfd, 0x59], QuantityKind::Current, Unit::Ampere, -3),
        (&[0xfd, 0x74], QuantityKind::BatteryLife, Unit::Day, 0),
        (&[0xfc, 0x03, b'H', b'R', b'%', 0x74], QuantityKind::Humidity, Unit::Percent, -2),
        (&[0x93, 0x70], QuantityKind::Volume, Unit::CubicMetre, -9),
        (&[0x86, 0x7d], QuantityKind::Energy, Unit::WattHour, 6),
        (&[0x6f], QuantityKind::Other, Unit::One, 0),
    ] {
        let bytes = [&[0x02][..], vif, &[7, 0]].concat();
        let got = reading(&bytes);
        assert_eq!((got.quantity, got.unit, got.value), (quantity, unit, number(7, exponent)), "{vif:02X?}");
    }
}

#[test]
fn refinements_stay_and_offsets_are_added() {
    let backward = reading(&[0x02, 0x93, 0x3c, 7, 0]);
    assert_eq!((backward.modifiers, backward.obis), (vec![Modifier(0x3c)], None));
    let phase = reading(&[0x02, 0xfd, 0xc8, 0xfc, 0x02, 7, 0]);
    assert_eq!(phase.modifiers, [Modifier(0x7c02)]);
    let own = reading(&[0x02, 0xff, 0xa0, 0x15, 7, 0]);
    assert_eq!(own.modifiers, [Modifier(0x7f20), Modifier(0x7f15)]);
    // 5 litres plus 10^-1 of the unit (a litre).
    assert_eq!(reading(&[0x02, 0x93, 0x7a, 5, 0]).value, number(51, -4));
    let duration = reading(&[0x02, 0xbb, 0x56, 7, 0]);
    assert_eq!((duration.value, duration.unit), (number(7, 0), Unit::Hour));
}

#[test]
fn dates_of_something_are_dates() {
    let now = reading(&[0x04, 0x6d, 0x08, 0x07, 0xac, 0x2a]);
    assert_eq!(now.value, Value::DateTime(datetime(2021, 10, 12, 7, 8, 0, 0)));
    let begin = reading(&[0x42, 0x93, 0x39, 0x9f, 0x2c]);
    assert_eq!((begin.quantity, begin.value), (QuantityKind::Volume, Value::Date(date(2020, 12, 31))));
    let fault = records(&[0x0c, 0x6d, 1, 2, 3, 4, 0x01, 0x13, 7], Medium::WATER);
    assert_eq!(fault.faults, [RecordFault { offset: 0, kind: RecordFaultKind::DateType }]);
    assert_eq!(fault.readings.len(), 1);
}

#[test]
fn names_keep_their_zeros_and_text_is_turned_round() {
    assert_eq!(reading(&[0x0c, 0x78, 0x55, 0x06, 0x14, 0x00]).value, Value::Text("00140655".into()));
    let version = [0x0d, 0xfd, 0x0e, 0x03, b'2', b'.', b'1'];
    assert_eq!(reading(&version).value, Value::Text("1.2".into()));
    let packed = [0x0d, 0xff, 0x5f, 0x02, 0x01, 0x80];
    assert_eq!(reading(&packed).value, Value::Bytes([0x01, 0x80].into()));
    assert_eq!(reading(&[0x02, 0xfd, 0x17, 0x08, 0x00]).value, Value::Bytes([8, 0].into()));
}

#[test]
fn the_makers_data_end_the_records() {
    let said = records(&[0x2f, 0x2f, 0x01, 0x13, 7, 0x1f, 1, 2, 3], Medium::WATER);
    assert!(said.more_follows && said.faults.is_empty());
    let own = &said.readings[1];
    assert_eq!((own.offset, &own.value), (5, &Value::Bytes([1, 2, 3].into())));
    assert_eq!(records(&[0x0f], Medium::WATER).readings, []);
}

#[test]
fn a_record_that_cannot_be_read_leaves_the_ones_before() {
    let check = |bytes: &[u8], offset: usize, text: &str| {
        let records = records(&[&[0x01, 0x13, 7][..], bytes].concat(), Medium::WATER);
        assert_eq!(records.readings.len(), 1);
        let shown = records.faults[0].to_string();
        assert!(shown.starts_with(&format!("byte {offset}: {text}")), "{shown}");
    };
    check(&[0x04, 0x13, 1, 0], 3, "the telegram ends inside the data");
    check(&[0x0d, 0x13, 0x20, 1], 3, "the telegram ends inside the variable-length data");
    check(&[0x0d, 0x13, 0xf8, 1], 3, "variable length code `F8` is reserved");
    check(&[0x7f], 3, "DIF `7F` is no record");
    check(&[0x84], 3, "the telegram ends inside the data information");
}

#[test]
fn obis_codes_are_given_where_defined() {
    for (medium, bytes, expected) in [
        (Medium::ELECTRICITY, &[0x01, 0x03, 1][..], Some("1-0:1.8.0")),
        (Medium::ELECTRICITY, &[0x01, 0x83, 0x3c, 1], Some("1-0:2.8.0")),
        (Medium::ELECTRICITY, &[0x81, 0x20, 0x03, 1], Some("1-0:1.8.2")),
        (Medium::ELECTRICITY, &[0x41, 0x03, 1], None),
        (Medium::ELECTRICITY, &[0x01, 0x2b, 1], Some("1-0:1.7.0")),
        (Medium::ELECTRICITY, &[0x01, 0xab, 0x3c, 1], Some("1-0:2.7.0")),
        (Medium::ELECTRICITY, &[0x01, 0xfd, 0xc8, 0xfc, 0x03, 1], Some("1-0:72.7.0")),
        (Medium::ELECTRICITY, &[0x01, 0xfd, 0xd9, 0xfc, 0x01, 1], Some("1-0:31.7.0")),
        (Medium::ELECTRICITY, &[0x01, 0xfb, 0xb4, 0xfc, 0x02, 1], Some("1-0:49.7.0")),
        (Medium::HEAT, &[0x01, 0x06, 1], Some("6-0:1.0.0")),
        (Medium::HEAT, &[0x41, 0x06, 1], Some("6-0:1.2.0")),
        (Medium::HEAT, &[0x11, 0x3b, 1], None),
        (Medium::HEAT, &[0x01, 0x3b, 1], Some("6-0:9.0.0")),
        (Medium::COLD_WATER, &[0x01, 0x13, 1], Some("8-0:1.0.0")),
        (Medium::WARM_WATER, &[0x41, 0x13, 1], Some("9-0:1.2.0")),
        (Medium::HEAT_COST_ALLOCATOR, &[0x01, 0x6e, 1], Some("4-0:1.0.0")),
        (Medium::ROOM, &[0x01, 0x65, 1], None),
    ] {
        let got = records(bytes, medium).readings[0].obis.map(|obis| obis.to_string());
        assert_eq!(got.as_deref(), expected, "{medium} {bytes:02X?}");
    }
}

#[test]
fn extensions_are_complete() {
    for (vif, quantity, unit, exponent) in [
        (&[0xfb, 0x06][..], QuantityKind::CoefficientOfPerformance, Unit::One, -1),
        (&[0xfb, 0x69], QuantityKind::RatingFactor, Unit::Watt, 0),
        (&[0xfb, 0x75], QuantityKind::TemperatureLimit, Unit::Celsius, -2),
        (&[0xfb, 0x7f], QuantityKind::CumulatedMaximumPower, Unit::Watt, 4),
        (&[0xfd, 0x03], QuantityKind::Credit, Unit::Currency, 0),
        (&[0xfd, 0x21], QuantityKind::StorageNumber, Unit::One, 0),
        (&[0xfd, 0x28], QuantityKind::StorageInterval, Unit::Month, 0),
        (&[0xfd, 0x64], QuantityKind::Setting, Unit::One, 0),
        (&[0xfd, 0x71], QuantityKind::SignalStrength, Unit::DecibelMilliwatt, 0),
        (&[0xfd, 0xfd, 0x02], QuantityKind::BatteryLife, Unit::Month, 0),
        (&[0xfd, 0xfd, 0x03], QuantityKind::BatteryLife, Unit::Year, 0),
        (&[0xfd, 0xfd, 0x3e], QuantityKind::Humidity, Unit::Percent, 0),
        (&[0xfd, 0xfd, 0x7f], QuantityKind::Other, Unit::One, 0),
    ] {
        let got = reading(&[&[0x02][..], vif, &[7, 0]].concat());
        assert_eq!((got.quantity, got.unit, got.value), (quantity, unit, number(7, exponent)), "{vif:02X?}");
    }
}

#[test]
fn the_text_of_a_unit_is_behind_the_vifes_or_before_them() {
    let humidity = |vib: &[u8]| {
        let got = reading(&[&[0x02], vib, &[0xd4, 0x11]].concat());
        assert_eq!((got.quantity, got.unit), (QuantityKind::Humidity, Unit::Percent), "{vib:02X?}");
        got.value
    };
    assert_eq!(humidity(&[0x7c, 0x03, b'H', b'R', b'%']), number(4_564, 0));
    assert_eq!(humidity(&[0xfc, 0x03, b'H', b'R', b'%', 0x74]), number(4_564, -2));
    assert_eq!(humidity(&[0xfc, 0x74, 0x03, b'H', b'R', b'%']), number(4_564, -2));
    assert_eq!(humidity(&[0xfc, 0xf4, 0x40, 0x03, b'H', b'R', b'%']), number(4_564, -2));
    // A unit nobody knows, a second.
    let other = reading(&[0x03, 0xfc, 0x20, 0x03, b'C', b'B', b'A', 0x15, 0x31, 0x00]);
    assert_eq!(
        (other.quantity, other.value, other.modifiers),
        (QuantityKind::Other, number(12_565, 0), vec![Modifier(0x20)])
    );
    let cut = records(&[0x02, 0xfc, 0x74, 0x09, b'H'], Medium::ROOM).faults[0].kind;
    assert_eq!(cut, RecordFaultKind::Cut { part: "value information" });
}

#[test]
fn rating_factors_are_in_4096ths() {
    for vif in [0x68, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e] {
        let got = reading(&[0x02, 0xfb, vif, 0x00, 0x18]);
        assert_eq!((got.quantity, got.value), (QuantityKind::RatingFactor, number(15, -1)), "{vif:02X}");
    }
    // A whole number of them is exact in twelve decimals.
    assert_eq!(reading(&[0x02, 0xfb, 0x68, 0xff, 0xff]).value, number(15_999_755_859_375, -12));
    let fault =
        records(&[0x07, 0xfb, 0x68, 0, 0, 0, 0, 0, 0, 0, 0x10], Medium::HEAT_COST_ALLOCATOR).faults[0];
    assert_eq!(fault.kind, RecordFaultKind::NumberTooLong);
}

#[test]
fn units_may_not_be_metric() {
    for (vib, unit, exponent) in [
        (&[0x83, 0x3d][..], Unit::BritishThermalUnit, 3),
        (&[0x93, 0x3d], Unit::AmericanGallon, 0),
        (&[0xab, 0x3d], Unit::BritishThermalUnitPerSecond, -3),
        (&[0xc4, 0x3d], Unit::AmericanGallonPerMinute, 0),
        (&[0xda, 0x3d], Unit::Fahrenheit, -1),
        (&[0xe2, 0x3d], Unit::Fahrenheit, -1),
        (&[0xfb, 0xf6, 0x3d], Unit::Fahrenheit, -1),
        // The factor counts on top.
        (&[0x93, 0xf5, 0x3d], Unit::AmericanGallon, -1),
    ] {
        let got = reading(&[&[0x02][..], vib, &[7, 0]].concat());
        assert_eq!((got.unit, got.value, got.obis), (unit, number(7, exponent), None), "{vib:02X?}");
    }
    let joule = reading(&[0x02, 0x8b, 0x3d, 7, 0]);
    assert_eq!((joule.quantity, joule.unit), (QuantityKind::Other, Unit::One));
}

#[test]
fn vifes_may_say_how_the_data_are_to_be_read() {
    let value = |bytes: &[u8]| reading(bytes).value;
    assert_eq!(
        value(&[0x01, 0x93, 0x7c, 0xff]),
        number(-1, -3),
        "an extension without a second byte is none"
    );
    assert_eq!(value(&[0x01, 0x93, 0xfc, 0x11, 0xff]), number(255, -3));
    assert_eq!(value(&[0x01, 0x93, 0xfc, 0x12, 0xff]), Value::Bytes([0xff].into()));
    assert_eq!(value(&[0x02, 0x93, 0xfc, 0x13, 0x9f, 0x2c]), Value::Date(date(2020, 12, 31)));
    let obis = [0x06, 0x93, 0x3f, 8, 0, 1, 0, 0, 255];
    assert_eq!(value(&obis), Value::Bytes([8, 0, 1, 0, 0, 255].into()));
}

#[test]
fn no_error_is_no_refinement() {
    let energy = records(&[0x0e, 0x84, 0x00, 0x17, 0x49, 0x52, 0, 0, 0], Medium::ELECTRICITY).readings;
    assert_eq!((energy[0].modifiers.len(), energy[0].obis.unwrap().to_string()), (0, "1-0:1.8.0".to_owned()));
}

#[test]
fn access_codes_are_never_given() {
    for vif in [0x12, 0x13, 0x14, 0x15, 0x16, 0x19] {
        let got = reading(&[0x04, 0xfd, vif, 1, 2, 3, 4]);
        assert_eq!((got.quantity, got.value), (QuantityKind::AccessCode, Value::Bytes(Box::default())));
    }
}

#[test]
fn a_time_of_type_m_stays_as_it_is() {
    let bytes = [0x0d, 0x6d, 0xe9, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    assert_eq!(reading(&bytes).value, Value::Bytes([1, 2, 3, 4, 5, 6, 7, 8, 9].into()));
    let fault = records(&[0x01, 0x6d, 1], Medium::WATER).faults[0].kind;
    assert_eq!(fault, RecordFaultKind::DateType);
}

#[test]
fn what_the_meter_says_of_its_clock_is_a_mark() {
    let marks = |bytes: &[u8]| reading(bytes).modifiers;
    assert_eq!(marks(&[0x04, 0x6d, 0x88, 0x07, 0xac, 0x2a]), [Modifier::CLOCK_INVALID]);
    assert_eq!(marks(&[0x04, 0x6d, 0x08, 0x87, 0xac, 0x2a]), [Modifier::SUMMER_TIME]);
    // Marks come after what the VIFEs say.
    assert_eq!(marks(&[0x04, 0xed, 0x3b, 0x08, 0x87, 0xac, 0x2a]), [Modifier(0x3b), Modifier::SUMMER_TIME]);
}

/// Volume now, the moment, a row of memories from storage 8 on: interval, date, and three volumes.
fn row_of_memories(now: [u8; 4], interval: &[u8], date: [u8; 2]) -> Vec<(u64, String)> {
    let mut bytes = [&[0x04, 0x6d][..], &now, &[0x81, 0x04, 0xfd], interval].concat();
    bytes.extend([&[0x82, 0x04, 0x6c][..], &date].concat());
    for dif in [[0x81, 0x04], [0xc1, 0x04], [0x81, 0x05], [0x81, 0x06]] {
        bytes.extend([dif[0], dif[1], 0x16, 7]);
    }
    let records = records(&bytes, Medium::WATER);
    assert_eq!(records.faults, []);
    let derived = records.readings.into_iter().filter(|reading| reading.modifiers == [Modifier::DERIVED]);
    derived.map(|reading| (reading.storage, format!("{:?}", reading.value))).collect()
}

#[test]
fn a_row_of_memories_is_dated_by_its_interval() {
    // 2024-03-31 is the newest, seen on 2024-04-12; storage 11 is missing, so the row ends before 12.
    let (now, march) = ([0x00, 0x07, 0x0c, 0x34], [0x1f, 0x33]);
    let shown =
        |dates: [&str; 2]| vec![(9, format!("Date({})", dates[0])), (10, format!("Date({})", dates[1]))];
    assert_eq!(row_of_memories(now, &[0x28, 1], march), shown(["2024-02-29", "2024-01-31"]));
    assert_eq!(row_of_memories(now, &[0x28, 3], march), shown(["2023-12-31", "2023-09-30"]));
    assert_eq!(row_of_memories(now, &[0x29, 1], march), shown(["2023-03-31", "2022-03-31"]));
    assert_eq!(row_of_memories(now, &[0x27, 30], march), shown(["2024-03-01", "2024-01-31"]));
}

#[test]
fn what_nothing_proves_is_not_dated() {
    let (now, march) = ([0x00, 0x07, 0x0c, 0x34], [0x1f, 0x33]);
    // Seen in May: the row may run forward.
    assert_eq!(row_of_memories([0x00, 0x07, 0x0c, 0x35], &[0x28, 1], march), []);
    assert_eq!(row_of_memories([0xff; 4], &[0x28, 1], march), [], "no clock");
    assert_eq!(row_of_memories([0x80, 0x07, 0x0c, 0x34], &[0x28, 1], march), [], "a clock marked as invalid");
    assert_eq!(row_of_memories(now, &[0x28, 1], [0xff, 0xff]), [], "no date to begin with");
    assert_eq!(row_of_memories(now, &[0x28, 0], march), [], "no interval");
    assert_eq!(row_of_memories(now, &[0x24, 60], march), [], "an interval of seconds");
    assert_eq!(row_of_memories(now, &[0x3a, 1], march), [], "no interval at all");
}
