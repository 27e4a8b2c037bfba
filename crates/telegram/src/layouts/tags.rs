//! Values behind tags: where each begins.
//!
//! What comes in: a window and the tags that may occur in it. What goes out: the bytes behind a tag. The walk
//! has to reach the end over known tags and fillers only; otherwise nothing is where it seems to be.

use super::file::Tagged;
use crate::cursor::Cursor;

/// Each tag and the offset of the first byte behind it; `None` if the window is not made of known tags, or
/// says one of them twice.
pub(super) fn walk(tagged: &Tagged, window: &[u8]) -> Option<Vec<(u8, usize)>> {
    let content = window.get(..window.len().checked_sub(tagged.trailer)?)?;
    let mut cursor = Cursor::new(content, tagged.start);
    let mut found: Vec<(u8, usize)> = Vec::new();
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
