//! What is planned while files are compared: accepted statements, refusals, changes.

use std::collections::{BTreeMap, BTreeSet};

use tidstro_model::{
    Area, AreaKind, Gsrn, MasterData, MasterRow, Point, PointState, Timeline, TimelineDifference,
};

use super::write::Ended;
use super::{
    ItemChange, MasterFileRead, MasterItem, MasterOutcome, MasterRefusal, MasterRowRead, RefusedRow,
};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension};
use crate::reference::named_point;

/// A comparison of files with what is known, as far as it has come.
pub(super) struct Plan<'a> {
    pub(super) db: &'a Connection,
    files: &'a [MasterFileRead],
    rows: &'a [MasterRowRead],
    outcome: MasterOutcome,
    pub(super) data: MasterData,
    pub(super) ended: Vec<Ended>,
    /// Points that become known by these files.
    new_points: BTreeSet<String>,
    new_areas: BTreeSet<String>,
    /// What points will be, where these files say something of it.
    pub(super) states: BTreeMap<Gsrn, Timeline<PointState>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(db: &'a Connection, files: &'a [MasterFileRead], rows: &'a [MasterRowRead]) -> Self {
        Self {
            db,
            files,
            rows,
            outcome: MasterOutcome::default(),
            data: MasterData::default(),
            ended: Vec::new(),
            new_points: BTreeSet::new(),
            new_areas: BTreeSet::new(),
            states: BTreeMap::new(),
        }
    }

    /// The rows with their indexes, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &'a MasterRow)> + use<'a> {
        self.rows.iter().map(|read| &read.row).enumerate()
    }

    /// Refuses a row, once.
    pub(super) fn refuse(&mut self, index: usize, why: MasterRefusal) {
        let Some(MasterRowRead { file, line, .. }) = self.rows.get(index) else { return };
        let refused = RefusedRow { file: *file, line: *line, why };
        if !self.outcome.refused.contains(&refused) {
            self.outcome.refused.push(refused);
        }
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

    pub(super) fn unsupplied(
        &mut self,
        point: Gsrn,
        gaps: impl IntoIterator<Item = tidstro_model::DayRange>,
    ) {
        self.outcome.unsupplied.extend(gaps.into_iter().map(|days| (point, days)));
    }

    /// A point that becomes known, with its area.
    pub(super) fn add_point(&mut self, area: Area, point: Point) -> Result<(), StoreFault> {
        self.add_area(area)?;
        self.new_points.insert(point.own_id.clone());
        self.data.points.push(point);
        Ok(())
    }

    /// An area that points will lie in.
    pub(super) fn add_area(&mut self, area: Area) -> Result<(), StoreFault> {
        if self.area_kind(&area.name)?.is_none() && self.new_areas.insert(area.name.clone()) {
            self.data.areas.push(area);
        }
        Ok(())
    }

    /// Kind of an area that is known.
    pub(super) fn area_kind(&self, name: &str) -> Result<Option<AreaKind>, StoreFault> {
        let kind: Option<String> = self
            .db
            .prepare_cached(
                "-- kind_of_area
                 SELECT kind FROM area WHERE name = ?1",
            )?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let planned = self.data.areas.iter().find(|area| area.name == name).map(|area| area.kind);
        Ok(kind.and_then(|kind| AreaKind::from_code(&kind)).or(planned))
    }

    /// Whether a point is known, or becomes known by these files.
    pub(super) fn knows_point(&self, own_id: &str) -> Result<bool, StoreFault> {
        Ok(self.new_points.contains(own_id) || named_point(self.db, own_id)?.is_some())
    }

    pub(super) fn done(self) -> (MasterOutcome, MasterData, Vec<Ended>) {
        let mut outcome = self.outcome;
        outcome.refused.sort_by_key(|refused| (refused.file, refused.line));
        (outcome, self.data, self.ended)
    }
}
