//! The `tidstro` program.
fn main() {}
