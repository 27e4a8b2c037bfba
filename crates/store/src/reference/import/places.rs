//! Rows about places: points of any commodity and where they lie.

use tidstro_model::{Area, MasterRow, Point};

use super::plan::Plan;
use super::{ItemChange, MasterRefusal};
use crate::StoreFault;
use crate::db::Connection;
use crate::reference::area::place_named;

pub(super) fn plan(plan: &mut Plan<'_>) -> Result<(), StoreFault> {
    for (index, row) in plan.rows() {
        if let MasterRow::Place(area, point) = row {
            place(plan, index, area, point)?;
        }
    }
    Ok(())
}

fn place(plan: &mut Plan<'_>, index: usize, area: &Area, point: &Point) -> Result<(), StoreFault> {
    let refuse = |plan: &mut Plan<'_>, what| {
        plan.refuse(index, MasterRefusal::KnownOtherwise { point: point.own_id.clone(), what });
    };
    if plan.area_kind(&area.name)?.is_some_and(|known| known != area.kind) {
        refuse(plan, "kind of area");
        return Ok(());
    }
    let planned = plan.new_point(&point.own_id).cloned();
    let known = match planned {
        Some(planned) => Some(planned),
        None => known_place(plan.db, &point.own_id)?,
    };
    match known.map(|known| difference(&known, point)) {
        Some(Some(what)) => refuse(plan, what),
        Some(None) if learns(plan.db, point)? => {
            plan.data.points.push(point.clone());
            plan.change(index, ItemChange::Place { point: point.own_id.clone() });
        }
        Some(None) => plan.unchanged(),
        None => {
            plan.add_point(area.clone(), point.clone())?;
            plan.change(index, ItemChange::Place { point: point.own_id.clone() });
        }
    }
    Ok(())
}

/// What differs so that they cannot be one point.
fn difference(known: &Point, said: &Point) -> Option<&'static str> {
    let differs = [
        ("area", known.area != said.area),
        ("commodity", known.commodity != said.commodity),
        ("flat", known.flat != said.flat),
        ("room", known.room != said.room),
        (
            "transformer",
            known.transformer.is_some()
                && said.transformer.is_some()
                && known.transformer != said.transformer,
        ),
    ];
    differs.into_iter().find(|(_, differs)| *differs).map(|(what, _)| what)
}

/// Whether the row says what a known point hangs behind, which nobody had said.
fn learns(db: &Connection, point: &Point) -> Result<bool, StoreFault> {
    let known = known_place(db, &point.own_id)?;
    Ok(point.transformer.is_some() && known.is_some_and(|known| known.transformer.is_none()))
}

fn known_place(db: &Connection, own_id: &str) -> Result<Option<Point>, StoreFault> {
    Ok(place_named(db, own_id)?.map(|(_, point)| point))
}

/// What is delivered or observed at a point that is known.
pub(super) fn known_commodity(
    db: &Connection,
    own_id: &str,
) -> Result<Option<tidstro_model::Commodity>, StoreFault> {
    Ok(known_place(db, own_id)?.map(|point| point.commodity))
}
