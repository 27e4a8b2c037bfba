//! Lines on their way to a batch: parsed, their frames opened, and counted in the report of their input.
//!
//! What comes in: lines of an input, or of several at once. What goes out: so many telegrams as one transaction takes. A line
//! that is no telegram, or whose frame is damaged, is refused with its number; the others go through.

use tidstro_dlms::{P1Lines, P1Refusal, P1Step, recognise};
use tidstro_model::SourceNo;
use tidstro_store::RawTelegram;
use tidstro_telegram::uplink::{self, Uplink};
use tidstro_telegram::{Key, Received};

use super::lines::Lines;
use super::pushes::{Form, PushLine};
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
    /// Descriptions of exports.
    pub(super) forms: &'o [uplink::Form],
    /// The one that the lines are written by, if they begin with its header.
    pub(super) form: Option<&'o uplink::Form>,
}

impl Origin<'_> {
    /// The same, of lines that begin with this one.
    pub(super) fn beginning_with(self, first: &[u8]) -> Self {
        Self { form: self.forms.iter().find(|form| form.is_header(first)), ..self }
    }
}

/// The first line that says anything.
fn first_line(lines: &[u8]) -> &[u8] {
    let mut lines = lines.split(|byte| *byte == b'\n');
    lines.find(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#")).unwrap_or_default()
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
    /// Messages of electricity meters.
    pushes: Vec<PushLine>,
    /// Lines of a P1 telegram that is not whole.
    p1: P1Lines,
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
        let origin = Origin { name: &message.channel, ..origin }.beginning_with(first_line(&message.lines));
        let lines = lines_of(message);
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
        let origin = origin.beginning_with(first_line(&post.lines));
        let lines = (1..).zip(lines_of(post));
        lines.map(move |(number, bytes)| LineOf { input, number, bytes, origin })
    })
}

/// The lines of a message; one of raw bytes is a single one.
fn lines_of(message: &Message) -> impl Iterator<Item = &[u8]> {
    let is_raw = recognise(&message.lines).is_some();
    message.lines.split(move |byte| !is_raw && *byte == b'\n')
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
                batch.end(report);
                return Ok((!batch.is_empty()).then_some(batch));
            };
            batch.read = line.read;
            batch.line((0, line.number), line.bytes, origin, report);
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
            batch.line((input, number), bytes, &origin, reports.of(input));
        }
        batch.end(&mut reports.whole);
        (!batch.is_empty()).then_some(batch)
    }

    /// Messages of electricity meters, taken out.
    pub(super) fn take_pushes(&mut self) -> Vec<PushLine> {
        std::mem::take(&mut self.pushes)
    }

    /// A telegram of several lines is never cut.
    const fn is_full(&self) -> bool {
        self.candidates.len() + self.pushes.len() >= BATCH_LINES && !self.p1.is_open()
    }

    const fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.pushes.is_empty()
    }

    /// Takes a line: of a P1 telegram, the bytes of a push, or what a gateway writes.
    fn line(
        &mut self,
        (input, number): (usize, u64),
        bytes: &[u8],
        origin: &Origin<'_>,
        report: &mut IngestReport,
    ) {
        match self.p1.line(bytes) {
            P1Step::Inside => return,
            P1Step::Whole(text) => {
                report.lines += 1;
                self.push((input, number), (Form::P1, Uplink::of(text)), origin);
                return;
            }
            P1Step::Broken => {
                refuse_unfinished(number, report);
                return self.line((input, number), bytes, origin, report);
            }
            P1Step::Other => {}
        }
        if let Some(framing) = recognise(bytes) {
            report.lines += 1;
            self.push((input, number), (Form::Frames(framing), Uplink::of(bytes.to_vec())), origin);
            return;
        }
        let Some(uplink) = parse((number, origin.form), bytes, report) else { return };
        match recognise(&uplink.frame) {
            Some(framing) => self.push((input, number), (Form::Frames(framing), uplink), origin),
            None => self.add((input, number), uplink, origin, report),
        }
    }

    /// Nothing follows.
    fn end(&mut self, report: &mut IngestReport) {
        if std::mem::take(&mut self.p1).is_open() {
            refuse_unfinished(report.lines, report);
        }
    }

    fn push(&mut self, (input, line): (usize, u64), (form, uplink): (Form, Uplink), origin: &Origin<'_>) {
        let stated = origin.gateway.map(str::to_owned).or(uplink.gateway);
        self.pushes.push(PushLine {
            line,
            input,
            form,
            bytes: uplink.frame,
            received: uplink.received,
            rssi_dbm: uplink.rssi_dbm,
            gateway: stated.unwrap_or_else(|| origin.name.to_owned()),
        });
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

/// A P1 telegram whose last line did not come.
fn refuse_unfinished(number: u64, report: &mut IngestReport) {
    let fault = P1Refusal::Unfinished { offset: 0 };
    report.refuse(fault.kind(), number, &fault);
}

fn parse(
    (number, form): (u64, Option<&uplink::Form>),
    bytes: &[u8],
    report: &mut IngestReport,
) -> Option<Uplink> {
    match form.map_or_else(|| uplink::parse_line(bytes), |form| form.parse_row(bytes)) {
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
