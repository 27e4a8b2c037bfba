//! Decoding of a corpus: every telegram of a file in turn, all its meters known, and a peer on the same telegrams.
//!
//! The file has one telegram a line, as `conform wmbus` reads it. Without it these figures are skipped, aloud.

use std::{fs, hint::black_box, path::Path};

use tidstro_telegram::{DecodeOptions, Formats, KeyEntry, KeyRing, Telegram, address, decode_with, uplink};

use super::{
    Figure, Figures,
    decode::{ratio, telegrams},
    peer, per_second,
};

/// Rounds through the file within one measurement.
const TIMES: u32 = 50;

/// Where the corpus lies beside a checkout.
const BESIDE: &str = "../shared/corpus/wmbus/public.jsonl";

/// Every figure of the corpus at this path, or of the one beside the checkout.
pub(super) fn figures(path: Option<&Path>) -> Figures {
    let path = path.unwrap_or(Path::new(BESIDE));
    if !path.is_file() {
        eprintln!(
            "skipped: decoding of a corpus: there is no `{}`; give one with --corpus=PATH",
            path.display()
        );
        return Ok(Vec::new());
    }
    let corpus = Corpus::read(&fs::read_to_string(path)?);
    let all: Vec<&Heard> = corpus.heard.iter().collect();
    // A peer that reads less has less to do: only what both read is the same work.
    let both: Vec<&Heard> = all
        .iter()
        .copied()
        .filter(|heard| corpus.is_read(heard) && peer::records(&heard.frame) > 0)
        .collect();
    let read = all.iter().filter(|heard| corpus.is_read(heard)).count();
    let [ours, theirs] = [
        speed(&both, |heard| corpus.is_read(heard)),
        speed(&both, |heard| peer::records(black_box(&heard.frame)) > 0),
    ];
    let count = |telegrams: usize| u128::try_from(telegrams).unwrap_or(0);
    Ok(vec![
        telegrams(
            "decode whole public corpus, all its meters known".to_owned(),
            speed(&all, |heard| corpus.is_read(heard)),
        ),
        Figure::new("with readings, of its telegrams", count(read), "telegrams"),
        Figure::new("of these read by m-bus-parser too", count(both.len()), "telegrams"),
        telegrams("decode those that both read".to_owned(), ours),
        telegrams("the same by m-bus-parser".to_owned(), theirs),
        ratio("decode those that both read against m-bus-parser".to_owned(), ours, theirs),
    ])
}

/// One telegram of the file.
struct Heard {
    frame: Vec<u8>,
    /// Published decrypted, under a header that says otherwise.
    is_decrypted: bool,
}

/// A file's telegrams, and what is known of their meters.
struct Corpus {
    heard: Vec<Heard>,
    keys: KeyRing,
    formats: Formats,
}

impl Corpus {
    fn read(text: &str) -> Self {
        let mut corpus = Self { heard: Vec::new(), keys: KeyRing::new(), formats: Formats::new() };
        text.lines().for_each(|line| corpus.add(line));
        corpus.learn();
        corpus
    }

    fn add(&mut self, line: &str) {
        let row: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let is_decrypted = row.get("predecrypted").and_then(serde_json::Value::as_bool) == Some(true);
        let Ok(Some(uplink)) = uplink::parse_line(line.as_bytes()) else { return };
        if let (Ok(meter), Some(key)) = (address(&uplink.frame), uplink.key) {
            let (version, medium) = (Some(meter.version), Some(meter.medium));
            let entry =
                KeyEntry { manufacturer: meter.manufacturer, number: meter.number, version, medium, key };
            self.keys.insert(entry);
        }
        self.heard.push(Heard { frame: uplink.frame, is_decrypted });
    }

    /// Compact frames need the formats of full ones, which a receiver hears before long.
    fn learn(&mut self) {
        for index in 0..self.heard.len() {
            let telegram = self.heard.get(index).and_then(|heard| self.telegram(heard));
            telegram.and_then(|telegram| telegram.format).map(|format| self.formats.insert(format));
        }
    }

    fn telegram(&self, heard: &Heard) -> Option<Telegram> {
        let options = DecodeOptions { assume_decrypted: heard.is_decrypted, accept_clear: true };
        decode_with(black_box(&heard.frame), &self.keys, &self.formats, &options).ok()
    }

    fn is_read(&self, heard: &Heard) -> bool {
        self.telegram(heard).is_some_and(|telegram| !black_box(&telegram.readings).is_empty())
    }
}

/// Telegrams a second.
fn speed(heard: &[&Heard], read: impl Fn(&Heard) -> bool) -> u128 {
    let pass = || _ = black_box(heard.iter().filter(|heard| read(heard)).count());
    per_second(TIMES, pass) * u128::try_from(heard.len()).unwrap_or(0)
}
