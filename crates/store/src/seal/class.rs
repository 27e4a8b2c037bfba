//! The key of a whole class of values: the keys of meters. Wrapped by the controller's key, like all others.
//!
//! It seals what belongs to no subject and to no local day, so that nothing of it ends by itself: rows are deleted.

use crate::db::{OptionalExtension, params};

use super::wrap::{unwrap, wrap};
use super::{SealingKey, Vault, copy, keyed_hash};
use crate::StoreFault;

/// The class of the keys of meters.
const METER_KEYS: &str = "meter-keys";

impl Vault {
    /// What seals the keys of meters. Made the first time; durable when this returns.
    pub(crate) fn ensure_meter_key_class(&self) -> Result<SealingKey, StoreFault> {
        if self.wrapped_class()?.is_none() {
            let wrapped = wrap(&self.controller, &class_row(), SealingKey::random()?.bytes())?;
            // Another process may have made one meanwhile: that one stays.
            self.db.execute(
                "-- make_class_key
                 INSERT INTO class_key (class, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![METER_KEYS, wrapped],
            )?;
        }
        self.meter_key_class()
    }

    /// What seals the keys of meters.
    ///
    /// # Errors
    /// [`StoreFault::Row`] where no key of a meter was ever kept.
    pub(crate) fn meter_key_class(&self) -> Result<SealingKey, StoreFault> {
        let wrapped = self.wrapped_class()?.ok_or(StoreFault::Row { what: "class_key" })?;
        Ok(SealingKey::from_bytes(*unwrap(&self.controller, &class_row(), &wrapped)?))
    }

    fn wrapped_class(&self) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self
            .db
            .prepare_cached(
                "-- class_key
                 SELECT wrapped FROM class_key WHERE class = ?1",
            )?
            .query_row([METER_KEYS], |row| row.get(0))
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

fn class_row() -> Vec<u8> {
    [b"class".as_slice(), METER_KEYS.as_bytes()].concat()
}
