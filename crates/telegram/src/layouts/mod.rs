//! What only makers define, read by layout files: `layouts/<maker>-<meter>.toml`.
//!
//! What comes in: proven and decrypted bytes that are no standard records, and who sent them. What goes out:
//! readings, if the one layout written for this maker, version, type and CI field fits: length, fixed bytes,
//! checksum, real dates. Otherwise nothing. No meter has code of its own here: a new one is a new file, with a
//! telegram and its expected readings inside. How to write one: `layouts/README.md`.

mod apply;
mod cipher;
mod date;
mod field;
mod file;
mod number;
mod parts;
#[cfg(test)]
mod tests;

use std::{
    ops::Range,
    sync::{Arc, LazyLock},
};

use rustc_hash::FxHashMap;
use tidstro_model::{Manufacturer, Medium, MeterId, Reading};

use crate::{
    Announced, Key, KeySource, Refusal, Security, Telegram,
    layers::Layers,
    link::{Frame, Wire},
    security::Content,
};
use apply::Source;
use file::{Layout, Window};

/// Every layout file: its name and text.
const FILES: &[(&str, &str)] = &[
    ("apa-at-wmbus-16-2", include_str!("../../layouts/apa-at-wmbus-16-2.toml")),
    ("apa-na-1", include_str!("../../layouts/apa-na-1.toml")),
    ("apt-08", include_str!("../../layouts/apt-08.toml")),
    ("apt-17-2", include_str!("../../layouts/apt-17-2.toml")),
    ("apt-e-itn", include_str!("../../layouts/apt-e-itn.toml")),
    ("bfw-240-radio", include_str!("../../layouts/bfw-240-radio.toml")),
    ("bmp-hydroclima", include_str!("../../layouts/bmp-hydroclima.toml")),
    ("bmt-hydrodigit", include_str!("../../layouts/bmt-hydrodigit.toml")),
    ("bmt-hydrodigit-17", include_str!("../../layouts/bmt-hydrodigit-17.toml")),
    ("gwf-battery", include_str!("../../layouts/gwf-battery.toml")),
    ("prios", include_str!("../../layouts/prios.toml")),
    ("prios-short", include_str!("../../layouts/prios-short.toml")),
    ("qds-allocator", include_str!("../../layouts/qds-allocator.toml")),
    ("qds-water", include_str!("../../layouts/qds-water.toml")),
    ("tch-compact-v", include_str!("../../layouts/tch-compact-v.toml")),
    ("tch-data-iii", include_str!("../../layouts/tch-data-iii.toml")),
    ("tch-data-iii-94", include_str!("../../layouts/tch-data-iii-94.toml")),
    ("tch-mk-radio-3", include_str!("../../layouts/tch-mk-radio-3.toml")),
    ("tch-mk-radio-3a", include_str!("../../layouts/tch-mk-radio-3a.toml")),
    ("tch-mk-radio-4", include_str!("../../layouts/tch-mk-radio-4.toml")),
    ("tch-smoke-detector-2", include_str!("../../layouts/tch-smoke-detector-2.toml")),
    ("tch-vario-451", include_str!("../../layouts/tch-vario-451.toml")),
];

/// The layouts by maker. A file that cannot be read is left out; a test reads every one.
static LAYOUTS: LazyLock<FxHashMap<Manufacturer, Vec<Arc<Layout>>>> = LazyLock::new(|| {
    let mut layouts: FxHashMap<Manufacturer, Vec<Arc<Layout>>> = FxHashMap::default();
    for layout in FILES.iter().filter_map(|(_, text)| Layout::parse(text).ok()) {
        let layout = Arc::new(layout);
        for maker in &layout.meters.makers {
            layouts.entry(*maker).or_default().push(Arc::clone(&layout));
        }
    }
    layouts
});

/// One of the layouts of this version, as it is listed to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLayout {
    /// The device's name.
    pub name: String,
    /// The makers' codes it is sent under.
    pub makers: Vec<Manufacturer>,
    /// Version bytes it is read of; none means any.
    pub versions: Vec<u8>,
    /// Device types it is read of; none means any.
    pub types: Vec<Medium>,
    /// Whether the values lie behind a CI field of the maker's own (A0 to B7), or in data of the maker's own among or in
    /// place of standard records.
    pub has_own_ci: bool,
    /// Whether the meter's key is needed beyond what the standards ask for.
    pub needs_key: bool,
}

/// Every layout of this version, in the order of their names.
#[must_use]
pub fn known_layouts() -> Vec<KnownLayout> {
    let known = |layout: Layout| KnownLayout {
        has_own_ci: layout.meters.ci.iter().all(|ci| (0xa0..=0xb7).contains(ci)),
        needs_key: needs_key(&layout),
        name: layout.name,
        makers: layout.meters.makers,
        versions: layout.meters.versions,
        types: layout.meters.types.into_iter().map(Medium).collect(),
    };
    let mut all: Vec<KnownLayout> =
        FILES.iter().filter_map(|(_, text)| Layout::parse(text).ok()).map(known).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// What a layout read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// The readings, in the order of the layout.
    pub(crate) readings: Vec<Reading>,
    /// What is measured, where the maker has device types of his own.
    pub(crate) medium: Option<Medium>,
}

/// Reads a telegram whose CI field (A0 to B7) leaves everything to the maker; `refusal` says why the
/// headers could not be read, and is the answer if no layout fits.
pub(crate) fn makers_own(
    frame: &Frame<'_>,
    security: Security,
    refusal: Refusal,
    keys: &impl KeySource,
) -> Result<Telegram, Refusal> {
    let Refusal::LayoutNotYet { meter, offset, ci: ci @ 0xa0..=0xb7, .. } = refusal else {
        return Err(refusal);
    };
    // A wired frame does not name its meter.
    if frame.wire != Wire::Wireless {
        return Err(refusal);
    }
    let payload = offset + 1..frame.content.end;
    let security = if is_encrypted(meter, ci, payload.len()) { Security::MakersOwn } else { security };
    let key = match security {
        Security::MakersOwn => Some(required(keys, meter)?),
        _ => None,
    };
    let source = Source { telegram: &frame.bytes, medium: meter.medium, moment: None, records: &[], key };
    let unread = if key.is_some() { Refusal::MakersKey { meter, offset: offset + 1 } } else { refusal };
    let read = one_that_fits(&source, &payload, meter, ci, Window::Payload).ok_or(unread)?;
    let mut telegram = Telegram::of_layout(meter, security, read.readings);
    telegram.medium = read.medium.unwrap_or(meter.medium);
    Ok(telegram)
}

fn required(keys: &impl KeySource, meter: MeterId) -> Result<&Key, Refusal> {
    keys.key(&meter).ok_or(Refusal::KeyMissing { meter, announced: Announced::MakersOwn })
}

/// Whether a layout of such a telegram needs the meter's key.
fn is_encrypted(meter: MeterId, ci: u8, len: usize) -> bool {
    let mut layouts = of_maker(meter.manufacturer).iter();
    layouts.any(|layout| layout.is_for(meter, ci) && layout.has_length(len) && needs_key(layout))
}

fn needs_key(layout: &Layout) -> bool {
    layout.cipher.as_ref().is_some_and(cipher::Cipher::needs_key)
}

fn of_maker(maker: Manufacturer) -> &'static [Arc<Layout>] {
    LAYOUTS.get(&maker).map(Vec::as_slice).unwrap_or_default()
}

/// Replaces what was read as records by what a layout says of them: of the whole payload, or of a record with
/// data of the maker's own.
pub(crate) fn refine(content: &Content<'_>, layers: &Layers, telegram: &mut Telegram) {
    let Some(ci) = content.bytes.get(layers.transport).copied() else { return };
    let meter = telegram.meter;
    if !of_maker(meter.manufacturer).iter().any(|layout| layout.is_for(meter, ci)) {
        return;
    }
    let (moment, records) = (telegram.moment(), telegram.readings.clone());
    let source =
        Source { telegram: &content.bytes, medium: meter.medium, moment, records: &records, key: None };
    match one_that_fits(&source, &content.records, meter, ci, Window::Payload) {
        Some(read) => {
            telegram.readings = read.readings;
            telegram.faults.clear();
            telegram.medium = read.medium.unwrap_or(telegram.medium);
        }
        None => refine_records(&source, content.records.end, ci, telegram),
    }
}

fn refine_records(source: &Source<'_>, end: usize, ci: u8, telegram: &mut Telegram) {
    let begins = |reading: &Reading| usize::try_from(reading.offset).unwrap_or(usize::MAX);
    let mut refined = Vec::with_capacity(telegram.readings.len());
    let mut readings = std::mem::take(&mut telegram.readings).into_iter().peekable();
    while let Some(reading) = readings.next() {
        let window = begins(&reading)..readings.peek().map_or(end, begins);
        match one_that_fits(source, &window, telegram.meter, ci, Window::Record) {
            Some(read) => {
                refined.extend(read.readings);
                telegram.medium = read.medium.unwrap_or(telegram.medium);
            }
            None => refined.push(reading),
        }
    }
    telegram.readings = refined;
}

/// The readings of the one layout that fits; of two that fit neither is proven.
fn one_that_fits(
    source: &Source<'_>,
    window: &Range<usize>,
    meter: MeterId,
    ci: u8,
    kind: Window,
) -> Option<Read> {
    let mut fitting = of_maker(meter.manufacturer)
        .iter()
        .filter(|layout| layout.fits.window == kind && layout.is_for(meter, ci))
        .filter_map(|layout| apply::apply(layout, source, window));
    let read = fitting.next()?;
    fitting.next().is_none().then_some(read)
}
