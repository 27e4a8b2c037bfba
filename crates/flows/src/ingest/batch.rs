//! Lines on their way to a batch: parsed, their frames opened, and counted in the report of their input.
//!
//! What comes in: lines of an input, or of several at once. What goes out: so many telegrams as one transaction takes. A line
//! that is no telegram, or whose frame is damaged, is refused with its number; the others go through.

use tidstro_model::SourceNo;
use tidstro_store::RawTelegram;
use tidstro_telegram::uplink::{self, Uplink};
use tidstro_telegram::{Key, Received};

use super::lines::Lines;
use super::report::Reports;
use super::{IngestReport, Message};
use crate::FlowFault;

/// Lines handled at once: two transactions, one for the raw bytes, one for the readings.
const BATCH_LINES: usize = 4_096;

/// Where lines come from.
#[derive(Clone, Copy)]
pub(super) struct Origin<'o> {
    pub(super) source: SourceNo,
    /// Who sent the lines, if neither they nor anybody else says so.
    pub(super) name: &'o str,
    /// The gateway that sent the lines, where more than their own word says so.
    pub(super) gateway: Option<&'o str>,
}

/// A line that is a telegram with a proven frame.
pub(super) struct Candidate {
    /// Its number in its input.
    pub(super) line: u64,
    /// Which input it is of.
    pub(super) input: usize,
    /// The key it brought.
    pub(super) key: Option<Key>,
    /// The telegram, its link layer opened.
    pub(super) received: Received,
}

/// Telegrams of a batch of lines.
#[derive(Default)]
pub(super) struct LineBatch {
    /// The telegrams, to be decoded.
    pub(super) candidates: Vec<Candidate>,
    /// The same ones, to be stored.
    pub(super) heard: Vec<RawTelegram>,
    /// Bytes of the input read so far.
    pub(super) read: u64,
}

/// A line of one of several inputs.
pub(super) struct LineOf<'l> {
    input: usize,
    number: u64,
    bytes: &'l [u8],
    origin: Origin<'l>,
}

/// Lines of messages, one after the other. A line's number is its message's.
pub(super) fn lines_of_messages<'m>(
    messages: &'m [Message],
    origin: Origin<'m>,
) -> impl Iterator<Item = LineOf<'m>> {
    (1..).zip(messages).flat_map(move |(number, message)| {
        let origin = Origin { name: &message.channel, ..origin };
        let lines = message.lines.split(|byte| *byte == b'\n');
        lines.map(move |bytes| LineOf { input: 0, number, bytes, origin })
    })
}

/// Lines of what several gateways sent, each an input of its own. Who sent it is known from more than the lines.
pub(super) fn lines_of_posts<'m>(
    posts: &'m [Message],
    origin: Origin<'m>,
) -> impl Iterator<Item = LineOf<'m>> {
    posts.iter().enumerate().flat_map(move |(input, post)| {
        let origin = Origin { name: &post.channel, gateway: Some(&post.channel), ..origin };
        let lines = (1..).zip(post.lines.split(|byte| *byte == b'\n'));
        lines.map(move |(number, bytes)| LineOf { input, number, bytes, origin })
    })
}

impl LineBatch {
    /// Reads lines until a batch of telegrams is full; `None` at the end of the input.
    pub(super) fn read(
        lines: &mut Lines<'_>,
        origin: &Origin<'_>,
        report: &mut IngestReport,
    ) -> Result<Option<Self>, FlowFault> {
        let mut batch = Self::default();
        while !batch.is_full() {
            let Some(line) = lines.next()? else {
                return Ok((!batch.candidates.is_empty()).then_some(batch));
            };
            batch.read = line.read;
            if let Some(uplink) = parse(line.number, line.bytes, report) {
                batch.add((0, line.number), uplink, origin, report);
            }
        }
        Ok(Some(batch))
    }

    /// Takes lines until a batch of telegrams is full; `None` if there are none left.
    pub(super) fn of<'l>(
        lines: &mut impl Iterator<Item = LineOf<'l>>,
        reports: &mut Reports,
    ) -> Option<Self> {
        let mut batch = Self::default();
        while !batch.is_full()
            && let Some(LineOf { input, number, bytes, origin }) = lines.next()
        {
            let report = reports.of(input);
            if let Some(uplink) = parse(number, bytes, report) {
                batch.add((input, number), uplink, &origin, report);
            }
        }
        (!batch.candidates.is_empty()).then_some(batch)
    }

    const fn is_full(&self) -> bool {
        self.candidates.len() >= BATCH_LINES
    }

    /// Adds a telegram whose frame names its meter; refuses another.
    fn add(
        &mut self,
        (input, line): (usize, u64),
        uplink: Uplink,
        origin: &Origin<'_>,
        report: &mut IngestReport,
    ) {
        let stated = origin.gateway.map(str::to_owned).or(uplink.gateway);
        match Received::open(uplink.frame) {
            Ok(received) => {
                self.heard.push(RawTelegram {
                    frame: received.bytes().to_vec(),
                    as_sent: received.as_sent(),
                    meter: received.meter().into(),
                    received: uplink.received,
                    gateway: stated.unwrap_or_else(|| origin.name.to_owned()),
                    rssi_dbm: uplink.rssi_dbm,
                });
                self.candidates.push(Candidate { line, input, key: uplink.key, received });
            }
            Err(refusal) => report.refuse(refusal.kind(), line, &refusal),
        }
    }
}

fn parse(number: u64, bytes: &[u8], report: &mut IngestReport) -> Option<Uplink> {
    match uplink::parse_line(bytes) {
        Ok(Some(uplink)) => {
            report.lines += 1;
            Some(uplink)
        }
        Ok(None) => None,
        Err(fault) => {
            report.lines += 1;
            report.refuse(fault.kind(), number, &fault);
            None
        }
    }
}
