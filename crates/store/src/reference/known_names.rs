//! Which points and people of master data are known already.
//!
//! What comes in: master data. What goes out: the names among them that the database has; from PostgreSQL in one answer for each
//! kind. Never: a row written.

use rustc_hash::FxHashSet;
use tidstro_model::MasterData;

use super::master::{existing_point, existing_subject};
use crate::StoreFault;
use crate::db::{Connection, params};

/// What of the data is known by name.
pub(super) struct KnownNames {
    pub(super) points: FxHashSet<String>,
    pub(super) people: FxHashSet<String>,
}

impl KnownNames {
    pub(super) fn look_up(db: &Connection, data: &MasterData) -> Result<Self, StoreFault> {
        let homes = data.occupancies.iter().filter_map(|occupancy| occupancy.points.first());
        let points = data.points.iter().map(|point| &point.own_id).chain(homes);
        let people = data.people.iter().map(|person| &person.reference);
        let (points, people) = (distinct(points), distinct(people));
        Ok(match db.postgres() {
            Some(_) => Self {
                points: known_of_all(
                    db,
                    "-- known_points\nSELECT own_id FROM point WHERE own_id = ANY (CAST(?1 AS TEXT[]))",
                    &points,
                )?,
                people: known_of_all(
                    db,
                    "-- known_subjects\nSELECT reference FROM subject WHERE reference = ANY (CAST(?1 AS TEXT[]))",
                    &people,
                )?,
            },
            None => Self {
                points: known_of_each(points, |name| existing_point(db, name))?,
                people: known_of_each(people, |name| existing_subject(db, name))?,
            },
        })
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let names: FxHashSet<&String> = names.collect();
    names.into_iter().cloned().collect()
}

/// Those of the names that a table has, from PostgreSQL in one answer.
fn known_of_all(db: &Connection, sql: &str, names: &Vec<String>) -> Result<FxHashSet<String>, StoreFault> {
    Ok(db.prepare_cached(sql)?.query_map(params![names], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn known_of_each(
    names: Vec<String>,
    existing: impl Fn(&str) -> Result<Option<i64>, StoreFault>,
) -> Result<FxHashSet<String>, StoreFault> {
    let mut known = FxHashSet::default();
    for name in names {
        if existing(&name)?.is_some() {
            known.insert(name);
        }
    }
    Ok(known)
}
