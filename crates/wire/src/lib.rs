//! What messages and key files of meters are read with, whatever standard they follow.
//!
//! Bytes and lines come in; their pieces go out in order. Never: a position past the end, or a copy of a text that may
//! hold a key.

mod cursor;
mod hex;
mod key_file;

pub use cursor::Cursor;
pub use hex::hex_byte;
pub use key_file::{KeyColumns, KeyFile, KeyTableFault, KeyTables, Validity, cut, key_file, key_tables};
