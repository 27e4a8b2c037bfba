//! Any bytes as lines of another program's events. What is taken is of the past, by whom it says, and one chain.
#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tidstro_govern::log::{GENESIS, ImportCheck, Reported};
use tidstro_govern::{Moment, Register};
use tidstro_model::ActorId;

/// A register for the sake of its zone.
static REGISTER: LazyLock<Register> = LazyLock::new(|| {
    let text = "[register]\nid = 'r'\nedition = '1'\noperator = 'me'\n\
                [[party]]\nid = 'me'\nname = 'Me'\nkind = 'controller'\ncountry = 'DK'";
    Register::parse(text, "r.toml").unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    let (actor, now) = (ActorId::parse("job:fuzz").unwrap(), Timestamp::UNIX_EPOCH);
    let zone = REGISTER.zone();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut check = ImportCheck { last_line: GENESIS, last_at: Timestamp::MIN };
        match check.line(line, &actor, now, zone) {
            Ok(Reported::Lease(lease)) => assert!(lease.event.at <= now),
            Ok(Reported::Case(event)) => {
                let begin = match event.at {
                    Moment::Instant(at) => at,
                    Moment::Day(day) => zone.day_start(day),
                };
                assert!(begin <= now && event.by == actor && event.recorded == now);
            }
            Err(_) => continue,
        }
        assert!(check.last_line != GENESIS && check.last_at <= now);
    }
});
