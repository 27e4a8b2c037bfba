//! No other crate can make a permit, or take a value out of a disclosure without one.
//!
//! Each file below must fail to compile, for the reason written beside it.

#[test]
fn permits_cannot_be_forged_and_disclosures_cannot_be_broken_open() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/sealed_doors/*.rs");
}
