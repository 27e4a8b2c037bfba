//! What the gateways deliver.
//!
//! What comes in: the town. What goes out: the lines of each gateway, local day by local day, in the order in
//! which they were heard. Each meter sends once in six hours; about 15 % of the telegrams are heard by both
//! gateways. Gateway 1 writes rtl-wmbus lines, gateway 2 JSON lines, part of them with checksums.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::chance::{Chance, Topic};
use crate::encode::{Envelope, Protection, encode, with_crc_a, with_crc_b};
use crate::facts::{Damage, DamagedLine};
use crate::period::instant;
use crate::place::{Meter, Security};
use crate::town::Town;

/// Seconds between two drains of a meter's values.
const DRAIN_SECONDS: i64 = 6 * 3600;

/// Latest start of a telegram after its meter's moment, in seconds.
const JITTER_SECONDS: i64 = 40;

/// Telegrams heard by both gateways, in thousandths.
const HEARD_TWICE_PERMILLE: u32 = 150;

/// A line that is no telegram, and no text either.
const RUBBISH: &[u8] = b"\xfe\xffgateway restarted; 3 frames lost \x00\x1b[0m\n";

/// How a gateway writes a telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineForm {
    /// `T1;1;1;2026-03-01 00:03:12.000;-71;;41234567;0x2E44…`, time in UTC.
    RtlWmbus,
    /// `{"telegram":"2e44…","received":"2026-03-01T00:03:14Z","rssi_dbm":-83,"gateway":"gw-2"}`.
    Json,
}

/// The gateways: file name and form of the lines.
const GATEWAYS: [(&str, LineForm); 2] =
    [("gateway-1.rtlwmbus.txt", LineForm::RtlWmbus), ("gateway-2.jsonl", LineForm::Json)];

/// One telegram as it goes over the air.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    /// How many six-hour drains of the period lie before it.
    pub(crate) ordinal: i64,
    /// Unix second.
    pub(crate) second: i64,
}

/// One telegram as one gateway heard it.
struct Heard {
    unix_millis: i64,
    rssi_dbm: i64,
    frame: Vec<u8>,
    meter_number: String,
}

/// The lines of a gateway, one item per local day, each ending with a line feed.
pub struct GatewayDays<'a> {
    town: &'a Town,
    gateway: usize,
    form: LineForm,
    next_day: u32,
}

impl GatewayDays<'_> {
    /// How this gateway writes a telegram.
    #[must_use]
    pub const fn form(&self) -> LineForm {
        self.form
    }
}

impl Iterator for GatewayDays<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let index = self.next_day;
        self.next_day += 1;
        (index < self.town.period.days()).then(|| self.town.gateway_day(self.gateway, self.form, index))
    }
}

impl Town {
    /// File name and lines of each gateway.
    #[must_use]
    pub fn gateway_files(&self) -> Vec<(String, GatewayDays<'_>)> {
        let file = |(gateway, (name, form)): (usize, (&str, LineForm))| {
            (name.to_owned(), GatewayDays { town: self, gateway, form, next_day: 0 })
        };
        GATEWAYS.into_iter().enumerate().map(file).collect()
    }

    /// Appends the whole file of the gateway with this index, from 0; nothing if there is none.
    pub fn write_gateway(&self, index: usize, out: &mut Vec<u8>) {
        if let Some((_, days)) = self.gateway_files().into_iter().nth(index) {
            days.for_each(|day| out.extend(day));
        }
    }

    /// The key file: `manufacturer,id,version,type,key`, version and type in hex. One meter's key is missing.
    #[must_use]
    pub fn keys_csv(&self) -> String {
        let mut out = String::from("manufacturer,id,version,type,key\n");
        for meter in self.meters.iter().filter(|meter| meter.id != self.facts.missing_key.meter) {
            let id = meter.id;
            let key = hex(&meter.key, 'x');
            let _ = writeln!(
                out,
                "{},{},{:02x},{:02x},{key}",
                id.manufacturer, id.number, id.version, id.medium.0
            );
        }
        out
    }

    /// The telegrams the meters of a metering point send in a local day, in the order of their meters, without
    /// checksums. None for unknown points and days outside the period.
    #[must_use]
    pub fn telegrams(&self, point_id: &str, day: Date) -> Vec<Vec<u8>> {
        let (Some(place), Some(index)) = (self.place_index.get(point_id), self.period.index_of(day)) else {
            return Vec::new();
        };
        let frames = |meter| self.sendings(meter, index).map(|sending| self.frame(meter, sending)).collect();
        self.meters_at(*place).flat_map::<Vec<_>, _>(frames).collect()
    }

    /// The frame of one sending, without checksums.
    pub(crate) fn frame(&self, meter: &Meter, sending: Sending) -> Vec<u8> {
        let sent = meter.sent_before + u32::try_from(sending.ordinal).unwrap_or(0);
        let [access_number, ..] = sent.to_le_bytes();
        let status = self.status(meter, sending);
        let envelope = Envelope { meter: meter.id, converter: meter.converter, access_number, status };
        let protection = match meter.security {
            Security::Mode5 => Protection::Mode5 { key: &meter.key },
            Security::Mode7 => Protection::Mode7 { key: &meter.key, counter: sent },
        };
        // A telegram of the world has at most nine records or twelve months, below the limits of the encoder.
        encode(&envelope, &protection, &self.records(meter, sending)).unwrap_or_default()
    }

    /// What the meter sends in the local day with this index.
    pub(crate) fn sendings<'a>(&'a self, meter: &'a Meter, day: u32) -> impl Iterator<Item = Sending> + 'a {
        let (from, until) = (self.period.start_of(day), self.period.start_of(day + 1));
        let first = (from - self.period.start()) / DRAIN_SECONDS - 1;
        let last = (until - self.period.start()) / DRAIN_SECONDS;
        (first.max(0)..=last).map(|ordinal| self.sending(meter, ordinal)).filter(move |sending| {
            (from..until).contains(&sending.second)
                && (meter.sends_from..meter.silent_from).contains(&sending.second)
        })
    }

    fn sending(&self, meter: &Meter, ordinal: i64) -> Sending {
        let jitter = self.air(meter, ordinal).between(0, JITTER_SECONDS);
        let second = self.period.start() + ordinal * DRAIN_SECONDS + meter.offset_seconds + jitter;
        Sending { ordinal, second }
    }

    /// Chance of one telegram. The first number is its jitter.
    fn air(&self, meter: &Meter, ordinal: i64) -> Chance {
        Chance::new(self.plan.seed, Topic::Air, meter.thing, ordinal.unsigned_abs())
    }

    /// The lines of one gateway and local day.
    fn gateway_day(&self, gateway: usize, form: LineForm, day: u32) -> Vec<u8> {
        let mut heard: Vec<Heard> = Vec::new();
        for meter in &self.meters {
            heard.extend(self.sendings(meter, day).filter_map(|sending| self.heard(meter, sending, gateway)));
        }
        heard
            .extend(self.damages(gateway, day).filter_map(|damage| self.heard_damaged(gateway, day, damage)));
        heard.sort_by(|a, b| (a.unix_millis, &a.meter_number).cmp(&(b.unix_millis, &b.meter_number)));
        let mut out = Vec::with_capacity(heard.len() * 256);
        for reception in &heard {
            append_line(&mut out, form, reception);
        }
        if self.damages(gateway, day).any(|damage| damage == Damage::Rubbish) {
            out.extend_from_slice(RUBBISH);
        }
        out
    }

    /// The telegram as this gateway heard it, if it did.
    fn heard(&self, meter: &Meter, sending: Sending, gateway: usize) -> Option<Heard> {
        let mut air = self.air(meter, sending.ordinal);
        let _jitter = air.between(0, JITTER_SECONDS);
        let twice = air.happens(HEARD_TWICE_PERMILLE);
        let wrapping = air.below(10);
        let near = (air.between(20, 900), air.between(-82, -48));
        let far = (air.between(900, 4000), air.between(-101, -84));
        let (delay_millis, rssi_dbm) = if meter.gateway == gateway { near } else { far };
        if meter.gateway != gateway && !twice {
            return None;
        }
        let frame = self.frame(meter, sending);
        let frame = if gateway == 1 { wrapped(frame, wrapping) } else { frame };
        let meter_number = meter.converter.unwrap_or(meter.id).number.to_string();
        Some(Heard { unix_millis: sending.second * 1000 + delay_millis, rssi_dbm, frame, meter_number })
    }

    /// How lines of one gateway and local day are damaged.
    fn damages(&self, gateway: usize, day: u32) -> impl Iterator<Item = Damage> {
        let day = self.period.day(day);
        let here = move |line: &&DamagedLine| line.gateway == gateway && line.day == day;
        self.facts.damaged.iter().filter(here).map(|line| line.damage)
    }

    /// A telegram of the day that the other gateway heard whole; none where the line is no telegram at all.
    fn heard_damaged(&self, gateway: usize, day: u32, damage: Damage) -> Option<Heard> {
        let mut others = self.meters.iter().filter(|meter| meter.gateway != gateway);
        let (meter, sending) = others.find_map(|meter| Some((meter, self.sendings(meter, day).next()?)))?;
        let frame = damaged(&self.frame(meter, sending), damage)?;
        let meter_number = meter.id.number.to_string();
        Some(Heard { unix_millis: sending.second * 1000 + 900, rssi_dbm: -104, frame, meter_number })
    }
}

/// Gateway 2 passes half of the frames on without checksums, three in ten in format A, two in ten in B.
fn wrapped(frame: Vec<u8>, wrapping: u32) -> Vec<u8> {
    match wrapping {
        0..=4 => frame,
        5..=7 => with_crc_a(&frame),
        _ => with_crc_b(&frame).unwrap_or(frame),
    }
}

/// The frame as a damaged line carries it.
fn damaged(frame: &[u8], damage: Damage) -> Option<Vec<u8>> {
    match damage {
        Damage::Truncated => frame.get(..frame.len() / 2).map(<[u8]>::to_vec),
        Damage::WrongCrc => {
            let mut frame = with_crc_a(frame);
            *frame.get_mut(20)? ^= 0x10;
            Some(frame)
        }
        Damage::Rubbish => None,
    }
}

/// One line in the gateway's form, with its line feed.
fn append_line(out: &mut Vec<u8>, form: LineForm, heard: &Heard) {
    let line = match form {
        LineForm::RtlWmbus => rtl_wmbus_line(heard),
        LineForm::Json => json_line(heard),
    };
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
}

fn rtl_wmbus_line(heard: &Heard) -> String {
    let time = instant(heard.unix_millis.div_euclid(1000)).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let millis = heard.unix_millis.rem_euclid(1000);
    let (rssi, number, hex) = (heard.rssi_dbm, &heard.meter_number, hex(&heard.frame, 'X'));
    format!("T1;1;1;{time}.{millis:03};{rssi};;{number};0x{hex}")
}

fn json_line(heard: &Heard) -> String {
    let received = instant(heard.unix_millis.div_euclid(1000));
    let (rssi, hex) = (heard.rssi_dbm, hex(&heard.frame, 'x'));
    format!(r#"{{"telegram":"{hex}","received":"{received}","rssi_dbm":{rssi},"gateway":"gw-2"}}"#)
}

/// Hex digits, upper case with `X`, lower case otherwise.
fn hex(bytes: &[u8], case: char) -> String {
    let digits: &[u8; 16] = if case == 'X' { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let digit = |nibble: u8| digits.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
