//! Where the rows of files of master data lie, and which of them belong together.
//!
//! What comes in: the rows of all files, one after the other. What goes out: pieces of bounded size, each with all rows of every
//! thing in it, in the order in which one thing needs the other: charges, points with their supplies and links, parents before
//! children, devices, people, occupancies. A row takes 24 bytes. Never: a row's text.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use rustc_hash::FxHashMap;
use tidstro_model::MasterRow;
use tidstro_store::ImportSoFar;

/// Where a row lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowAt {
    /// A hash of the thing it is about; once all rows are known, the place of the first row about it.
    thing: u64,
    /// The byte it begins with.
    pub(super) at: u64,
    /// Its line, counted from 1.
    pub(super) line: u32,
    /// Index of its file.
    pub(super) file: u16,
    /// When its thing comes in.
    stage: u8,
}

impl RowAt {
    fn is_of_one_thing(&self, other: &Self) -> bool {
        (self.stage, self.thing) == (other.stage, other.thing)
    }

    /// Its place among all rows.
    pub(super) const fn place(&self) -> (u16, u64) {
        (self.file, self.at)
    }

    /// Its place in one number; no file has 2^48 bytes.
    fn place_number(&self) -> u64 {
        (u64::from(self.file) << 48) | self.at
    }
}

/// Rows that cannot be read come first, each by itself.
const UNREAD: u8 = 0;
const CHARGES: u8 = 1;
/// Points without a parent; their children come after, and the children of those.
const POINTS: u8 = 2;
/// How many generations of points are told apart.
const GENERATIONS: u8 = 16;
const DEVICES: u8 = POINTS + GENERATIONS + 1;
const PEOPLE: u8 = DEVICES + 1;
const OCCUPANCIES: u8 = PEOPLE + 1;

/// The rows of all files.
#[derive(Default)]
pub(super) struct RowIndex {
    rows: Vec<RowAt>,
    /// Points and the parents that rows name.
    parents: Vec<(u64, u64)>,
    /// Where the next piece begins.
    next: usize,
}

impl RowIndex {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Forgets the rows from a number on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
    }

    /// Notes a row; without what it says if it could not be read.
    pub(super) fn add(&mut self, (file, at, line): (u16, u64, u32), row: Option<&MasterRow>) {
        let (stage, thing) = row.map_or((UNREAD, 0), thing_of);
        if let Some(MasterRow::Point(stated, _)) = row
            && let Some(parent) = stated.state.parent
        {
            self.parents.push((thing, hash_of(&parent.to_string())));
        }
        let row = RowAt { thing, at, line, file, stage };
        self.rows.push(if stage == UNREAD { RowAt { thing: row.place_number(), ..row } } else { row });
    }

    /// Puts the rows in the order of pieces: things in the order of their first rows.
    pub(super) fn order(&mut self) {
        let generations = generations(&std::mem::take(&mut self.parents));
        for row in self.rows.iter_mut().filter(|row| row.stage == POINTS) {
            row.stage += generations.get(&row.thing).copied().unwrap_or(0);
        }
        self.rows.sort_unstable_by_key(|row| (row.stage, row.thing, row.place()));
        for rows in self.rows.chunk_by_mut(RowAt::is_of_one_thing) {
            let first = rows.first().map_or(0, RowAt::place_number);
            rows.iter_mut().for_each(|row| row.thing = first);
        }
        self.rows.sort_unstable_by_key(|row| (row.stage, row.thing, row.place()));
    }

    /// The next piece in the order of files, of about so many rows; and whether it is the last one.
    pub(super) fn next_piece(&mut self, rows: usize) -> (Vec<RowAt>, bool) {
        let rest = self.rows.get(self.next..).unwrap_or_default();
        let mut taken = 0;
        for thing in rest.chunk_by(RowAt::is_of_one_thing) {
            if taken > 0 && taken + thing.len() > rows {
                break;
            }
            taken += thing.len();
        }
        let mut piece = rest.get(..taken).unwrap_or_default().to_vec();
        piece.sort_unstable_by_key(RowAt::place);
        self.next += taken;
        (piece, self.next >= self.rows.len())
    }
}

/// What a row is about.
fn thing_of(row: &MasterRow) -> (u8, u64) {
    match row {
        MasterRow::Charge(charge) => (CHARGES, hash_of(&charge.key)),
        MasterRow::ChargePrice(price) => (CHARGES, hash_of(&price.key)),
        MasterRow::ProfileShare(share) => (CHARGES, hash_of(&share.profile)),
        MasterRow::DegreeDays(month) => (CHARGES, hash_of(&month.area)),
        MasterRow::Place(_, point) => (POINTS, hash_of(&point.own_id)),
        MasterRow::Point(stated, _) => (POINTS, hash_of(&stated.point.to_string())),
        MasterRow::Supply(supply) => (POINTS, hash_of(&supply.point)),
        MasterRow::ChargeLink(link) => (POINTS, hash_of(&link.point.to_string())),
        MasterRow::Installation(installation) => (DEVICES, hash_of(&installation.meter)),
        MasterRow::Person(person) => (PEOPLE, hash_of(&person.reference)),
        MasterRow::Occupancy(occupancy) => {
            (OCCUPANCIES, hash_of(&(&occupancy.subject, occupancy.points.first(), occupancy.days.start())))
        }
    }
}

fn hash_of<T: Hash + ?Sized>(thing: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// How many parents stand above each point that has one.
fn generations(parents: &[(u64, u64)]) -> FxHashMap<u64, u8> {
    let mut found: FxHashMap<u64, u8> = FxHashMap::default();
    for _ in 0..GENERATIONS {
        let mut grew = false;
        for (point, parent) in parents {
            let generation = found.get(parent).map_or(1, |above| above + 1).min(GENERATIONS);
            let known = found.entry(*point).or_insert(0);
            grew |= generation > *known;
            *known = generation.max(*known);
        }
        if !grew {
            break;
        }
    }
    found
}

/// What the first piece must know of the others.
pub(super) fn tell_ahead(so_far: &mut ImportSoFar, row: &MasterRow) {
    match row {
        MasterRow::Point(stated, _) => so_far.will_state(stated.point),
        MasterRow::Installation(installation) => so_far.will_place(installation.meter),
        _ => {}
    }
}
