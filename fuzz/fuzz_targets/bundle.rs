//! Any bytes as a bundle of the log, cut at line feeds; and as what follows a true first line.
#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tidstro_govern::log::{
    BundleCheck, BundleHead, GENESIS, LogKey, Origin, Stream, StreamEnd, StreamId, header_line, verify_bundle,
};

static HEADER: LazyLock<String> = LazyLock::new(|| {
    let key = LogKey::from_seed(&[1; 32]);
    let end = |stream| StreamEnd { stream: StreamId { stream, writer: 1 }, segments: 1, last_seq: 1, head: GENESIS };
    let streams = [Stream::Facts, Stream::Uses].map(end).to_vec();
    let head = BundleHead { origin: Origin([0; 16]), key: key.public(), at: Timestamp::UNIX_EPOCH, streams };
    let statement = head.text();
    header_line(&statement, &key.sign(&statement))
});

fuzz_target!(|bytes: &[u8]| {
    let lines = || bytes.split(|byte| *byte == b'\n');
    let _ = verify_bundle(lines(), None);
    let mut check = BundleCheck::new(None);
    check.line(HEADER.as_bytes()).unwrap();
    assert!(lines().try_for_each(|line| check.line(line)).is_err() || check.finish().is_err());
});
