//! What a head-end meets sooner or later and must never take for a value: each with the message it gets.

use crate::encode::{
    CLEAR_TOO, KEY, LINK, RECORDS, clear, extended_link, format_a, mode5, mode7, wired, wireless,
};
use jiff::Timestamp;
use tidstro_model::{Manufacturer, Medium, MeterNumber, Value, Verdict};
use tidstro_telegram::{DecodeOptions, Key, KeyEntry, KeyRing, Refusal, Replay, Telegram, address, decode};

fn with_key(frame: &[u8]) -> Result<Telegram, Refusal> {
    decode(frame, &Key::new(KEY), &DecodeOptions::default())
}

fn refused(frame: &[u8]) -> String {
    with_key(frame).unwrap_err().to_string()
}

/// A clear telegram of these records.
fn said(records: &[u8]) -> Telegram {
    decode(&wireless(&clear(records)), &KeyRing::new(), &DecodeOptions::default()).unwrap()
}

/// The faults of a clear telegram of these records, as they are shown.
fn faults(records: &[u8]) -> Vec<String> {
    said(records).faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_wrong_key() {
    let wrong = decode(&wireless(&mode5(RECORDS, &[])), &Key::new([1; 16]), &DecodeOptions::default());
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "KAM 12345678 v1B t07: byte 15: the decrypted bytes do not begin with `2F2F`; the key is wrong, compare it \
         with the delivery note"
    );
}

#[test]
fn a_changed_code_or_checksum() {
    let mut frame = wireless(&mode7(RECORDS, 1));
    frame[25] ^= 1;
    assert_eq!(
        refused(&frame),
        "KAM 12345678 v1B t07: the authentication code does not fit; the key is wrong or the telegram was changed, \
          nothing of it is used"
    );
    let mut frame = format_a(&wireless(&clear(RECORDS)));
    frame[20] ^= 1;
    assert!(refused(&frame).ends_with("the telegram was damaged on its way"));
    let mut frame = wired(&[&[0x72][..], &[0; 12]].concat());
    frame[10] ^= 1;
    assert!(refused(&frame).contains("checksum is `"));
    let mut frame = wireless(&extended_link(0x8d, 0, &[&[0x78][..], RECORDS].concat()));
    frame[20] ^= 1;
    assert!(refused(&frame).contains("does not fit its payload CRC"));
}

#[test]
fn a_changed_block_of_a_mode_without_a_code() {
    let mut frame = wireless(&mode5(RECORDS, &[]));
    *frame.last_mut().unwrap() ^= 1;
    let refusal = refused(&frame);
    assert!(refusal.starts_with("KAM 12345678 v1B t07: byte ") && refusal.ends_with("nothing of it is used"));
    assert!(refusal.contains("the decrypted content is not whole records such as meters send"), "{refusal}");
}

#[test]
fn a_counter_that_goes_back_and_an_access_number_with_another_payload() {
    let mut replay = Replay::new();
    let mut hear = |content: &[u8], second: i64| {
        let telegram = with_key(&wireless(content)).unwrap();
        replay.hear(&telegram, Timestamp::from_second(second).unwrap())
    };
    assert_eq!(hear(&mode5(RECORDS, &[]), 0), Verdict::Fresh);
    assert_eq!(hear(&mode5(&RECORDS[..12], &[]), 60), Verdict::CounterReused);
    assert_eq!(hear(&mode7(RECORDS, 8), 120), Verdict::Fresh);
    assert_eq!(hear(&mode7(RECORDS, 7), 180), Verdict::Older);
    assert_eq!((Verdict::CounterReused.word(), Verdict::Older.word()), ("counter-reused", "older"));
}

#[test]
fn a_clear_telegram_of_a_meter_that_encrypts() {
    let frame = wireless(&clear(RECORDS));
    assert_eq!(
        refused(&frame),
        "KAM 12345678 v1B t07: sent in the clear although its key is known; somebody else may send in its name. If the \
         meter really does not encrypt, remove its key"
    );
    assert!(decode(&frame, &Key::new(KEY), &CLEAR_TOO).is_ok());
    // Without a key, the state of what was heard tells.
    let mut replay = Replay::new();
    let telegram = with_key(&wireless(&mode5(RECORDS, &[]))).unwrap();
    assert_eq!(replay.hear(&telegram, Timestamp::UNIX_EPOCH), Verdict::Fresh);
    let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap();
    assert_eq!(replay.hear(&telegram, Timestamp::UNIX_EPOCH), Verdict::Downgrade);
}

/// The number of one manufacturer's meter is another meter of another manufacturer.
#[test]
fn one_number_of_two_manufacturers() {
    let mut ring = KeyRing::new();
    for (manufacturer, key) in [("KAM", KEY), ("ELS", [1; 16])] {
        ring.insert(KeyEntry {
            manufacturer: Manufacturer::parse(manufacturer).unwrap(),
            number: MeterNumber(0x1234_5678),
            version: None,
            medium: None,
            key: Key::new(key),
        });
    }
    let frame = wireless(&mode7(RECORDS, 1));
    assert!(decode(&frame, &ring, &DecodeOptions::default()).is_ok());
    let mut other = frame;
    other[2..4].copy_from_slice(&Manufacturer::parse("ELS").unwrap().field().to_le_bytes());
    let refusal = decode(&other, &ring, &DecodeOptions::default()).unwrap_err();
    assert!(refusal.to_string().starts_with("ELS 12345678 v1B t07: the authentication code"));
}

/// A radio converter sends for a meter: the key is the meter's, and the readings are.
#[test]
fn another_sender_than_the_meter() {
    let long = [&[0x72][..], &LINK[4..8], &LINK[2..4], &LINK[8..10], &clear(RECORDS)[1..]].concat();
    let mut frame = wireless(&long);
    frame[4..10].copy_from_slice(&[0x01, 0, 0, 0, 0x02, 0x37]);
    let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap();
    assert_eq!((telegram.meter.medium, telegram.link_address.medium), (Medium(7), Medium(0x37)));
    assert_eq!(address(&frame), Ok(telegram.meter));
}

#[test]
fn messages_to_a_meter() {
    let mut frame = wireless(&clear(RECORDS));
    frame[1] = 0x53;
    assert_eq!(
        refused(&frame),
        "byte 1: C field `53` is not that of a meter's message; nothing of a meter is lost"
    );
    for (content, name) in [
        (&[0x5b, 1, 2][..], "command to the meter (CI 5B)"),
        (&[0x6c, 1, 2], "clock synchronisation to the meter (CI 6C)"),
        (&[0x8a, 1, 0, 0, 0], "transport layer without application data (CI 8A)"),
        (&[0xb9, 8], "baud rate command (CI B9)"),
    ] {
        let refusal = with_key(&wireless(content)).unwrap_err();
        assert_eq!((refusal.kind(), refusal.is_not_yet()), ("no-values", false));
        assert!(
            refusal.to_string().contains(&format!("{name} carries no values; nothing is lost")),
            "{refusal}"
        );
    }
}

#[test]
fn truncated_headers_and_long_chains() {
    let cut = "the telegram ends inside the";
    assert!(faults(&[0x84])[0].contains(cut) && faults(&[0x04])[0].contains(cut));
    assert!(faults(&[0x04, 0x93])[0].contains(cut) && faults(&[0x04, 0x13, 1, 2])[0].contains(cut));
    let chain = [&[0x84][..], &[0x80; 10], &[0x00, 0x13, 1, 2, 3, 4]].concat();
    assert!(faults(&chain)[0].contains("more than 10 DIFE"));
    let chain = [&[0x04, 0x93][..], &[0xff; 11], &[0x00, 1, 2, 3, 4]].concat();
    assert!(faults(&chain)[0].contains("more than 10 VIFE"), "{:?}", faults(&chain));
}

#[test]
fn lengths_of_variable_data() {
    assert!(faults(&[0x0d, 0x13, 0xf7])[0].contains("variable length code `F7` is reserved"));
    assert!(faults(&[0x0d, 0x13, 0x20, 1, 2])[0].contains("ends inside the variable-length data"));
}

/// The value of the only reading.
fn value(records: &[u8]) -> Value {
    let [reading] = &said(records).readings[..] else { panic!("one reading") };
    reading.value.clone()
}

#[test]
fn dates_that_are_none() {
    for record in [&[0x42, 0x6c, 0xff, 0xff][..], &[0x04, 0x6d, 0xff, 0xff, 0xff, 0xff]] {
        assert_eq!(value(record), Value::Invalid);
    }
}

#[test]
fn negative_decimals_and_registers_that_ran_over() {
    let number = |records: &[u8]| match value(records) {
        Value::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(number(&[0x0b, 0x13, 0x21, 0x43, 0xf5]), "-54.321");
    // After 99,999,999 comes 0: that is a fall for validation, not a number of this layer.
    assert_eq!(number(&[0x0c, 0x13, 0x99, 0x99, 0x99, 0x99]), "99999.999");
    assert_eq!(number(&[0x0c, 0x13, 0, 0, 0, 0]), "0.000");
    assert_eq!(number(&[0x0c, 0x13, 0xff, 0xff, 0xff, 0xff]), "Invalid");
    assert_eq!(number(&[0x0c, 0x13, 0x1a, 0x00, 0x00, 0x00]), "Invalid");
}

#[test]
fn storage_numbers_tariffs_and_subunits() {
    let telegram = said(&[0xc4, 0x81, 0x01, 0x13, 1, 0, 0, 0, 0x84, 0x50, 0x13, 2, 0, 0, 0]);
    let places: Vec<_> = telegram.readings.iter().map(|r| (r.storage, r.tariff, r.subunit)).collect();
    assert_eq!(places, [(35, 0, 0), (0, 1, 1)]);
}
