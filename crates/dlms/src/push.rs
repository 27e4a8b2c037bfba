//! A push: what a meter sent of its own accord, from its frames to its readings.
//!
//! What comes in: bytes, how they are framed, and keys. What goes out: every push in them in order, each a
//! [`Push`] or a [`Refusal`]. No value of a push leaves this module whose frame check, segments or
//! authentication tag was wrong.

use tidstro_model::{DeviceName, Obis, Reading, Unit, Value};

use crate::{
    Data, DateTime, Framing, Item, ItemFault, KeySource, Link, Refusal, Security, Service, SystemTitle,
    apdu::{self, Blocks, Notification},
    frame::{self, Message},
    list,
};

/// What one push says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Who spoke to whom on the link, where the framing says so.
    pub link: Option<Link>,
    /// What protected it, and so what is proven. The header's invocation counter must rise from push to push;
    /// whoever keeps state checks that.
    pub security: Security,
    /// What kind of notification it is.
    pub service: Service,
    /// Long invoke id and priority of a data-notification.
    pub invoke_id: Option<u32>,
    /// When the meter says it sent this.
    pub moment: Option<DateTime>,
    /// The value, exactly as the meter sent it.
    pub body: Data,
    /// The values with an OBIS code, whether their unit is known or not, in the order of the push.
    pub items: Vec<Item>,
    /// What can be said with a quantity and a unit, in the order of the push. Offsets count in the decrypted APDU.
    pub readings: Vec<Reading>,
    /// Items that are no reading, and why.
    pub faults: Vec<ItemFault>,
    /// The layout file that told what values without code or unit are.
    pub layout: Option<&'static str>,
}

/// Groups A to E of a code, and whether an object of them names the device.
type IsName = fn([u8; 5]) -> bool;

/// Objects that name a device, the best first: logical device name, device numbers, electricity numbers.
const NAMES: [IsName; 4] = [
    |obis| obis == [0, 0, 42, 0, 0],
    |obis| obis == [0, 0, 96, 1, 0],
    |obis| matches!(obis, [0, _, 96, 1, _]),
    |obis| matches!(obis, [1, _, 0, 0, _]),
];

impl Push {
    /// What the meter calls itself in this push: its logical device name, else a number of its own.
    #[must_use]
    pub fn device_name(&self) -> Option<DeviceName> {
        named(&self.readings, &NAMES)
    }
}

/// The text of the first reading that names the device, by the first kind of object there is.
pub(crate) fn named(readings: &[Reading], kinds: &[IsName]) -> Option<DeviceName> {
    let name = |is_name: &IsName| {
        readings.iter().find_map(|reading| {
            let Obis([a, b, c, d, e, _]) = reading.obis?;
            match &reading.value {
                Value::Text(text) if is_name([a, b, c, d, e]) => DeviceName::parse(text.trim()).ok(),
                _ => None,
            }
        })
    };
    kinds.iter().find_map(name)
}

/// What the caller knows beside the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options<'a> {
    /// Who sends on this connection: for protected APDUs that do not name their sender.
    pub sender: Option<SystemTitle>,
    /// Units of this meter's registers, as the operator knows them: for lists that do not say them. They come before
    /// what a layout file says.
    pub units: &'a [KnownUnit],
}

/// The unit of one register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUnit {
    /// The register.
    pub obis: Obis,
    /// Its unit.
    pub unit: Unit,
    /// Power of ten of its numbers in that unit.
    pub exponent: i8,
}

/// Decodes every push in the bytes; never empty.
///
/// Of a stream, the last refusal may be [`Refusal::Unfinished`]: keep the bytes from its offset and add what
/// comes next.
///
/// ```
/// use tidstro_dlms::{Framing, KeyRing, Options, decode};
///
/// // Data-notification: invoke id 1, no time, one structure of code, number, and scaler with unit (0.1 V).
/// let push = [
///     0x0f, 0, 0, 0, 1, 0x00, // header
///     0x02, 0x03, 0x09, 6, 1, 0, 32, 7, 0, 255, 0x12, 0x09, 0x03, 0x02, 0x02, 0x0f, 0xff, 0x16, 35,
/// ];
/// let pushes = decode(&push, Framing::Raw, &KeyRing::new(), &Options::default());
/// let push = pushes[0].as_ref().unwrap();
/// assert_eq!(push.readings[0].obis.unwrap().to_string(), "1-0:32.7.0");
/// assert_eq!(format!("{:?}", push.readings[0].value), "Number(230.7)");
/// ```
#[must_use]
pub fn decode(
    bytes: &[u8],
    framing: Framing,
    keys: &impl KeySource,
    options: &Options<'_>,
) -> Vec<Result<Push, Refusal>> {
    let decoder = Decoder { keys, options };
    apdus(bytes, framing).into_iter().map(|apdu| apdu.and_then(|apdu| decoder.push(&apdu))).collect()
}

/// One whole APDU, and who sent it on the link.
#[derive(Debug)]
pub(crate) struct Apdu {
    pub(crate) bytes: Vec<u8>,
    link: Option<Link>,
}

/// Every whole APDU in the bytes, in order, and what was refused; never empty.
pub(crate) fn apdus(bytes: &[u8], framing: Framing) -> Vec<Result<Apdu, Refusal>> {
    let mut gatherer = Gatherer::default();
    for message in frame::messages(bytes, framing) {
        match message {
            Ok(message) if framing == Framing::Raw => gatherer.several(&message),
            Ok(message) => {
                let (apdu, llc) = apdu::without_llc(&message.apdu);
                gatherer.apdu(apdu, message.offset + llc, message.link);
            }
            Err(refusal) => gatherer.damaged(refusal),
        }
    }
    gatherer.finish(framing)
}

/// Puts blocks together.
#[derive(Default)]
struct Gatherer {
    found: Vec<Result<Apdu, Refusal>>,
    blocks: Blocks,
}

impl Gatherer {
    /// APDUs one after the other, where each but the last says how long it is.
    fn several(&mut self, message: &Message) {
        let mut at = 0;
        while let Some(rest) = message.apdu.get(at..).filter(|rest| !rest.is_empty()) {
            let (apdu, llc) = apdu::without_llc(rest);
            let len = apdu::stated_len(apdu).unwrap_or(apdu.len());
            self.apdu(apdu.get(..len).unwrap_or(apdu), message.offset + at + llc, message.link);
            at += llc + len.max(1);
        }
    }

    fn apdu(&mut self, apdu: &[u8], offset: usize, link: Option<Link>) {
        if !apdu::is_block(apdu) {
            self.found.extend(self.blocks.finish().map(Err));
            self.found.push(Ok(Apdu { bytes: apdu.to_vec(), link }));
            return;
        }
        match self.blocks.add(apdu, offset) {
            Ok(None) => {}
            Ok(Some(bytes)) => self.found.push(Ok(Apdu { bytes, link })),
            Err(refusal) => self.found.push(Err(refusal)),
        }
    }

    /// What a damaged frame held may have been the next block.
    fn damaged(&mut self, refusal: Refusal) {
        self.blocks = Blocks::default();
        self.found.push(Err(refusal));
    }

    fn finish(mut self, framing: Framing) -> Vec<Result<Apdu, Refusal>> {
        self.found.extend(self.blocks.finish().map(Err));
        if self.found.is_empty() {
            self.found.push(Err(Refusal::Nothing { framing }));
        }
        self.found
    }
}

struct Decoder<'a, K> {
    keys: &'a K,
    options: &'a Options<'a>,
}

impl<K: KeySource> Decoder<'_, K> {
    fn push(&self, Apdu { bytes, link }: &Apdu) -> Result<Push, Refusal> {
        let (notification, security) = apdu::open(bytes, self.keys, self.options.sender)?;
        let listed = list::read(&notification, security, self.options.units)?;
        let Notification { service, invoke_id, moment, .. } = notification;
        Ok(Push {
            link: *link,
            security,
            service,
            invoke_id,
            moment,
            body: listed.body,
            items: listed.items,
            readings: listed.readings,
            faults: listed.faults,
            layout: listed.layout,
        })
    }
}
