//! Any content in a frame that is right, with a key at hand: headers, codes, tags, blocks.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tidstro_telegram::{DecodeOptions, Key, Replay, ReplayState, decode};

/// L is filled in.
const LINK: [u8; 10] = [0, 0x44, 0x2d, 0x2c, 0x78, 0x56, 0x34, 0x12, 0x1b, 0x07];

fuzz_target!(|input: (Vec<u8>, u32)| {
    let (content, second) = input;
    let mut frame = [&LINK[..], &content].concat();
    let Ok(len) = u8::try_from(frame.len() - 1) else { return };
    frame[0] = len;
    let key = Key::new(*b"sixteen bytes k.");
    let Ok(telegram) = decode(&frame, &key, &DecodeOptions::default()) else { return };
    assert!(telegram.security.is_protected() || telegram.readings.is_empty() || content[0] >= 0xa0);
    let mut replay = Replay::new();
    let received = Timestamp::from_second(i64::from(second)).expect("within 1970 and 2106");
    assert!(replay.hear(&telegram, received).gives_readings());
    assert!(!replay.hear(&telegram, received).gives_readings());
    let state = replay.state(telegram.meter).expect("it was heard");
    assert_eq!(ReplayState::from_bytes(&state.to_bytes()), Ok(state));
});
