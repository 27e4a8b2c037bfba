//! HDLC frames as a client writes them, and the control bytes both sides use (IEC 62056-46 § 6.4.3).

use crate::frame::{
    crc::fcs,
    hdlc::{FLAG, SEGMENTED, TYPE_3},
};

/// Poll or final bit: with a window of one, every frame asks for an answer or is one.
pub(super) const POLL: u8 = 0x10;

/// What a control byte says, without its poll bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// I: information, its own number, and the number expected next.
    Information { sent: u8, expected: u8 },
    /// RR: ready, and the number expected next.
    Ready { expected: u8 },
    /// RNR: not ready now.
    NotReady { expected: u8 },
    /// SNRM: connect.
    Connect,
    /// DISC: disconnect.
    Disconnect,
    /// UA: so be it.
    Accepted,
    /// DM: not connected.
    Disconnected,
    /// FRMR: a frame makes no sense.
    Rejected,
    /// UI, or a kind that no meter sends a client.
    Other,
}

impl Control {
    pub(super) const fn read(byte: u8) -> Self {
        let expected = byte >> 5;
        match byte & !POLL {
            control if control & 0x01 == 0 => Self::Information { sent: byte >> 1 & 0x07, expected },
            control if control & 0x0f == 0x01 => Self::Ready { expected },
            control if control & 0x0f == 0x05 => Self::NotReady { expected },
            0x83 => Self::Connect,
            0x43 => Self::Disconnect,
            0x63 => Self::Accepted,
            0x0f => Self::Disconnected,
            0x87 => Self::Rejected,
            _ => Self::Other,
        }
    }

    /// The control byte with its poll bit.
    pub(super) const fn byte(self) -> u8 {
        POLL | match self {
            Self::Information { sent, expected } => expected << 5 | sent << 1,
            Self::Ready { expected } => expected << 5 | 0x01,
            Self::NotReady { expected } => expected << 5 | 0x05,
            Self::Connect => 0x83,
            Self::Disconnect => 0x43,
            Self::Accepted => 0x63,
            Self::Disconnected => 0x0f,
            Self::Rejected => 0x87,
            Self::Other => 0x03,
        }
    }
}

/// Bytes around the information of the longest frame: format, addresses of four and one byte, control, both checks.
pub(super) const AROUND: u16 = 2 + 4 + 1 + 1 + 2 + 2;

/// A frame with its flags. `addresses` are destination and source; the information is short enough for a frame.
pub(super) fn frame(addresses: &[u8], control: Control, is_segmented: bool, information: &[u8]) -> Vec<u8> {
    let header_len = 2 + addresses.len() + 1;
    let information_len = if information.is_empty() { 0 } else { 2 + information.len() };
    let len = u16::try_from(header_len + information_len + 2).unwrap_or(u16::MAX);
    let format = TYPE_3 | if is_segmented { SEGMENTED } else { 0 } | len;
    let mut body = format.to_be_bytes().to_vec();
    body.extend_from_slice(addresses);
    body.push(control.byte());
    if !information.is_empty() {
        body.extend(fcs(&body).to_le_bytes());
        body.extend_from_slice(information);
    }
    body.extend(fcs(&body).to_le_bytes());
    [&[FLAG][..], &body, &[FLAG]].concat()
}

/// Parameters of SNRM and UA (IEC 62056-46 § 6.4.4.4.3.2): format, group, then lengths and windows.
const PARAMETERS: [u8; 2] = [0x81, 0x80];
const LONGEST_SENT: u8 = 0x05;
const LONGEST_TAKEN: u8 = 0x06;
/// What holds where nothing is said.
pub(super) const USUAL_INFORMATION: u16 = 128;

/// The parameters a client asks for: the same longest information both ways, a window of one both ways.
pub(super) fn parameters(information: u16) -> Vec<u8> {
    let [high, low] = information.to_be_bytes();
    let mut fields = vec![LONGEST_SENT, 2, high, low, LONGEST_TAKEN, 2, high, low];
    fields.extend([0x07, 4, 0, 0, 0, 1, 0x08, 4, 0, 0, 0, 1]);
    let len = u8::try_from(fields.len()).unwrap_or(u8::MAX);
    [&PARAMETERS[..], &[len], &fields].concat()
}

/// The longest information the meter takes, from the parameters of its UA.
pub(super) fn longest_taken(parameters: &[u8]) -> u16 {
    let Some((_, mut fields)) = parameters.split_at_checked(3) else { return USUAL_INFORMATION };
    while let [name, len, rest @ ..] = fields {
        let Some((value, rest)) = rest.split_at_checked(usize::from(*len)) else { break };
        if *name == LONGEST_TAKEN && value.len() <= 4 {
            let number = value.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            return u16::try_from(number).unwrap_or(u16::MAX);
        }
        fields = rest;
    }
    USUAL_INFORMATION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_bytes_are_those_of_the_standard() {
        for (byte, control) in [
            (0x93, Control::Connect),
            (0x73, Control::Accepted),
            (0x53, Control::Disconnect),
            (0x1f, Control::Disconnected),
            (0x97, Control::Rejected),
            (0x13, Control::Other),
            (0x10, Control::Information { sent: 0, expected: 0 }),
            (0x54, Control::Information { sent: 2, expected: 2 }),
            (0x71, Control::Ready { expected: 3 }),
            (0x75, Control::NotReady { expected: 3 }),
        ] {
            assert_eq!((Control::read(byte), control.byte()), (control, byte), "{byte:02X}");
        }
    }

    #[test]
    fn lengths_of_one_or_two_bytes_are_read_and_the_usual_ones_else() {
        assert_eq!(longest_taken(&parameters(2030)), 2030);
        assert_eq!(longest_taken(&[0x81, 0x80, 6, 5, 1, 0x80, 6, 1, 0x40]), 64);
        for damaged in [&[][..], &[0x81, 0x80], &[0x81, 0x80, 3, 6, 2, 1], &[0x81, 0x80, 0]] {
            assert_eq!(longest_taken(damaged), 128);
        }
    }
}
