//! Lists: the value of a push → items with OBIS codes → readings with quantity and unit.
//!
//! What comes in: the bytes of a notification's value. What goes out: what it says as a tree, as items, and as
//! readings where quantity and unit are certain. Where the list itself does not say them, a layout file does,
//! if exactly one fits; otherwise the item stays an item. Nothing is guessed from a number's size.

mod descriptor;
mod item;
mod layout;
mod reading;
mod unit;

use tidstro_model::{Obis, Reading, Unit};

use crate::{
    Data, KnownUnit, Refusal, Security, Service,
    apdu::Notification,
    axdr::{Reader, Tree},
};

pub use item::{Definition, Item, Scale};
use layout::Layout;

pub use layout::layout_names;
pub use reading::{ItemFault, ItemFaultKind};

/// The unit of a code of IEC 62056-6-2 table 4, and the power of ten that belongs to it.
pub(crate) const fn unit(code: u8) -> Option<(Unit, i8)> {
    unit::of(code)
}

/// What a list says.
pub(crate) struct Listed {
    pub(crate) body: Data,
    pub(crate) items: Vec<Item>,
    pub(crate) readings: Vec<Reading>,
    pub(crate) faults: Vec<ItemFault>,
    pub(crate) layout: Option<&'static str>,
}

/// What a layout may look at beside the list.
pub(crate) struct Context<'a> {
    /// What the operator knows.
    units: &'a [KnownUnit],
    /// The maker's letters in the system title of a protected push.
    maker: Option<[u8; 3]>,
    /// See [`Notification::has_tagged_moment`].
    has_tagged_moment: bool,
}

/// Reads the value of a notification.
pub(crate) fn read(
    notification: &Notification,
    security: Security,
    units: &[KnownUnit],
) -> Result<Listed, Refusal> {
    let context = Context::of(notification, security, units);
    let apdu = &notification.apdu;
    match Reader::new(apdu, notification.body).whole() {
        Ok(tree) => Ok(listed(tree, notification, &context)),
        Err(refusal) => {
            let (body, items) = descriptor::read(apdu, notification.body).ok_or(refusal)?;
            let layout = layout::of_descriptors(&body, &items, &context).ok_or(refusal)?;
            Ok(told(body, items, Some(layout), &context))
        }
    }
}

impl<'a> Context<'a> {
    fn of(notification: &Notification, security: Security, units: &'a [KnownUnit]) -> Self {
        let maker = match security {
            Security::Ciphered(header) => header.title.0.first_chunk::<3>().copied(),
            Security::Clear => None,
        };
        Self { units, maker, has_tagged_moment: notification.has_tagged_moment }
    }
}

impl Context<'_> {
    fn unit(&self, obis: Obis) -> Option<(Unit, i8)> {
        let known = self.units.iter().find(|known| known.obis == obis)?;
        Some((known.unit, known.exponent))
    }
}

fn listed(tree: Tree, notification: &Notification, context: &Context<'_>) -> Listed {
    let items = match notification.service {
        Service::EventNotification { class, obis, .. } => event_items(class, obis, &tree),
        Service::DataNotification => item::items(&tree),
    };
    if items.is_empty()
        && let Some((layout, items)) = layout::of_values(&tree, context)
    {
        return told(tree.data, items, Some(layout), context);
    }
    let layout = layout::of_codes(&tree.data, &items, context);
    told(tree.data, items, layout, context)
}

/// The one attribute of an event-notification. It comes without a unit.
fn event_items(class: u16, obis: Obis, tree: &Tree) -> Vec<Item> {
    let offset = tree.offsets.first().copied().unwrap_or_default();
    vec![Item { obis, class: Some(class), scale: None, value: tree.data.clone(), offset }]
}

/// The readings of the items, with the units that operator or layout know.
fn told(body: Data, items: Vec<Item>, layout: Option<&'static Layout>, context: &Context<'_>) -> Listed {
    let (mut readings, mut faults) = (Vec::new(), Vec::new());
    for item in &items {
        let known = context.unit(item.obis).or_else(|| layout.and_then(|layout| layout.unit(item.obis)));
        match reading::read(item, known) {
            Ok(reading) => readings.push(reading),
            Err(fault) => faults.push(fault),
        }
    }
    Listed { body, items, readings, faults, layout: layout.map(|layout| layout.name.as_str()) }
}
