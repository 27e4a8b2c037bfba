//! Who lives in a building, or lived there: under a permit for occupancies, and names and contacts only under permits of their own.
//!
//! What comes in: permits of one purpose and one target. What goes out: occupancies with their points, in order of person and day,
//! as far as the permit for occupancies reaches; a name where the permit for names reaches too. Never: a name by the
//! permit for days.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{DayRange, KeyNo, OccupancyNo, PointNo, SubjectNo};

use super::people::{Lived, days_of, lived_in, open, reaches};
use crate::db::Connection;
use crate::gate::{Disclosed, Permit, Terms};
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// An occupancy. It has no `Debug`: nothing prints a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Occupant {
    /// Its number.
    pub occupancy: OccupancyNo,
    /// Whose it is.
    pub subject: SubjectNo,
    /// What master data call that person.
    pub reference: String,
    /// The local days.
    pub days: DayRange,
    /// Its points, in the order of registration.
    pub points: Vec<PointNo>,
    /// The name; `None` without a permit for it, or where it is erased.
    pub name: Option<String>,
    /// How the person is reached; `None` without a permit for it, or where it is erased.
    pub contact: Option<String>,
}

/// By what occupancies are read.
#[derive(Debug, Clone, Copy)]
pub struct OccupantPermits<'a> {
    /// For occupancies.
    pub occupancy: &'a Permit,
    /// For names, where they are wanted.
    pub identity: Option<&'a Permit>,
    /// For contacts, where they are wanted.
    pub contact: Option<&'a Permit>,
}

/// The same, proved.
struct OccupantTerms {
    occupancy: Arc<Terms>,
    identity: Option<Arc<Terms>>,
    contact: Option<Arc<Terms>>,
}

impl Store {
    /// The occupancies that the permits reach, to read or to export. What the permit for occupancies does not reach is left out, and
    /// so is an occupancy that was asked for with names or contacts and is not reached by those permits.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is for something else.
    pub async fn occupants(
        &self,
        permits: OccupantPermits<'_>,
        operation: Operation,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<Occupant>>, StoreFault> {
        let (names, contacts) = (self.columns.names()?, self.columns.contacts()?);
        let allowed = |permit: &Permit, category| permit.must_allow(operation, category, now);
        let terms = OccupantTerms {
            occupancy: allowed(permits.occupancy, self.columns.occupancies()?)?,
            identity: permits.identity.map(|permit| allowed(permit, names)).transpose()?,
            contact: permits.contact.map(|permit| allowed(permit, contacts)).transpose()?,
        };
        let found =
            self.threads.read(move |reading| occupants(&reading.db, &mut reading.vault, &terms)).await?;
        Ok(Disclosed::new(found, permits.occupancy))
    }
}

fn occupants(db: &Connection, vault: &mut Vault, terms: &OccupantTerms) -> Result<Vec<Occupant>, StoreFault> {
    let mut found: Vec<Occupant> = Vec::new();
    let mut places: BTreeMap<OccupancyNo, usize> = BTreeMap::new();
    for lived in lived_in(db, &[&terms.occupancy])? {
        if !terms.all().all(|terms| reaches(terms, &lived)) {
            continue;
        }
        let known = places.get(&lived.occupancy).and_then(|place| found.get_mut(*place));
        match known {
            Some(occupant) => occupant.points.push(lived.point_no),
            None => {
                places.insert(lived.occupancy, found.len());
                found.push(occupant(vault, terms, lived)?);
            }
        }
    }
    Ok(found)
}

impl OccupantTerms {
    fn all(&self) -> impl Iterator<Item = &Terms> {
        [Some(&self.occupancy), self.identity.as_ref(), self.contact.as_ref()]
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
    }
}

fn occupant(vault: &mut Vault, terms: &OccupantTerms, lived: Lived) -> Result<Occupant, StoreFault> {
    let Lived { occupancy, days, subject, person, point_no, .. } = lived;
    let subject = u32::try_from(subject).map_err(|_| StoreFault::Row { what: "subject.subject_no" })?;
    let mut opened = |wanted: bool, column: &str, sealed: &(KeyNo, Vec<u8>)| match wanted {
        true => open(vault, column, sealed),
        false => Ok(None),
    };
    Ok(Occupant {
        occupancy,
        subject: SubjectNo::new(subject),
        days: days_of(days)?,
        points: vec![point_no],
        name: opened(terms.identity.is_some(), "name", &person.name)?,
        contact: opened(terms.contact.is_some(), "contact", &person.contact)?,
        reference: person.reference,
    })
}
