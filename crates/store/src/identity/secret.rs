//! What proves an account, sealed with the key of its dossier: who has the database and not the keys cannot even guess.
//!
//! What comes in: an account and a secret. What goes out: the secret, for a check. Never: a secret that opens in another row.

use crate::db::{OptionalExtension, params};
use jiff::Timestamp;
use tidstro_model::{AccountNo, KeyNo};
use zeroize::Zeroizing;

use crate::StoreFault;
use crate::personal::Writing;

/// What a secret is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Password,
    Totp,
    TotpOffered,
    Recovery,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::TotpOffered => "totp-offered",
            Self::Recovery => "recovery",
        }
    }
}

/// A secret as it was kept.
pub(super) struct Kept {
    pub(super) number: i64,
    pub(super) used: Option<i64>,
    pub(super) plain: Zeroizing<Vec<u8>>,
}

/// Keeps a secret in the place of one of its kind and number.
pub(super) fn keep(
    writing: &mut Writing,
    (account, key): (AccountNo, KeyNo),
    (kind, number): (Kind, i64),
    plain: &[u8],
    now: Timestamp,
) -> Result<(), StoreFault> {
    let nonce = writing.nonces.next()?;
    let sealed = writing.vault.undated_key(key)?.seal(nonce, &row(account, kind, number), plain)?;
    writing
        .db
        .prepare_cached(
            "-- keep_secret
             INSERT INTO account_secret (account_no, kind, secret_no, made_ms, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (account_no, kind, secret_no)
             DO UPDATE SET made_ms = excluded.made_ms, sealed = excluded.sealed, used = NULL",
        )?
        .execute(params![account.as_u32(), kind.word(), number, now.as_millisecond(), sealed])?;
    Ok(())
}

/// The secret of a kind of which there is one.
pub(super) fn open(
    writing: &mut Writing,
    (account, key): (AccountNo, KeyNo),
    kind: Kind,
) -> Result<Option<Kept>, StoreFault> {
    Ok(open_all(writing, (account, key), kind)?.into_iter().next())
}

/// Every secret of a kind, in the order of their numbers.
pub(super) fn open_all(
    writing: &mut Writing,
    (account, key): (AccountNo, KeyNo),
    kind: Kind,
) -> Result<Vec<Kept>, StoreFault> {
    let rows: Vec<(i64, Option<i64>, Vec<u8>)> = writing
        .db
        .prepare_cached(
            "-- secrets
             SELECT t.secret_no, t.used, t.sealed FROM account_secret t
             WHERE t.account_no = ?1 AND t.kind = ?2 ORDER BY t.secret_no",
        )?
        .query_map(params![account.as_u32(), kind.word()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut kept = Vec::with_capacity(rows.len());
    for (number, used, sealed) in rows {
        let plain = writing.vault.undated_key(key)?.open(&row(account, kind, number), &sealed)?;
        kept.push(Kept { number, used, plain: Zeroizing::new(plain) });
    }
    Ok(kept)
}

/// Notes the use of a secret, if nothing as new was noted before. Returns whether it was noted.
pub(super) fn use_up(
    writing: &Writing,
    account: AccountNo,
    (kind, number): (Kind, i64),
    used: i64,
) -> Result<bool, StoreFault> {
    let rows = writing
        .db
        .prepare_cached(
            "-- use_secret
             UPDATE account_secret SET used = ?4
             WHERE account_no = ?1 AND kind = ?2 AND secret_no = ?3 AND (used IS NULL OR used < ?4)",
        )?
        .execute(params![account.as_u32(), kind.word(), number, used])?;
    Ok(rows == 1)
}

/// Deletes every secret of a kind.
pub(super) fn delete(writing: &Writing, account: AccountNo, kind: Kind) -> Result<(), StoreFault> {
    writing
        .db
        .prepare_cached("-- delete_secrets\nDELETE FROM account_secret WHERE account_no = ?1 AND kind = ?2")?
        .execute(params![account.as_u32(), kind.word()])?;
    Ok(())
}

/// Since when there is a secret of a kind.
pub(super) fn since(writing: &Writing, account: AccountNo, kind: Kind) -> Result<Option<i64>, StoreFault> {
    let since = writing
        .db
        .prepare_cached(
            "-- secret_since
             SELECT t.made_ms FROM account_secret t WHERE t.account_no = ?1 AND t.kind = ?2 AND t.secret_no = 0",
        )?
        .query_row(params![account.as_u32(), kind.word()], |row| row.get(0))
        .optional()?;
    Ok(since)
}

/// Key columns of a secret.
fn row(account: AccountNo, kind: Kind, number: i64) -> Vec<u8> {
    [
        b"account secret".as_slice(),
        &account.as_u32().to_be_bytes(),
        kind.word().as_bytes(),
        &number.to_be_bytes(),
    ]
    .concat()
}
