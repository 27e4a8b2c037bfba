//! `tidstro decode`: lines → readings, without a database.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use tidstro_dlms::{Framing, P1Refusal, P1Step, decode_p1, recognise};
use tidstro_flows::Lines;
use tidstro_model::MeterId;
use tidstro_telegram::uplink::{self, Uplink};
use tidstro_telegram::{DecodeOptions, Formats, Fragments, KeyRing, LineKey, Refusal, Telegram, decode_with};

mod pushes;

use self::pushes::{Pushed, Pushes};
use super::{Input, key_file};
use crate::Outcome;
use crate::args::Decode;
use crate::fault::CommandFault;
use crate::show::push::Said;
use crate::show::report::counted;
use crate::show::telegram::{
    Heard, fault_json, flags_alone_json, is_invalid, reading_json, refusal_json, telegram_table,
};
use crate::show::{note, plain};

pub(crate) fn run(command: &Decode) -> Result<Outcome, CommandFault> {
    let keys = key_file(command.keys.as_deref())?;
    let mut input = Input::open(&command.file)?;
    let mut decoding = Decoding {
        pushes: Pushes::new(tidstro_dlms::KeyRing::of(&keys.titles)),
        ring: KeyRing::of(keys.meters),
        formats: Formats::new(),
        fragments: Fragments::new(),
        options: DecodeOptions { assume_decrypted: command.assume_decrypted, ..DecodeOptions::default() },
        json: command.json,
        out: BufWriter::new(std::io::stdout().lock()),
        count: Count::default(),
    };
    let mut lines = Lines::new(&mut *input.reader, &input.name);
    while let Some(line) = lines.next()? {
        decoding.line(line.number, line.bytes)?;
    }
    decoding.finish()
}

/// What was counted on the way.
#[derive(Default)]
struct Count {
    lines: u64,
    telegrams: u64,
    readings: u64,
    /// Readings without a value.
    invalid: u64,
    record_faults: u64,
    refused: BTreeMap<&'static str, u64>,
}

struct Decoding<W: Write> {
    ring: KeyRing,
    /// What the full frames of this input taught about compact ones that follow.
    formats: Formats,
    /// Messages of electricity meters.
    pushes: Pushes,
    /// Pieces of messages that come in several telegrams.
    fragments: Fragments,
    options: DecodeOptions,
    json: bool,
    out: W,
    count: Count,
}

impl<W: Write> Decoding<W> {
    fn line(&mut self, number: u64, bytes: &[u8]) -> Result<(), CommandFault> {
        let bytes = bytes.trim_ascii_end();
        match self.pushes.p1_line(bytes) {
            P1Step::Inside => return Ok(()),
            P1Step::Whole(text) => return self.p1(number, &text),
            P1Step::Broken => {
                let what = P1Refusal::Unfinished { offset: 0 };
                self.refuse(number, what.kind(), &format!("a P1 telegram before it: {what}"), None)?;
                return self.line(number, bytes);
            }
            P1Step::Other => {}
        }
        match uplink::parse_line(bytes) {
            Ok(None) => Ok(()),
            Ok(Some(uplink)) => match recognise(&uplink.frame) {
                Some(framing) => self.push(number, &uplink, framing),
                None => self.uplink(number, &uplink),
            },
            Err(fault) => self.refuse(number, fault.kind(), &fault.to_string(), None),
        }
    }

    fn uplink(&mut self, number: u64, uplink: &Uplink) -> Result<(), CommandFault> {
        match self.decode(uplink) {
            Ok(Some(mut telegram)) => {
                if let Some(format) = telegram.format.take() {
                    self.formats.insert(format);
                }
                self.telegram(number, uplink, &telegram)
            }
            Ok(None) => {
                self.count.lines += 1;
                Ok(())
            }
            Err(refusal) => self.refuse(number, refusal.kind(), &refusal.to_string(), refusal.meter()),
        }
    }

    fn push(&mut self, number: u64, uplink: &Uplink, framing: Framing) -> Result<(), CommandFault> {
        match self.pushes.frame(uplink, framing) {
            Pushed::Whole(pushes) => {
                for push in pushes {
                    match push {
                        Ok(push) => self.said(&Said::push(number, framing, &push))?,
                        Err(refusal) => self.refuse(number, refusal.kind(), &refusal.to_string(), None)?,
                    }
                }
            }
            Pushed::Piece => self.count.lines += 1,
            Pushed::Refused(refusal) => self.refuse(number, refusal.kind(), &refusal.to_string(), None)?,
        }
        Ok(())
    }

    fn p1(&mut self, number: u64, text: &[u8]) -> Result<(), CommandFault> {
        for telegram in decode_p1(text) {
            match telegram {
                Ok(telegram) => self.said(&Said::p1(number, &telegram))?,
                Err(refusal) => self.refuse(number, refusal.kind(), &refusal.to_string(), None)?,
            }
        }
        Ok(())
    }

    fn said(&mut self, said: &Said<'_>) -> Result<(), CommandFault> {
        self.count.lines += 1;
        self.count.telegrams += 1;
        self.count.readings += said.count() as u64;
        self.count.invalid += said.invalid() as u64;
        self.count.record_faults += said.faults() as u64;
        if !self.json {
            writeln!(self.out, "{}", plain(&said.table()))?;
            return Ok(());
        }
        for reading in said.readings_json()? {
            serde_json::to_writer(&mut self.out, &reading)?;
            writeln!(self.out)?;
        }
        for fault in said.faults_json() {
            serde_json::to_writer(&mut self.out, &fault)?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// `None` for a piece of a message whose others have not come.
    fn decode(&mut self, uplink: &Uplink) -> Result<Option<Telegram>, Refusal> {
        let keys = LineKey { own: uplink.key.as_ref(), ring: &self.ring };
        match decode_with(&uplink.frame, &keys, &self.formats, &self.options) {
            Err(Refusal::Fragment { .. }) => {
                self.fragments.add(&uplink.frame, &keys, &self.formats, &self.options)
            }
            decoded => decoded.map(Some),
        }
    }

    fn telegram(&mut self, number: u64, uplink: &Uplink, telegram: &Telegram) -> Result<(), CommandFault> {
        self.count.lines += 1;
        self.count.telegrams += 1;
        self.count.readings += telegram.readings.len() as u64;
        self.count.invalid += telegram.readings.iter().filter(|reading| is_invalid(reading)).count() as u64;
        self.count.record_faults += telegram.faults.len() as u64;
        let heard = Heard { line: number, received: uplink.received, telegram };
        if !self.json {
            writeln!(self.out, "{}", telegram_table(&heard))?;
            return Ok(());
        }
        for reading in &telegram.readings {
            serde_json::to_writer(&mut self.out, &reading_json(&heard, reading)?)?;
            writeln!(self.out)?;
        }
        if let Some(flags) = flags_alone_json(&heard) {
            serde_json::to_writer(&mut self.out, &flags)?;
            writeln!(self.out)?;
        }
        for fault in &telegram.faults {
            serde_json::to_writer(&mut self.out, &fault_json(&heard, fault))?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn refuse(
        &mut self,
        number: u64,
        kind: &'static str,
        what: &str,
        meter: Option<MeterId>,
    ) -> Result<(), CommandFault> {
        self.count.lines += 1;
        *self.count.refused.entry(kind).or_default() += 1;
        if self.json {
            serde_json::to_writer(&mut self.out, &refusal_json(number, kind, what, meter))?;
            writeln!(self.out)?;
        } else {
            writeln!(self.out, "line {number}: refused: {}\n", plain(what))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, CommandFault> {
        self.out.flush()?;
        let Count { lines, telegrams, readings, invalid, record_faults, refused } = &self.count;
        note(format_args!(
            "{}: {} with {}, {}",
            counted(*lines, "line"),
            counted(*telegrams, "telegram"),
            counted(*readings, "reading"),
            counted(*record_faults, "unreadable record"),
        ));
        if *invalid > 0 {
            note(format_args!("  without a value: {}", counted(*invalid, "reading")));
        }
        for (kind, count) in refused {
            note(format_args!("  refused {kind}: {count}"));
        }
        let waiting = self.fragments.len() as u64 + self.pushes.open();
        if waiting > 0 {
            note(format_args!("  messages whose other fragments did not come: {waiting}"));
        }
        if *lines == 0 {
            note(format_args!("no telegram in the input; give lines of hex, rtl-wmbus or JSON"));
        }
        Ok(if refused.is_empty() && *record_faults == 0 && waiting == 0 {
            Outcome::Done
        } else {
            Outcome::Refused
        })
    }
}
