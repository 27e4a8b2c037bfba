//! Rows of `point_period`: what the market registers of an electricity point.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use tidstro_calendar::epoch_day;
use tidstro_model::{
    CheckDigit, ConnectionState, Dated, GridArea, Gsrn, MarketUnit, NetSettlementGroup, PointNo, PointState,
    PointType, Product, Resolution, SettlementMethod, SettlementMonth, SubType, Timeline,
};

use super::change::Otherwise;
use super::{
    KnownAt, MasterChange, code_from, code_if, days_from, factor_from, numbers, point_from, timelines,
};
use crate::StoreFault;
use crate::db::{Bind as _, Bound, Connection, Row, Things, params};

/// Columns of [`state_from`], of `point_period pp LEFT JOIN point q ON q.point_no = pp.parent_no`.
pub(super) const STATE_COLUMNS: &str = "pp.kind, pp.settlement_method, pp.sub_type, pp.connection, pp.resolution, \
     pp.grid_area, pp.from_area, pp.to_area, pp.unit, pp.product, pp.factor, pp.for_grid_loss, q.own_id, \
     pp.net_settlement_group, pp.settlement_month, pp.electrical_heating";
/// How many they are.
pub(super) const STATE_WIDTH: usize = 16;

/// Reads [`STATE_COLUMNS`] from column `first` on.
pub(super) fn state_from(row: &Row<'_>, first: usize) -> Result<PointState, StoreFault> {
    let gsrn = |text: &str| Gsrn::parse(text.as_bytes(), CheckDigit::Ignored).ok();
    let for_grid_loss: i64 = row.get(first + 11)?;
    let electrical_heating: i64 = row.get(first + 15)?;
    Ok(PointState {
        kind: kind_from(row, first)?,
        sub_type: code_from(row, first + 2, "point_period.sub_type", SubType::from_word)?,
        connection: code_from(row, first + 3, "point_period.connection", ConnectionState::from_word)?,
        resolution: code_from(row, first + 4, "point_period.resolution", Resolution::from_code)?,
        area: code_from(row, first + 5, "point_period.grid_area", GridArea::parse)?,
        unit: code_from(row, first + 8, "point_period.unit", MarketUnit::from_code)?,
        product: code_from(row, first + 9, "point_period.product", Product::from_code)?,
        factor: factor_from(row, first + 10)?,
        stands_for_grid_loss: for_grid_loss == 1,
        parent: code_if(row, first + 12, "point_period.parent_no", gsrn)?,
        net_settlement: net_settlement_from(row, first + 13)?,
        is_electrically_heated: electrical_heating == 1,
    })
}

/// A group in a column, and its month in the next.
fn net_settlement_from(row: &Row<'_>, column: usize) -> Result<Option<NetSettlementGroup>, StoreFault> {
    let what = "point_period.net_settlement_group";
    let (group, month): (Option<i64>, Option<i64>) = (row.get(column)?, row.get(column + 1)?);
    let month = month.map(SettlementMonth::new).transpose().map_err(|_| StoreFault::Row { what })?;
    let group = group.map(|group| NetSettlementGroup::of_number(group, month));
    group.transpose().map_err(|_| StoreFault::Row { what })
}

fn kind_from(row: &Row<'_>, first: usize) -> Result<PointType, StoreFault> {
    let what = "point_period.kind";
    let method = code_if(row, first + 1, "point_period.settlement_method", SettlementMethod::from_code)?;
    let from = code_if(row, first + 6, "point_period.from_area", GridArea::parse)?;
    let to = code_if(row, first + 7, "point_period.to_area", GridArea::parse)?;
    code_from(row, first, what, |code| PointType::of_code(code, method, from.zip(to)))
}

/// What is known of a point over time.
pub(crate) fn states_of(
    db: &Connection,
    point: PointNo,
    known: KnownAt,
) -> Result<Timeline<PointState>, StoreFault> {
    Ok(states_of_all(db, &[point], known)?.remove(&point).unwrap_or_default())
}

/// What is known of each of many points over time. A point of which nothing is known is left out.
pub(crate) fn states_of_all(
    db: &Connection,
    points: &[PointNo],
    known: KnownAt,
) -> Result<FxHashMap<PointNo, Timeline<PointState>>, StoreFault> {
    let sql = format!(
        "-- states_of_all
         SELECT pp.point_no, pp.start_day, pp.end_day, {STATE_COLUMNS}
         FROM point_period pp LEFT JOIN point q ON q.point_no = pp.parent_no
         WHERE pp.point_no = ?1 AND pp.created_seq <= ?2 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?2)"
    );
    let rows = db.query_each(&sql, Things::Numbers(&numbers(points)), params![known.0], |row| {
        Ok::<_, StoreFault>((point_from(row)?, Dated { days: days_from(row, 1)?, what: state_from(row, 3)? }))
    })?;
    timelines(rows, "point_period: two rows hold on one day")
}

/// Puts the new states of points in the place of the old ones: retires and adds rows, makes the interval series of their
/// resolutions, and lets the gate find each in the grid area it lies in last.
pub(crate) fn state_points(
    db: &Connection,
    change: &mut MasterChange,
    others: &[Otherwise<PointNo, PointState>],
) -> Result<(), StoreFault> {
    let (mut series, mut areas) = (Vec::with_capacity(others.len()), Vec::new());
    for (point, difference) in others {
        change.touch(*point, &difference.changed);
        let resolutions = difference.added.iter().map(|period| period.what.resolution);
        let of_intervals = resolutions.filter(|one| matches!(one, Resolution::PT15M | Resolution::PT1H));
        series.extend(of_intervals.map(|resolution| (*point, resolution)));
        // Its periods follow each other, so the last one is new if any is.
        let last = difference.added.last().map(|period| period.what.area);
        areas.extend(
            last.filter(|area| !change.fresh.lies_in(*point, &area.to_string())).map(|area| (*point, area)),
        );
    }
    change.fresh.ensure_interval_series(db, series)?;
    let parents = parents_of(db, change, others)?;
    change.keep(
        db,
        others,
        |seq, rows| retire(db, seq, rows),
        |seq, rows| insert(db, seq, rows, &parents),
    )?;
    lie_in(db, &areas)
}

type Rows<'r> = [(PointNo, &'r Dated<PointState>)];

fn retire(db: &Connection, seq: i64, rows: &Rows<'_>) -> Result<(), StoreFault> {
    let key = |(point, row): &(PointNo, &Dated<PointState>)| {
        [Bound::from(point.as_u32()), epoch_day(row.days.start()).into(), seq.into()]
    };
    let sql = "-- retire_point_period
         UPDATE point_period SET retired_seq = ?3 WHERE point_no = ?1 AND start_day = ?2 AND retired_seq IS NULL";
    db.execute_each(sql, &rows.iter().map(key).collect::<Vec<_>>())?;
    Ok(())
}

const COLUMNS: &str = "point_period
    (point_no, start_day, end_day, created_seq, kind, settlement_method, sub_type, connection, resolution,
     grid_area, from_area, to_area, unit, product, parent_no, factor, for_grid_loss,
     net_settlement_group, settlement_month, electrical_heating)";

fn insert(db: &Connection, seq: i64, rows: &Rows<'_>, parents: &Parents) -> Result<(), StoreFault> {
    let areas: Vec<_> = rows.iter().map(|(_, row)| areas_of(&row.what)).collect();
    let rows = rows.iter().zip(&areas).map(|((point, row), [area, from, to])| {
        let state = &row.what;
        let parent = state.parent.and_then(|parent| parents.get(&parent).copied());
        let (group, month) = (state.net_settlement, state.net_settlement.and_then(NetSettlementGroup::month));
        [
            Bound::from(point.as_u32()),
            epoch_day(row.days.start()).into(),
            epoch_day(row.days.end()).into(),
            seq.into(),
            Bound::Text(state.kind.code()),
            state.kind.settlement_method().map_or(Bound::Null, |method| Bound::Text(method.code())),
            Bound::Text(state.sub_type.word()),
            Bound::Text(state.connection.word()),
            Bound::Text(state.resolution.code()),
            area.bound(),
            from.bound(),
            to.bound(),
            Bound::Text(state.unit.code()),
            Bound::Text(state.product.code()),
            parent.map_or(Bound::Null, |parent| parent.as_u32().into()),
            i64::from(state.factor.thousandths()).into(),
            i64::from(state.stands_for_grid_loss).into(),
            group.map_or(Bound::Null, |group| i64::from(group.number()).into()),
            month.map_or(Bound::Null, |month| i64::from(month.number()).into()),
            i64::from(state.is_electrically_heated).into(),
        ]
    });
    Ok(db.insert_all(COLUMNS, rows)?)
}

/// The area of a point, and both sides of an exchange.
fn areas_of(state: &PointState) -> [Option<String>; 3] {
    let (from, to) = match state.kind {
        PointType::Exchange { from, to } => (Some(from.to_string()), Some(to.to_string())),
        _ => (None, None),
    };
    [Some(state.area.to_string()), from, to]
}

type Parents = BTreeMap<Gsrn, PointNo>;

/// The numbers of the parents that new rows name.
fn parents_of(
    db: &Connection,
    change: &MasterChange,
    others: &[Otherwise<PointNo, PointState>],
) -> Result<Parents, StoreFault> {
    let mut parents = Parents::new();
    for parent in others.iter().flat_map(|(_, new)| &new.added).filter_map(|row| row.what.parent) {
        if let Entry::Vacant(unknown) = parents.entry(parent) {
            let name = parent.to_string();
            let found = change.fresh.point_named(db, &name)?;
            unknown.insert(found.ok_or(StoreFault::Dangling { kind: "parent", name })?);
        }
    }
    Ok(parents)
}

/// The gate finds a point in the area it lies in; one that moves goes on under the permits of its new area.
fn lie_in(db: &Connection, points: &[(PointNo, GridArea)]) -> Result<(), StoreFault> {
    let names: BTreeSet<GridArea> = points.iter().map(|(_, area)| *area).collect();
    let names: Vec<String> = names.into_iter().map(|area| area.to_string()).collect();
    let sql = "-- grid_area_nos\nSELECT a.name, a.area_no FROM area a WHERE a.name = ?1";
    let known = db.query_each(sql, Things::Names(&names), &[], |row| {
        Ok::<_, StoreFault>((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })?;
    let known: BTreeMap<String, i64> = known.into_iter().collect();
    let values = points.iter().filter_map(|(point, area)| {
        Some([Bound::from(point.as_u32()), (*known.get(&area.to_string())?).into()])
    });
    let values: Vec<_> = values.collect();
    let sql = "-- lie_in
         UPDATE point SET area_no = ?2 WHERE point_no = ?1 AND area_no <> ?2";
    db.execute_each(sql, &values)?;
    // What waits for a decision is listed by area.
    let sql = "-- findings_lie_in
         UPDATE open_finding SET area_no = ?2
         WHERE area_no <> ?2 AND series_no IN (SELECT s.series_no FROM series s WHERE s.point_no = ?1)";
    db.execute_each(sql, &values)?;
    Ok(())
}
