//! What a metering point counts in, over time.
//!
//! What comes in: the number of a point, and the moment of knowledge. What goes out: its periods as settlement needs them,
//! from master data. A point outside the grid areas is not settled and has none.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::db::{Connection, OptionalExtension};
use rustc_hash::FxHashMap;
use tidstro_calendar::Zone;
use tidstro_metering::settlement::{GridArea, PointPeriod, PointType};
use tidstro_model::{AreaKind, ConnectionState, DayRange, Factor, MarketUnit, PointNo};

use crate::StoreFault;
use crate::personal::Writing;
use crate::reference::{KnownAt, KnownPeriod, Which, over_area, point_periods, retirements};

/// Points whose numbers lie no further apart are read together.
const NEAR: u32 = 16;

/// The periods of a point that settlement looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SettledPoint {
    pub(super) periods: Vec<SettledPeriod>,
}

/// A period, and what of it is not in the market's own row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SettledPeriod {
    pub(super) period: PointPeriod,
    /// Whether the point stands for the area's grid loss then.
    pub(super) is_grid_loss: bool,
    /// Proportional factor of a scaled point.
    pub(super) factor: Factor,
    /// The unit the market settles it in.
    pub(super) unit: MarketUnit,
}

impl SettledPeriod {
    /// A period of master data; `None` while the point is not connected to the grid, and is not of the market.
    pub(super) fn of(known: &KnownPeriod, zone: &Zone) -> Option<Self> {
        let state = &known.state;
        let is_connected =
            matches!(state.connection, ConnectionState::Connected | ConnectionState::Disconnected);
        let period = known.settled(zone).filter(|_| is_connected)?;
        let is_grid_loss = state.stands_for_grid_loss;
        Some(Self { period, is_grid_loss, factor: state.factor, unit: state.unit })
    }

    /// Whether the point stands for the grid loss of an area.
    pub(super) fn stands_for(&self, area: GridArea) -> bool {
        self.is_grid_loss && self.period.area == area
    }

    /// Whether somebody stands for its energy; exchange is nobody's.
    pub(super) const fn is_supplied(&self) -> bool {
        let needs_supplier = matches!(self.period.kind, PointType::Consumption(_) | PointType::Production);
        !needs_supplier || self.period.parties.supplier.is_some()
    }
}

/// The periods of a point as known at a moment.
pub(super) fn settled_point(
    db: &Connection,
    zone: &Zone,
    (point, known): (PointNo, KnownAt),
) -> Result<SettledPoint, StoreFault> {
    let periods = point_periods(db, &Which::Points(vec![point]), DayRange::always(), known)?;
    Ok(SettledPoint { periods: periods.iter().filter_map(|one| SettledPeriod::of(one, zone)).collect() })
}

/// Goes over the periods of everything that counts for an area on some local days, exchange with its neighbours too.
pub(super) fn over_periods(
    db: &Connection,
    zone: &Zone,
    of: (GridArea, DayRange, KnownAt),
    each: &mut impl FnMut(SettledPeriod) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    over_area(db, of, &mut |_, periods| {
        periods.iter().filter_map(|one| SettledPeriod::of(one, zone)).try_for_each(&mut *each)
    })
}

/// The periods of the points that stood for the grid loss of an area, as known at a moment.
pub(super) fn grid_loss_periods(
    db: &Connection,
    zone: &Zone,
    (area, days): (GridArea, DayRange),
    known: KnownAt,
) -> Result<Vec<PointPeriod>, StoreFault> {
    let mut standing = Vec::new();
    over_periods(db, zone, (area, days, known), &mut |one| {
        standing.extend(one.stands_for(area).then_some(one.period));
        Ok(())
    })?;
    Ok(standing)
}

/// What each of these points counts in on some local days. Points, rising, whose numbers lie close together are asked for at
/// once.
pub(super) fn settled_points(
    db: &Connection,
    zone: &Zone,
    (points, days): (&[PointNo], DayRange),
) -> Result<FxHashMap<PointNo, SettledPoint>, StoreFault> {
    let mut found: FxHashMap<PointNo, SettledPoint> = FxHashMap::default();
    for run in points.chunk_by(|one, next| next.as_u32() - one.as_u32() <= NEAR) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        for known in point_periods(db, &Which::Between(*first, *last), days, KnownAt::NOW)? {
            let period = SettledPeriod::of(&known, zone);
            found.entry(known.point).or_default().periods.extend(period);
        }
    }
    Ok(found)
}

/// What each of these points counted in on some local days by what was known before and is retired: everything a day may be
/// counted in that could not be moved, because it was erased.
pub(super) fn formerly_settled(
    db: &Connection,
    zone: &Zone,
    (points, days): (&BTreeSet<PointNo>, DayRange),
) -> Result<FxHashMap<PointNo, SettledPoint>, StoreFault> {
    let mut found: FxHashMap<PointNo, SettledPoint> = FxHashMap::default();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(found) };
    for (point, before) in retirements(db, (*first, *last), days)? {
        if points.contains(&point) {
            let known = point_periods(db, &Which::Points(vec![point]), days, before)?;
            let periods = known.iter().filter_map(|one| SettledPeriod::of(one, zone));
            found.entry(point).or_default().periods.extend(periods);
        }
    }
    Ok(found)
}

/// Every grid area that a sum may be of.
pub(super) fn every_area(db: &Connection) -> Result<Vec<GridArea>, StoreFault> {
    let names: Vec<String> = db
        .prepare_cached(
            "-- every_settled_area
             SELECT a.name FROM area a WHERE a.kind = 'grid-area'
             UNION SELECT pp.grid_area FROM point_period pp
             UNION SELECT pp.from_area FROM point_period pp WHERE pp.from_area IS NOT NULL
             UNION SELECT pp.to_area FROM point_period pp WHERE pp.to_area IS NOT NULL
             UNION SELECT g.area FROM settlement_group g ORDER BY 1",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names.iter().filter_map(|name| GridArea::parse(name)).collect())
}

/// The name of an area; empty if there is none.
pub(super) fn area_name(db: &Connection, area: u32) -> Result<String, StoreFault> {
    let name: Option<String> = db
        .prepare_cached("-- settled_area\nSELECT a.name FROM area a WHERE a.area_no = ?1")?
        .query_row([area], |row| row.get(0))
        .optional()?;
    Ok(name.unwrap_or_default())
}

impl Writing {
    /// Looks up the periods of points that are not known yet, all at once; from PostgreSQL only.
    pub(crate) fn look_up_settled(&mut self, points: &[PointNo]) -> Result<(), StoreFault> {
        if self.settled_from()?.is_none() {
            return Ok(());
        }
        let mut unknown = Vec::new();
        for point in points {
            if !self.settling.points.contains_key(point) {
                unknown.push((*point, self.area_of(*point)? == AreaKind::GridArea));
            }
        }
        let in_grid = unknown.iter().filter(|(_, is_in_grid)| *is_in_grid).map(|(point, _)| *point).collect();
        let mut found: FxHashMap<PointNo, SettledPoint> = FxHashMap::default();
        for period in point_periods(&self.db, &Which::Points(in_grid), DayRange::always(), KnownAt::NOW)? {
            found.entry(period.point).or_default().periods.extend(SettledPeriod::of(&period, &self.zone));
        }
        for (point, is_in_grid) in unknown {
            let settled = is_in_grid.then(|| Arc::new(found.remove(&point).unwrap_or_default()));
            self.settling.points.insert(point, settled);
        }
        Ok(())
    }

    /// The periods of a point, looked up once; `None` for a point outside the grid areas.
    pub(super) fn settled_point(&mut self, point: PointNo) -> Result<Option<Arc<SettledPoint>>, StoreFault> {
        if let Some(known) = self.settling.points.get(&point) {
            return Ok(known.clone());
        }
        let found = match self.area_of(point)? {
            AreaKind::GridArea => Some(Arc::new(settled_point(&self.db, &self.zone, (point, KnownAt::NOW))?)),
            AreaKind::Building | AreaKind::Unassigned => None,
        };
        self.settling.points.insert(point, found.clone());
        Ok(found)
    }
}
