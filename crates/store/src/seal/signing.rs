//! The key that signs the log's checkpoints: a seed in the key file, wrapped by the controller's key.

use crate::db::{OptionalExtension, params};
use tidstro_govern::log::LogKey;

use super::wrap::{unwrap, wrap};
use super::{SealingKey, Vault};
use crate::StoreFault;

/// The one signing key of a store.
const SIGNING_NO: u32 = 1;

impl Vault {
    /// Makes the signing key if there is none; durable when this returns.
    pub(crate) fn ensure_log_key(&self) -> Result<(), StoreFault> {
        if self.wrapped_log_key()?.is_none() {
            let wrapped = wrap(&self.controller, &signing_row(), SealingKey::random()?.bytes())?;
            // Another process may have made one meanwhile: that one stays.
            self.db.execute(
                "-- make_signing_key
                 INSERT INTO signing_key (signing_no, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![SIGNING_NO, wrapped],
            )?;
        }
        Ok(())
    }

    /// The signing key.
    pub(crate) fn log_key(&self) -> Result<LogKey, StoreFault> {
        let wrapped = self.wrapped_log_key()?.ok_or(StoreFault::Row { what: "signing_key" })?;
        Ok(LogKey::from_seed(&*unwrap(&self.controller, &signing_row(), &wrapped)?))
    }

    fn wrapped_log_key(&self) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self
            .db
            .prepare_cached(
                "-- signing_key
                 SELECT wrapped FROM signing_key WHERE signing_no = ?1",
            )?
            .query_row([SIGNING_NO], |row| row.get(0))
            .optional()?)
    }
}

fn signing_row() -> Vec<u8> {
    [b"signing".as_slice(), &SIGNING_NO.to_be_bytes()].concat()
}
