//! Lines of `rtl_wmbus`: `MODE;crc_ok;3of6_ok;time;rssi;current rssi;id;0xHEX`.

use super::{LineFault, Uplink, hex, utc};

const FIELDS: usize = 8;

/// Reads the line; a telegram the receiver itself marks as damaged is refused.
pub(super) fn parse(text: &str) -> Result<Uplink, LineFault> {
    let mut fields = text.split(';').map(str::trim);
    let row = [(); FIELDS].map(|()| fields.next());
    let [Some(_mode), Some(crc), Some(symbols), Some(time), Some(rssi), Some(_), Some(_id), Some(digits)] =
        row
    else {
        return Err(LineFault::Fields { got: text.split(';').count() });
    };
    for (flag, value) in [("crc", crc), ("3of6", symbols)] {
        if value == "0" {
            return Err(LineFault::ReceiverRefused { flag });
        }
    }
    let received = if time.is_empty() { None } else { Some(utc(time)?) };
    Ok(Uplink { received, rssi_dbm: dbm(rssi), ..Uplink::of(hex::bytes(digits)?) })
}

/// The receiver writes its own amplitude (a positive number) or dBm (a negative one); only dBm is kept.
fn dbm(text: &str) -> Option<i16> {
    text.parse().ok().and_then(only_dbm)
}

/// What is not negative is no strength in dBm.
pub(super) fn only_dbm(strength: i16) -> Option<i16> {
    (strength < 0).then_some(strength)
}
