//! Values and codes: what becomes a reading, and what stays an item.

use tidstro_dlms::{
    Data, Definition, Framing, ItemFaultKind, KeyRing, KnownUnit, Options, Push, Service, decode,
};
use tidstro_model::{Function, Obis, QuantityKind, Reading, Unit, Value};

use crate::encode::{clock, list, notification, octets, scale};

fn pushed(body: &Data) -> Push {
    let apdu = notification(body);
    decode(&apdu, Framing::Raw, &KeyRing::new(), &Options::default()).pop().unwrap().unwrap()
}

fn shown(reading: &Reading) -> String {
    format!("{} {:?} {} {}", reading.obis.unwrap(), reading.value, reading.unit, reading.quantity)
}

#[test]
fn codes_scalers_and_units_make_readings() {
    let push = pushed(&list());
    let readings: Vec<String> = push.readings.iter().map(shown).collect();
    assert_eq!(
        readings,
        [
            "0-0:96.1.0 Text(\"5700000017\") 1 fabrication-number",
            "1-0:1.8.0 Number(1234500) Wh energy",
            "1-0:32.7.0 Number(230.7) V voltage",
            "1-0:31.7.0 Number(-1.50) A current",
        ]
    );
    assert_eq!((push.moment, push.invoke_id), (Some(clock()), Some(0x1001)));
    let apdu = notification(&list());
    let offset = usize::try_from(push.readings[2].offset).unwrap();
    assert_eq!(apdu[offset..offset + 3], [0x12, 0x09, 0x03]);
}

/// The same list, flat: code, value, scaler and unit, one after the other.
#[test]
fn a_flat_list_says_the_same() {
    let nested = list();
    let flat: Vec<Data> = nested.elements().iter().flat_map(|item| item.elements().to_vec()).collect();
    let (flat, nested) = (pushed(&Data::Structure(flat)), pushed(&nested));
    let readings = |push: &Push| push.readings.iter().map(shown).collect::<Vec<_>>();
    assert_eq!(readings(&flat), readings(&nested));
}

/// A push object list that names value and unit apart, then the values (IEC 62056-6-2 § 4.4.8.2.2).
#[test]
fn a_list_that_describes_itself_finds_its_units() {
    let of = |class, obis, attribute| Definition { class, obis: Obis(obis), attribute, data_index: 0 }.data();
    let total = [1, 0, 1, 8, 0, 255];
    let voltage = [1, 0, 32, 7, 0, 255];
    let definitions = Data::Array(vec![
        of(40, [0, 0, 25, 9, 0, 255], 1),
        of(3, total, 2),
        of(3, total, 3),
        of(3, voltage, 2),
        of(3, voltage, 0),
    ]);
    let whole = Data::Structure(vec![octets(&voltage), Data::LongUnsigned(2299), scale(-1, 35)]);
    let values = vec![
        definitions,
        octets(&[0, 0, 25, 9, 0, 255]),
        Data::DoubleLongUnsigned(12345),
        scale(2, 30),
        Data::LongUnsigned(2307),
        whole,
    ];
    let push = pushed(&Data::Structure(values));
    let readings: Vec<String> = push.readings.iter().map(shown).collect();
    let expected = ["1-0:1.8.0 Number(1234500) Wh energy", "1-0:32.7.0 Number(229.9) V voltage"];
    assert_eq!(readings, expected);
    // The voltage that was pushed without its unit stays an item.
    assert_eq!((push.items.len(), push.faults[0].kind), (3, ItemFaultKind::NoUnit));
}

#[test]
fn a_number_without_a_unit_is_no_reading() {
    let body = Data::Structure(vec![octets(&[1, 0, 1, 8, 0, 255]), Data::DoubleLongUnsigned(1712)]);
    let push = pushed(&body);
    assert_eq!((push.readings.len(), push.items.len()), (0, 1));
    assert_eq!(push.items[0].value, Data::DoubleLongUnsigned(1712));
    assert_eq!(push.faults[0].kind, ItemFaultKind::NoUnit);
    let strange = Data::Structure(vec![octets(&[1, 0, 1, 8, 0, 255]), Data::Unsigned(1), scale(0, 38)]);
    assert_eq!(pushed(&strange).faults[0].kind, ItemFaultKind::UnitUnknown { code: 38 });
}

#[test]
fn what_the_operator_knows_of_a_meter_makes_readings() {
    let body = Data::Structure(vec![octets(&[1, 0, 1, 8, 0, 255]), Data::DoubleLongUnsigned(1712)]);
    let apdu = notification(&body);
    let known = KnownUnit { obis: Obis([1, 0, 1, 8, 0, 255]), unit: Unit::WattHour, exponent: 1 };
    let options = Options { units: &[known], ..Options::default() };
    let push = decode(&apdu, Framing::Raw, &KeyRing::new(), &options).pop().unwrap().unwrap();
    assert_eq!(shown(&push.readings[0]), "1-0:1.8.0 Number(17120) Wh energy");
    // What the list says itself comes first.
    let said = notification(&list());
    let push = decode(&said, Framing::Raw, &KeyRing::new(), &options).pop().unwrap().unwrap();
    assert_eq!(shown(&push.readings[1]), "1-0:1.8.0 Number(1234500) Wh energy");
}

#[test]
fn types_of_values_are_kept_and_reals_are_exact() {
    let of = |value: Data, scale: Data| {
        let body = Data::Structure(vec![octets(&[1, 0, 32, 7, 0, 255]), value, scale]);
        pushed(&body).readings.pop().map(|reading| reading.value)
    };
    let number = |value| of(value, scale(0, 35)).map(|value| format!("{value:?}")).unwrap();
    assert_eq!(number(Data::Float32(0x4366_b333)), "Number(230.7)");
    assert_eq!(number(Data::Float64(0x406c_d666_6666_6666)), "Number(230.7)");
    assert_eq!(number(Data::Long64(-5)), "Number(-5)");
    assert_eq!(number(Data::Bcd(0x42)), "Number(42)");
    assert_eq!(number(Data::Null), "Invalid");
    assert_eq!(of(Data::Long64Unsigned(u64::MAX), scale(0, 35)), None);
    assert_eq!(of(Data::Float32(0x7fc0_0000), scale(0, 35)), None);
}

#[test]
fn groups_of_a_code_say_function_tariff_and_period() {
    let body = Data::Array(vec![
        Data::Structure(vec![octets(&[1, 0, 1, 6, 0, 255]), Data::Unsigned(1), scale(0, 27)]),
        Data::Structure(vec![octets(&[1, 0, 1, 8, 2, 3]), Data::Unsigned(1), scale(0, 30)]),
        Data::Structure(vec![octets(&[0, 0, 1, 0, 0, 255]), octets(clock().bytes())]),
    ]);
    let readings = pushed(&body).readings;
    assert_eq!((readings[0].function, readings[1].tariff, readings[1].storage), (Function::Maximum, 2, 4));
    assert_eq!((readings[2].quantity, readings[2].unit), (QuantityKind::DateTime, Unit::One));
    assert!(
        matches!(readings[2].value, Value::DateTime(moment) if moment.to_string() == "2024-01-15T12:30:10")
    );
}

#[test]
fn compact_arrays_are_the_arrays_they_stand_for() {
    // Array of structures of a long-unsigned and an octet string: type description once, then contents.
    let apdu_body = [19, 2, 2, 18, 9, 9, 0x00, 0x07, 1, b'a', 0x00, 0x08, 2, b'b', b'c'];
    let expected = Data::Array(vec![
        Data::Structure(vec![Data::LongUnsigned(7), octets(b"a")]),
        Data::Structure(vec![Data::LongUnsigned(8), octets(b"bc")]),
    ]);
    assert_eq!(Data::read(&apdu_body), Ok(expected));
    // Elements of nothing would come again for ever; a cut one is refused too.
    assert!(Data::read(&[19, 0, 1, 0]).is_err());
    assert!(Data::read(&[19, 18, 3, 0, 1, 0]).is_err());
    assert!(Data::read(&[19, 1, 0xff, 0xff, 1, 0xff, 0xff, 1, 0xff, 0xff, 0, 1, 0]).is_err());
}

#[test]
fn an_event_notification_names_its_attribute() {
    let apdu =
        [&[0xc2, 0x0c][..], clock().bytes(), &[0, 1, 0, 0, 96, 11, 0, 255, 2], &[0x12, 0x00, 0x59]].concat();
    let push = decode(&apdu, Framing::Raw, &KeyRing::new(), &Options::default()).pop().unwrap().unwrap();
    let obis = Obis([0, 0, 96, 11, 0, 255]);
    assert_eq!(push.service, Service::EventNotification { class: 1, obis, attribute: 2 });
    assert_eq!((push.items[0].obis, push.moment), (obis, Some(clock())));
    assert!(matches!(push.readings[0].value, Value::Number(number) if number.in_steps_of(0) == Some(0x59)));
}
