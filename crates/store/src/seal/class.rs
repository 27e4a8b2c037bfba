//! The key of a whole class of values: the keys of meters, the settlement sums of a month. Wrapped by the controller's key,
//! like all others.
//!
//! It seals what belongs to no subject and to no local day, so that nothing of it ends by itself: rows are deleted, or
//! the class is destroyed.

use crate::db::{OptionalExtension, params};

use super::wrap::{unwrap, wrap};
use super::{SealingKey, Vault, copy, keyed_hash};
use crate::StoreFault;

/// The class of the keys of meters.
const METER_KEYS: &str = "meter-keys";

impl Vault {
    /// What seals the keys of meters. Made the first time; durable when this returns.
    pub(crate) fn ensure_meter_key_class(&self) -> Result<SealingKey, StoreFault> {
        self.ensure_class(METER_KEYS)
    }

    /// What seals the keys of meters.
    ///
    /// # Errors
    /// [`StoreFault::Row`] where no key of a meter was ever kept.
    pub(crate) fn meter_key_class(&self) -> Result<SealingKey, StoreFault> {
        self.class(METER_KEYS)?.ok_or(StoreFault::Row { what: "class_key" })
    }

    /// What seals a class of values. Made the first time; durable when this returns.
    pub(crate) fn ensure_class(&self, class: &str) -> Result<SealingKey, StoreFault> {
        if self.wrapped_class(class)?.is_none() {
            let wrapped = wrap(&self.controller, &class_row(class), SealingKey::random()?.bytes())?;
            // Another process may have made one meanwhile: that one stays.
            self.db.execute(
                "-- make_class_key
                 INSERT INTO class_key (class, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![class, wrapped],
            )?;
        }
        self.class(class)?.ok_or(StoreFault::Row { what: "class_key" })
    }

    /// What seals a class of values; `None` if there never was such a key, or it is destroyed.
    pub(crate) fn class(&self, class: &str) -> Result<Option<SealingKey>, StoreFault> {
        let wrapped = self.wrapped_class(class)?.filter(|wrapped| wrapped.iter().any(|byte| *byte != 0));
        let open = |wrapped: Vec<u8>| unwrap(&self.controller, &class_row(class), &wrapped);
        Ok(wrapped.map(open).transpose()?.map(|key| SealingKey::from_bytes(*key)))
    }

    /// Destroys the key of a class: it is written over where it lies.
    pub(crate) fn destroy_class(&mut self, class: &str) -> Result<(), StoreFault> {
        if let Some(wrapped) = self.wrapped_class(class)? {
            self.db
                .prepare_cached("-- destroy_class_key\nUPDATE class_key SET wrapped = ?2 WHERE class = ?1")?
                .execute(params![class, vec![0_u8; wrapped.len()]])?;
        }
        self.leave_no_copy()
    }

    fn wrapped_class(&self, class: &str) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self
            .db
            .prepare_cached(
                "-- class_key
                 SELECT wrapped FROM class_key WHERE class = ?1",
            )?
            .query_row([class], |row| row.get(0))
            .optional()?)
    }
}

impl SealingKey {
    /// What people compare of a secret that this key seals: 8 bytes that say nothing of it to whoever lacks this key.
    pub(crate) fn fingerprint(&self, secret: &[u8]) -> [u8; 8] {
        let mut fingerprint = [0_u8; 8];
        copy(&mut fingerprint, &keyed_hash(self, "tidstro fingerprint", secret));
        fingerprint
    }
}

fn class_row(class: &str) -> Vec<u8> {
    [b"class".as_slice(), class.as_bytes()].concat()
}
