//! A sealing key as the key file has it.
//!
//! The columns of a row come in, an opened key goes out, and back. There are three forms, and each row
//! keeps its form and its length for ever, so that a new value overwrites the old one where it lies.

use jiff::civil::Date;
use tidstro_calendar::{epoch_day, from_epoch_day};
use tidstro_model::KeyNo;

use super::SealingKey;
use super::month::Month;
use super::ratchet::{DayRatchet, MonthRatchet, STATE_LEN};
use super::wrap::{day_key_row, is_destroyed, key_row, unwrap, wrap, wrapped_len};
use crate::StoreFault;

/// A key, opened.
#[derive(Clone)]
pub(super) enum StoredKey {
    /// Used as it is, for every day.
    Undated(SealingKey),
    /// Opens its month and all later ones; made no more.
    Monthly(MonthRatchet),
    /// Opens its day and all later ones.
    Daily(DayRatchet),
}

/// The columns of a key's row.
pub(super) struct KeyColumns {
    /// Months since January of year 0.
    pub(super) first_month: Option<i32>,
    /// Days since 1 January of year 0.
    pub(super) first_day: Option<i32>,
    /// The key, wrapped; zeros if it is destroyed.
    pub(super) wrapped: Vec<u8>,
}

impl StoredKey {
    /// A new key: a ratchet if it has a first day.
    pub(super) fn random(first: Option<Date>) -> Result<Self, StoreFault> {
        Ok(match first {
            Some(day) => Self::Daily(DayRatchet::random(day)?),
            None => Self::Undated(SealingKey::random()?),
        })
    }

    /// What seals the day it stands at.
    pub(super) const fn sealing(&self) -> &SealingKey {
        match self {
            Self::Undated(key) => key,
            Self::Monthly(ratchet) => ratchet.sealing(),
            Self::Daily(ratchet) => ratchet.sealing(),
        }
    }

    /// Whether what seals this day is at hand without a turn.
    pub(super) fn stands_at(&self, day: Date) -> bool {
        match self {
            Self::Undated(_) => true,
            Self::Monthly(ratchet) => ratchet.month() == Month::of(day),
            Self::Daily(ratchet) => ratchet.day() == day,
        }
    }

    /// The oldest day it opens; `None` if it opens every day.
    pub(super) fn first(&self) -> Option<Date> {
        match self {
            Self::Undated(_) => None,
            Self::Monthly(ratchet) => Some(ratchet.month().first_day()),
            Self::Daily(ratchet) => Some(ratchet.day()),
        }
    }

    /// Whether it has anything to forget before this day.
    pub(super) fn reaches_before(&self, day: Date) -> bool {
        match self {
            Self::Undated(_) => false,
            Self::Monthly(ratchet) => ratchet.month() < Month::of(day),
            Self::Daily(ratchet) => ratchet.day() < day,
        }
    }

    /// The key turned to a day, or the oldest day it still opens, if the asked one is older.
    pub(super) fn turned_to(&self, day: Date) -> Result<Self, Date> {
        match self {
            Self::Undated(key) => Ok(Self::Undated(key.clone())),
            Self::Monthly(ratchet) => {
                let oldest = ratchet.month().first_day();
                ratchet.turned_to(Month::of(day)).map(Self::Monthly).ok_or(oldest)
            }
            Self::Daily(ratchet) => ratchet.turned_to(day).map(Self::Daily).ok_or(ratchet.day()),
        }
    }

    /// Its row, wrapped.
    pub(super) fn to_columns(&self, with: &SealingKey, number: KeyNo) -> Result<KeyColumns, StoreFault> {
        let (first_month, first_day) = self.firsts();
        let wrapped = match self {
            Self::Undated(key) => wrap(with, &key_row(number, None), key.bytes())?,
            Self::Monthly(ratchet) => wrap(with, &key_row(number, first_month), ratchet.chain().bytes())?,
            Self::Daily(ratchet) => {
                wrap(with, &day_key_row(number, day_number(ratchet.day())), &*ratchet.state())?
            }
        };
        Ok(KeyColumns { first_month, first_day, wrapped })
    }

    /// Its row before there is a key in it: as long as it will be.
    pub(super) fn empty_columns(&self) -> KeyColumns {
        let (first_month, first_day) = self.firsts();
        let plain = if first_day.is_some() { STATE_LEN } else { 32 };
        KeyColumns { first_month, first_day, wrapped: vec![0; wrapped_len(plain)] }
    }

    /// The first month and first day as columns.
    fn firsts(&self) -> (Option<i32>, Option<i32>) {
        match self {
            Self::Undated(_) => (None, None),
            Self::Monthly(ratchet) => (Some(ratchet.month().as_i32()), None),
            Self::Daily(ratchet) => (None, Some(day_number(ratchet.day()))),
        }
    }

    /// The key of a row.
    ///
    /// # Errors
    /// [`StoreFault::KeyGone`] if it was destroyed.
    pub(super) fn from_columns(
        with: &SealingKey,
        number: KeyNo,
        columns: &KeyColumns,
    ) -> Result<Self, StoreFault> {
        if is_destroyed(&columns.wrapped) {
            return Err(StoreFault::KeyGone { key: number });
        }
        let wrapped = &columns.wrapped;
        match (columns.first_month, columns.first_day) {
            (None, None) => Ok(Self::Undated(SealingKey(unwrap(with, &key_row(number, None), wrapped)?))),
            (Some(month), None) => {
                let chain = SealingKey(unwrap(with, &key_row(number, Some(month)), wrapped)?);
                let month =
                    Month::from_i32(month).ok_or(StoreFault::Row { what: "sealing_key.first_month" })?;
                Ok(Self::Monthly(MonthRatchet::at(month, chain)))
            }
            (None, Some(number_of_day)) => {
                let state = unwrap(with, &day_key_row(number, number_of_day), wrapped)?;
                let day = day_of(number_of_day).ok_or(StoreFault::Row { what: "sealing_key.first_day" })?;
                Ok(Self::Daily(DayRatchet::from_state(day, &state)))
            }
            (Some(_), Some(_)) => Err(StoreFault::Row { what: "sealing_key.first_day beside first_month" }),
        }
    }
}

/// Days from 1 January of year 0 to 1970-01-01. Days are stored from there, because the numbers of all days
/// from the year 89 to 9999 then take three bytes in the file: the row keeps its length when its day moves.
const EPOCH_FROM_YEAR_0: i32 = 719_528;

fn day_number(day: Date) -> i32 {
    epoch_day(day) + EPOCH_FROM_YEAR_0
}

fn day_of(number: i32) -> Option<Date> {
    from_epoch_day(number.checked_sub(EPOCH_FROM_YEAR_0)?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_day_of_a_key_takes_three_bytes() {
        assert_eq!(day_number(date(0, 1, 1)), 0);
        for day in [date(90, 1, 1), date(1990, 1, 1), date(2059, 9, 19), Date::MAX] {
            assert!((1 << 15..1 << 23).contains(&day_number(day)), "{day}");
            assert_eq!(day_of(day_number(day)), Some(day));
        }
        assert_eq!((day_of(i32::MIN), day_of(i32::MAX)), (None, None));
    }
}
