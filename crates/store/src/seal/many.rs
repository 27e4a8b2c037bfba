//! Many new keys at once, on PostgreSQL.
//!
//! What each key seals comes in; their numbers go out, in the same order. A server takes as long for a question as for thousands of
//! rows, and a new town has seven keys a point. Never: a key that lies in its row before it is wrapped.

use tidstro_model::KeyNo;

use super::SealingKey;
use super::stored::{KeyColumns, StoredKey};
use super::vault::KeyKind;
use crate::StoreFault;
use crate::db::{Bound, Connection, Link};

/// Makes the keys. Call inside a transaction.
pub(super) fn create_many(
    (db, link): (&Connection, &Link),
    controller: &SealingKey,
    kinds: &[KeyKind],
) -> Result<Vec<KeyNo>, StoreFault> {
    let numbers = db.reserve(("sealing_key", "key_no"), kinds.len())?;
    let number = |number| u32::try_from(number).map_err(|_| StoreFault::Row { what: "sealing_key.key_no" });
    let numbers =
        numbers.into_iter().map(|one| number(one).map(KeyNo::new)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::with_capacity(kinds.len());
    for (kind, number) in kinds.iter().zip(&numbers) {
        let columns = StoredKey::random(kind.first_day())?.to_columns(controller, *number)?;
        rows.push((*number, kind.code(), columns));
    }
    let bound = rows.iter().map(|(number, kind, KeyColumns { first_day, wrapped, .. })| {
        let first_day = first_day.map_or(Bound::Null, |day| Bound::Int(day.into()));
        [Bound::Int(number.as_u32().into()), Bound::Text(kind), first_day, Bound::Blob(wrapped)]
    });
    link.copy_in("sealing_key (key_no, kind, first_day, wrapped)", bound)?;
    Ok(numbers)
}
