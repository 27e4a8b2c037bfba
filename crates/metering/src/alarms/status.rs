//! The status byte of the transport layer.

use super::{AlarmCode, Change, Evidence, Signal, Source};

/// Bits 0 and 1 as a number (EN 13757-3:2018 table 17): 2 an error of the application, 3 something abnormal.
const APPLICATION: u8 = 0x03;

/// What a status byte says of each alarm it can tell: that it stands, or that it does not. Bits 5 to 7 are the maker's
/// and say nothing here.
#[must_use]
pub fn of_status(status: u8) -> [Signal; 5] {
    let evidence = Evidence { source: Source::StatusByte, raw: u64::from(status) };
    let alarms = [
        (AlarmCode::ApplicationError, status & APPLICATION == 2),
        (AlarmCode::Abnormal, status & APPLICATION == 3),
        (AlarmCode::LowBattery, status & 0x04 != 0),
        (AlarmCode::PermanentError, status & 0x08 != 0),
        (AlarmCode::TemporaryError, status & 0x10 != 0),
    ];
    alarms.map(|(code, stands)| {
        let change = if stands { Change::Raised } else { Change::Cleared };
        Signal { code, phase: None, change, evidence }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised(status: u8) -> Vec<AlarmCode> {
        let stands = |signal: &Signal| signal.change == Change::Raised;
        of_status(status).iter().filter(|signal| stands(signal)).map(|signal| signal.code).collect()
    }

    #[test]
    fn each_bit_says_one_thing() {
        assert_eq!(raised(0x00), []);
        assert_eq!(raised(0x01), [], "busy is no alarm");
        assert_eq!(raised(0x02), [AlarmCode::ApplicationError]);
        assert_eq!(raised(0x03), [AlarmCode::Abnormal]);
        assert_eq!(
            raised(0x1C),
            [AlarmCode::LowBattery, AlarmCode::PermanentError, AlarmCode::TemporaryError]
        );
        assert_eq!(raised(0xE0), [], "the maker's bits mean nothing here");
    }
}
