//! Any bytes as frames of every framing: each push is whole, or refused with its byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_dlms::{Framing, Key, Keys, Options, decode};

fuzz_target!(|bytes: &[u8]| {
    let key = || Key::Aes128(*b"sixteen bytes k.");
    let keys = Keys { encryption: key(), authentication: Some(key()) };
    for framing in [Framing::Hdlc, Framing::Wrapper, Framing::Mbus, Framing::Raw] {
        let pushes = decode(bytes, framing, &keys, &Options::default());
        assert!(!pushes.is_empty());
        for push in pushes {
            match push {
                Ok(push) => assert_eq!(push.readings.len() + push.faults.len(), push.items.len()),
                Err(refusal) => assert!(!refusal.to_string().is_empty() && !refusal.kind().is_empty()),
            }
        }
    }
});
