//! Any bytes as lines of another program's events. What is taken is of the past and of a kind it may report.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tidstro_govern::log::{GENESIS, ImportCheck};
use tidstro_model::ActorId;

fuzz_target!(|bytes: &[u8]| {
    let (actor, now) = (ActorId::parse("job:fuzz").unwrap(), Timestamp::UNIX_EPOCH);
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut check = ImportCheck { last_line: GENESIS, last_at: Timestamp::MIN };
        if let Ok(event) = check.line(line, &actor, now) {
            assert!(event.at <= now && event.kind.comes_from_outside());
        }
    }
});
