//! What each CI field announces, so that what is not read is refused by its name (EN 13757-7:2018 table 2).

/// What stands behind a CI field that is not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// It may carry values.
    Values(&'static str),
    /// It carries none: a command to the meter, an acknowledgement, a message about the link.
    NoValues(&'static str),
    /// A TLS session carries it (security profile C of OMS).
    Session,
}

/// What the CI field announces.
pub(super) const fn about(ci: u8) -> About {
    use About::{NoValues, Session, Values};
    match ci {
        0x00..=0x1f => Values("DLMS application"),
        0x50 | 0x53 => NoValues("application reset or selection"),
        0x51 | 0x5a | 0x5b => NoValues("command to the meter"),
        0x52 => NoValues("selection of a meter"),
        0x54..=0x56 => NoValues("request for the selected application"),
        0x5c => NoValues("synchronisation"),
        0x5f | 0x9e | 0x9f => Session,
        0x60 | 0x61 => NoValues("DLMS command to the meter"),
        0x64 | 0x65 => NoValues("OBIS command to the meter"),
        0x66..=0x68 => NoValues("name of the selected application"),
        0x6c | 0x6d => NoValues("clock synchronisation to the meter"),
        0x76 | 0x77 => Values("fixed data structure"),
        0x7c | 0x7d => Values("DLMS application"),
        0x7e | 0x7f => Values("OBIS application"),
        0x80 => NoValues("transport layer to the meter without application data"),
        0x81 => Values("network layer"),
        0x82 | 0x83 => NoValues("network management to the meter"),
        0x84 => NoValues("request for a compact frame"),
        0x85 => NoValues("request for a format frame"),
        0x86 => Values("variable extended link layer"),
        0x87..=0x89 => NoValues("network management of the meter"),
        0x8a | 0x8b => NoValues("transport layer without application data"),
        0x8c..=0x8f => Values("second extended link layer"),
        0x90 => Values("second authentication layer"),
        0xa0..=0xb7 => Values("manufacturer-specific layout"),
        0xb8..=0xbf => NoValues("baud rate command"),
        0xc0 => NoValues("image transfer to the meter"),
        0xc1 | 0xc2 => NoValues("image transfer of the meter"),
        0xc3 => NoValues("security information to the meter"),
        0xc4 | 0xc5 => NoValues("security information of the meter"),
        _ => Values("reserved layout"),
    }
}

/// Whether a long header with the meter's address follows.
pub(super) const fn has_long_header(ci: u8) -> bool {
    matches!(
        ci,
        0x53 | 0x55
            | 0x5b
            | 0x5f..=0x60
            | 0x64
            | 0x68
            | 0x6b..=0x6d
            | 0x6f
            | 0x72..=0x73
            | 0x75
            | 0x7c
            | 0x7e
            | 0x80
            | 0x82
            | 0x84..=0x85
            | 0x87
            | 0x8b
            | 0x9f
            | 0xc0
            | 0xc2..=0xc3
            | 0xc5
    )
}
