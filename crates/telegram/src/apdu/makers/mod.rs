//! What makers mean by records of the standard's form: `makers/<maker>-<meter>.toml`.
//!
//! What comes in: the value information of a record as sent, its tariff and subunit, and who the meter is. What goes
//! out: the same record with the quantity, unit and refinements its maker's description gives. A maker may define
//! every VIFE behind FF, and some use tariffs, subunits or a VIF in a way of their own. The number is never touched.
//! A record no file speaks of stays as the standard reads it.

mod file;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use tidstro_model::{Manufacturer, MeterId, Modifier};

use super::{dib::Dib, vib::Vib};
use file::{File, Record};

/// Every file: its name and text.
const FILES: &[(&str, &str)] = &[
    ("axi-qalcosonic", include_str!("axi-qalcosonic.toml")),
    ("elt-dsz", include_str!("elt-dsz.toml")),
    ("esy-esys", include_str!("esy-esys.toml")),
    ("ime-conto", include_str!("ime-conto.toml")),
    ("ime-nemo", include_str!("ime-nemo.toml")),
    ("kam-multical", include_str!("kam-multical.toml")),
    ("sec-iem3000", include_str!("sec-iem3000.toml")),
];

/// The files by maker. A file that cannot be read is left out; a test reads every one.
static BY_MAKER: LazyLock<FxHashMap<Manufacturer, Vec<File>>> = LazyLock::new(|| {
    let mut files: FxHashMap<Manufacturer, Vec<File>> = FxHashMap::default();
    for file in FILES.iter().filter_map(|(_, text)| File::parse(text).ok()) {
        files.entry(file.meters.maker).or_default().push(file);
    }
    files
});

/// What the maker of one meter means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meanings(&'static File);

impl Meanings {
    /// What is known of this meter's maker, if anything is.
    pub(super) fn of(meter: MeterId) -> Option<Self> {
        BY_MAKER.get(&meter.manufacturer)?.iter().find(|file| file.meters.is(meter)).map(Self)
    }

    /// Gives a record the meaning of its maker. `sent` is the value information, VIF to last VIFE.
    pub(super) fn apply(self, sent: &[u8], dib: &mut Dib, vib: &mut Vib) {
        match self.0.records.iter().find(|record| record.is(sent, dib)) {
            Some(record) => become_record(record, dib, vib),
            None => self.refine(vib),
        }
        if let Some(tariff) = self.0.tariffs.iter().find(|tariff| tariff.number == dib.tariff) {
            dib.tariff = tariff.becomes;
            vib.modifiers.extend(tariff.modifier.map(Modifier));
        }
    }

    /// Puts the standard's refinements in the place of the maker's own, where each of them is known.
    fn refine(self, vib: &mut Vib) {
        let Some(start) = vib.modifiers.iter().position(|modifier| *modifier == MANUFACTURER_FOLLOWS) else {
            return;
        };
        let (standard, own) = vib.modifiers.split_at(start);
        let meaning = |own: &Modifier| self.0.refinements.iter().find(|known| Modifier(known.code) == *own);
        let known: Option<Vec<_>> = own.iter().skip(1).map(meaning).collect();
        if let Some(known) = known {
            let known = known.into_iter().filter_map(|refinement| refinement.modifier.map(Modifier));
            vib.modifiers = standard.iter().copied().chain(known).collect();
        }
    }
}

/// The VIFE behind which those of the maker begin.
const MANUFACTURER_FOLLOWS: Modifier = Modifier(0x7f);

fn become_record(record: &Record, dib: &mut Dib, vib: &mut Vib) {
    vib.quantity = record.quantity;
    vib.unit = record.unit;
    vib.exponent = record.exponent;
    if let Some(modifiers) = &record.modifiers {
        vib.modifiers = modifiers.iter().copied().map(Modifier).collect();
    }
    // The subunit said what the quantity says now.
    if record.subunit.is_some() {
        dib.subunit = 0;
    }
}
