//! What messages, key files and lines of CSV are read with, whatever standard they follow.
//!
//! Bytes and lines come in; their pieces go out in order. Never: a position past the end, or a copy of a text that may
//! hold a key.

mod csv_row;
mod cursor;
mod hex;
mod key_file;

pub use csv_row::{CsvField, OpenQuote, csv_fields};
pub use cursor::Cursor;
pub use hex::hex_byte;
pub use key_file::{KeyColumns, KeyFile, KeyTableFault, KeyTables, Validity, cut, key_file, key_tables};
