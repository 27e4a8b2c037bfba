//! The world's own OMS wireless M-Bus encoder.
//!
//! What comes in: records, the address of a meter and its key. What goes out: the bytes of a telegram as it
//! goes over the air. It is written from the standards (EN 13757-3, EN 13757-4, EN 13757-7, OMS
//! Specification volume 2) and must never share code with the decoder, so that each proves the other.

mod frame;
mod push;
mod record;
mod security;
mod telegram;

pub use frame::{crc, with_crc_a, with_crc_b};
pub use push::{PushSecurity, Pushed, PushedRegister, in_hdlc, in_mbus, in_wrapper};
pub use record::{Data, Record, Vif, type_f, type_g};
pub use security::{Direction, ephemeral_key, mac_8};
pub use telegram::{Envelope, Protection, encode};

/// Why a telegram cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeFault {
    /// More encrypted blocks than the four bits of the configuration field can count.
    #[error("{blocks} encrypted blocks, at most 15 fit; send fewer records")]
    TooManyBlocks {
        /// Blocks of 16 bytes.
        blocks: usize,
    },
    /// The length field has one byte.
    #[error("{length} bytes after the length field, at most 255 fit; send fewer records")]
    TooLong {
        /// Bytes after the length field.
        length: usize,
    },
}
