//! DLMS/COSEM pushes, P1 telegrams and a client's codec: bytes in, authenticated readings out.
//!
//! What comes in: bytes of an electricity meter as a line, a port or a file has them, the keys the operator
//! knows, and no clock. What goes out: pushes with values exactly as sent and readings with quantity and unit, or a
//! [`Refusal`] that says what is wrong, at which byte, and what to do. A value never leaves this crate if the
//! frame's check, the order of its segments or the authentication tag was wrong. Outside bytes never panic here,
//! and nothing here waits, reads a clock or draws a random number.
//!
//! Read in the order the data takes: `frame` (HDLC, wrapper, M-Bus) → `apdu` (blocks, protection, notification)
//! → `security` (verify, decrypt) → `axdr` (values) → `list` (codes, units, makers' lists) → readings.

mod alarm;
mod apdu;
mod axdr;
mod client;
mod envelope;
mod frame;
mod list;
mod p1;
mod pieces;
mod profile;
mod push;
mod refusal;
mod replay;
mod security;

pub use alarm::{AlarmSource, RawAlarm, alarm_source, logged_alarms, pushed_alarms};
pub use apdu::{Service, protect};
pub use axdr::{ClockStatus, Data, DateTime};
pub use client::{
    Action, Authentication, Carried, Carrier, CarrierFault, Client, ClientConfig, ClientFault, Get,
    HdlcConfig, HdlcLink, Password, Protection, Selection, ServerAddress, Step, WrapperLink,
};
pub use envelope::{Envelope, envelope, recognise};
pub use frame::{Framing, Link, unwrapped, wrap};
pub use list::{Definition, Item, ItemFault, ItemFaultKind, Scale, layout_names};
pub use p1::{
    LineFault, LineFaultKind, P1Line, P1Lines, P1Refusal, P1Step, P1Telegram, P1Value, Stamp, SubMeter,
    decode_p1,
};
pub use pieces::{Joined, Piece, Pieces};
pub use profile::{Column, Profile, ProfileFault, ProfileKind, ProfileValue, Row};
pub use push::{KnownUnit, Options, Push, decode};
pub use refusal::Refusal;
pub use replay::{PushMark, PushMemory, PushMemoryFault};
pub use security::{
    CipherHeader, Key, KeyFault, KeyRing, KeySet, KeySource, KeyUse, Keys, Security, SystemTitle,
    TitleFileFault, TitleKey, parse_title_keys,
};
