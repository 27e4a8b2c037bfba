//! A disclosure cannot be printed as a value, nor written out.

fn write<T: serde::Serialize>(_value: &T) {}

fn main() {
    fn show(disclosed: &tidstro_store::Disclosed<u8>) -> String {
        write(disclosed);
        disclosed.to_string()
    }
    let _ = show;
}
