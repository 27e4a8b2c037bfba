//! Who a message is from, before it is opened; and its pieces, put together.
//!
//! What comes in: lines that can be nothing else than messages of electricity meters, in their order. What goes out: for each
//! the device it is of and, with its last piece, the whole message. A protected message names its system title; one in the
//! clear is named by what it says. What names nobody is refused: it could be placed nowhere.

use jiff::Timestamp;
use tidstro_dlms::{
    Envelope, Framing, Joined, KeyRing, Options, P1Refusal, Piece, Pieces, Refusal, decode, decode_p1,
    envelope,
};
use tidstro_model::DeviceId;

/// The form of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Form {
    /// Frames of DLMS, all or some of a push.
    Frames(Framing),
    /// A P1 telegram.
    P1,
}

/// A line, or several, with a message of an electricity meter.
pub(in crate::ingest) struct PushLine {
    /// Its number in its input.
    pub(in crate::ingest) line: u64,
    /// Which input it is of.
    pub(in crate::ingest) input: usize,
    pub(in crate::ingest) form: Form,
    pub(in crate::ingest) bytes: Vec<u8>,
    pub(in crate::ingest) received: Option<Timestamp>,
    pub(in crate::ingest) rssi_dbm: Option<i16>,
    pub(in crate::ingest) gateway: String,
}

/// A message, or a piece of one, whose device is known.
pub(super) struct Arrival {
    pub(super) device: DeviceId,
    /// What is the same in every reception.
    pub(super) as_sent: Vec<u8>,
    /// The message this was the last piece of.
    pub(super) whole: Option<Whole>,
}

/// A whole message.
pub(super) struct Whole {
    pub(super) form: Form,
    pub(super) bytes: Vec<u8>,
    /// The numbers of its pieces.
    pub(super) pieces: Vec<u64>,
}

/// Why a line gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ArrivalFault {
    #[error(transparent)]
    Push(#[from] Refusal),
    #[error(transparent)]
    P1(#[from] P1Refusal),
    #[error(
        "the message is in the clear and has no name of a meter; have the meter send its number (0-0:96.1.0 or 0-0:96.1.1)"
    )]
    Nameless,
}

impl ArrivalFault {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Push(refusal) => refusal.kind(),
            Self::P1(refusal) => refusal.kind(),
            Self::Nameless => "nameless",
        }
    }
}

/// A message or piece that goes through [`arrive`].
pub(super) struct Coming<'b> {
    pub(super) sender: &'b str,
    pub(super) form: Form,
    pub(super) bytes: &'b [u8],
    pub(super) at: Timestamp,
    /// Its number among the pieces.
    pub(super) number: u64,
}

/// Tells who sent it, and joins it with the pieces before it.
pub(super) fn arrive(pieces: &mut Pieces<u64>, coming: &Coming<'_>) -> Result<Arrival, ArrivalFault> {
    match coming.form {
        Form::P1 => p1(coming),
        Form::Frames(framing) => frames(pieces, coming, framing),
    }
}

fn p1(coming: &Coming<'_>) -> Result<Arrival, ArrivalFault> {
    let mut name = None;
    for telegram in decode_p1(coming.bytes) {
        name = name.or(telegram?.device_name());
    }
    let device = name.map(DeviceId::Named).ok_or(ArrivalFault::Nameless)?;
    let (bytes, pieces) = (coming.bytes.to_vec(), vec![coming.number]);
    let whole = Some(Whole { form: coming.form, bytes, pieces });
    Ok(Arrival { device, as_sent: coming.bytes.to_vec(), whole })
}

fn frames(pieces: &mut Pieces<u64>, coming: &Coming<'_>, framing: Framing) -> Result<Arrival, ArrivalFault> {
    let piece = Piece { sender: coming.sender, framing, bytes: coming.bytes, at: coming.at };
    let device = match envelope(coming.bytes, framing)? {
        Envelope::Whole { title: Some(title), .. } => DeviceId::Title(title),
        Envelope::Whole { title: None, .. } => said_name(coming.bytes, framing)?,
        Envelope::Begins { title } => DeviceId::Title(title.ok_or(ArrivalFault::Nameless)?),
        Envelope::Continues => {
            let title = pieces.title_of(&piece).ok_or(Refusal::BeginningMissing { offset: 0 })?;
            DeviceId::Title(title)
        }
    };
    match pieces.add(&piece, coming.number) {
        Joined::Whole { bytes, as_sent, tags, .. } => {
            // A piece is known by its own bytes; a message that came whole by what was sent.
            let as_sent = if tags.len() == 1 { as_sent } else { coming.bytes.to_vec() };
            let whole = Some(Whole { form: coming.form, bytes, pieces: tags });
            Ok(Arrival { device, as_sent, whole })
        }
        Joined::Waiting { .. } => Ok(Arrival { device, as_sent: coming.bytes.to_vec(), whole: None }),
        Joined::Refused(refusal) => Err(refusal.into()),
    }
}

/// The name in a push that is sent in the clear.
fn said_name(bytes: &[u8], framing: Framing) -> Result<DeviceId, ArrivalFault> {
    let mut name = None;
    for push in decode(bytes, framing, &KeyRing::new(), &Options::default()) {
        name = name.or(push?.device_name());
    }
    name.map(DeviceId::Named).ok_or(ArrivalFault::Nameless)
}
