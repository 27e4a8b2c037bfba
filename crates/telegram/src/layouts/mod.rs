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
    Announced, DecodeOptions, Key, KeySource, Refusal, Security, Telegram,
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
    ("eie-ei6500", include_str!("../../layouts/eie-ei6500.toml")),
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
        for maker in layout.meters.iter().flat_map(|meters| &meters.makers) {
            layouts.entry(*maker).or_default().push(Arc::clone(&layout));
        }
    }
    layouts
});

/// What a layout read.
#[derive(Debug)]
struct Read {
    /// The readings, in the order of the layout.
    readings: Vec<Reading>,
    /// The meter by its own name.
    meter: MeterId,
    /// What is measured.
    medium: Medium,
}

/// Why no layout read something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misfit {
    /// None is written for it, or more than one.
    Unknown,
    /// All is as it should be, and the maker's checksum says that the bytes are not.
    Checksum,
}

/// Reads a telegram whose CI field (A0 to B7) leaves everything to the maker; `refusal` says why the
/// headers could not be read, and is the answer if no layout fits.
pub(crate) fn makers_own(
    frame: &Frame<'_>,
    security: Security,
    refusal: Refusal,
    keys: &impl KeySource,
    options: &DecodeOptions,
) -> Result<Telegram, Refusal> {
    let Refusal::LayoutNotYet { meter, offset, ci: ci @ 0xa0..=0xb7, .. } = refusal else {
        return Err(refusal);
    };
    // A wired frame does not name its meter.
    if frame.wire != Wire::Wireless {
        return Err(refusal);
    }
    let window = offset + 1..frame.content.end;
    let key = if is_encrypted(meter, ci, window.len()) { Some(required(keys, meter)?) } else { None };
    let source = Source { telegram: &frame.bytes, moment: None, records: &[], key };
    let unread = if key.is_some() { Refusal::MakersKey { meter, offset: window.start } } else { refusal };
    let own = Own { meter, ci, kind: Window::Payload };
    let read = one_that_fits(&source, &window, own).map_err(|_| unread)?;
    if key.is_none() && !options.accept_clear && keys.key(&read.meter).is_some() {
        return Err(Refusal::Downgrade { meter: read.meter });
    }
    let security = if key.is_some() { Security::MakersOwn } else { security };
    let mut telegram = Telegram::of_layout(read.meter, security, read.readings);
    telegram.link_address = meter;
    telegram.medium = read.medium;
    Ok(telegram)
}

/// Whose telegram it is, where the maker has an order of the address of his own.
pub(crate) fn named(refusal: &Refusal) -> Option<MeterId> {
    let Refusal::LayoutNotYet { meter, ci: ci @ 0xa0..=0xb7, .. } = *refusal else { return None };
    of_maker(meter.manufacturer).iter().find_map(|layout| layout.meter(meter, ci)).map(|named| named.meter)
}

fn required(keys: &impl KeySource, meter: MeterId) -> Result<&Key, Refusal> {
    keys.key(&meter).ok_or(Refusal::KeyMissing { meter, announced: Announced::MakersOwn })
}

/// Whether a layout of such a telegram needs the meter's key.
fn is_encrypted(meter: MeterId, ci: u8, len: usize) -> bool {
    let is_for = |layout: &Layout| layout.meter(meter, ci).is_some() && layout.has_length(len);
    of_maker(meter.manufacturer).iter().any(|layout| needs_key(layout) && is_for(layout))
}

fn needs_key(layout: &Layout) -> bool {
    layout.cipher.as_ref().is_some_and(cipher::Cipher::needs_key)
}

fn of_maker(maker: Manufacturer) -> &'static [Arc<Layout>] {
    LAYOUTS.get(&maker).map(Vec::as_slice).unwrap_or_default()
}

/// Replaces what was read as records by what a layout says of them: of the whole payload, or of a record with
/// data of the maker's own. A checksum of the maker's that does not fit refuses the telegram.
pub(crate) fn refine(content: &Content<'_>, layers: &Layers, telegram: &mut Telegram) -> Result<(), Refusal> {
    let Some(ci) = content.bytes.get(layers.transport).copied() else { return Ok(()) };
    let meter = telegram.meter;
    if !of_maker(meter.manufacturer).iter().any(|layout| layout.meter(meter, ci).is_some()) {
        return Ok(());
    }
    let (moment, records) = (telegram.moment(), std::mem::take(&mut telegram.readings));
    let source = Source { telegram: &content.bytes, moment, records: &records, key: None };
    match one_that_fits(&source, &content.records, Own { meter, ci, kind: Window::Payload }) {
        Ok(read) => {
            telegram.readings = read.readings;
            telegram.faults.clear();
            telegram.medium = read.medium;
            Ok(())
        }
        Err(_) => refine_records(&source, content.records.end, ci, telegram),
    }
}

/// Record by record: what a layout reads, else what the standard read.
fn refine_records(source: &Source<'_>, end: usize, ci: u8, telegram: &mut Telegram) -> Result<(), Refusal> {
    let own = Own { meter: telegram.meter, ci, kind: Window::Record };
    let begins = |reading: &Reading| usize::try_from(reading.offset).unwrap_or(usize::MAX);
    let mut readings = source.records.iter().peekable();
    while let Some(reading) = readings.next() {
        let window = begins(reading)..readings.peek().map_or(end, |next| begins(next));
        match one_that_fits(source, &window, own) {
            Ok(read) => {
                telegram.readings.extend(read.readings);
                telegram.medium = read.medium;
            }
            Err(Misfit::Unknown) => telegram.readings.push(reading.clone()),
            Err(Misfit::Checksum) => {
                return Err(Refusal::MakersChecksum { meter: own.meter, offset: window.start });
            }
        }
    }
    Ok(())
}

/// Whose bytes these are, and what part of a telegram.
#[derive(Debug, Clone, Copy)]
struct Own {
    meter: MeterId,
    ci: u8,
    kind: Window,
}

/// The readings of the one layout that fits; of two that fit neither is proven.
fn one_that_fits(source: &Source<'_>, window: &Range<usize>, own: Own) -> Result<Read, Misfit> {
    let mut fitting = None;
    let mut misfit = Misfit::Unknown;
    for layout in of_maker(own.meter.manufacturer) {
        let Some(named) = layout.meter(own.meter, own.ci).filter(|_| layout.fits.window == own.kind) else {
            continue;
        };
        match apply::apply(layout, named, source, window) {
            Ok(_) if fitting.is_some() => return Err(Misfit::Unknown),
            Ok(read) => fitting = Some(read),
            Err(Misfit::Checksum) => misfit = Misfit::Checksum,
            Err(Misfit::Unknown) => {}
        }
    }
    fitting.ok_or(misfit)
}
