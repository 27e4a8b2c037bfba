//! Key files of Kamstrup's Encryption Key Service (`.kem`, and the `.kem` inside `.zip.kem2`) → [`KeyFileEntry`].
//!
//! What comes in: the XML text and the customer's password. What goes out: every key of it, or the first fault;
//! never a part, and never the password or a key. The container is W3C XML Encryption (2002) in outline:
//! `EncryptedData/CipherData/CipherValue`, base64 of AES-128-CBC. As its readers have it, the password filled up with
//! zero bytes is the key and the initial vector too, where the recommendation would begin the value with a random
//! vector; that form is read as well. Inside lies `MetersInOrder` with a `Meter` for each meter: its number `MeterNo`, and
//! `DEK`, the data encryption key. A signature (`.kem2`) is not checked: it is on the ZIP, not on this text.

use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::NoPadding};
use quick_xml::{Reader, events::Event};
use tidstro_model::{Manufacturer, MeterFault, MeterNumber};
use zeroize::Zeroizing;

use super::{Key, KeyEntry, KeyFault, KeyFileEntry};

/// The manufacturer of every meter of such a file, as the M-field has it.
const KAM: Manufacturer = Manufacturer::from_field(0x2c2d);
/// Bytes of a block and of a key.
const BLOCK: usize = 16;
/// The beginning of a ZIP archive.
const ZIP: &str = "PK\u{3}\u{4}";

/// Why a KEM file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KemFault {
    /// The archive, not the file in it.
    #[error("this is a ZIP archive; unpack it and give the file ending in `.kem` that lies in it")]
    Zip,
    /// Not well-formed XML.
    #[error("{part}: byte {offset}: not well-formed XML; download the file again")]
    Xml {
        /// The file, or what was decrypted.
        part: &'static str,
        /// Offset of the fault.
        offset: u64,
    },
    /// XML without an encrypted value.
    #[error("the file has no element `CipherValue`; give the file ending in `.kem`, not its schema")]
    NoCipherValue,
    /// The encrypted value is no base64 of whole blocks.
    #[error("the element `CipherValue` is not base64 of whole AES blocks; download the file again")]
    CipherValue,
    /// A password longer than a key.
    #[error("the password has {got} bytes, at most 16 are used; give the one the file was made with")]
    PasswordLength {
        /// Bytes of the password.
        got: usize,
    },
    /// The decrypted text is none.
    #[error("the password does not open the file; give the customer number or password it was made with")]
    WrongPassword,
    /// A meter whose number is none.
    #[error("meter {meter} of the file: `MeterNo` {fault}")]
    Number {
        /// Which meter, counted from 1.
        meter: usize,
        /// What is wrong with it.
        #[source]
        fault: MeterFault,
    },
    /// A meter whose key is none.
    #[error("meter {meter} of the file: `DEK` {fault}")]
    Key {
        /// Which meter, counted from 1.
        meter: usize,
        /// What is wrong with it.
        #[source]
        fault: KeyFault,
    },
    /// Two keys for one meter.
    #[error("meter {meter} of the file: the number was there before; keep the file in which it is once")]
    Twice {
        /// Which meter, counted from 1.
        meter: usize,
    },
    /// No meter with a key.
    #[error("no meter of the file has a `DEK`; ask for a file with the data encryption keys")]
    NoKeys,
}

/// Reads a KEM file with its password. Every key is of manufacturer `KAM`, any version and type, slot 0; its
/// `line` is which meter of the file it is. Meters without a key are left out.
///
/// # Errors
/// [`KemFault`]: a part of a file is never used.
pub fn parse_kem(text: &str, password: &str) -> Result<Vec<KeyFileEntry>, KemFault> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(ZIP) {
        return Err(KemFault::Zip);
    }
    let mut cipher = base64(&cipher_value(text)?).ok_or(KemFault::CipherValue)?;
    let plain = decrypted(&mut cipher, password)?;
    let mut entries: Vec<KeyFileEntry> = Vec::new();
    for (meter, found) in (1..).zip(meters(&plain)?) {
        let Some(entry) = found.entry(meter)? else { continue };
        if entries.iter().any(|known| known.entry.number == entry.entry.number) {
            return Err(KemFault::Twice { meter });
        }
        entries.push(entry);
    }
    if entries.is_empty() { Err(KemFault::NoKeys) } else { Ok(entries) }
}

/// The text of the first element `CipherValue`.
fn cipher_value(text: &str) -> Result<String, KemFault> {
    let mut reader = Reader::from_str(text);
    let (mut value, mut inside) = (String::new(), false);
    loop {
        match next(&mut reader, "the file")? {
            Event::Start(element) => inside = element.local_name().as_ref() == "CipherValue",
            Event::Text(part) if inside => value.push_str(&part),
            Event::End(_) if inside => return Ok(value),
            Event::Eof => return Err(KemFault::NoCipherValue),
            _ => {}
        }
    }
}

fn next<'a>(reader: &mut Reader<&'a [u8]>, part: &'static str) -> Result<Event<'a>, KemFault> {
    reader.read_event().map_err(|_| KemFault::Xml { part, offset: reader.error_position() })
}

/// RFC 4648 § 4, white space between digits ignored.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let digits: Vec<u8> = digits.collect();
    let end = digits.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let (digits, padding) = digits.split_at_checked(end)?;
    if padding.len() > 2 || (digits.len() + padding.len()) % 4 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in digits {
        held = (held << 6 | u32::from(sextet(*digit)?)) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xFF) as u8);
        }
    }
    Some(bytes)
}

const fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// The decrypted text, without what fills up the last block.
fn decrypted(cipher: &mut [u8], password: &str) -> Result<Zeroizing<String>, KemFault> {
    let mut key = Zeroizing::new([0_u8; BLOCK]);
    let used = key.get_mut(..password.len());
    used.ok_or(KemFault::PasswordLength { got: password.len() })?.copy_from_slice(password.as_bytes());
    let mut plain = Zeroizing::new(cipher.to_vec());
    cbc::Decryptor::<aes::Aes128>::new((&*key).into(), (&*key).into())
        .decrypt_padded::<NoPadding>(&mut plain)
        .map_err(|_| KemFault::CipherValue)?;
    // Every block but the first is the same whatever the initial vector: with one in front, the text begins later.
    let after_vector = plain.get(BLOCK..).unwrap_or_default();
    [plain.as_slice(), after_vector].into_iter().find_map(text_of).ok_or(KemFault::WrongPassword)
}

/// The XML in decrypted bytes: from its first to its last bracket.
fn text_of(plain: &[u8]) -> Option<Zeroizing<String>> {
    let plain = plain.strip_prefix(b"\xef\xbb\xbf").unwrap_or(plain);
    let end = plain.iter().rposition(|byte| *byte == b'>')?;
    let text = str::from_utf8(plain.get(..=end)?).ok()?;
    text.starts_with('<').then(|| Zeroizing::new(text.to_owned()))
}

/// What a file says of one meter.
#[derive(Default)]
struct Meter {
    number: String,
    key: Zeroizing<String>,
}

impl Meter {
    /// `None` for a meter without a key.
    fn entry(&self, meter: usize) -> Result<Option<KeyFileEntry>, KemFault> {
        if self.key.trim().is_empty() {
            return Ok(None);
        }
        let number = MeterNumber::parse(self.number.trim());
        let number = number.map_err(|fault| KemFault::Number { meter, fault })?;
        let key = Key::parse_hex(self.key.trim()).map_err(|fault| KemFault::Key { meter, fault })?;
        let entry = KeyEntry { manufacturer: KAM, number, version: None, medium: None, key };
        Ok(Some(KeyFileEntry { entry, slot: 0, from: None, to: None, line: meter }))
    }
}

/// Every element `Meter`, in the order of the text.
fn meters(text: &str) -> Result<Vec<Meter>, KemFault> {
    let mut reader = Reader::from_str(text);
    let mut found: Vec<Meter> = Vec::new();
    let mut element = String::new();
    loop {
        match next(&mut reader, "the decrypted text")? {
            Event::Start(start) => {
                start.local_name().as_ref().clone_into(&mut element);
                if element == "Meter" {
                    found.push(Meter::default());
                }
            }
            Event::Text(text) => {
                let Some(meter) = found.last_mut() else { continue };
                match element.as_str() {
                    "MeterNo" => meter.number.push_str(&text),
                    "DEK" => meter.key.push_str(&text),
                    _ => {}
                }
            }
            Event::End(_) => element.clear(),
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use aes::cipher::BlockModeEncrypt as _;

    use super::*;

    const DEK: &str = "000102030405060708090A0B0C0D0E0F";
    const PASSWORD: &str = "cust-4711";

    fn inner(meters: &[(&str, &str)]) -> String {
        let meter = |(number, key): &(&str, &str)| {
            format!("<Meter><MeterName>MC21</MeterName><MeterNo>{number}</MeterNo><DEK>{key}</DEK></Meter>")
        };
        format!("<MetersInOrder>{}</MetersInOrder>", meters.iter().map(meter).collect::<String>())
    }

    /// A file as the service makes it; with `vector`, as the recommendation has it.
    fn kem(inner: &str, password: &str, vector: Option<[u8; 16]>) -> String {
        let mut key = [0_u8; BLOCK];
        key[..password.len()].copy_from_slice(password.as_bytes());
        let fill = BLOCK - inner.len() % BLOCK;
        let mut text = [inner.as_bytes(), &vec![u8::try_from(fill).unwrap(); fill]].concat();
        let length = text.len();
        let iv = vector.unwrap_or(key);
        cbc::Encryptor::<aes::Aes128>::new((&key).into(), (&iv).into())
            .encrypt_padded::<NoPadding>(&mut text, length)
            .unwrap();
        let value = encoded(&[vector.as_ref().map_or(&[][..], |vector| vector), &text].concat());
        format!(
            "\u{feff}<?xml version=\"1.0\"?><EncryptedData><CipherData><CipherValue>\n{value}\n</CipherValue>\
             </CipherData></EncryptedData>"
        )
    }

    /// Base64 by `python3 -m base64` has the same digits; here three bytes at a time.
    fn encoded(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let bits = three
                .iter()
                .chain(&[0, 0])
                .take(3)
                .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
            for place in 0..4 {
                let digit = char::from(DIGITS[bits >> (18 - 6 * place) & 63]);
                text.push(if place <= three.len() { digit } else { '=' });
            }
        }
        text
    }

    #[test]
    fn the_keys_of_a_file_come_out_whatever_its_vector() {
        let inner = inner(&[("76348822", DEK), ("76348823", ""), ("00000001", &DEK.to_lowercase())]);
        for vector in [None, Some([0x5a; 16])] {
            let entries = parse_kem(&kem(&inner, PASSWORD, vector), PASSWORD).unwrap();
            let read: Vec<_> = entries.iter().map(|one| (one.entry.number.0, one.line)).collect();
            assert_eq!(read, [(0x7634_8822, 1), (1, 3)], "a meter without a key is left out");
            let KeyEntry { manufacturer, version, medium, key, .. } = &entries[0].entry;
            assert_eq!((manufacturer.to_string().as_str(), *version, *medium), ("KAM", None, None));
            assert_eq!(*key, Key::parse_hex(DEK).unwrap());
        }
    }

    #[test]
    fn faults_say_what_to_do_and_no_secret() {
        let good = kem(&inner(&[("76348822", DEK)]), PASSWORD, None);
        let check = |text: &str, password: &str, expected: &str| {
            let shown = parse_kem(text, password).unwrap_err().to_string();
            assert!(shown.starts_with(expected), "{shown}");
            assert!(!shown.contains("0001020304") && !shown.contains(password), "{shown}");
        };
        check("PK\u{3}\u{4}rest", PASSWORD, "this is a ZIP archive");
        check("<a><b></a>", PASSWORD, "the file: byte ");
        check("<schema/>", PASSWORD, "the file has no element `CipherValue`");
        check(
            &good.replace("</CipherValue>", "!</CipherValue>"),
            PASSWORD,
            "the element `CipherValue` is not",
        );
        check(
            &good.replace("</CipherValue>", "AAAA</CipherValue>"),
            PASSWORD,
            "the element `CipherValue` is",
        );
        check(&good, "another", "the password does not open the file");
        check(&good, "seventeen letters", "the password has 17 bytes");
        let of = |meters: &[(&str, &str)]| kem(&inner(meters), PASSWORD, None);
        check(&of(&[("7634882", DEK)]), PASSWORD, "meter 1 of the file: `MeterNo` is not a meter number");
        check(&of(&[("76348822", &DEK[1..])]), PASSWORD, "meter 1 of the file: `DEK` has 31 characters");
        check(&of(&[("76348822", DEK), ("76348822", DEK)]), PASSWORD, "meter 2 of the file: the number was");
        check(&of(&[]), PASSWORD, "no meter of the file has a `DEK`");
    }

    #[test]
    fn base64_reads_what_rfc_4648_writes() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\nYmFy", "foobar")]
        {
            assert_eq!(base64(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["Z", "Zg", "Zg=", "Z===", "Zm9v!"] {
            assert_eq!(base64(text), None, "{text}");
        }
    }
}
