//! The key file: every sealing key, wrapped by the controller's key, which the master key wraps.
//!
//! It is a database of its own, so that keys are backed up apart from data and for a short time.
//! Keys are made durable before anything is sealed with them. `forget.rs` destroys them.

use std::collections::BTreeSet;

use crate::db::{Connection, OptionalExtension, params};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use tidstro_model::KeyNo;

use super::many::create_many;
use super::stored::{KeyColumns, StoredKey};
use super::wrap::{controller_row, unwrap, wrap};
use super::{MasterKey, SealingKey, keyed_hash};
use crate::StoreFault;

/// What a key seals, and for the ones that forget by day, the first local day it seals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A person's name and contact.
    Subject,
    /// Consumption while one subject lived somewhere.
    Consumption(Date),
    /// Temperature and humidity of rooms while one subject lived somewhere.
    IndoorClimate(Date),
    /// Raw telegrams heard while one subject lived somewhere.
    Telegrams(Date),
    /// Alarms of meters while one subject lived somewhere.
    Alarms(Date),
    /// Whatever was measured while nobody lived there.
    Premises(Date),
    /// One dossier: a file, ticket or subscription of one person.
    Dossier,
}

impl KeyKind {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Consumption(_) => "consumption",
            Self::IndoorClimate(_) => "indoor-climate",
            Self::Telegrams(_) => "telegrams",
            Self::Alarms(_) => "alarms",
            Self::Premises(_) => "premises",
            Self::Dossier => "dossier",
        }
    }

    pub(super) const fn first_day(self) -> Option<Date> {
        match self {
            Self::Subject | Self::Dossier => None,
            Self::Consumption(day)
            | Self::IndoorClimate(day)
            | Self::Telegrams(day)
            | Self::Alarms(day)
            | Self::Premises(day) => Some(day),
        }
    }
}

/// An opened key. The series of a flat share keys and come one after the other, so that days go forward for a while
/// and then back: both places are kept.
struct OpenedKey {
    /// As it lies in the file.
    stored: StoredKey,
    /// Where it was last turned to.
    turned: StoredKey,
}

/// An opened key file.
pub(crate) struct Vault {
    pub(super) db: Connection,
    pub(super) controller: SealingKey,
    opened: FxHashMap<KeyNo, OpenedKey>,
    /// Version of the keys when the opened ones were known to be current.
    data_version: i64,
}

/// The one controller of a first-form store.
const CONTROLLER_NO: u32 = 1;

/// Opened keys held at most, about 250 bytes each. What is dropped is read again.
const OPENED_MAX: usize = 7 << 13;

impl Vault {
    /// Opens the key file; makes the controller's key the first time.
    pub(crate) fn open(db: Connection, master: &MasterKey) -> Result<Self, StoreFault> {
        if wrapped_controller_key(&db)?.is_none() {
            make_controller_key(&db, master)?;
        }
        let wrapped = wrapped_controller_key(&db)?.ok_or(StoreFault::Row { what: "controller_key" })?;
        let controller = unwrap(&master.0, &controller_row(CONTROLLER_NO), &wrapped)
            .map(SealingKey)
            .map_err(|_| StoreFault::WrongMasterKey)?;
        Ok(Self { db, controller, opened: FxHashMap::default(), data_version: 0 })
    }

    /// Makes a new key for each of `kinds`, durable when this returns.
    pub(crate) fn create(&mut self, kinds: &[KeyKind]) -> Result<Vec<KeyNo>, StoreFault> {
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = self.db.transaction()?;
        let made = match transaction.postgres() {
            Some(link) => create_many((&transaction, link), &self.controller, kinds)?,
            None => create_each(&transaction, &self.controller, kinds)?,
        };
        transaction.commit()?;
        Ok(made)
    }

    /// Makes a new key of the same kind, which seals every day that this one still seals. Durable when this returns.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if the old one was destroyed.
    pub(crate) fn create_like(&mut self, old: KeyNo) -> Result<KeyNo, StoreFault> {
        let first = self.load(old)?.first();
        let kind: String = self
            .db
            .prepare_cached("-- kind_of_key\nSELECT kind FROM sealing_key WHERE key_no = ?1")?
            .query_row([old.as_u32()], |row| row.get(0))?;
        let transaction = self.db.transaction()?;
        let new = create_one(&transaction, &self.controller, (&kind, first))?;
        transaction.commit()?;
        Ok(new)
    }

    /// What seals a local day under the key of this number.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if it was destroyed, [`StoreFault::DayGone`] if it forgot that day or began
    /// later. What it sealed is erased.
    pub(crate) fn key(&mut self, number: KeyNo, day: Date) -> Result<&SealingKey, StoreFault> {
        self.turn(number, day)?;
        self.opened.get(&number).map(|key| key.turned.sealing()).ok_or(StoreFault::KeyGone { key: number })
    }

    /// The key of this number, which is one without days: a subject's or a dossier's.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if it was destroyed: what it sealed is erased.
    pub(crate) fn undated_key(&mut self, number: KeyNo) -> Result<&SealingKey, StoreFault> {
        if !self.opened.contains_key(&number) {
            let stored = self.load(number)?;
            self.keep(number, OpenedKey { turned: stored.clone(), stored });
        }
        match self.opened.get(&number) {
            Some(OpenedKey { turned: StoredKey::Undated(key), .. }) => Ok(key),
            _ => Err(StoreFault::Row { what: "sealing_key.first_day of a key without days" }),
        }
    }

    /// Opens a key and turns it to a day, if it does not stand there already.
    fn turn(&mut self, number: KeyNo, day: Date) -> Result<(), StoreFault> {
        let gone = |kept_from| StoreFault::DayGone { key: number, day, kept_from };
        match self.opened.get_mut(&number) {
            Some(key) if key.turned.stands_at(day) => {}
            Some(key) => {
                let turned = key.turned.turned_to(day);
                key.turned = turned.or_else(|_| key.stored.turned_to(day)).map_err(gone)?;
            }
            None => {
                let stored = self.load(number)?;
                let turned = stored.turned_to(day).map_err(gone)?;
                self.keep(number, OpenedKey { stored, turned });
            }
        }
        Ok(())
    }

    /// Opens keys that are not open yet, all at once; from PostgreSQL only. Those that were destroyed stay closed, and asking
    /// for one of them says so.
    pub(crate) fn look_up(&mut self, numbers: impl Iterator<Item = KeyNo>) -> Result<(), StoreFault> {
        let closed = numbers.filter(|number| !self.opened.contains_key(number));
        let closed: BTreeSet<i64> = closed.map(|number| number.as_u32().into()).collect();
        if closed.is_empty() {
            return Ok(());
        }
        for (number, columns) in self.columns_of(&closed.into_iter().collect::<Vec<_>>())? {
            match StoredKey::from_columns(&self.controller, number, &columns) {
                Ok(stored) => self.keep(number, OpenedKey { turned: stored.clone(), stored }),
                Err(StoreFault::KeyGone { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    fn columns_of(&self, numbers: &[i64]) -> Result<Vec<(KeyNo, KeyColumns)>, StoreFault> {
        let found = self
            .db
            .prepare_cached(
                "-- sealing_keys
                 SELECT k.key_no, k.first_month, k.first_day, k.wrapped FROM sealing_key k
                 WHERE k.key_no = ANY (CAST(?1 AS BIGINT[]))",
            )?
            .query_map(params![numbers], |row| {
                let columns =
                    KeyColumns { first_month: row.get(1)?, first_day: row.get(2)?, wrapped: row.get(3)? };
                Ok((KeyNo::new(row.get(0)?), columns))
            })?
            .collect::<Result<_, _>>()?;
        Ok(found)
    }

    fn keep(&mut self, number: KeyNo, key: OpenedKey) {
        if self.opened.len() >= OPENED_MAX {
            self.opened.clear();
        }
        self.opened.insert(number, key);
    }

    /// The key as it is stored now.
    pub(super) fn load(&self, number: KeyNo) -> Result<StoredKey, StoreFault> {
        let columns = self
            .db
            .prepare_cached(
                "-- sealing_key
                 SELECT first_month, first_day, wrapped FROM sealing_key WHERE key_no = ?1",
            )?
            .query_row([number.as_u32()], |row| {
                Ok(KeyColumns { first_month: row.get(0)?, first_day: row.get(1)?, wrapped: row.get(2)? })
            })
            .optional()?
            .ok_or(StoreFault::KeyGone { key: number })?;
        StoredKey::from_columns(&self.controller, number, &columns)
    }

    /// How many keys are not destroyed.
    #[cfg(test)]
    pub(crate) fn living_keys(&self) -> Result<u32, StoreFault> {
        let mut statement = self.db.prepare("-- all_wrapped\nSELECT wrapped FROM sealing_key")?;
        let wrapped = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
        let living = wrapped.iter().filter(|wrapped| wrapped.iter().any(|byte| *byte != 0));
        Ok(u32::try_from(living.count()).unwrap())
    }

    /// Drops every opened key from memory.
    pub(crate) fn close_keys(&mut self) {
        self.opened = FxHashMap::default();
    }

    /// Drops the opened keys if another process has changed the key file: it may have destroyed some.
    pub(crate) fn drop_stale_keys(&mut self) -> Result<(), StoreFault> {
        let version = self.db.data_version()?;
        if version != self.data_version {
            self.close_keys();
            self.data_version = version;
        }
        Ok(())
    }

    /// A keyed hash of bytes under the controller's key, for finding equal telegrams.
    /// `domain` keeps the uses apart.
    pub(crate) fn commit(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        keyed_hash(&self.controller, domain, bytes)
    }

    /// What stands for the owner of `key` in the log: the same as long as the key lives, and with no
    /// meaning once it is destroyed, because nobody can compute it again. For keys without days.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if the key was destroyed.
    pub(crate) fn commitment(&mut self, key: KeyNo) -> Result<[u8; 32], StoreFault> {
        let number = key.as_u32().to_be_bytes();
        Ok(keyed_hash(self.undated_key(key)?, "tidstro log owner", &number))
    }
}

fn wrapped_controller_key(db: &Connection) -> Result<Option<Vec<u8>>, StoreFault> {
    let sql = "-- controller_key
               SELECT wrapped FROM controller_key WHERE controller_no = ?1";
    Ok(db.query_row(sql, [CONTROLLER_NO], |row| row.get(0)).optional()?)
}

fn make_controller_key(db: &Connection, master: &MasterKey) -> Result<(), StoreFault> {
    let wrapped = wrap(&master.0, &controller_row(CONTROLLER_NO), SealingKey::random()?.bytes())?;
    // Another process may have made one meanwhile: that one stays.
    db.execute(
        "-- make_controller_key
         INSERT INTO controller_key (controller_no, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![CONTROLLER_NO, wrapped],
    )?;
    Ok(())
}

fn create_each(
    db: &Connection,
    controller: &SealingKey,
    kinds: &[KeyKind],
) -> Result<Vec<KeyNo>, StoreFault> {
    kinds.iter().map(|kind| create_one(db, controller, (kind.code(), kind.first_day()))).collect()
}

fn create_one(
    db: &Connection,
    controller: &SealingKey,
    (kind, first): (&str, Option<Date>),
) -> Result<KeyNo, StoreFault> {
    let key = StoredKey::random(first)?;
    let KeyColumns { first_day, wrapped, .. } = key.empty_columns();
    let number = db
        .prepare_cached(
            "-- reserve_key_no
             INSERT INTO sealing_key (kind, first_day, wrapped) VALUES (?1, ?2, ?3) RETURNING key_no",
        )?
        .query_row(params![kind, first_day, wrapped], |row| row.get(0))?;
    let number = KeyNo::new(number);
    put_key(db, number, &key.to_columns(controller, number)?)?;
    Ok(number)
}

/// Writes a key over what lies in its row.
pub(super) fn put_key(db: &Connection, number: KeyNo, columns: &KeyColumns) -> Result<(), StoreFault> {
    let KeyColumns { first_month, first_day, wrapped } = columns;
    db.prepare_cached(
        "-- put_key
         UPDATE sealing_key SET first_month = ?2, first_day = ?3, wrapped = ?4 WHERE key_no = ?1",
    )?
    .execute(params![number.as_u32(), first_month, first_day, wrapped])?;
    Ok(())
}
