//! Security modes 8 to 10 and the forms of the authentication layer, made by an encoder of the tests' own.

use crate::encode::{
    KEY, RECORDS, clear, code_of, derived, extended_link, format_a, format_b, layer, mode5, mode8, mode9,
    mode10, transport_7, wireless,
};
use proptest::prelude::*;
use tidstro_telegram::{DecodeOptions, Key, KeyRing, Refusal, Security, Telegram, decode};

fn with_key(frame: &[u8]) -> Result<Telegram, Refusal> {
    decode(frame, &Key::new(KEY), &DecodeOptions::default())
}

/// The three records in this security, in every frame format.
fn check(content: &[u8], security: Security, counter: Option<u32>) {
    let frame = wireless(content);
    for frame in [format_a(&frame), format_b(&frame), frame] {
        let telegram = with_key(&frame).unwrap();
        assert_eq!((telegram.security, telegram.message_counter), (security, counter));
        assert_eq!((telegram.readings.len(), telegram.faults.len()), (3, 0), "{}", security.word());
        assert_eq!(telegram.meter.to_string(), "KAM 12345678 v1B t07");
    }
}

fn kind(content: &[u8]) -> &'static str {
    with_key(&wireless(content)).unwrap_err().kind()
}

#[test]
fn every_mode_gives_the_records() {
    check(&mode8(RECORDS, 77, &[1, 2]), Security::Mode8, Some(77));
    check(&mode8(RECORDS, 77, &[9, 9, 1, 2]), Security::Mode8, Some(77));
    check(&mode9(RECORDS, &[], 77), Security::Mode9, Some(77));
    check(&mode9(&RECORDS[..12], &RECORDS[12..], 77), Security::Mode9, Some(77));
    for tag_len in [4, 8, 12, 16] {
        check(&mode10(RECORDS, 77, tag_len), Security::Mode10, Some(77));
    }
    // As real meters of mode 10 send it: behind a short extended link layer.
    check(&extended_link(0x8c, 0, &mode10(RECORDS, 0x0102_0304, 8)), Security::Mode10, Some(0x0102_0304));
}

/// Mode 7 with the layer's fields in every form that authenticates.
#[test]
fn every_code_of_the_layer_is_verified() {
    let (transport, counter) = (transport_7(RECORDS, 9), 9_u32.to_le_bytes());
    for kind in 3..=9_u8 {
        let plain = [&[0x20 | kind][..], &counter].concat();
        let with_key_info = [&[0x30 | kind, 0x10, 0x00][..], &counter].concat();
        let len = u16::try_from(transport.len()).unwrap().to_le_bytes();
        let with_len = [&[0x60 | kind][..], &counter].concat();
        for (fragmentation, fields, len) in
            [(0x2c00, &plain, &[][..]), (0x2e00, &with_key_info, &[]), (0x3c00, &with_len, &len[..])]
        {
            let code = code_of(kind, &derived(1, 9), 9, &[fields, len, &transport]);
            let content = [layer(fragmentation, fields, &code, len), transport.clone()].concat();
            check(&content, Security::Mode7, Some(9));
            let mut changed = wireless(&content);
            *changed.last_mut().unwrap() ^= 1;
            let refusal = with_key(&changed).unwrap_err().kind();
            assert_eq!(refusal, if kind < 8 { "mac" } else { "tag-unproven" }, "{kind}");
        }
    }
}

#[test]
fn a_code_of_another_length_than_announced_is_refused() {
    let (transport, fields) = (transport_7(RECORDS, 9), [0x25, 9, 0, 0, 0]);
    let code = code_of(5, &derived(1, 9), 9, &[&fields, &transport]);
    for code in [&code[..7], &code[..2], &[]] {
        assert_eq!(kind(&[layer(0x2c00, &fields, code, &[]), transport.clone()].concat()), "mac");
    }
    let none = [layer(0x2800, &fields, &[], &[]), transport.clone()].concat();
    assert_eq!(kind(&none), "unauthenticated");
    let reserved = [layer(0x2c00, &[0x2b, 9, 0, 0, 0], &code, &[]), transport].concat();
    assert_eq!(kind(&reserved), "mode-not-yet");
}

/// The layer chooses the key of its code; then modes without authentication of their own have it too.
#[test]
fn clear_and_mode_5_content_can_be_authenticated() {
    for (transport, mode) in [(clear(RECORDS), 0), (mode5(RECORDS, &[]), 5)] {
        let fields = [0x35, 0x10, 0x00, 9, 0, 0, 0];
        let code = code_of(5, &derived(1, 9), 9, &[&fields, &transport]);
        let content = [layer(0x2e00, &fields, &code, &[]), transport.clone()].concat();
        check(&content, Security::Authenticated { mode }, Some(9));
        for at in 0..content.len() {
            let mut changed = content.clone();
            changed[at] ^= 1;
            assert!(with_key(&wireless(&changed)).is_err(), "byte {at}");
        }
        // Nobody could say which key made the code.
        let without = [layer(0x2c00, &[0x25, 9, 0, 0, 0], &code, &[]), transport].concat();
        assert_eq!(kind(&without), "mode-not-yet");
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    let sealed = mode10(RECORDS, 1, 8);
    // No counter, a reserved tag, a reserved derivation, a part that stays clear, too short for the tag.
    let with = |at: usize, value: u8| {
        let mut content = sealed.clone();
        content[at] = value;
        kind(&content)
    };
    assert_eq!(
        [with(4, 0x0a), with(6, 4), with(5, 0x20), with(3, 5)],
        ["unauthenticated", "mode-not-yet", "mode-not-yet", "mode-not-yet"]
    );
    assert_eq!(kind(&sealed[..18]), "unauthenticated");
    assert_eq!(kind(&mode8(&[], 1, &[])), "unauthenticated");
    // Mode 9 without a tag, and with another length than stated.
    let mut without_tag = mode9(RECORDS, &[], 1);
    without_tag[4] = 0x09;
    assert_eq!(kind(&without_tag), "unauthenticated");
    assert_eq!(kind(&[mode9(RECORDS, &[], 1), vec![0]].concat()), "block-count");
}

#[test]
fn a_session_is_refused_by_its_name() {
    for content in [&[0x7a, 1, 0, 0, 13][..], &[0x9e, 1, 0, 0, 13], &[0x5f, 1, 0, 0, 13]] {
        let refusal = with_key(&wireless(content)).unwrap_err();
        assert_eq!((refusal.kind(), refusal.is_not_yet()), ("session-needed", false));
        assert!(refusal.to_string().contains("only the gateway that holds the session can read it"));
    }
}

#[test]
fn a_missing_or_wrong_key_gives_no_reading() {
    for content in [mode8(RECORDS, 1, &[1, 2]), mode9(RECORDS, &[], 1), mode10(RECORDS, 1, 8)] {
        let (frame, options) = (wireless(&content), DecodeOptions::default());
        assert_eq!(decode(&frame, &KeyRing::new(), &options).unwrap_err().kind(), "key-missing");
        let wrong = decode(&frame, &Key::new([1; 16]), &options).unwrap_err();
        assert!(["mac", "tag-unproven"].contains(&wrong.kind()), "{wrong}");
    }
    let wrong = decode(&wireless(&mode9(RECORDS, &[], 1)), &Key::new([1; 16]), &DecodeOptions::default());
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "KAM 12345678 v1B t07: the tag of security mode 9 does not fit; the key is wrong or the telegram changed, or \
         the meter makes the tag otherwise: no telegram of this mode is published. Keep it and report it with its key"
    );
}

proptest! {
    /// Whatever the records and the counter, what one side writes the other reads.
    #[test]
    fn round_trip(counter: u32, volume in 0_u32..0x7fff_ffff, tag in 0_usize..4, tail in any::<[u8; 4]>()) {
        let records = [&[0x04, 0x13][..], &volume.to_le_bytes()].concat();
        for content in [
            mode8(&records, counter, &tail),
            mode9(&records, &[], counter),
            mode10(&records, counter, 4 * (tag + 1)),
        ] {
            let telegram = with_key(&wireless(&content)).unwrap();
            prop_assert_eq!(telegram.message_counter, Some(counter));
            prop_assert_eq!(telegram.readings.len(), 1);
            let milli = tidstro_model::Value::Number(tidstro_model::Decimal::new(i64::from(volume), -3));
            prop_assert_eq!(&telegram.readings[0].value, &milli);
        }
    }
}
