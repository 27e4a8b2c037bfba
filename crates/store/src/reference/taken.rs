//! Files that were taken whole: what a watched folder need not read again.
//!
//! A file is known by a keyed hash of what was taken of it, under any name. It is noted once all its lines are
//! durable, so that a run that was cut short takes it again, and adds nothing twice.

use crate::db::params;
use jiff::Timestamp;

use super::ensure_source;
use crate::seal::Vault;
use crate::{Store, StoreFault};

/// SHA-256 of the bytes taken.
pub type FileHash = [u8; 32];

impl Store {
    /// Whether a file with these bytes was taken whole.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn is_taken(&self, file: FileHash) -> Result<bool, StoreFault> {
        self.threads
            .read(move |reading| {
                let digest = digest(&reading.vault, &file);
                let found = reading
                    .db
                    .prepare_cached(
                        "-- is_taken
                         SELECT EXISTS (SELECT 1 FROM taken_file WHERE digest = ?1)",
                    )?
                    .query_row([digest], |row| row.get(0))?;
                Ok(found)
            })
            .await
    }

    /// Notes that a file was taken whole: its hash, its name, how many bytes. Once more changes nothing.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn note_taken(
        &self,
        file: FileHash,
        name: String,
        bytes: u64,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        self.threads
            .write(move |writing| {
                writing.transact(|writing| {
                    let source = ensure_source(&writing.db, &name)?;
                    let digest = digest(&writing.vault, &file);
                    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
                    writing
                        .db
                        .prepare_cached(
                            "-- note_taken
                             INSERT INTO taken_file (digest, source_no, bytes, taken_ms) VALUES (?1, ?2, ?3, ?4)
                             ON CONFLICT DO NOTHING",
                        )?
                        .execute(params![digest, source.as_u32(), bytes, now.as_millisecond()])?;
                    Ok(())
                })
            })
            .await
    }
}

/// Keyed, so that the database does not tell which of two guessed files was read.
pub(super) fn digest(vault: &Vault, file: &FileHash) -> [u8; 32] {
    vault.commit("file", file)
}
