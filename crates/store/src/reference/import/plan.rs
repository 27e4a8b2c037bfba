//! What is planned while files are compared: accepted statements, refusals, changes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_model::{
    Area, AreaKind, ChargeKey, DayRange, Gsrn, MasterData, MasterRow, Occupancy, Person, Point, PointState,
    Timeline, TimelineDifference,
};

use super::known::Known;
use super::life::life;
use super::write::{Ended, Endings};
use super::{
    ImportSoFar, ItemChange, MasterFileRead, MasterItem, MasterOutcome, MasterRefusal, MasterRowRead,
    RefusedRow,
};
use crate::StoreFault;
use crate::db::Connection;

/// A comparison of files with what is known, as far as it has come.
pub(super) struct Plan<'a> {
    pub(super) db: &'a Connection,
    /// What was known before the piece of the things it names.
    pub(super) known: Known,
    files: &'a [MasterFileRead],
    rows: &'a [MasterRowRead],
    outcome: MasterOutcome,
    pub(super) data: MasterData,
    pub(super) endings: Endings,
    /// What earlier pieces of the import said, and this one so far.
    pub(super) so_far: ImportSoFar,
    /// The row that ends a point, and the first day after.
    ends_of_points: BTreeMap<String, (usize, Date)>,
    /// Points that become known by these files, by their place in the data.
    new_points: BTreeMap<String, usize>,
    /// What points will be, where these files say something of it.
    pub(super) states: BTreeMap<Gsrn, Timeline<PointState>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        db: &'a Connection,
        files: &'a [MasterFileRead],
        rows: &'a [MasterRowRead],
        so_far: ImportSoFar,
    ) -> Result<Self, StoreFault> {
        Ok(Self {
            db,
            known: Known::look_up(db, rows)?,
            files,
            rows,
            outcome: MasterOutcome::default(),
            data: MasterData::default(),
            endings: Endings::default(),
            so_far,
            ends_of_points: BTreeMap::new(),
            new_points: BTreeMap::new(),
            states: BTreeMap::new(),
        })
    }

    /// The rows with their indexes, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &'a MasterRow)> + use<'a> {
        self.rows.iter().map(|read| &read.row).enumerate()
    }

    /// Refuses a row. One that is refused twice for the same reason is told once.
    pub(super) fn refuse(&mut self, index: usize, why: MasterRefusal) {
        let Some(MasterRowRead { file, line, .. }) = self.rows.get(index) else { return };
        self.outcome.refused.push(RefusedRow { file: *file, line: *line, why });
    }

    /// Name and line of a row, as refusals of others name it.
    pub(super) fn place_of(&self, index: usize) -> (String, u64) {
        let row = self.rows.get(index);
        let name = row.and_then(|row| self.files.get(row.file)).map(|file| file.name.clone());
        (name.unwrap_or_default(), row.map_or(0, |row| row.line))
    }

    /// Notes a change that a row says.
    pub(super) fn change(&mut self, index: usize, change: ItemChange) {
        let file = self.rows.get(index).map_or(0, |row| row.file);
        self.outcome.items.push(MasterItem { file, change });
    }

    /// Notes a change, or that there is none.
    pub(super) fn compare<T>(
        &mut self,
        index: usize,
        difference: TimelineDifference<T>,
        item: impl FnOnce(TimelineDifference<T>) -> ItemChange,
    ) {
        if difference.added.is_empty() && difference.retired.is_empty() {
            self.unchanged();
        } else {
            self.change(index, item(difference));
        }
    }

    pub(super) fn unchanged(&mut self) {
        self.outcome.unchanged += 1;
    }

    pub(super) fn unsupplied(&mut self, point: Gsrn, gaps: impl IntoIterator<Item = DayRange>) {
        self.outcome.unsupplied.extend(gaps.into_iter().map(|days| (point, days)));
    }

    /// A point that becomes known, with its area.
    pub(super) fn add_point(&mut self, area: Area, point: Point) {
        self.add_area(area);
        self.so_far.add_point(&point.own_id);
        self.new_points.insert(point.own_id.clone(), self.data.points.len());
        self.data.points.push(point);
    }

    /// A point that becomes known by this piece.
    pub(super) fn new_point(&self, own_id: &str) -> Option<&Point> {
        self.data.points.get(*self.new_points.get(own_id)?)
    }

    /// A person who becomes known.
    pub(super) fn add_person(&mut self, person: Person) {
        self.so_far.add_person(&person.reference);
        self.data.people.push(person);
    }

    /// Whether a person becomes known by these files.
    pub(super) fn is_new_person(&self, reference: &str) -> bool {
        self.so_far.knows_person(reference)
    }

    /// An occupancy that becomes known.
    pub(super) fn add_occupancy(&mut self, occupancy: Occupancy) {
        for point in &occupancy.points {
            self.so_far.add_days(point, occupancy.days);
        }
        self.data.occupancies.push(occupancy);
    }

    /// A known occupancy that ends earlier.
    pub(super) fn end_occupancy(&mut self, ended: Ended) {
        self.so_far.end_occupancy(ended.occupancy, ended.end);
        self.endings.occupancies.push(ended);
    }

    /// The new end of a known occupancy.
    pub(super) fn end_of_occupancy(&self, occupancy: i64) -> Option<i32> {
        self.so_far.end_of_occupancy(occupancy)
    }

    /// A known point whose life ends earlier by a row; the day is the first one after.
    pub(super) fn end_point(&mut self, index: usize, point: &str, day: Date) {
        self.so_far.end_point(point, day);
        self.ends_of_points.insert(point.to_owned(), (index, day));
        self.endings.points.push((point.to_owned(), day));
    }

    /// The points whose lives end earlier by this piece, with the row that says so and the first day after.
    pub(super) fn ended_points(&self) -> Vec<(String, usize, Date)> {
        self.ends_of_points.iter().map(|(point, (index, day))| (point.clone(), *index, *day)).collect()
    }

    /// The first day after the life of a point that ends earlier.
    pub(super) fn end_of_point(&self, point: &str) -> Option<Date> {
        self.so_far.end_of_point(point)
    }

    /// What a point will be, where this piece says something of it.
    pub(super) fn state_point(&mut self, point: Gsrn, states: Timeline<PointState>) {
        self.so_far.lives(&point.to_string(), life(&states));
        self.states.insert(point, states);
    }

    /// A charge that is stated.
    pub(super) fn add_charge(&mut self, key: &ChargeKey) {
        self.so_far.add_charge(key);
    }

    /// An area that points will lie in.
    pub(super) fn add_area(&mut self, area: Area) {
        if self.area_kind(&area.name).is_none() {
            self.so_far.add_area(&area.name, area.kind);
            self.data.areas.push(area);
        }
    }

    /// Kind of an area that is known.
    pub(super) fn area_kind(&self, name: &str) -> Option<AreaKind> {
        self.known.area_kind(name).or(self.so_far.area_kind(name))
    }

    /// Whether a point is known, or becomes known by these files.
    pub(super) fn knows_point(&self, own_id: &str) -> bool {
        self.so_far.knows_point(own_id) || self.known.has_point(own_id)
    }

    pub(super) fn done(mut self) -> (MasterOutcome, MasterData, Endings, ImportSoFar) {
        let mut outcome = self.outcome;
        outcome.refused.sort_by_key(|refused| (refused.file, refused.line));
        outcome.refused.dedup();
        self.so_far.count(self.files.len(), &outcome);
        (outcome, self.data, self.endings, self.so_far)
    }
}
