//! Lists that do not say all of what they mean, read by layout files: `layouts/<maker>-<list>.toml`.
//!
//! What comes in: the values or items of a list. What goes out: the one layout that fits by number and types of
//! values, codes, and texts that name the list; and the items of bare values. Of two that fit neither is
//! proven, so neither is used. No maker has code of its own here.

mod agree;
mod file;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use tidstro_model::{Obis, Unit};

use super::{Context, Item};
use crate::{Data, axdr::Tree};
use file::{Fits, Form};

pub(crate) use file::Layout;

/// Every layout file: its name and text.
const FILES: &[(&str, &str)] = &[
    ("czech-descriptors", include_str!("../../../layouts/czech-descriptors.toml")),
    ("iskraemeco-am550", include_str!("../../../layouts/iskraemeco-am550.toml")),
    ("iskraemeco-am550-one-phase", include_str!("../../../layouts/iskraemeco-am550-one-phase.toml")),
    (
        "iskraemeco-am550-one-phase-short",
        include_str!("../../../layouts/iskraemeco-am550-one-phase-short.toml"),
    ),
    ("iskraemeco-am550-phases", include_str!("../../../layouts/iskraemeco-am550-phases.toml")),
    ("kaifa-one-phase", include_str!("../../../layouts/kaifa-one-phase.toml")),
    ("kaifa-one-phase-hourly", include_str!("../../../layouts/kaifa-one-phase-hourly.toml")),
    ("kaifa-power", include_str!("../../../layouts/kaifa-power.toml")),
    ("kaifa-three-phase", include_str!("../../../layouts/kaifa-three-phase.toml")),
    ("kaifa-three-phase-hourly", include_str!("../../../layouts/kaifa-three-phase-hourly.toml")),
    ("kamstrup-denmark", include_str!("../../../layouts/kamstrup-denmark.toml")),
    ("kamstrup-norway", include_str!("../../../layouts/kamstrup-norway.toml")),
    ("kamstrup-sweden", include_str!("../../../layouts/kamstrup-sweden.toml")),
    ("kamstrup-switzerland", include_str!("../../../layouts/kamstrup-switzerland.toml")),
    ("landis-gyr-e450", include_str!("../../../layouts/landis-gyr-e450.toml")),
    ("landis-gyr-e450-described", include_str!("../../../layouts/landis-gyr-e450-described.toml")),
];

/// The layouts. A file that cannot be read is left out; a test reads every one.
static LAYOUTS: LazyLock<Vec<Layout>> =
    LazyLock::new(|| FILES.iter().filter_map(|(_, text)| Layout::parse(text).ok()).collect());

/// The names of all layouts, in the order of their files.
pub fn layout_names() -> impl Iterator<Item = &'static str> {
    LAYOUTS.iter().map(|layout| layout.name.as_str())
}

/// The layout of a list of bare values, and the items it makes of them.
pub(super) fn of_values(tree: &Tree, context: &Context<'_>) -> Option<(&'static Layout, Vec<Item>)> {
    let values = tree.data.elements();
    let layout = only(LAYOUTS.iter().filter(|layout| {
        layout.fits.form == Form::Values
            && layout.fits.has_types(values)
            && has_texts(&layout.fits, values, &[])
            && is_of(&layout.fits, context)
    }))?;
    let item = |value: &file::Value| {
        let (at, obis) = (value.at?, value.obis);
        // Parents come before their elements, and bare values have none.
        let offset = tree.offsets.get(at + 1).copied()?;
        Some(Item { obis, class: None, scale: None, value: values.get(at)?.clone(), offset })
    };
    let items = layout.values.iter().map(item).collect::<Option<Vec<_>>>()?;
    Some((layout, items))
}

/// The layout of a list of items without units.
pub(super) fn of_codes(body: &Data, items: &[Item], context: &Context<'_>) -> Option<&'static Layout> {
    of_items(Form::Codes, body, items, context)
}

/// The layout of a list of untagged descriptors.
pub(super) fn of_descriptors(body: &Data, items: &[Item], context: &Context<'_>) -> Option<&'static Layout> {
    of_items(Form::Descriptors, body, items, context)
}

fn of_items(form: Form, body: &Data, items: &[Item], context: &Context<'_>) -> Option<&'static Layout> {
    only(LAYOUTS.iter().filter(|layout| {
        layout.fits.form == form
            && layout.fits.has_codes(items)
            && has_texts(&layout.fits, body.elements(), items)
            && is_of(&layout.fits, context)
            && layout.fits.agrees.as_ref().is_none_or(|agrees| agrees.holds(layout, items))
    }))
}

fn only<'a>(mut layouts: impl Iterator<Item = &'a Layout>) -> Option<&'a Layout> {
    let first = layouts.next()?;
    layouts.next().is_none().then_some(first)
}

fn is_of(fits: &Fits, context: &Context<'_>) -> bool {
    let is_made =
        fits.maker.as_ref().is_none_or(|maker| context.maker.is_some_and(|own| own == maker.as_bytes()));
    is_made && fits.tagged_moment.is_none_or(|tagged| tagged == context.has_tagged_moment)
}

/// Whether every text that names the list is where the layout says.
fn has_texts(fits: &Fits, values: &[Data], items: &[Item]) -> bool {
    fits.texts.iter().all(|text| {
        let value = match (text.at, text.code) {
            (Some(at), _) => values.get(at),
            (None, Some(code)) => items.iter().find(|item| item.obis == code).map(|item| &item.value),
            (None, None) => None,
        };
        value.and_then(Data::text).is_some_and(|said| text.begins.iter().any(|begin| said.starts_with(begin)))
    })
}

impl Layout {
    /// The unit and power of ten of a code.
    pub(super) fn unit(&self, obis: Obis) -> Option<(Unit, i8)> {
        let value = self.values.iter().find(|value| value.obis == obis)?;
        value.unit.map(|unit| (unit, value.exponent))
    }
}
