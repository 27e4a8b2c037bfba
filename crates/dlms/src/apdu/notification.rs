//! Notifications (IEC 62056-5-3 § 8.3): data-notification and event-notification, in the clear.
//!
//! What comes in: the APDU. What goes out: its header fields and the bytes of its value, not yet read.

use tidstro_model::Obis;

use super::tag::{DATA_NOTIFICATION, EVENT_NOTIFICATION};
use tidstro_wire::Cursor;

use crate::{DateTime, Refusal};

/// What kind of notification it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Tag 0F: a list of values that the meter was told to push.
    DataNotification,
    /// Tag C2: one attribute that changed.
    EventNotification {
        /// Class of the object.
        class: u16,
        /// Its logical name.
        obis: Obis,
        /// The attribute.
        attribute: i8,
    },
}

impl Service {
    /// The name of the standard.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DataNotification => "data-notification",
            Self::EventNotification { .. } => "event-notification",
        }
    }
}

/// A notification whose value is still bytes.
#[derive(Debug)]
pub(crate) struct Notification {
    pub(crate) service: Service,
    pub(crate) invoke_id: Option<u32>,
    pub(crate) moment: Option<DateTime>,
    /// The moment has the tag of an octet string before its length, which the standard does not ask for.
    pub(crate) has_tagged_moment: bool,
    /// The whole APDU.
    pub(crate) apdu: Vec<u8>,
    /// Where the value begins in it.
    pub(crate) body: usize,
}

pub(super) const fn is_one(tag: u8) -> bool {
    matches!(tag, DATA_NOTIFICATION | EVENT_NOTIFICATION)
}

impl Notification {
    pub(super) fn read(apdu: &[u8]) -> Result<Self, Refusal> {
        let mut cursor = Cursor::new(apdu, 0);
        match cursor.byte() {
            Some(DATA_NOTIFICATION) => data_notification(&mut cursor, apdu),
            Some(EVENT_NOTIFICATION) => event_notification(&mut cursor, apdu),
            Some(tag) => Err(Refusal::ApduUnknown { offset: 0, tag }),
            None => Err(Refusal::ApduCut { offset: 0, part: "tag" }),
        }
    }
}

/// Long invoke id and priority, date and time, value.
fn data_notification(cursor: &mut Cursor<'_>, apdu: &[u8]) -> Result<Notification, Refusal> {
    let invoke_id = cursor.u32().ok_or(Refusal::ApduCut { offset: 1, part: "invoke id" })?;
    let has_tagged_moment = cursor.peek() == Some(0x09);
    if has_tagged_moment {
        cursor.byte();
    }
    let moment = moment(cursor)?;
    Ok(Notification {
        service: Service::DataNotification,
        invoke_id: Some(invoke_id),
        moment,
        has_tagged_moment,
        apdu: apdu.to_vec(),
        body: cursor.at(),
    })
}

/// Date and time (optional), attribute descriptor, value.
fn event_notification(cursor: &mut Cursor<'_>, apdu: &[u8]) -> Result<Notification, Refusal> {
    let moment = match cursor.peek() {
        // A usage flag before the octet string, as A-XDR has for what is optional.
        Some(0x01) => {
            cursor.byte();
            moment(cursor)?
        }
        _ => moment(cursor)?,
    };
    let cut = Refusal::ApduCut { offset: cursor.at(), part: "attribute descriptor" };
    let class = cursor.u16().ok_or(cut)?;
    let obis = Obis(cursor.array().ok_or(cut)?);
    let attribute = i8::from_be_bytes(cursor.array().ok_or(cut)?);
    Ok(Notification {
        service: Service::EventNotification { class, obis, attribute },
        invoke_id: None,
        moment,
        has_tagged_moment: false,
        apdu: apdu.to_vec(),
        body: cursor.at(),
    })
}

/// An octet string of 12 bytes, or an empty one.
fn moment(cursor: &mut Cursor<'_>) -> Result<Option<DateTime>, Refusal> {
    let offset = cursor.at();
    match cursor.counted().ok_or(Refusal::ApduCut { offset, part: "date and time" })? {
        [] => Ok(None),
        bytes => {
            let moment = <[u8; 12]>::try_from(bytes).ok().and_then(DateTime::new);
            moment.map(Some).ok_or(Refusal::DateTime { offset })
        }
    }
}
