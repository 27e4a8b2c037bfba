//! Any text as a register. Each fault says where.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_govern::Register;

fuzz_target!(|text: &str| {
    if let Err(faults) = Register::parse(text, "register.toml") {
        assert!(faults.to_string().starts_with("register.toml:"));
    }
});
