//! Names of subjects.

use crate::db::{Connection, params};
use tidstro_govern::Reach;
use tidstro_model::{KeyNo, SubjectNo};

use crate::StoreFault;
use crate::gate::Terms;
use crate::reference::subject_row;
use crate::seal::Vault;

/// A subject and its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    /// The pseudonym.
    pub subject: SubjectNo,
    /// The name.
    pub name: String,
}

/// The names of the subjects whose occupancies the permit names, each once.
pub(crate) fn read_names(
    db: &Connection,
    vault: &mut Vault,
    terms: &Terms,
) -> Result<Vec<Named>, StoreFault> {
    let mut found: Vec<Named> = Vec::new();
    if let Reach::Occupancies(occupancies) = &terms.scope().reach {
        for (occupancy, _) in occupancies {
            let named = name_of(db, vault, occupancy.as_u32())?;
            found.extend(named.filter(|named| !found.iter().any(|known| known.subject == named.subject)));
        }
    }
    Ok(found)
}

/// `None` where the name is erased and the values stay under the number.
fn name_of(db: &Connection, vault: &mut Vault, occupancy: u32) -> Result<Option<Named>, StoreFault> {
    let (subject, key, sealed): (u32, u32, Vec<u8>) = db
        .prepare_cached(
            "-- name_of
             SELECT s.subject_no, s.key_no, s.sealed_name
             FROM occupancy o JOIN subject s USING (subject_no) WHERE o.occupancy_no = ?1",
        )?
        .query_row(params![occupancy], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let key = KeyNo::new(key);
    let plain = match vault.undated_key(key) {
        Ok(sealing) if !sealed.is_empty() => sealing.open(&subject_row("name", key), &sealed)?,
        Ok(_) => return Ok(None),
        Err(fault) if fault.is_erased() => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let name = String::from_utf8(plain).map_err(|_| StoreFault::Tampered)?;
    Ok(Some(Named { subject: SubjectNo::new(subject), name }))
}
