//! Properties of the encoder, seen through the decoder.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use tidstro_model::{Decimal, Manufacturer, Medium, MeterId, MeterNumber, QuantityKind, Value};
use tidstro_telegram::{DecodeOptions, Key, KeySource, Refusal, Telegram, decode};
use tidstro_world::encode::{Data, Envelope, Protection, Record, Vif, encode, with_crc_a, with_crc_b};

/// One key for every meter.
struct OneKey(Key);

impl KeySource for OneKey {
    fn key(&self, _meter: &MeterId) -> Option<&Key> {
        Some(&self.0)
    }
}

fn read(frame: &[u8], key: &[u8; 16]) -> Result<Telegram, Refusal> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let options = DecodeOptions { accept_clear: true, ..DecodeOptions::default() };
    decode(frame, &OneKey(Key::parse_hex(&hex).unwrap()), &options)
}

fn numbers(telegram: &Telegram) -> Vec<(QuantityKind, u64, Value)> {
    telegram.readings.iter().map(|r| (r.quantity, r.storage, r.value.clone())).collect()
}

fn envelopes() -> impl Strategy<Value = Envelope> {
    let digits = (0..100_000_000_u32).prop_map(|n| u32::from_str_radix(&n.to_string(), 16).unwrap());
    (digits, any::<u8>(), any::<u8>(), any::<bool>()).prop_map(|(number, version, access_number, long)| {
        let manufacturer = Manufacturer::parse("TDA").unwrap();
        let meter =
            MeterId { manufacturer, number: MeterNumber(number), version, medium: Medium::WARM_WATER };
        let converter = MeterId { number: MeterNumber(0x7900_0001), medium: Medium(0x37), ..meter };
        Envelope { meter, converter: long.then_some(converter), access_number, status: 0 }
    })
}

fn moments() -> impl Strategy<Value = DateTime> {
    (0..25_000_i64, 0..24_i8, 0..60_i8).prop_map(|(day, hour, minute)| {
        (date(2000, 1, 1) + jiff::Span::new().days(day)).at(hour, minute, 0, 0)
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_read(
        envelope in envelopes(), key: [u8; 16], counter: u32, mode in 0..4, moment in moments(),
        litres in 0..100_000_000_u32, hundredths in -5_000..10_000_i16,
    ) {
        let protection = match mode {
            0 => Protection::Clear,
            1 => Protection::Mode5 { key: &key },
            2 => Protection::Mode7 { key: &key, counter },
            _ => Protection::Mode10 { key: &key, counter },
        };
        let records = [
            Record::now(Vif::DateTime, Data::DateTime(moment)),
            Record::now(Vif::VolumeLitre, Data::Bcd8(litres)),
            Record::due(Vif::Date, Data::Date(moment.date())),
            Record::now(Vif::ExternalTemperatureHundredth, Data::Int16(hundredths)),
        ];
        let frame = encode(&envelope, &protection, &records).unwrap();
        let telegram = read(&frame, &key).unwrap();
        prop_assert_eq!(telegram.meter, envelope.meter);
        prop_assert_eq!(telegram.access_number, Some(envelope.access_number));
        prop_assert_eq!(telegram.message_counter, (mode >= 2).then_some(counter));
        prop_assert_eq!(numbers(&telegram), [
            (QuantityKind::DateTime, 0, Value::DateTime(moment)),
            (QuantityKind::Volume, 0, Value::Number(Decimal::new(litres.into(), -3))),
            (QuantityKind::DateTime, 1, Value::Date(moment.date())),
            (QuantityKind::ExternalTemperature, 0, Value::Number(Decimal::new(hundredths.into(), -2))),
        ]);
        prop_assert_eq!(&read(&with_crc_a(&frame), &key).unwrap(), &telegram);
        prop_assert_eq!(&read(&with_crc_b(&frame).unwrap(), &key).unwrap(), &telegram);
    }

    #[test]
    fn no_changed_byte_of_mode_7_is_believed(envelope in envelopes(), key: [u8; 16], at in 0..80_usize, bit in 0..8_u32) {
        let records = [Record::now(Vif::VolumeLitre, Data::Bcd8(4711)); 4];
        let frame = encode(&envelope, &Protection::Mode7 { key: &key, counter: 5 }, &records).unwrap();
        let mut changed = frame.clone();
        let at = at % frame.len();
        changed[at] ^= 1_u8 << bit;
        if let Ok(telegram) = read(&changed, &key) {
            // Only what is no part of the key derivation and the authenticated message may change unnoticed:
            // link address beside the number, C field, extended link layer, fragmentation control.
            prop_assert_eq!(numbers(&telegram), numbers(&read(&frame, &key).unwrap()));
            prop_assert!(at < 17, "byte {}", at);
        }
    }
}
