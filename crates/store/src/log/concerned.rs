//! Whom an event concerns: keyed commitments in the place of numbers and names.
//!
//! A subject's commitment is made with the subject's own key. When that key is destroyed nobody can make
//! it again, and every event about the subject loses its meaning. What has no key of its own is committed
//! to with the controller's key.

use crate::db::{Connection, OptionalExtension, params};
use tidstro_govern::log::{Hash, hex};
use tidstro_model::{ActorId, DossierNo, KeyNo, SubjectNo};

use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::Vault;

/// Bytes of its commitment that a resident acts under: enough that no two share them.
const ACTOR_BYTES: usize = 16;

/// What stands for a subject. For one that does not exist, or whose key is destroyed, a stand-in.
pub(crate) fn subject_commitment(writing: &mut Writing, subject: SubjectNo) -> Result<Hash, StoreFault> {
    commitment_of(&writing.db, &mut writing.vault, subject)
}

/// The same where nothing is written.
pub(super) fn commitment_of(
    db: &Connection,
    vault: &mut Vault,
    subject: SubjectNo,
) -> Result<Hash, StoreFault> {
    let key = key_of(
        db,
        "-- key_of_subject
         SELECT key_no FROM subject WHERE subject_no = ?1",
        subject.as_u32(),
    )?;
    owner_of(vault, key, "subject", subject.as_u32())
}

/// What stands for a dossier in which nobody is identified.
pub(crate) fn dossier_commitment(writing: &mut Writing, dossier: DossierNo) -> Result<Hash, StoreFault> {
    let key = key_of(
        &writing.db,
        "-- key_of_dossier
         SELECT key_no FROM dossier WHERE dossier_no = ?1",
        dossier.as_u32(),
    )?;
    owner_of(&mut writing.vault, key, "dossier", dossier.as_u32())
}

/// What stands for something without a key of its own: a point nobody lives at, something that does not
/// exist. `kind` keeps numbers of different things apart.
pub(crate) fn stand_in(writing: &Writing, kind: &str, number: u32) -> Hash {
    stand_in_of(&writing.vault, kind, number)
}

fn stand_in_of(vault: &Vault, kind: &str, number: u32) -> Hash {
    vault.commit("tidstro log stand-in", format!("{kind} {number}").as_bytes())
}

fn key_of(db: &Connection, sql: &str, number: u32) -> Result<Option<KeyNo>, StoreFault> {
    let key: Option<u32> = db.prepare_cached(sql)?.query_row(params![number], |row| row.get(0)).optional()?;
    Ok(key.map(KeyNo::new))
}

fn owner_of(vault: &mut Vault, key: Option<KeyNo>, kind: &str, number: u32) -> Result<Hash, StoreFault> {
    let Some(key) = key else { return Ok(stand_in_of(vault, kind, number)) };
    match vault.commitment(key) {
        Err(StoreFault::KeyGone { .. }) => Ok(stand_in_of(vault, kind, number)),
        commitment => commitment,
    }
}

/// An actor as the log names it: a resident by the first bytes of its commitment, everybody else as they
/// are. The number of a subject is never in the log.
pub(super) fn logged_actor(writing: &mut Writing, actor: ActorId) -> Result<ActorId, StoreFault> {
    let Some(subject) = actor.subject() else { return Ok(actor) };
    resident_of(&subject_commitment(writing, subject)?)
}

/// The name a resident acts under, from its commitment.
pub(super) fn resident_of(commitment: &Hash) -> Result<ActorId, StoreFault> {
    let part = commitment.get(..ACTOR_BYTES).unwrap_or(commitment);
    ActorId::parse(&format!("resident:{}", hex(part))).map_err(|_| StoreFault::Row { what: "event.actor" })
}
