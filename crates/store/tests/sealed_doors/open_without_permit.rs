//! A disclosure is opened with the permit it was read under.

fn open(disclosed: tidstro_store::Disclosed<u8>) -> u8 {
    disclosed.open().unwrap()
}

fn main() {}
