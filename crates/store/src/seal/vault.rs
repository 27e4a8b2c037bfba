//! The key file: every sealing key, wrapped by the controller's key, which the master key wraps.
//!
//! It is a database of its own, so that keys are backed up apart from data and for a short time.
//! Keys are made durable before anything is sealed with them.

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;
use tidstro_model::KeyNo;

use super::SealingKey;
use crate::StoreFault;

/// The key that wraps all others. It comes from a file or the environment, never from the database.
#[derive(Clone)]
pub struct MasterKey(SealingKey);

impl MasterKey {
    /// A key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`StoreFault::MasterKeyForm`] for anything else. The text itself is never shown.
    pub fn parse(text: &str) -> Result<Self, StoreFault> {
        let digits = text.trim().as_bytes();
        let mut bytes = [0_u8; 32];
        if digits.len() != 64 {
            return Err(StoreFault::MasterKeyForm);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| StoreFault::MasterKeyForm)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| StoreFault::MasterKeyForm)?;
        }
        Ok(Self(SealingKey::from_bytes(bytes)))
    }

    /// A new random key, and its text for the file that keeps it.
    ///
    /// # Errors
    /// [`StoreFault::NoRandomness`] if the system has none.
    pub fn random() -> Result<(Self, zeroize::Zeroizing<String>), StoreFault> {
        let key = SealingKey::random()?;
        let mut text = zeroize::Zeroizing::new(String::with_capacity(64));
        for byte in key.bytes() {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        Ok((Self(key), text))
    }
}

/// What a key seals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A person's name and contact.
    Subject,
    /// What was measured while one subject lived somewhere.
    Occupancy,
    /// What was measured while nobody lived there.
    Premises,
}

impl KeyKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Occupancy => "occupancy",
            Self::Premises => "premises",
        }
    }
}

/// An opened key file.
pub(crate) struct Vault {
    db: Connection,
    controller: SealingKey,
    opened: FxHashMap<KeyNo, SealingKey>,
}

/// The one controller of a first-form store.
const CONTROLLER_NO: u32 = 1;

impl Vault {
    /// Opens the key file; makes the controller's key the first time.
    pub(crate) fn open(db: Connection, master: &MasterKey) -> Result<Self, StoreFault> {
        let wrapped: Option<Vec<u8>> = db
            .query_row(
                "-- controller_key
                 SELECT wrapped FROM controller_key WHERE controller_no = ?1",
                [CONTROLLER_NO],
                |row| row.get(0),
            )
            .optional()?;
        let controller = match wrapped {
            Some(wrapped) => {
                unwrap(&master.0, &controller_row(), &wrapped).map_err(|_| StoreFault::WrongMasterKey)?
            }
            None => Self::make_controller_key(&db, master)?,
        };
        Ok(Self { db, controller, opened: FxHashMap::default() })
    }

    fn make_controller_key(db: &Connection, master: &MasterKey) -> Result<SealingKey, StoreFault> {
        let key = SealingKey::random()?;
        let wrapped = wrap(&master.0, &controller_row(), &key)?;
        db.execute(
            "-- make_controller_key
             INSERT INTO controller_key (controller_no, wrapped) VALUES (?1, ?2)",
            params![CONTROLLER_NO, wrapped],
        )?;
        Ok(key)
    }

    /// Makes `count` new keys, durable when this returns.
    pub(crate) fn create(&mut self, kind: KeyKind, count: usize) -> Result<Vec<KeyNo>, StoreFault> {
        let transaction = self.db.transaction()?;
        let mut made = Vec::with_capacity(count);
        {
            let mut next = transaction.prepare_cached(
                "-- reserve_key_no
                 INSERT INTO sealing_key (kind, wrapped) VALUES (?1, x'') RETURNING key_no",
            )?;
            let mut fill = transaction.prepare_cached(
                "-- fill_key
                 UPDATE sealing_key SET wrapped = ?2 WHERE key_no = ?1",
            )?;
            for _ in 0..count {
                let number = KeyNo::new(next.query_row([kind.code()], |row| row.get(0))?);
                let key = SealingKey::random()?;
                fill.execute(params![number.as_u32(), wrap(&self.controller, &key_row(number), &key)?])?;
                self.opened.insert(number, key);
                made.push(number);
            }
        }
        transaction.commit()?;
        Ok(made)
    }

    /// The key of this number.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if it was destroyed: what it sealed is erased.
    pub(crate) fn key(&mut self, number: KeyNo) -> Result<&SealingKey, StoreFault> {
        if !self.opened.contains_key(&number) {
            let key = self.load(number)?;
            self.opened.insert(number, key);
        }
        self.opened.get(&number).ok_or(StoreFault::KeyGone { key: number })
    }

    fn load(&self, number: KeyNo) -> Result<SealingKey, StoreFault> {
        let wrapped: Option<Vec<u8>> = self
            .db
            .prepare_cached(
                "-- sealing_key
                 SELECT wrapped FROM sealing_key WHERE key_no = ?1",
            )?
            .query_row([number.as_u32()], |row| row.get(0))
            .optional()?;
        unwrap(&self.controller, &key_row(number), &wrapped.ok_or(StoreFault::KeyGone { key: number })?)
    }

    /// A keyed hash of bytes under the controller's key, for finding equal telegrams.
    /// `domain` keeps the uses apart.
    pub(crate) fn commit(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        keyed_hash(&self.controller, domain, bytes)
    }

    /// What stands for the owner of `key` in the log: the same as long as the key lives, and with no
    /// meaning once it is destroyed, because nobody can compute it again.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if the key was destroyed.
    pub(crate) fn commitment(&mut self, key: KeyNo) -> Result<[u8; 32], StoreFault> {
        let number = key.as_u32().to_be_bytes();
        Ok(keyed_hash(self.key(key)?, "tidstro log owner", &number))
    }
}

/// HMAC-SHA-256 (RFC 2104) under `key` of `domain ‖ 0 ‖ bytes`.
fn keyed_hash(key: &SealingKey, domain: &str, bytes: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(domain.as_bytes());
    context.update(&[0]);
    context.update(bytes);
    let mut hash = [0_u8; 32];
    for (to, from) in hash.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    hash
}

/// Wrapping uses a random nonce: a key wraps far fewer than 2^32 others.
fn wrap(with: &SealingKey, row: &[u8], key: &SealingKey) -> Result<Vec<u8>, StoreFault> {
    let mut nonce = [0_u8; 12];
    SystemRandom::new().fill(&mut nonce).map_err(|_| StoreFault::NoRandomness)?;
    with.seal(nonce, row, key.bytes())
}

fn unwrap(with: &SealingKey, row: &[u8], wrapped: &[u8]) -> Result<SealingKey, StoreFault> {
    let plain = zeroize::Zeroizing::new(with.open(row, wrapped)?);
    let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| StoreFault::Tampered)?;
    Ok(SealingKey::from_bytes(bytes))
}

fn controller_row() -> Vec<u8> {
    [b"controller".as_slice(), &CONTROLLER_NO.to_be_bytes()].concat()
}

fn key_row(number: KeyNo) -> Vec<u8> {
    [b"key".as_slice(), &number.as_u32().to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let folder = tempfile::tempdir().unwrap();
        let keys = crate::sqlite::Files::below(folder.path()).open_keys().unwrap();
        Vault::open(keys, &MasterKey::random().unwrap().0).unwrap()
    }

    #[test]
    fn a_commitment_stands_for_one_key() {
        let mut vault = vault();
        let keys = vault.create(KeyKind::Subject, 2).unwrap();
        let first = vault.commitment(keys[0]).unwrap();
        vault.opened.clear();
        assert_eq!(vault.commitment(keys[0]).unwrap(), first, "constant while the key lives");
        assert_ne!(vault.commitment(keys[1]).unwrap(), first);
        let unknown = KeyNo::new(keys[1].as_u32() + 1);
        assert!(matches!(vault.commitment(unknown), Err(StoreFault::KeyGone { .. })));
    }
}
