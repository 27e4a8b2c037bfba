//! Values behind tags, and parts that a byte announces: where each begins.
//!
//! What comes in: a window and what may occur in it. What goes out: the offset of each part, by its tag. The walk has
//! to reach the end over known parts and fillers only; otherwise nothing is where it seems to be.

use super::file::{Flagged, Layout, Tagged};
use tidstro_wire::Cursor;

use crate::apdu::FILLER;

/// A tag (or bit) and the offset of the first byte behind it.
pub(super) type Found = (u8, usize);

/// The parts of the window; none where the layout has fixed places only. `None` if the window is not made of them.
pub(super) fn find(layout: &Layout, window: &[u8]) -> Option<Vec<Found>> {
    match (&layout.tagged, &layout.flagged) {
        (Some(tagged), _) => tags(tagged, window),
        (None, Some(flagged)) => flags(flagged, window),
        (None, None) => Some(Vec::new()),
    }
}

/// `None` if the window is not made of known tags, or says one of them twice.
fn tags(tagged: &Tagged, window: &[u8]) -> Option<Vec<Found>> {
    let content = window.get(..window.len().checked_sub(tagged.trailer)?)?;
    let mut cursor = Cursor::new(content, tagged.start);
    let mut found: Vec<Found> = Vec::new();
    while let Some(tag) = cursor.byte() {
        if tag == tagged.filler {
            return cursor.rest().iter().all(|byte| *byte == tagged.filler).then_some(found);
        }
        let known = tagged.tags.iter().find(|known| known.tag == tag)?;
        if found.iter().any(|(seen, _)| *seen == tag) {
            return None;
        }
        found.push((tag, cursor.at()));
        cursor.take(known.len)?;
    }
    Some(found)
}

/// `None` if a bit is set that announces no known part, or if the parts do not end where the window does. Two idle
/// fillers end it too: what gateways leave behind those is no part.
fn flags(flagged: &Flagged, window: &[u8]) -> Option<Vec<Found>> {
    let mut bits = *window.get(flagged.at)?;
    let mut cursor = Cursor::new(window, flagged.start);
    let mut found = Vec::with_capacity(flagged.parts.len());
    for part in &flagged.parts {
        let bit = 1_u8.checked_shl(u32::from(part.bit))?;
        if bits & bit != 0 {
            bits &= !bit;
            found.push((part.bit, cursor.at()));
            cursor.take(part.len)?;
        }
    }
    let rest = cursor.rest();
    let has_ended = rest.is_empty() || rest.starts_with(&[FILLER, FILLER]);
    (bits == 0 && has_ended).then_some(found)
}
