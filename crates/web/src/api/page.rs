//! Lists in pieces, continued by a cursor.
//!
//! What comes in: all rows the caller may see, and where the last piece ended. What goes out: the next piece, in an order that does not
//! change when rows come or go, and where it ends. Never: a row twice, or none, because another came meanwhile.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::slip::Slip;

/// Rows of a piece, unless the caller says how many.
pub(crate) const USUAL: u32 = 100;
/// The most rows of a piece.
pub(crate) const MOST: u32 = 1000;

/// A piece of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The rows.
    items: Vec<T>,
    /// Where the list goes on: given as `cursor` it brings the next piece. Null at the end of the list.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    next: Option<String>,
}

/// Where a row stands in its list: what it is ordered by, and what tells it from others that are ordered alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) u64, pub(crate) u64);

impl Place {
    /// By an instant, the oldest first.
    pub(crate) fn at(ms: i64, what: &str) -> Self {
        Self(ms.cast_unsigned() ^ (1 << 63), print(what))
    }

    /// By an instant, the newest first.
    pub(crate) fn newest_first(ms: i64, what: &str) -> Self {
        let Self(at, print) = Self::at(ms, what);
        Self(u64::MAX - at, print)
    }

    fn parse(text: &str) -> Option<Self> {
        let is_ours = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let (place, print) = is_ours.then_some(text)?.split_at_checked(16)?;
        Some(Self(u64::from_str_radix(place, 16).ok()?, u64::from_str_radix(print, 16).ok()?))
    }

    fn cursor(self) -> String {
        format!("{:016x}{:016x}", self.0, self.1)
    }
}

/// What stands for a text: its first 64 bits of SHA-256.
fn print(text: &str) -> u64 {
    Sha256::digest(text).iter().take(8).fold(0, |print, byte| (print << 8) | u64::from(*byte))
}

/// What piece is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    after: Option<Place>,
    rows: usize,
}

impl Piece {
    /// Reads the parameters `limit` and `cursor`.
    pub(crate) fn asked(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, Slip> {
        let given = limit.unwrap_or(USUAL);
        if given == 0 || given > MOST {
            return Err(Slip::Limit { given, most: MOST });
        }
        let after = cursor.map(|text| Place::parse(text).ok_or(Slip::Cursor)).transpose()?;
        Ok(Self { after, rows: usize::try_from(given).unwrap_or(usize::MAX) })
    }

    /// Cuts the piece out of all rows.
    pub(crate) fn of<R, T>(
        self,
        rows: impl IntoIterator<Item = R>,
        place: impl Fn(&R) -> Place,
        shown: impl Fn(R) -> T,
    ) -> Page<T> {
        let mut rest: Vec<(Place, R)> = rows.into_iter().map(|row| (place(&row), row)).collect();
        rest.retain(|(place, _)| self.after.is_none_or(|after| *place > after));
        rest.sort_by_key(|(place, _)| *place);
        let has_more = rest.len() > self.rows;
        rest.truncate(self.rows);
        let next = if has_more { rest.last().map(|(place, _)| place.cursor()) } else { None };
        Page { items: rest.into_iter().map(|(_, row)| shown(row)).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(rows: &[i64], limit: u32) -> Vec<Vec<i64>> {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let piece = Piece::asked(Some(limit), cursor.as_deref()).unwrap();
            let page = piece.of(rows.iter().copied(), |row| Place::at(*row, &row.to_string()), |row| row);
            found.push(page.items);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return found,
            }
        }
    }

    #[test]
    fn pieces_make_the_whole() {
        assert_eq!(pieces(&[3, -1, 2, 5, 4], 2), [vec![-1, 2], vec![3, 4], vec![5]]);
        assert_eq!(pieces(&[1, 2], 2), [vec![1, 2]]);
        assert_eq!(pieces(&[], 2), [Vec::<i64>::new()]);
    }

    #[test]
    fn a_row_that_goes_takes_no_other_with_it() {
        let piece = |cursor: Option<&str>| Piece::asked(Some(2), cursor).unwrap();
        let place = |row: &i64| Place::newest_first(*row, "");
        let first = piece(None).of([9, 8, 7, 6], place, |row| row);
        let second = piece(first.next.as_deref()).of([10, 9, 7, 6], place, |row| row);
        assert_eq!((first.items, second.items), (vec![9, 8], vec![7, 6]));
    }

    #[test]
    fn what_is_no_cursor_is_told() {
        for cursor in ["", "1", "A0000000000000000000000000000000", "+0000000000000000000000000000000", "ø"]
        {
            assert!(matches!(Piece::asked(None, Some(cursor)), Err(Slip::Cursor)), "{cursor}");
        }
        assert!(matches!(Piece::asked(Some(0), None), Err(Slip::Limit { given: 0, .. })));
        assert!(matches!(Piece::asked(Some(1001), None), Err(Slip::Limit { given: 1001, .. })));
    }
}
