//! Notices and records, for the town and for every register that ships.

mod agree;
mod forms;
mod grants;
mod periods;
mod records;

use tidstro_govern::{Language, Notice, Register, notice};

use crate::shipped::Shipped;

/// Every register that ships: the town's, and more.
fn shipped() -> Vec<Register> {
    let registers: Vec<_> = crate::shipped::shipped().iter().map(Shipped::register).collect();
    assert!(registers.len() >= 4, "{} registers", registers.len());
    registers
}

fn whole(register: &Register, language: Language) -> Notice {
    notice(register, None, language).unwrap()
}
