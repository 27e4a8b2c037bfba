//! One call of a meter: connect, associate, clock, load profile, event logs, release.
//!
//! What comes in: where the meter is, its keys, counters for this call alone, and since when it is to be read. What goes
//! out: what it said, as far as it came, and why not further. It touches no store, so that many calls run beside each
//! other.

use std::sync::Arc;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use tidstro_dlms::{
    Authentication, Carrier, Client, ClientConfig, Column, DateTime, Definition, Get, HdlcConfig, HdlcLink,
    Keys, Password, Profile, Protection, RawAlarm, Row, Scale, Selection, WrapperLink, logged_alarms,
};
use tidstro_model::{DeviceId, Obis, SystemTitle};
use tokio::time::timeout;

use super::fault::CallFault;
use super::limits::Limits;
use super::meters::{CarrierKind, MeterAddress};
use super::talk::Talk;

const CLOCK: Obis = Obis([0, 0, 1, 0, 0, 255]);
/// What a meter calls itself: its logical device name, and its number (IEC 62056-6-1 § 6.2.4).
const NAMES: [Obis; 2] = [Obis([0, 0, 42, 0, 0, 255]), Obis([0, 0, 96, 1, 0, 255])];
/// Longest APDU we take.
const MAX_APDU: u16 = 0xffff;
/// Authenticated and encrypted, suite 0.
const PROTECTED: u8 = 0x30;

/// How we prove who we are in one call.
pub(super) enum Proof {
    None,
    Password(Password),
    /// The meter's keys, and counters of ours that nobody else uses.
    Keys {
        keys: Keys,
        first: u32,
        end: u32,
        meter: Option<u32>,
        challenge: Vec<u8>,
    },
}

/// What to call for.
pub(super) struct Job {
    pub(super) meter: Arc<MeterAddress>,
    pub(super) client: SystemTitle,
    pub(super) limits: Limits,
    pub(super) proof: Proof,
    /// Rows after the first moment, to the second one included.
    pub(super) span: (Timestamp, Timestamp),
    /// Whether event logs may be collected: what may not be kept is not read.
    pub(super) reads_logs: bool,
    /// The time when the job was made.
    pub(super) now: Timestamp,
}

/// What a call brought.
pub(super) struct Brought {
    /// How far the meter's clock is ahead.
    pub(super) clock_ahead: Option<SignedDuration>,
    /// The load profile and its rows, in slices as they came.
    pub(super) profile: Option<Profile>,
    pub(super) slices: Vec<Vec<Row>>,
    /// Codes of the event logs.
    pub(super) alarms: Vec<RawAlarm>,
    /// The highest counter the meter has shown.
    pub(super) meter_counter: Option<u32>,
    /// Whether it reached its end, and why not.
    pub(super) ended: Result<(), CallFault>,
}

impl Brought {
    /// Of a call that was not made.
    pub(super) fn nothing(fault: CallFault) -> Self {
        let ended = Err(fault);
        Self { ended, ..Self::empty() }
    }

    const fn empty() -> Self {
        Self {
            clock_ahead: None,
            profile: None,
            slices: Vec::new(),
            alarms: Vec::new(),
            meter_counter: None,
            ended: Ok(()),
        }
    }
}

/// Calls the meter. Takes no longer than its limits allow.
pub(super) async fn call(job: Job) -> Brought {
    let mut brought = Brought::empty();
    let (limit, seconds) = (job.limits.call(), job.limits.call_seconds);
    // What has come before the limit stays.
    let ended = timeout(limit, read(job, &mut brought)).await;
    brought.ended = ended.unwrap_or(Err(CallFault::TooLong { seconds }));
    brought
}

async fn read(job: Job, brought: &mut Brought) -> Result<(), CallFault> {
    let Job { meter, client, limits, proof, span, reads_logs, now } = job;
    let (client, counters_end) = dlms_client(client, proof);
    let opened = Talk::open(&meter.address, (carrier(&meter, &limits), client), counters_end, &limits).await;
    let reader = Reader { talk: opened?, meter: &meter, span, reads_logs, now };
    reader.read(brought, limits.slice()).await
}

fn carrier(meter: &MeterAddress, limits: &Limits) -> Carrier {
    match meter.carrier {
        CarrierKind::Wrapper => {
            let (client, server) = meter.points;
            Carrier::Wrapper(WrapperLink::new(client, server, limits.answer()))
        }
        CarrierKind::Hdlc { client, server } => {
            let config = HdlcConfig { answer_within: limits.answer(), ..HdlcConfig::new(client, server) };
            Carrier::Hdlc(HdlcLink::new(config))
        }
    }
}

/// A client, and the first counter it may not use.
fn dlms_client(title: SystemTitle, proof: Proof) -> (Client, Option<u32>) {
    let mut random = Vec::new();
    let mut counters_end = None;
    let (authentication, protection) = match proof {
        Proof::None => (Authentication::None, None),
        Proof::Password(password) => (Authentication::Low(password), None),
        Proof::Keys { keys, first, end, meter, challenge } => {
            (random, counters_end) = (challenge, Some(end));
            let suite = if matches!(keys.encryption, tidstro_dlms::Key::Aes256(_)) { 2 } else { 0 };
            let control = PROTECTED | suite;
            let protection = Protection { keys, control, counter: first, meter_counter: meter };
            (Authentication::Gmac, Some(protection))
        }
    };
    let config = ClientConfig { title, authentication, protection, max_apdu: MAX_APDU };
    (Client::new(config, &random), counters_end)
}

/// A meter that has let us in.
struct Reader<'m> {
    talk: Talk,
    meter: &'m MeterAddress,
    span: (Timestamp, Timestamp),
    reads_logs: bool,
    now: Timestamp,
}

impl Reader<'_> {
    async fn read(mut self, brought: &mut Brought, slice: SignedDuration) -> Result<(), CallFault> {
        let read = self.everything(brought, slice).await;
        brought.meter_counter = self.talk.client.counters().and_then(|(_, meter)| meter);
        read?;
        self.talk.close().await;
        Ok(())
    }

    async fn everything(&mut self, brought: &mut Brought, slice: SignedDuration) -> Result<(), CallFault> {
        self.is_the_meter().await?;
        self.talk.part = "clock";
        let deviation = self.clock(brought).await?;
        self.talk.part = "load profile";
        self.load_profile(brought, deviation, slice).await?;
        self.talk.part = "event logs";
        let logs: &[Obis] = if self.reads_logs { &self.meter.logs } else { &[] };
        for log in logs {
            brought.alarms.extend(self.log(*log, deviation).await?);
        }
        Ok(())
    }

    /// Keys prove a title; a name is asked for.
    async fn is_the_meter(&mut self) -> Result<(), CallFault> {
        let device = self.meter.device;
        let is_it = match device {
            DeviceId::Title(title) => self.talk.meter() == Some(title),
            DeviceId::Named(name) => self.is_called(name.as_str()).await?,
            DeviceId::Mbus(_) => false,
        };
        if is_it { Ok(()) } else { Err(CallFault::OtherMeter { device }) }
    }

    async fn is_called(&mut self, name: &str) -> Result<bool, CallFault> {
        for obis in NAMES {
            let said = self.talk.get_if_given(&attribute(1, obis, 2)).await?;
            if said.is_some_and(|said| said.text() == Some(name)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the clock and notes how far it is ahead. Gives its deviation from UTC.
    async fn clock(&mut self, brought: &mut Brought) -> Result<i16, CallFault> {
        let asked = self.talk.now();
        let clock = self.talk.get(&attribute(8, CLOCK, 2)).await?;
        let clock = clock.date_time().ok_or(CallFault::Odd { what: "clock" })?;
        // The meter looked at its clock somewhere between request and answer.
        let between = SignedDuration::try_from((asked + self.talk.now()) / 2).unwrap_or_default();
        let deviation = clock.deviation_minutes().or(self.meter.deviation_minutes);
        let deviation =
            deviation.ok_or(CallFault::Odd { what: "clock, which does not say its deviation," })?;
        let true_time = self.now.checked_add(between).unwrap_or(self.now);
        brought.clock_ahead = clock.instant_with(deviation).map(|clock| clock.duration_since(true_time));
        Ok(deviation)
    }

    async fn load_profile(
        &mut self,
        brought: &mut Brought,
        deviation: i16,
        slice: SignedDuration,
    ) -> Result<(), CallFault> {
        let profile = self.profile(self.meter.profile).await?;
        let expected = self.meter.period.seconds().unwrap_or_default();
        if profile.period_seconds != expected {
            return Err(CallFault::Period { expected, got: profile.period_seconds });
        }
        brought.profile = Some(profile.clone());
        let (mut from, end) = self.span;
        while from < end {
            let to = from.checked_add(slice).unwrap_or(end).min(end);
            brought.slices.push(self.rows(&profile, (from, to), deviation).await?);
            from = to;
        }
        Ok(())
    }

    /// The codes of an event log since the meter was read last; none if the meter has no such log.
    async fn log(&mut self, log: Obis, deviation: i16) -> Result<Vec<RawAlarm>, CallFault> {
        match self.profile(log).await {
            Ok(profile) => {
                let rows = self.rows(&profile, (self.span.0, self.now), deviation).await?;
                Ok(logged_alarms(&profile, &rows))
            }
            Err(CallFault::Client(fault)) if fault.is_answer() => Ok(Vec::new()),
            Err(fault) => Err(fault),
        }
    }

    /// What a profile captures, with the scale of each column.
    async fn profile(&mut self, obis: Obis) -> Result<Profile, CallFault> {
        let captured = self.talk.get(&attribute(7, obis, 3)).await?;
        let definitions = Definition::list(&captured).ok_or(CallFault::Odd { what: "list of columns" })?;
        let period = self.talk.get(&attribute(7, obis, 4)).await?.integer();
        let period = period.and_then(|period| u32::try_from(period).ok());
        let period_seconds = period.ok_or(CallFault::Odd { what: "capture period" })?;
        let mut columns = Vec::with_capacity(definitions.len());
        for definition in definitions {
            columns.push(Column { definition, scale: self.scale(definition).await? });
        }
        Ok(Profile { obis, columns, period_seconds })
    }

    async fn scale(&mut self, definition: Definition) -> Result<Option<Scale>, CallFault> {
        let Some(scale) = definition.scale_attribute() else { return Ok(None) };
        let Definition { class, obis, .. } = definition;
        let said = self.talk.get_if_given(&attribute(class, obis, scale)).await?;
        Ok(said.as_ref().and_then(Scale::read))
    }

    /// Rows from one moment to another, both included.
    async fn rows(
        &mut self,
        profile: &Profile,
        (from, to): (Timestamp, Timestamp),
        deviation: i16,
    ) -> Result<Vec<Row>, CallFault> {
        let odd = CallFault::Odd { what: "clock" };
        let from = clock_time(from, deviation).ok_or(odd.clone())?;
        let to = clock_time(to, deviation).ok_or(odd)?;
        let selection = Some(Selection::Range { from, to });
        let buffer = self.talk.get(&Get { selection, ..attribute(7, profile.obis, 2) }).await?;
        Ok(profile.rows(&buffer, Some(deviation))?)
    }
}

const fn attribute(class: u16, obis: Obis, attribute: i8) -> Get {
    Get { class, obis, attribute, selection: None }
}

/// An instant as the meter's clock shows it.
fn clock_time(at: Timestamp, deviation: i16) -> Option<DateTime> {
    let offset = Offset::from_seconds(-60 * i32::from(deviation)).ok()?;
    // Status not specified: it is a question, not a clock.
    DateTime::of(offset.to_datetime(at), Some(deviation), 0xff)
}
