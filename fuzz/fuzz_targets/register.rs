//! Any text as a register, and any text cut in two as the files of one. Each fault says where.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_govern::{Register, RegisterFile};

fuzz_target!(|text: &str| {
    if let Err(faults) = Register::parse(text, "register.toml") {
        assert!(faults.to_string().starts_with("register.toml:"));
    }
    let (first, second) = text.split_once('\0').unwrap_or((text, ""));
    let files = [RegisterFile { name: "1", text: first }, RegisterFile { name: "2", text: second }];
    if let Err(faults) = Register::parse_files(&files) {
        assert!(faults.faults.iter().all(|fault| (fault.file == "1" || fault.file == "2") && fault.line > 0));
    }
});
