//! What only makers define, read by layout files: `layouts/<maker>-<meter>.toml`.
//!
//! What comes in: proven and decrypted bytes that are no standard records, and who sent them. What goes out:
//! readings, if the one layout written for this maker, version, type and CI field fits: length, fixed bytes,
//! checksum, real dates. Otherwise nothing. No meter has code of its own here: a new one is a new file, with a
//! telegram and its expected readings inside.

mod apply;
mod date;
mod file;
mod tags;
#[cfg(test)]
mod tests;

use std::{ops::Range, sync::LazyLock};

use rustc_hash::FxHashMap;
use tidstro_model::{Manufacturer, Medium, MeterId, Reading};

use crate::{
    Refusal, Security, Telegram,
    layers::Layers,
    link::{Frame, Wire},
    security::Content,
};
use file::{Layout, Window};

/// Every layout file: its name and text.
const FILES: &[(&str, &str)] = &[
    ("apa-at-wmbus-16-2", include_str!("../../layouts/apa-at-wmbus-16-2.toml")),
    ("bfw-240-radio", include_str!("../../layouts/bfw-240-radio.toml")),
    ("qds-allocator", include_str!("../../layouts/qds-allocator.toml")),
    ("qds-water", include_str!("../../layouts/qds-water.toml")),
    ("tch-compact-v", include_str!("../../layouts/tch-compact-v.toml")),
    ("tch-data-iii", include_str!("../../layouts/tch-data-iii.toml")),
    ("tch-mk-radio-3", include_str!("../../layouts/tch-mk-radio-3.toml")),
    ("tch-mk-radio-3a", include_str!("../../layouts/tch-mk-radio-3a.toml")),
    ("tch-smoke-detector-2", include_str!("../../layouts/tch-smoke-detector-2.toml")),
    ("tch-vario-451", include_str!("../../layouts/tch-vario-451.toml")),
];

/// The layouts by maker. A file that cannot be read is left out; a test reads every one.
static LAYOUTS: LazyLock<FxHashMap<Manufacturer, Vec<Layout>>> = LazyLock::new(|| {
    let mut layouts: FxHashMap<Manufacturer, Vec<Layout>> = FxHashMap::default();
    for layout in FILES.iter().filter_map(|(_, text)| Layout::parse(text).ok()) {
        layouts.entry(layout.meters.maker).or_default().push(layout);
    }
    layouts
});

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
) -> Result<Telegram, Refusal> {
    let Refusal::LayoutNotYet { meter, offset, ci: ci @ 0xa0..=0xb7, .. } = refusal else {
        return Err(refusal);
    };
    // A wired frame does not name its meter.
    if frame.wire != Wire::Wireless {
        return Err(refusal);
    }
    let payload = offset + 1..frame.content.end;
    let read = one_that_fits(&frame.bytes, &payload, meter, ci, Window::Payload).ok_or(refusal)?;
    let mut telegram = Telegram::of_layout(meter, security, read.readings);
    telegram.medium = read.medium.unwrap_or(meter.medium);
    Ok(telegram)
}

/// Replaces what was read as records by what a layout says of them: of the whole payload, or of a record with
/// data of the maker's own.
pub(crate) fn refine(content: &Content<'_>, layers: &Layers, telegram: &mut Telegram) {
    let Some(ci) = content.bytes.get(layers.transport).copied() else { return };
    if !LAYOUTS.contains_key(&telegram.meter.manufacturer) {
        return;
    }
    match one_that_fits(&content.bytes, &content.records, telegram.meter, ci, Window::Payload) {
        Some(read) => {
            telegram.readings = read.readings;
            telegram.faults.clear();
            telegram.medium = read.medium.unwrap_or(telegram.medium);
        }
        None => refine_records(&content.bytes, content.records.end, ci, telegram),
    }
}

fn refine_records(bytes: &[u8], end: usize, ci: u8, telegram: &mut Telegram) {
    let begins = |reading: &Reading| usize::try_from(reading.offset).unwrap_or(usize::MAX);
    let mut refined = Vec::with_capacity(telegram.readings.len());
    let mut readings = std::mem::take(&mut telegram.readings).into_iter().peekable();
    while let Some(reading) = readings.next() {
        let window = begins(&reading)..readings.peek().map_or(end, begins);
        match one_that_fits(bytes, &window, telegram.meter, ci, Window::Record) {
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
    telegram: &[u8],
    window: &Range<usize>,
    meter: MeterId,
    ci: u8,
    kind: Window,
) -> Option<Read> {
    let layouts = LAYOUTS.get(&meter.manufacturer)?;
    let mut fitting = layouts
        .iter()
        .filter(|layout| layout.fits.window == kind && layout.is_for(meter, ci))
        .filter_map(|layout| apply::apply(layout, telegram, window, meter.medium));
    let read = fitting.next()?;
    fitting.next().is_none().then_some(read)
}
