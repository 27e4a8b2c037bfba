//! Which keys go with the parts of a preview.
//!
//! Parts come in; the keys to destroy and the keys that forget go out. Never: a key that seals anything
//! that stays.

use crate::db::{Connection, OptionalExtension};
use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;
use tidstro_govern::{Held, Matter};
use tidstro_model::{KeyNo, OccupancyNo};

use super::erase::{Values, days_of, dossier_key};
use super::holdings::RowCategories;
use super::run::StoredItem;
use crate::StoreFault;
use crate::personal::keys_of_occupancy;

/// Keys that go.
#[derive(Default)]
pub(super) struct DoomedKeys {
    /// These forget the local days before.
    pub(super) forget: Vec<(KeyNo, Date)>,
    /// These go whole.
    pub(super) destroy: Vec<KeyNo>,
}

/// The keys that go with these parts, subject by subject.
pub(super) fn doomed_keys(
    db: &Connection,
    categories: &RowCategories<'_>,
    go: &[Vec<StoredItem>],
) -> Result<DoomedKeys, StoreFault> {
    let mut doomed = DoomedKeys::default();
    for items in go {
        for item in items {
            match item.of {
                Held::Matter(Matter::Occupancy(occupancy)) => {
                    doom_occupancy(db, categories, (item, occupancy), &mut doomed)?;
                }
                Held::Matter(Matter::Dossier(dossier)) if item.is_frame => {
                    doomed.destroy.extend(dossier_key(db, dossier)?);
                }
                // The rest of the dossier is sealed anew first.
                Held::Matter(Matter::Dossier(_)) => {}
                Held::Subject => doom_own(db, categories, item, items, &mut doomed)?,
            }
        }
    }
    Ok(doomed)
}

fn doom_occupancy(
    db: &Connection,
    categories: &RowCategories<'_>,
    (item, occupancy): (&StoredItem, OccupancyNo),
    doomed: &mut DoomedKeys,
) -> Result<(), StoreFault> {
    let Some((_, end)) = days_of(db, occupancy)? else { return Ok(()) };
    let keys = keys_of_occupancy(db, occupancy)?;
    if item.is_frame {
        doomed.destroy.extend([keys.consumption, keys.indoor_climate, keys.telegrams, keys.alarms]);
        return Ok(());
    }
    let Some(key) = Values::of(categories, &item.category).map(|values| values.key(keys)) else {
        return Ok(());
    };
    // An occupancy of an older schema has one key for everything but its alarms; it goes with the occupancy.
    let is_shared = keys.consumption == keys.indoor_climate && key != keys.alarms;
    if item.end >= end && !is_shared {
        doomed.destroy.push(key);
    } else if let Some(kept_from) = from_epoch_day(item.end) {
        doomed.forget.push((key, kept_from));
    }
    Ok(())
}

fn doom_own(
    db: &Connection,
    categories: &RowCategories<'_>,
    item: &StoredItem,
    items: &[StoredItem],
    doomed: &mut DoomedKeys,
) -> Result<(), StoreFault> {
    let keys: Option<(u32, u32)> = db
        .prepare_cached(
            "-- keys_of_subject
             SELECT key_no, contact_key_no FROM subject WHERE subject_no = ?1",
        )?
        .query_row([item.subject], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((name, contact)) = keys else { return Ok(()) };
    if item.is_frame {
        doomed.destroy.extend([KeyNo::new(name), KeyNo::new(contact)]);
        return Ok(());
    }
    // A subject of an older schema has one key for both; it goes with the last of them.
    let both_go = items.iter().filter(|other| other.of == Held::Subject && !other.is_frame).count() == 2;
    if name != contact || both_go {
        let key = if categories.is_identity(&item.category) { name } else { contact };
        doomed.destroy.push(KeyNo::new(key));
    }
    Ok(())
}
