//! People and their occupancies on their way out: under permits to export who they are, how they are reached and when they
//! lived where.
//!
//! What comes in: three permits of one purpose. What goes out: people and occupancies as files of master data have them, as far
//! as every permit reaches. Never: somebody whose name is erased, or an occupancy whose lease has ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use tidstro_calendar::from_epoch_day;
use tidstro_govern::{Operation, Reach, Target};
use tidstro_model::{AreaKind, DayRange, KeyNo, Occupancy, OccupancyNo, Person, PointNo};

use super::subject_row;
use crate::db::{Connection, Row, params};
use crate::gate::{Disclosed, Permit, Terms};
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// People and occupancies. It has no `Debug`: nothing prints a person.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct DisclosedPeople {
    /// People, in the order in which they became known.
    pub people: Vec<Person>,
    /// Their occupancies, each with its points, person by person.
    pub occupancies: Vec<Occupancy>,
}

impl Store {
    /// The people and occupancies that all three permits reach: to export identities, contacts and occupancies.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to export its category.
    pub async fn export_people(
        &self,
        [identity, contact, occupancy]: [&Permit; 3],
        now: Timestamp,
    ) -> Result<Disclosed<DisclosedPeople>, StoreFault> {
        let terms = [
            identity.must_allow(Operation::Export, self.columns.names()?, now)?,
            contact.must_allow(Operation::Export, self.columns.contacts()?, now)?,
            occupancy.must_allow(Operation::Export, self.columns.occupancies()?, now)?,
        ];
        let people = self
            .threads
            .read(move |reading| {
                let terms = [&*terms[0], &*terms[1], &*terms[2]];
                people(&reading.db, &mut reading.vault, &terms)
            })
            .await?;
        Ok(Disclosed::new(people, identity))
    }
}

/// One point of one occupancy, and whose it is.
pub(super) struct Lived {
    pub(super) occupancy: OccupancyNo,
    pub(super) days: (i32, i32),
    pub(super) subject: i64,
    pub(super) person: Sealed,
    pub(super) point: String,
    pub(super) point_no: PointNo,
    area_kind: String,
}

/// A person as they lie.
pub(super) struct Sealed {
    pub(super) reference: String,
    pub(super) name: (KeyNo, Vec<u8>),
    pub(super) contact: (KeyNo, Vec<u8>),
}

fn people(db: &Connection, vault: &mut Vault, terms: &[&Terms]) -> Result<DisclosedPeople, StoreFault> {
    let mut found = DisclosedPeople::default();
    let (mut left, mut last) = (BTreeSet::new(), None);
    let mut places: BTreeMap<OccupancyNo, usize> = BTreeMap::new();
    for lived in lived_in(db, terms)? {
        if !terms.iter().all(|terms| reaches(terms, &lived)) || left.contains(&lived.subject) {
            continue;
        }
        if last != Some(lived.subject) {
            let Some(person) = opened(vault, &lived.person)? else {
                left.insert(lived.subject);
                continue;
            };
            found.people.push(person);
            last = Some(lived.subject);
        }
        let known = places.get(&lived.occupancy).and_then(|place| found.occupancies.get_mut(*place));
        match known {
            Some(occupancy) => occupancy.points.push(lived.point),
            None => {
                places.insert(lived.occupancy, found.occupancies.len());
                let (points, days) = (vec![lived.point], days_of(lived.days)?);
                found.occupancies.push(Occupancy { subject: lived.person.reference, points, days });
            }
        }
    }
    Ok(found)
}

/// Whether a permit reaches an occupancy at a point.
pub(super) fn reaches(terms: &Terms, lived: &Lived) -> bool {
    let scope = terms.scope();
    let is_in_area = AreaKind::from_code(&lived.area_kind).is_some_and(|kind| scope.areas.contains(&kind));
    is_in_area
        && match &scope.reach {
            Reach::Occupancies(reached) => reached.iter().any(|(occupancy, _)| *occupancy == lived.occupancy),
            Reach::Target { live_since, cuts } => {
                let is_live = lived.days.1 >= tidstro_calendar::epoch_day(*live_since);
                is_live && !cuts.iter().any(|(occupancy, _)| *occupancy == lived.occupancy)
            }
        }
}

/// A person in the clear; `None` where the name is erased.
fn opened(vault: &mut Vault, sealed: &Sealed) -> Result<Option<Person>, StoreFault> {
    let Some(name) = open(vault, "name", &sealed.name)? else { return Ok(None) };
    let contact = open(vault, "contact", &sealed.contact)?.unwrap_or_default();
    Ok(Some(Person { reference: sealed.reference.clone(), name, contact }))
}

/// A sealed name or contact in the clear; `None` where it is erased.
pub(super) fn open(
    vault: &mut Vault,
    column: &str,
    (key, sealed): &(KeyNo, Vec<u8>),
) -> Result<Option<String>, StoreFault> {
    let plain = match vault.undated_key(*key) {
        Ok(sealing) if !sealed.is_empty() => sealing.open(&subject_row(column, *key), sealed)?,
        Ok(_) => return Ok(None),
        Err(fault) if fault.is_erased() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    String::from_utf8(plain).map(Some).map_err(|_| StoreFault::Tampered)
}

/// Every occupancy at every point of the target of these permits, person by person. Whether they reach it is still to be asked.
pub(super) fn lived_in(db: &Connection, terms: &[&Terms]) -> Result<Vec<Lived>, StoreFault> {
    let area = terms.first().and_then(|terms| match terms.target {
        Target::Area(area) => Some(area.as_u32()),
        _ => None,
    });
    let mut statement = db.prepare_cached(
        "-- people_in_reach
         SELECT o.occupancy_no, o.start_day, o.end_day, s.subject_no, s.reference, s.key_no, s.sealed_name,
                s.contact_key_no, s.sealed_contact, p.own_id, a.kind, p.point_no
         FROM occupancy o
              JOIN subject s ON s.subject_no = o.subject_no
              JOIN occupancy_point op ON op.occupancy_no = o.occupancy_no
              JOIN point p ON p.point_no = op.point_no
              JOIN area a ON a.area_no = p.area_no
         WHERE CAST(?1 AS BIGINT) IS NULL OR p.area_no = ?1
         ORDER BY s.subject_no, o.start_day, o.occupancy_no, p.point_no",
    )?;
    let rows = statement.query_and_then(params![area], lived)?;
    rows.collect()
}

fn lived(row: &Row<'_>) -> Result<Lived, StoreFault> {
    let key = |column| Ok::<_, StoreFault>(KeyNo::new(row.get(column)?));
    Ok(Lived {
        occupancy: OccupancyNo::new(row.get(0)?),
        days: (row.get(1)?, row.get(2)?),
        subject: row.get(3)?,
        person: Sealed {
            reference: row.get(4)?,
            name: (key(5)?, row.get(6)?),
            contact: (key(7)?, row.get(8)?),
        },
        point: row.get(9)?,
        area_kind: row.get(10)?,
        point_no: PointNo::new(row.get(11)?),
    })
}

/// The local days of an occupancy.
pub(super) fn days_of((start, end): (i32, i32)) -> Result<DayRange, StoreFault> {
    let day = |day| from_epoch_day(day).unwrap_or(Date::MAX);
    DayRange::new(day(start), day(end)).map_err(|_| StoreFault::Row { what: "occupancy.end_day" })
}
