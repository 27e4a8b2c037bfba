//! Only the store discloses.

fn disclose(permit: &tidstro_store::Permit) -> tidstro_store::Disclosed<u8> {
    tidstro_store::Disclosed::new(7, permit)
}

fn main() {}
