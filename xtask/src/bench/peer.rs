//! The peer of decoding: the layers of `m-bus-parser`, through every record with its value, labels and units.

use std::hint::black_box;

use m_bus_application_layer::UserDataBlock;
use wired_mbus_link_layer::WiredFrame;
use wireless_mbus_link_layer::WirelessFrame;

/// How many records a telegram has for the peer; none where it reads nothing, or all is encrypted.
pub(super) fn records(frame: &[u8]) -> u32 {
    let block = content(frame).and_then(|content| UserDataBlock::try_from(content).ok());
    let Some(block) = block.filter(|block| block.is_encrypted() != Some(true)) else { return 0 };
    let Some(records) = block.data_records() else { return 0 };
    records
        .filter_map(Result::ok)
        .map(|record| {
            if let Some(meaning) = record.value_information() {
                meaning.labels().for_each(|label| _ = black_box(label));
                meaning.units().for_each(|unit| _ = black_box(unit));
                black_box(meaning.decimal_scale_exponent);
            }
            black_box(record.value());
            1
        })
        .sum()
}

/// What the link layer carries.
fn content(frame: &[u8]) -> Option<&[u8]> {
    if let Ok(WirelessFrame { data, .. }) = WirelessFrame::try_from(frame) {
        return Some(data);
    }
    match WiredFrame::try_from(frame) {
        Ok(WiredFrame::LongFrame { data, .. }) => Some(data),
        _ => None,
    }
}
