//! What holds for every input.

use crate::encode::{KEY, RECORDS, clear, format_a, format_b, mode5, mode7, wireless};
use proptest::{collection::vec, prelude::*};
use tidstro_telegram::{DecodeOptions, Key, KeyRing, address, decode, uplink};

fn decodes(frame: &[u8]) -> bool {
    decode(frame, &Key::new(KEY), &DecodeOptions::default()).is_ok()
}

/// Frames whose length and checksums are right around any content.
fn proven_frames() -> impl Strategy<Value = Vec<u8>> {
    let records = vec(any::<u8>(), 0..200);
    prop_oneof![
        vec(any::<u8>(), 1..200).prop_map(|content| wireless(&content)),
        records.clone().prop_map(|records| wireless(&clear(&records))),
        records.clone().prop_map(|records| wireless(&mode5(&records, &[]))),
        records.prop_map(|records| wireless(&mode7(&records, 1))),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(frame in vec(any::<u8>(), 0..300)) {
        let _ = decode(&frame, &Key::new(KEY), &DecodeOptions { assume_decrypted: true, accept_clear: true });
        let _ = address(&frame);
    }

    #[test]
    fn any_content_is_decoded_or_refused(frame in proven_frames()) {
        let options = DecodeOptions::default();
        if let Ok(telegram) = decode(&frame, &Key::new(KEY), &options) {
            let end = u32::try_from(frame.len()).unwrap();
            prop_assert!(telegram.readings.iter().all(|reading| reading.offset < end));
            prop_assert!(telegram.readings.is_sorted_by_key(|reading| reading.offset));
            prop_assert_eq!(address(&frame), Ok(telegram.meter));
        }
    }

    #[test]
    fn crcs_change_nothing(frame in proven_frames()) {
        let key = Key::new(KEY);
        let of = |frame: &[u8]| decode(frame, &key, &DecodeOptions::default());
        prop_assert_eq!(of(&frame), of(&format_a(&frame)));
        // Two CRC bytes could complete a record that is cut, so only whole telegrams are the same in format B.
        if of(&frame).is_ok_and(|telegram| telegram.faults.is_empty()) {
            prop_assert_eq!(of(&frame), of(&format_b(&frame)));
        }
    }

    #[test]
    fn a_changed_message_of_mode_7_gives_no_reading(counter: u32, at in 0_usize..64, change in 1_u8..) {
        let mut frame = wireless(&mode7(RECORDS, counter));
        prop_assume!(decodes(&frame));
        // From the authentication layer on: the code covers nothing of the link layers but the number.
        let covered = 13 + at % (frame.len() - 13);
        frame[covered] ^= change;
        prop_assert!(!decodes(&frame), "byte {covered}");
    }

    #[test]
    fn another_meters_number_gives_no_reading(counter: u32, at in 4_usize..8, change in 1_u8..) {
        let mut frame = wireless(&mode7(RECORDS, counter));
        frame[at] ^= change;
        prop_assert!(!decodes(&frame));
    }

    #[test]
    fn any_line_is_read_or_refused(line in vec(any::<u8>(), 0..200)) {
        let _ = uplink::parse_line(&line);
    }

    #[test]
    fn any_text_is_a_line_or_a_fault(line in "\\PC{0,100}", json in "\\{\"telegram\":\"[0-9A-Fa-f]{0,20}\"[^}]{0,20}\\}?") {
        let _ = uplink::parse_line(line.as_bytes());
        let _ = uplink::parse_line(json.as_bytes());
        let _ = KeyRing::parse(&line);
    }
}
