//! Any bytes as a stored month: the first byte says how many of the others are its index. What is read is written as a month
//! that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_metering::{Month, MonthIndex, encode_month};

fuzz_target!(|bytes: &[u8]| {
    let Some((&length, rest)) = bytes.split_first() else { return };
    let (index, values) = rest.split_at(usize::from(length).min(rest.len()));
    let Ok(index) = MonthIndex::decode(index) else { return };
    let mut month = Month::default();
    if month.read(&index, values).is_err() {
        return;
    }
    let Ok(mut versions) = month.versions(&index) else { return };
    let (again, values) = encode_month(&versions).unwrap();
    assert_eq!(again, index);
    month.read(&again, &values).unwrap();
    let mut read = month.versions(&again).unwrap();
    read.sort_unstable_by_key(|version| version.of);
    versions.sort_unstable_by_key(|version| version.of);
    assert_eq!(read, versions);
});
