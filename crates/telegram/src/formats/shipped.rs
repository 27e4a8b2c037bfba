//! Formats that come with the program, from `layouts/formats.toml`.
//!
//! What comes in: a maker and a signature. What goes out: every record headers of the file that have it. They are
//! candidates: the caller proves one by the CRC of the full frame. No format serves another maker.

use std::{collections::BTreeMap, sync::LazyLock};

use rustc_hash::FxHashMap;
use serde::Deserialize;
use tidstro_model::Manufacturer;

use tidstro_wire::hex_byte;

use crate::{apdu::compact, link::crc::crc};

const FILE: &str = include_str!("../../layouts/formats.toml");

/// Lists of record headers, by maker and signature.
type BySignature = FxHashMap<(Manufacturer, u16), Vec<Vec<u8>>>;

/// A file that cannot be read holds nothing; a test reads it.
static SHIPPED: LazyLock<BySignature> = LazyLock::new(|| {
    toml::from_str(FILE).ok().and_then(|file: File| file.by_signature()).unwrap_or_default()
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    letters: BTreeMap<char, Vec<String>>,
    #[serde(rename = "format")]
    formats: Vec<Template>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    makers: Vec<String>,
    /// Capital digits and small letters, blanks ignored.
    headers: String,
}

/// The headers of this maker that have the signature.
pub(crate) fn candidates(maker: Manufacturer, signature: u16) -> &'static [Vec<u8>] {
    SHIPPED.get(&(maker, signature)).map(Vec::as_slice).unwrap_or_default()
}

impl File {
    /// `None` if a line of the file is no list of headers.
    fn by_signature(&self) -> Option<BySignature> {
        let mut by_signature = BySignature::default();
        for template in &self.formats {
            let all = self.expanded(template)?;
            for code in &template.makers {
                let maker = Manufacturer::parse(code).ok()?;
                for headers in &all {
                    by_signature.entry((maker, crc(headers))).or_default().push(headers.clone());
                }
            }
        }
        Some(by_signature)
    }

    /// Every text that the letters of a template make of it, as bytes.
    fn expanded(&self, template: &Template) -> Option<Vec<Vec<u8>>> {
        let mut texts: Vec<String> = vec![template.headers.split_whitespace().collect()];
        for (letter, choices) in &self.letters {
            if template.headers.contains(*letter) {
                let with_each = |text: String| choices.iter().map(move |c| text.replace(*letter, c));
                texts = texts.into_iter().flat_map(with_each).collect();
            }
        }
        texts.iter().map(|text| bytes(text)).collect()
    }
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|pair| hex_byte(*pair).ok()).collect();
    bytes.filter(|bytes| rest.is_empty() && compact::are_headers(bytes))
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Decimal, Value};

    use super::*;
    use crate::{DecodeOptions, KeyRing, decode};

    #[test]
    fn the_file_is_read_and_every_format_has_its_signature() {
        let file: File = toml::from_str(FILE).unwrap();
        let all = file.by_signature().unwrap();
        assert!(file.formats.len() > 10 && all.len() > 1000);
        assert!(
            all.iter().all(|((_, signature), some)| some.iter().all(|headers| crc(headers) == *signature))
        );
    }

    #[test]
    fn a_format_serves_its_maker_only() {
        let kamstrup = Manufacturer::parse("KAM").unwrap();
        let water = bytes("02FF2004134413615B6167").unwrap();
        assert!(candidates(kamstrup, 0xa8ed).contains(&water));
        assert!(candidates(Manufacturer::parse("EFE").unwrap(), 0xa8ed).is_empty());
        assert!(candidates(kamstrup, 0x0000).iter().all(|headers| crc(headers) == 0));
    }

    /// A compact frame of these values, from a meter nobody has heard in full.
    fn compact_frame(headers: &[&str], values: &[&[u8]]) -> Vec<u8> {
        let headers: Vec<Vec<u8>> = headers.iter().map(|header| bytes(header).unwrap()).collect();
        let full: Vec<u8> = headers
            .iter()
            .zip(values)
            .flat_map(|(header, value)| [header.as_slice(), *value].concat())
            .collect();
        let (signature, full) = (crc(&headers.concat()).to_le_bytes(), crc(&full).to_le_bytes());
        let link = [0, 0x44, 0x2d, 0x2c, 0x11, 0x22, 0x33, 0x44, 0x1b, 0x16, 0x79];
        let mut frame = [&link[..], &signature, &full, &values.concat()].concat();
        frame[0] = u8::try_from(frame.len() - 1).unwrap();
        frame
    }

    #[test]
    fn a_compact_frame_is_read_before_any_full_one() {
        let headers = ["02FF20", "0413", "4413", "615B", "6167"];
        let values: [&[u8]; 5] = [&[0, 0], &[0x39, 0x30, 0, 0], &[0x10, 0x27, 0, 0], &[9], &[18]];
        let frame = compact_frame(&headers, &values);
        let telegram = decode(&frame, &KeyRing::new(), &DecodeOptions::default()).unwrap();
        assert_eq!(telegram.readings.len(), 5);
        assert_eq!(telegram.readings[1].value, Value::Number(Decimal::new(12_345, -3)));
        for byte in 11..frame.len() {
            let mut changed = frame.clone();
            changed[byte] ^= 0x04;
            let refusal = decode(&changed, &KeyRing::new(), &DecodeOptions::default()).unwrap_err();
            assert_eq!(refusal.kind(), "format-unknown", "byte {byte}");
        }
    }
}
