//! Any bytes as a COSEM value and as the value of a push: what is read comes out again as the same value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_dlms::{Data, Framing, KeyRing, Options, decode};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(data) = Data::read(bytes) {
        assert_eq!(Data::read(&data.to_bytes()), Ok(data.clone()));
        let _ = (data.decimal(), data.text().is_some(), data.date_time().and_then(|moment| moment.instant()));
    }
    let push = [&[0x0f, 0, 0, 0, 1, 0][..], bytes].concat();
    for push in decode(&push, Framing::Raw, &KeyRing::new(), &Options::default()).into_iter().flatten() {
        assert!(push.items.iter().all(|item| item.offset < bytes.len() + 6));
        let _ = format!("{:?}", push.readings);
    }
});
