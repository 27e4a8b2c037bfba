//! What the parent of a point and its other children measured.
//!
//! What comes in: a series that is estimated, and the permit. What goes out: for each local day the blocks of the whole family, or
//! nothing. Only where the permit is for a whole area: one point's permit shows nobody else's values. Never: a day on which
//! one of the family is not known, or is outside the area, or counts at another resolution.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tidstro_calendar::epoch_day;
use tidstro_govern::Target;
use tidstro_metering::estimation::FamilyDay;
use tidstro_metering::{Block, IntervalBlock};
use tidstro_model::{DayRange, PointNo, Resolution};

use super::series::day_of;
use crate::StoreFault;
use crate::gate::Terms;
use crate::personal::Writing;
use crate::personal::read::{SeriesQuery, Window, windows_at};
use crate::personal::versions::{KeyCuts, Newest, Seen};
use crate::reference::{Family, SeriesKind, families_of};

/// What another point of a family counts.
enum Relative {
    /// Something else than the child: it is left out.
    Otherwise,
    /// The same, on these days; none where the series is not known or not in reach.
    Same(BTreeMap<Date, IntervalBlock>),
}

type Relatives = BTreeMap<PointNo, Relative>;

/// Those of the local days on which the whole family is known.
pub(super) fn family_days(
    writing: &mut Writing,
    (terms, cuts): (&Terms, &KeyCuts),
    (window, days): (&Window, DayRange),
) -> Result<BTreeMap<Date, FamilyDay>, StoreFault> {
    let mut found = BTreeMap::new();
    if !matches!(terms.target, Target::Area(_) | Target::Everything) {
        return Ok(found);
    }
    let families = families_of(&writing.db, window.entry.meta.point, days)?;
    let points: BTreeSet<PointNo> = families.iter().flat_map(Family::points).collect();
    let mut relatives = Relatives::new();
    for point in points {
        relatives.insert(point, relative(writing, (terms, cuts), (window, days), point)?);
    }
    for period in epoch_day(days.start())..epoch_day(days.end()) {
        let day = day_of(period)?;
        let Some(family) = families.iter().find(|family| family.is_on(day)) else { continue };
        let Some(parent) = same_on(&relatives, family.parent, day).flatten() else { continue };
        let others = family.others_on(day).filter_map(|point| same_on(&relatives, point, day));
        if let Some(others) = others.map(Option::<&IntervalBlock>::cloned).collect() {
            found.insert(day, FamilyDay { parent: parent.clone(), others });
        }
    }
    Ok(found)
}

/// What neighbours measured on those of the local days on which one of them is known: the check meter, or without one the other
/// children of the point's parent.
pub(super) fn neighbour_days(
    writing: &mut Writing,
    (terms, cuts): (&Terms, &KeyCuts),
    (window, days): (&Window, DayRange),
    check_meter: Option<PointNo>,
) -> Result<BTreeMap<Date, Vec<IntervalBlock>>, StoreFault> {
    let mut found: BTreeMap<Date, Vec<IntervalBlock>> = BTreeMap::new();
    if !matches!(terms.target, Target::Area(_) | Target::Everything) {
        return Ok(found);
    }
    let families = match check_meter {
        Some(_) => Vec::new(),
        None => families_of(&writing.db, window.entry.meta.point, days)?,
    };
    let sisters = families.iter().flat_map(Family::others);
    for (point, on) in sisters.chain(check_meter.map(|point| (point, days))) {
        let Some(days) = on.intersect(days).filter(|_| point != window.entry.meta.point) else { continue };
        if let Relative::Same(blocks) = relative(writing, (terms, cuts), (window, days), point)? {
            blocks.into_iter().for_each(|(day, block)| found.entry(day).or_default().push(block));
        }
    }
    Ok(found)
}

/// The block of a relative on a day; nothing at all where it counts something else.
fn same_on(relatives: &Relatives, point: PointNo, day: Date) -> Option<Option<&IntervalBlock>> {
    match relatives.get(&point) {
        Some(Relative::Otherwise) => None,
        Some(Relative::Same(days)) => Some(days.get(&day)),
        None => Some(None),
    }
}

fn relative(
    writing: &mut Writing,
    (terms, cuts): (&Terms, &KeyCuts),
    (window, days): (&Window, DayRange),
    point: PointNo,
) -> Result<Relative, StoreFault> {
    let query = SeriesQuery { series: None, days, resolution: Resolution::PT1H, as_of: None };
    let mut others = windows_at(&writing.db, terms, &query, point)?;
    let is_near = |other: &Window| {
        (&other.entry.area, other.entry.area_kind) == (&window.entry.area, window.entry.area_kind)
    };
    others.retain(|other| is_near(other) && other.entry.meta.kind == SeriesKind::Interval);
    let is_there = !others.is_empty();
    others.retain(|other| counts_the_same(other, window));
    if is_there && others.is_empty() {
        return Ok(Relative::Otherwise);
    }
    let mut blocks = BTreeMap::new();
    for other in others.iter().filter(|other| other.entry.meta.resolution == window.entry.meta.resolution) {
        let seen = Seen { last_seq: i64::MAX, keys: other.keys, cuts };
        let span = (epoch_day(other.days.start()), epoch_day(other.days.end()));
        let stored = Newest::find(&writing.db, other.entry.meta.series, span, seen)?;
        for version in stored.open_all(&mut writing.vault)? {
            if let Block::Interval(block) = version.block {
                blocks.insert(day_of(version.day)?, block);
            }
        }
    }
    Ok(Relative::Same(blocks))
}

fn counts_the_same(other: &Window, window: &Window) -> bool {
    let (of, meta) = (&other.entry.meta, &window.entry.meta);
    (of.commodity, of.quantity, of.unit) == (meta.commodity, meta.quantity, meta.unit)
}
