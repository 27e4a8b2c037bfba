//! Pseudonyms of exports: what stands for a metering point outside, in the place of its name.
//!
//! A purpose, a recipient and a year come in; a key goes out that turns the number of a point into 16 bytes. The same
//! three always give the same bytes, so that one recipient's files fit together; another purpose, recipient or year gives others,
//! so that files cannot be joined over them (GDPR art. 4(5) and 5(1)(b)). Never: a way from the bytes back to the point without
//! the key, which is deleted when its year is over.

use std::fmt;

use crate::db::{OptionalExtension, params};
use tidstro_model::PointNo;

use super::wrap::{unwrap, wrap};
use super::{SealingKey, Vault, copy, keyed_hash};
use crate::StoreFault;

/// Sixteen bytes that stand for one metering point in the exports for one purpose, recipient and year.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pseudonym([u8; 16]);

impl fmt::Display for Pseudonym {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a key of pseudonyms is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PseudonymUse<'a> {
    /// An activity of the register.
    pub(crate) purpose: &'a str,
    /// A party of the register; empty where data go to nobody outside.
    pub(crate) recipient: &'a str,
    /// The year of the local calendar in which the export is made.
    pub(crate) year: i16,
}

impl PseudonymUse<'_> {
    /// Key columns of the row. The names have no zero byte, so that two uses never have one encoding.
    fn row(&self) -> Vec<u8> {
        let texts = [b"pseudonym".as_slice(), self.purpose.as_bytes(), self.recipient.as_bytes()];
        [texts.join(&0), self.year.to_be_bytes().to_vec()].concat()
    }
}

/// A key of pseudonyms, opened.
pub(crate) struct PseudonymKey(SealingKey);

impl PseudonymKey {
    /// What stands for a point: the first half of an HMAC-SHA-256 of its number.
    pub(crate) fn of_point(&self, point: PointNo) -> Pseudonym {
        let mut half = [0_u8; 16];
        copy(&mut half, &keyed_hash(&self.0, "tidstro pseudonym", &point.as_u32().to_be_bytes()));
        Pseudonym(half)
    }
}

impl Vault {
    /// The number of a use's key, which is made the first time. Durable when this returns.
    pub(crate) fn ensure_pseudonym_key(&self, of: &PseudonymUse<'_>) -> Result<u64, StoreFault> {
        if let Some((number, _)) = self.wrapped_pseudonym_key(of)? {
            return Ok(number);
        }
        let wrapped = wrap(&self.controller, &of.row(), SealingKey::random()?.bytes())?;
        // Another process may have made one meanwhile: that one stays.
        self.db.execute(
            "-- make_pseudonym_key
             INSERT INTO pseudonym_key (purpose, recipient, year, wrapped) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![of.purpose, of.recipient, of.year, wrapped],
        )?;
        self.wrapped_pseudonym_key(of)?
            .map(|(number, _)| number)
            .ok_or(StoreFault::Row { what: "pseudonym_key" })
    }

    /// The key of a use, which must have this number.
    ///
    /// # Errors
    /// [`StoreFault::Row`] where its year is over and it was deleted.
    pub(crate) fn pseudonym_key(
        &self,
        of: &PseudonymUse<'_>,
        number: u64,
    ) -> Result<PseudonymKey, StoreFault> {
        match self.wrapped_pseudonym_key(of)? {
            Some((found, wrapped)) if found == number => {
                let key = unwrap(&self.controller, &of.row(), &wrapped)?;
                Ok(PseudonymKey(SealingKey::from_bytes(*key)))
            }
            _ => Err(StoreFault::Row { what: "pseudonym_key" }),
        }
    }

    /// Deletes the keys of years before this one. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreFault::KeysInUse`] if another process holds on to the old state: call again.
    pub(crate) fn forget_pseudonyms_before(&mut self, year: i16) -> Result<usize, StoreFault> {
        let deleted = self.db.execute(
            "-- delete_pseudonym_keys
             DELETE FROM pseudonym_key WHERE year < ?1",
            [year],
        )?;
        if deleted > 0 {
            self.leave_no_copy()?;
        }
        Ok(deleted)
    }

    fn wrapped_pseudonym_key(&self, of: &PseudonymUse<'_>) -> Result<Option<(u64, Vec<u8>)>, StoreFault> {
        Ok(self
            .db
            .prepare_cached(
                "-- pseudonym_key
                 SELECT pseudonym_key_no, wrapped FROM pseudonym_key
                 WHERE purpose = ?1 AND recipient = ?2 AND year = ?3",
            )?
            .query_row(params![of.purpose, of.recipient, of.year], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
            })
            .optional()?)
    }
}
