//! The world's pushes and P1 telegrams, read by the decoder they share no code with.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use jiff::ToSpan as _;
use jiff::civil::date;
use tidstro_dlms::{
    Framing, Key, KeyRing, Keys, Options, Push, Refusal, Security, decode, decode_p1, parse_title_keys,
};
use tidstro_model::{Unit, Value};
use tidstro_telegram::uplink::parse_line;
use tidstro_world::encode::{PushSecurity, Pushed, in_hdlc, in_mbus, in_wrapper};
use tidstro_world::{Town, TownPlan};

const SECURITY: PushSecurity =
    PushSecurity { title: *b"TIDG\0\0\0\x01", encryption: [0x2b; 16], authentication: [0x4d; 16] };

fn pushed() -> Pushed<'static> {
    Pushed {
        clock: date(2026, 3, 2).at(14, 15, 0, 0),
        deviation_minutes: -60,
        name: Some("TID0000000000001"),
        registers: &[([1, 0, 1, 8, 0, 255], 1_234_567, 0, 30), ([1, 0, 2, 8, 0, 255], 17, 0, 30)],
    }
}

fn keys() -> Keys {
    Keys {
        encryption: Key::Aes128(SECURITY.encryption),
        authentication: Some(Key::Aes128(SECURITY.authentication)),
    }
}

fn only(mut pushes: Vec<Result<Push, Refusal>>) -> Push {
    assert_eq!(pushes.len(), 1);
    pushes.remove(0).unwrap()
}

#[test]
fn a_push_says_the_same_in_every_frame() {
    let clear = pushed().notification();
    let protected = pushed().protected(&SECURITY, 7).unwrap();
    for apdu in [&clear, &protected] {
        let frames = [
            (Framing::Hdlc, in_hdlc(apdu, 50).concat()),
            (Framing::Mbus, in_mbus(apdu, 60).concat()),
            (Framing::Wrapper, in_wrapper(apdu)),
        ];
        for (framing, bytes) in frames {
            let push = only(decode(&bytes, framing, &keys(), &Options::default()));
            assert_eq!(push.device_name().unwrap().as_str(), "TID0000000000001", "{framing:?}");
            assert_eq!(push.moment.unwrap().instant().unwrap().to_string(), "2026-03-02T13:15:00Z");
            let energy: Vec<_> =
                push.readings.iter().filter(|reading| reading.unit == Unit::WattHour).collect();
            assert_eq!(energy.len(), 2);
            assert_eq!(energy[0].value, Value::Number(tidstro_model::Decimal::new(1_234_567, 0)));
        }
    }
    let push = only(decode(&protected, Framing::Raw, &keys(), &Options::default()));
    assert!(push.security.is_authenticated());
}

#[test]
fn a_towns_meters_show_what_its_points_truly_used() {
    let town = Town::build(&TownPlan::new(1, 24, 14));
    let ring = KeyRing::of(&parse_title_keys(&town.push_keys_csv()).unwrap());
    let days: Vec<Vec<u8>> = town.push_days().collect();
    assert_eq!(days.len(), 14);
    for meter in town.pushing_meters() {
        let mut shown = Vec::new();
        for line in days.concat().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let uplink = parse_line(line).unwrap().unwrap();
            let push = only(decode(&uplink.frame, Framing::Hdlc, &ring, &Options::default()));
            let Security::Ciphered(header) = push.security else { panic!("in the clear") };
            if header.title.0 == meter.security.title {
                assert_eq!(push.moment.unwrap().instant(), uplink.received);
                let Value::Number(number) = push.readings.last().unwrap().value else { panic!("no number") };
                shown.push(number.in_steps_of(0).unwrap());
            }
        }
        let point = &town.grid_points[meter.point];
        let days = (0..14).map(|day| town.plan.first_day + day.days());
        let truth: Vec<i64> = days.flat_map(|day| town.true_hours_wh(point.gsrn, day).unwrap()).collect();
        let used: Vec<i64> = shown.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(used, truth[..truth.len() - 1]);
    }
}

#[test]
fn a_p1_telegram_has_its_crc() {
    let text = pushed().p1("TID5\\1");
    let telegrams = decode_p1(text.as_bytes());
    let telegram = telegrams[0].as_ref().unwrap();
    assert_eq!(telegram.device_name().unwrap().as_str(), "TID0000000000001");
    assert_eq!(telegram.moment.unwrap().instant(60).unwrap().to_string(), "2026-03-02T13:15:00Z");
    let energy = telegram.readings.iter().filter(|reading| reading.unit == Unit::WattHour).count();
    assert_eq!(energy, 2);
}
