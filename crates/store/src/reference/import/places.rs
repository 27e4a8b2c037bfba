//! Rows about places: points of any commodity and where they lie.

use tidstro_model::{Area, MasterRow, Point};

use super::plan::Plan;
use super::{ItemChange, MasterRefusal};

pub(super) fn plan(plan: &mut Plan<'_>) {
    for (index, row) in plan.rows() {
        if let MasterRow::Place(area, point) = row {
            place(plan, index, area, point);
        }
    }
}

fn place(plan: &mut Plan<'_>, index: usize, area: &Area, point: &Point) {
    let refuse = |plan: &mut Plan<'_>, what| {
        plan.refuse(index, MasterRefusal::KnownOtherwise { point: point.own_id.clone(), what });
    };
    if plan.area_kind(&area.name).is_some_and(|known| known != area.kind) {
        return refuse(plan, "kind of area");
    }
    let known = plan.new_point(&point.own_id).or_else(|| plan.known.place(&point.own_id));
    match known.map(|known| difference(known, point)) {
        Some(Some(what)) => refuse(plan, what),
        Some(None) if learns(plan.known.place(&point.own_id), point) => {
            plan.data.points.push(point.clone());
            plan.change(index, ItemChange::Place { point: point.own_id.clone() });
        }
        Some(None) => plan.unchanged(),
        None => {
            plan.add_point(area.clone(), point.clone());
            plan.change(index, ItemChange::Place { point: point.own_id.clone() });
        }
    }
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
fn learns(known: Option<&Point>, point: &Point) -> bool {
    point.transformer.is_some() && known.is_some_and(|known| known.transformer.is_none())
}
