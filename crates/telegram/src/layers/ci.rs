//! Names of CI fields, so that what is not read yet is refused by its name (EN 13757-7:2018 table 2).

/// What the CI field announces.
pub(super) const fn name(ci: u8) -> &'static str {
    match ci {
        0x00..=0x1f | 0x60 | 0x61 | 0x64 | 0x65 | 0x7c | 0x7d => "DLMS application",
        0x69..=0x6b => "format frame",
        0x6c | 0x6d => "clock synchronisation",
        0x6e..=0x70 => "application error",
        0x71 | 0x74 | 0x75 => "alarm report",
        0x76 | 0x77 => "fixed data structure",
        0x7e | 0x7f => "OBIS application",
        0x80 | 0x8a | 0x8b => "transport layer without application data",
        0x81 => "network layer",
        0x86 => "variable extended link layer",
        0x8c..=0x8f => "second extended link layer",
        0x90 => "second authentication layer",
        0xa0..=0xb7 => "manufacturer-specific layout",
        0xb8..=0xbf => "baud rate command",
        0xc0..=0xc2 => "image transfer",
        0xc3..=0xc5 => "security information transfer",
        _ => "reserved layout",
    }
}

/// Whether a long header with the meter's address follows.
pub(super) const fn has_long_header(ci: u8) -> bool {
    matches!(ci, 0x60 | 0x64 | 0x6b | 0x6d | 0x6f | 0x75 | 0x7c | 0x7e | 0x80 | 0x8b)
}
