//! The file that says where meters are and how they are spoken to.
//!
//! What comes in: TOML with `[client]`, `[limits]`, and a `[[meter]]` for each or the names of tables in CSV. What goes out:
//! [`Meters`], or the fault with its line. It holds no key and no password: keys are in the sealed store, a password is in a variable the file names.

mod table;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::Deserialize;
use tidstro_dlms::ServerAddress;
use tidstro_model::{DeviceId, Obis, Resolution, SystemTitle};
use tidstro_wire::OpenQuote;
use toml::Spanned;

use super::limits::Limits;

/// Where meters are, and how to speak to them.
#[derive(Debug, Clone)]
pub struct Meters {
    pub(super) client: SystemTitle,
    pub(super) limits: Limits,
    pub(super) list: Vec<Arc<MeterAddress>>,
}

impl Meters {
    /// How many meters there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The limits it asks for.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The last end of a cycle that is not after this moment.
    #[must_use]
    pub fn cycle_at(&self, now: jiff::Timestamp) -> jiff::Timestamp {
        let second = now.as_second();
        let end = second - second.rem_euclid(self.limits.cycle().as_secs());
        jiff::Timestamp::from_second(end).unwrap_or(now)
    }
}

/// One meter, where it is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterAddress {
    /// Who it is.
    pub device: DeviceId,
    /// Host and port.
    pub address: String,
    pub(super) carrier: CarrierKind,
    /// Client and server, as the wrapper numbers them.
    pub(super) points: (u16, u16),
    pub(super) access: AccessKind,
    pub(super) profile: Obis,
    /// Resolution of the profile.
    pub(super) period: Resolution,
    pub(super) logs: Vec<Obis>,
    /// What its clock deviates from UTC where it does not say so itself.
    pub(super) deviation_minutes: Option<i16>,
}

/// What carries APDUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CarrierKind {
    Wrapper,
    Hdlc { client: u8, server: ServerAddress },
}

/// How we prove who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AccessKind {
    None,
    /// A password in the variable with this name.
    Password(String),
    /// The stored keys of the meter's system title.
    Keys,
}

/// Why a file of meters was refused. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetersFault {
    /// Not TOML of this form.
    #[error("line {line}: {reason}; write `[client]`, then `[[meter]]` with `device` and `address`")]
    Toml {
        /// The line.
        line: usize,
        /// The parser's own words.
        reason: String,
    },
    /// No meter at all.
    #[error("names no meter; write `[[meter]]` with `device` and `address`")]
    Empty,
    /// A field that cannot be read.
    #[error("line {line}: `{field}` is `{got}`; write {expected}")]
    Field {
        /// The line.
        line: usize,
        /// The field.
        field: &'static str,
        /// What it says, cut to 60 characters.
        got: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A meter that is there already.
    #[error("line {line}: meter `{device}` is there already; name each meter once")]
    Twice {
        /// The line.
        line: usize,
        /// The meter.
        device: DeviceId,
    },
    /// A column of a table that is no field of a meter, or is there twice.
    #[error(
        "line {line}: `{got}` is no field of a meter, or is there twice; write `device`, `address` and others of `[[meter]]`"
    )]
    Column {
        /// The line.
        line: usize,
        /// What it says, cut to 60 characters.
        got: String,
    },
    /// A line of a table with too few or too many fields.
    #[error("line {line}: has {got} fields, expected {expected}, as many as the header")]
    Fields {
        /// The line.
        line: usize,
        /// Fields of the header.
        expected: usize,
        /// Fields found.
        got: usize,
    },
    /// A quote of a table that stays open.
    #[error("line {line}: {fault}")]
    Quote {
        /// The line.
        line: usize,
        /// Which.
        #[source]
        fault: OpenQuote,
    },
    /// A line of a table without what each meter needs.
    #[error("line {line}: says no `{field}`; each meter needs one")]
    Unsaid {
        /// The line.
        line: usize,
        /// The field.
        field: &'static str,
    },
    /// A table with a fault.
    #[error("`{name}` {fault}")]
    Table {
        /// Its name, as the file says it.
        name: String,
        /// What is wrong in it.
        #[source]
        fault: Box<MetersFault>,
    },
    /// A table that cannot be read.
    #[error("`{name}` cannot be read: {reason}; write its path from the folder of this file on")]
    Unreadable {
        /// Its name, as the file says it.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// A limit that makes no sense.
    #[error("`[limits]`: {reason}; correct it")]
    Limits {
        /// Why.
        reason: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    client: WrittenClient,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    meter: Vec<WrittenMeter>,
    #[serde(default)]
    table: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenClient {
    title: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMeter {
    device: Spanned<String>,
    address: Spanned<String>,
    carrier: Option<Spanned<String>>,
    client: Option<u16>,
    server: Option<u16>,
    physical: Option<u16>,
    security: Option<Spanned<String>>,
    password_variable: Option<String>,
    profile: Option<Spanned<String>>,
    period: Option<Spanned<String>>,
    logs: Option<Vec<Spanned<String>>>,
    deviation_minutes: Option<i16>,
}

/// The client that reads values; 16 is the public one.
const READING_CLIENT: u16 = 2;
const MANAGEMENT: u16 = 1;
const LOAD_PROFILE: Obis = Obis([1, 0, 99, 1, 0, 255]);
/// The standard event log and, by most profiles, the one of power quality (IEC 62056-6-1 § 6.2.61).
const LOGS: [Obis; 2] = [Obis([0, 0, 99, 98, 0, 255]), Obis([0, 0, 99, 98, 4, 255])];

impl Meters {
    /// Reads the file; `read` gives the text of a table it names.
    ///
    /// # Errors
    /// [`MetersFault`]: nothing of a faulty file is used.
    pub fn parse(
        text: &str,
        read: &mut dyn FnMut(&str) -> std::io::Result<String>,
    ) -> Result<Self, MetersFault> {
        let reader = Reader { text };
        let written: Written = toml::from_str(text).map_err(|fault| reader.toml(&fault))?;
        if let Some(reason) = written.limits.fault() {
            return Err(MetersFault::Limits { reason });
        }
        let title = &written.client.title;
        let client = SystemTitle::parse(title.get_ref())
            .map_err(|_| reader.field("title", title, "16 hexadecimal digits, the maker's letters first"))?;
        let mut list = List::default();
        list.take(&reader, &written.meter)?;
        for name in written.table {
            list.take_table(&name, read)?;
        }
        if list.meters.is_empty() {
            Err(MetersFault::Empty)
        } else {
            Ok(Self { client, limits: written.limits, list: list.meters })
        }
    }
}

/// Meters as they are read, each once.
#[derive(Default)]
struct List {
    meters: Vec<Arc<MeterAddress>>,
    known: FxHashSet<DeviceId>,
}

impl List {
    fn take(&mut self, reader: &Reader<'_>, written: &[WrittenMeter]) -> Result<(), MetersFault> {
        for meter in written {
            let address = reader.meter(meter)?;
            if !self.known.insert(address.device) {
                return Err(MetersFault::Twice { line: reader.line(&meter.device), device: address.device });
            }
            self.meters.push(Arc::new(address));
        }
        Ok(())
    }

    fn take_table(
        &mut self,
        name: &str,
        read: &mut dyn FnMut(&str) -> std::io::Result<String>,
    ) -> Result<(), MetersFault> {
        let text = read(name)
            .map_err(|fault| MetersFault::Unreadable { name: name.to_owned(), reason: fault.to_string() })?;
        let taken = table::rows(&text).and_then(|rows| self.take(&Reader { text: &text }, &rows));
        taken.map_err(|fault| MetersFault::Table { name: name.to_owned(), fault: Box::new(fault) })
    }
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn meter(&self, written: &WrittenMeter) -> Result<MeterAddress, MetersFault> {
        let device = self.device(&written.device)?;
        let access = self.access(written, device)?;
        let points = (written.client.unwrap_or(READING_CLIENT), written.server.unwrap_or(MANAGEMENT));
        let profile = written.profile.as_ref().map(|profile| self.obis("profile", profile)).transpose()?;
        let logs = written.logs.as_ref().map(|logs| logs.iter().map(|log| self.obis("logs", log)).collect());
        Ok(MeterAddress {
            device,
            address: self.address(&written.address)?,
            carrier: self.carrier(written, points)?,
            points,
            access,
            profile: profile.unwrap_or(LOAD_PROFILE),
            period: self.period(written.period.as_ref())?,
            logs: logs.transpose()?.unwrap_or_else(|| LOGS.to_vec()),
            deviation_minutes: written.deviation_minutes,
        })
    }

    fn device(&self, device: &Spanned<String>) -> Result<DeviceId, MetersFault> {
        let expected = "`title` and 16 hexadecimal digits, or `name` and the name it gives itself";
        let read = DeviceId::parse(device.get_ref()).ok().filter(|device| device.meter().is_none());
        read.ok_or_else(|| self.field("device", device, expected))
    }

    fn address(&self, address: &Spanned<String>) -> Result<String, MetersFault> {
        let parts = address.get_ref().rsplit_once(':');
        let is_right = parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if is_right {
            return Ok(address.get_ref().clone());
        }
        Err(self.field("address", address, "host and port, such as `192.0.2.7:4059`"))
    }

    fn carrier(&self, written: &WrittenMeter, points: (u16, u16)) -> Result<CarrierKind, MetersFault> {
        let Some(carrier) = &written.carrier else { return Ok(CarrierKind::Wrapper) };
        match carrier.get_ref().as_str() {
            "wrapper" => Ok(CarrierKind::Wrapper),
            "hdlc" => {
                let expected =
                    "`hdlc` with `client` up to 127, `server` up to 127 or with `physical` up to 16383";
                let client = u8::try_from(points.0).ok().filter(|client| *client < 128);
                let server = ServerAddress::new(points.1, written.physical);
                let hdlc = client.zip(server).map(|(client, server)| CarrierKind::Hdlc { client, server });
                hdlc.ok_or_else(|| self.field("carrier", carrier, expected))
            }
            _ => Err(self.field("carrier", carrier, "`wrapper` or `hdlc`")),
        }
    }

    /// Keys prove a title; without them a meter is known by the name it gives itself.
    fn access(&self, written: &WrittenMeter, device: DeviceId) -> Result<AccessKind, MetersFault> {
        let word = written.security.as_ref().map_or("keys", |security| security.get_ref().as_str());
        let spanned = written.security.as_ref().unwrap_or(&written.device);
        match (word, device) {
            ("keys", DeviceId::Title(_)) => Ok(AccessKind::Keys),
            ("keys", _) => Err(self.field("device", &written.device, "`title …` for a meter with keys")),
            ("none" | "password", DeviceId::Title(_)) => {
                Err(self.field("device", &written.device, "`name …` for a meter without keys"))
            }
            ("none", _) => Ok(AccessKind::None),
            ("password", _) => {
                let variable = written.password_variable.clone().filter(|name| !name.is_empty());
                let expected = "`password` together with `password_variable`, the variable that holds it";
                variable.map(AccessKind::Password).ok_or_else(|| self.field("security", spanned, expected))
            }
            _ => Err(self.field("security", spanned, "`keys`, `password` or `none`")),
        }
    }

    fn obis(&self, field: &'static str, code: &Spanned<String>) -> Result<Obis, MetersFault> {
        let read = Obis::parse(code.get_ref());
        read.map_err(|_| self.field(field, code, "a code such as `1-0:99.1.0`"))
    }

    fn period(&self, period: Option<&Spanned<String>>) -> Result<Resolution, MetersFault> {
        let Some(period) = period else { return Ok(Resolution::PT15M) };
        match period.get_ref().as_str() {
            "PT15M" => Ok(Resolution::PT15M),
            "PT1H" => Ok(Resolution::PT1H),
            _ => Err(self.field("period", period, "`PT15M` or `PT1H`")),
        }
    }

    fn field(&self, field: &'static str, got: &Spanned<String>, expected: &'static str) -> MetersFault {
        let text = got.get_ref().chars().take(60).collect();
        MetersFault::Field { line: self.line(got), field, got: text, expected }
    }

    fn line<T>(&self, spanned: &Spanned<T>) -> usize {
        self.line_at(spanned.span().start)
    }

    fn line_at(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }

    fn toml(&self, fault: &toml::de::Error) -> MetersFault {
        let at = fault.span().map_or(0, |span| span.start);
        MetersFault::Toml { line: self.line_at(at), reason: fault.message().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "[client]\ntitle = \"5444420000000001\"\n";

    fn no_table(_: &str) -> std::io::Result<String> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn meter(fields: &str) -> String {
        format!("{HEAD}[[meter]]\n{fields}")
    }

    #[test]
    fn a_meter_needs_no_more_than_who_and_where() {
        let text = meter("device = \"title 5444420000000007\"\naddress = \"192.0.2.7:4059\"\n");
        let meters = Meters::parse(&text, &mut no_table).unwrap();
        let meter = &meters.list[0];
        assert_eq!(
            (meter.points, meter.period, meter.carrier),
            ((2, 1), Resolution::PT15M, CarrierKind::Wrapper)
        );
        assert_eq!((meter.profile, meter.access.clone()), (LOAD_PROFILE, AccessKind::Keys));
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        assert_eq!(meters.cycle_at(at("2026-03-01T13:10:00Z")), at("2026-03-01T12:00:00Z"));
        assert_eq!(meters.cycle_at(at("2026-03-01T12:00:00Z")), at("2026-03-01T12:00:00Z"));
    }

    #[test]
    fn each_fault_has_its_line() {
        let title = "device = \"title 5444420000000007\"\n";
        let place = "address = \"[2001:db8::7]:4059\"\n";
        for (fields, line, field) in [
            (format!("device = \"KAM 12345678 v1B t07\"\n{place}"), 4, "device"),
            (format!("{title}address = \"192.0.2.7\"\n"), 5, "address"),
            (format!("{title}{place}carrier = \"serial\"\n"), 6, "carrier"),
            (format!("{title}{place}carrier = \"hdlc\"\nclient = 200\n"), 6, "carrier"),
            (format!("{title}{place}period = \"PT5M\"\n"), 6, "period"),
            (format!("{title}{place}profile = \"1.99.1\"\n"), 6, "profile"),
            (format!("{title}{place}logs = [\n\"x\"]\n"), 7, "logs"),
            (format!("{title}{place}security = \"none\"\n"), 4, "device"),
            (format!("device = \"name A1\"\n{place}security = \"password\"\n"), 6, "security"),
        ] {
            let fault = Meters::parse(&meter(&fields), &mut no_table).unwrap_err();
            let is_it = matches!(&fault, MetersFault::Field { line: at, field: named, .. }
                                 if (*at, *named) == (line, field));
            assert!(is_it, "{fields}: {fault}");
        }
        let twice = format!("{}[[meter]]\n{title}{place}", meter(&format!("{title}{place}")));
        assert!(matches!(Meters::parse(&twice, &mut no_table), Err(MetersFault::Twice { line: 7, .. })));
        assert!(matches!(
            Meters::parse(&meter("devise = 1\n"), &mut no_table),
            Err(MetersFault::Toml { line: 4, .. })
        ));
        assert_eq!(Meters::parse(HEAD, &mut no_table).unwrap_err(), MetersFault::Empty);
        let limits = format!("{HEAD}[limits]\ntries = 0\n");
        assert!(matches!(Meters::parse(&limits, &mut no_table), Err(MetersFault::Limits { .. })));
    }
}
