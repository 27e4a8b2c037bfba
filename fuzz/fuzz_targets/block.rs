//! Any bytes as a stored block. What decodes encodes to a block that decodes to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidstro_metering::Block;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(block) = Block::decode(bytes) {
        let mut again = Vec::new();
        block.encode(&mut again);
        assert_eq!(Block::decode(&again).as_ref(), Ok(&block));
    }
});
