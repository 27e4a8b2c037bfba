//! What a meter reports beside its values: alarms and application errors (EN 13757-3:2018 clauses 9 and 10).
//!
//! What comes in: the proven and decrypted bytes behind the transport layer. What goes out: the bits of an alarm as they
//! were sent, whose meaning the maker alone defines; or the code of an error, and its words. Nothing is interpreted.

use tidstro_model::{QuantityKind, Reading, Value};

use super::{FILLER, bare};

/// Bytes of the longest alarm state: the standard's data type D has up to 64 bits. Alarms seen described have one byte.
const ALARM_MAX: usize = 8;

/// The bits of an alarm report that begins at `offset`. `None` for none, or more than 64 of them. `is_padded` says that the
/// bytes were encrypted in whole blocks, so that fillers stand behind them.
pub(crate) fn alarm(report: &[u8], is_padded: bool, offset: usize) -> Option<Reading> {
    let state = if is_padded { without_fillers(report) } else { report };
    let offset = u32::try_from(offset).ok()?;
    (1..=ALARM_MAX)
        .contains(&state.len())
        .then(|| bare(QuantityKind::ManufacturerSpecific, Value::Bytes(state.into()), offset))
}

/// Without the fillers at the end, but for the first byte: it belongs to the alarm whatever it is.
fn without_fillers(report: &[u8]) -> &[u8] {
    let last = report.iter().rposition(|byte| *byte != FILLER).unwrap_or_default();
    report.get(..=last).unwrap_or_default()
}

/// What the code of an application error means (M-Bus user group 1994, codes 10 and above OMS vol. 2).
pub(crate) const fn error_words(code: u8) -> &'static str {
    match code {
        0x00 => "unspecified",
        0x01 => "CI field not implemented",
        0x02 => "message too long, cut",
        0x03 => "too many records",
        0x04 => "record ends too early",
        0x05 => "more than 10 DIFEs",
        0x06 => "more than 10 VIFEs",
        0x08 => "too busy for a readout",
        0x09 => "too many readouts",
        0x10 => "access denied",
        0x11 => "application or command not known",
        0x12 => "parameter missing or wrong",
        0x13 => "address of the receiver not known",
        0x14 => "decryption failed",
        0x15 => "encryption not supported",
        0x16 => "signature not supported",
        _ => "a code without a public meaning",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_its_bits() {
        let bits = |report: &[u8], is_padded| alarm(report, is_padded, 15).map(|reading| reading.value);
        let is = |bytes: &[u8]| Some(Value::Bytes(bytes.into()));
        assert_eq!(bits(&[0x05], false), is(&[0x05]));
        assert_eq!(bits(&[0x05, 0x2f], false), is(&[0x05, 0x2f]));
        assert_eq!(bits(&[0x05, 0x2f, 0x2f], true), is(&[0x05]));
        assert_eq!(bits(&[0x2f, 0x2f], true), is(&[0x2f]));
        assert_eq!((bits(&[], true), bits(&[], false), bits(&[1; 9], false)), (None, None, None));
    }
}
