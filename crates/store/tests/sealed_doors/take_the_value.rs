//! The value is not a field anybody can name.

fn take(disclosed: tidstro_store::Disclosed<u8>) -> u8 {
    disclosed.value
}

fn main() {}
