//! Rows of `point_period`: what the market registers of an electricity point.

use tidstro_calendar::epoch_day;
use tidstro_model::{
    CheckDigit, ConnectionState, Dated, GridArea, Gsrn, MarketUnit, NetSettlementGroup, PointNo, PointState,
    PointType, Product, Resolution, SettlementMethod, SettlementMonth, SubType, Timeline,
};

use super::{KnownAt, MasterChange, code_from, code_if, days_from, factor_from};
use crate::StoreFault;
use crate::db::{Connection, OptionalExtension, Row, params};
use crate::reference::{ensure_interval_series, named_point};

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
    let sql = format!(
        "-- states_of
         SELECT pp.start_day, pp.end_day, {STATE_COLUMNS}
         FROM point_period pp LEFT JOIN point q ON q.point_no = pp.parent_no
         WHERE pp.point_no = ?1 AND pp.created_seq <= ?2 AND (pp.retired_seq IS NULL OR pp.retired_seq > ?2)"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_and_then(params![point.as_u32(), known.0], |row| {
        Ok(Dated { days: days_from(row, 0)?, what: state_from(row, 2)? })
    })?;
    let periods: Vec<_> = rows.collect::<Result<_, StoreFault>>()?;
    Timeline::of(periods).ok_or(StoreFault::Row { what: "point_period: two rows hold on one day" })
}

/// Puts the new timeline of a point in the place of the old one: retires and adds rows, makes the interval series of its
/// resolutions, and lets the gate find it in the grid area it lies in last.
pub(crate) fn state_point(
    db: &Connection,
    change: &mut MasterChange,
    point: PointNo,
    (old, new): (&Timeline<PointState>, &Timeline<PointState>),
) -> Result<(), StoreFault> {
    let difference = old.difference(new);
    change.touch(point, &difference.changed);
    for period in &difference.added {
        if matches!(period.what.resolution, Resolution::PT15M | Resolution::PT1H) {
            ensure_interval_series(db, point, period.what.resolution)?;
        }
    }
    change.keep(
        db,
        &difference,
        |seq, row| retire(db, point, seq, row),
        |seq, row| insert(db, point, seq, row),
    )?;
    match new.periods().last() {
        Some(last) if !difference.added.is_empty() => {
            let area = last.what.area;
            if change.fresh.lies_in(point, &area.to_string()) { Ok(()) } else { lies_in(db, point, area) }
        }
        _ => Ok(()),
    }
}

fn retire(db: &Connection, point: PointNo, seq: i64, row: &Dated<PointState>) -> Result<(), StoreFault> {
    db.prepare_cached(
        "-- retire_point_period
         UPDATE point_period SET retired_seq = ?3 WHERE point_no = ?1 AND start_day = ?2 AND retired_seq IS NULL",
    )?
    .execute(params![point.as_u32(), epoch_day(row.days.start()), seq])?;
    Ok(())
}

fn insert(db: &Connection, point: PointNo, seq: i64, row: &Dated<PointState>) -> Result<(), StoreFault> {
    let state = &row.what;
    let (from, to) = match state.kind {
        PointType::Exchange { from, to } => (Some(from.to_string()), Some(to.to_string())),
        _ => (None, None),
    };
    db.prepare_cached(
        "-- insert_point_period
         INSERT INTO point_period
             (point_no, start_day, end_day, created_seq, kind, settlement_method, sub_type, connection, resolution,
              grid_area, from_area, to_area, unit, product, parent_no, factor, for_grid_loss,
              net_settlement_group, settlement_month, electrical_heating)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?
    .execute(params![
        point.as_u32(),
        epoch_day(row.days.start()),
        epoch_day(row.days.end()),
        seq,
        state.kind.code(),
        state.kind.settlement_method().map(SettlementMethod::code),
        state.sub_type.word(),
        state.connection.word(),
        state.resolution.code(),
        state.area.to_string(),
        from,
        to,
        state.unit.code(),
        state.product.code(),
        parent_no(db, state)?.map(PointNo::as_u32),
        i64::from(state.factor.thousandths()),
        i64::from(state.stands_for_grid_loss),
        state.net_settlement.map(|group| i64::from(group.number())),
        state.net_settlement.and_then(NetSettlementGroup::month).map(|month| i64::from(month.number())),
        i64::from(state.is_electrically_heated),
    ])?;
    Ok(())
}

fn parent_no(db: &Connection, state: &PointState) -> Result<Option<PointNo>, StoreFault> {
    let Some(parent) = state.parent else { return Ok(None) };
    let name = parent.to_string();
    let found = named_point(db, &name)?;
    found.map(Some).ok_or(StoreFault::Dangling { kind: "parent", name })
}

/// The gate finds a point in the area it lies in; one that moves goes on under the permits of its new area.
fn lies_in(db: &Connection, point: PointNo, area: GridArea) -> Result<(), StoreFault> {
    let known: Option<i64> = db
        .prepare_cached(
            "-- grid_area_no
             SELECT area_no FROM area WHERE name = ?1",
        )?
        .query_row([area.to_string()], |row| row.get(0))
        .optional()?;
    let Some(area_no) = known else { return Ok(()) };
    db.prepare_cached(
        "-- lies_in
         UPDATE point SET area_no = ?2 WHERE point_no = ?1 AND area_no <> ?2",
    )?
    .execute(params![point.as_u32(), area_no])?;
    // What waits for a decision is listed by area.
    db.prepare_cached(
        "-- findings_lie_in
         UPDATE open_finding SET area_no = ?2
         WHERE area_no <> ?2 AND series_no IN (SELECT s.series_no FROM series s WHERE s.point_no = ?1)",
    )?
    .execute(params![point.as_u32(), area_no])?;
    Ok(())
}
