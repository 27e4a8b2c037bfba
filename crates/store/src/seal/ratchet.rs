//! The ratchet: from the key of one day follow the keys of all later days, and of no earlier one.
//!
//! A key and its day go in; the key that seals a later day comes out. Each step is a one-way function
//! (SHA-256, FIPS 180-4), so that replacing a stored key by the key of a later day forgets the days between
//! for good. Days hang from a chain of months, so that a day twenty years later is 270 steps away and not
//! 7,300. Why a ratchet and not a key for each day: one row stays one row, and nothing need be made in
//! advance (`docs/DECISIONS/0012-forgetting-by-ratchet.md`).
//!
//! ```text
//! month → next month → …          step
//!           ↓ days
//!         first day → next day → …     day step
//!                       ↓ seal
//! ```

use jiff::civil::Date;
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::month::Month;
use super::{SealingKey, copy};
use crate::StoreFault;

/// Keeps the uses of a key apart: who has what seals a day cannot step on, and who has a day's key does not
/// reach its month's.
type Domain = [u8; 20];

const MONTH_STEP: &Domain = b"tidstro ratchet step";
const DAYS: &Domain = b"tidstro ratchet days";
const DAY_STEP: &Domain = b"tidstro day key step";
const DAY_SEAL: &Domain = b"tidstro day key seal";
/// What seals a whole month, under keys of the older form.
const MONTH_SEAL: &Domain = b"tidstro ratchet seal";

/// Bytes of a ratchet as it is stored: the key of its day, then the key of the month after.
pub(super) const STATE_LEN: usize = 64;

/// A key at one day of its ratchet, and what seals that day.
#[derive(Clone)]
pub(super) struct DayRatchet {
    day: Date,
    of_day: SealingKey,
    next_month: SealingKey,
    sealing: SealingKey,
}

impl DayRatchet {
    fn at(day: Date, of_day: SealingKey, next_month: SealingKey) -> Self {
        let sealing = derived(&of_day, DAY_SEAL);
        Self { day, of_day, next_month, sealing }
    }

    /// A new key whose first day is this one.
    pub(super) fn random(first: Date) -> Result<Self, StoreFault> {
        Ok(Self::at(first, SealingKey::random()?, SealingKey::random()?))
    }

    /// The ratchet that stands at this day, as it was stored.
    pub(super) fn from_state(day: Date, state: &[u8; STATE_LEN]) -> Self {
        let (mut of_day, mut next_month) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        copy(&mut *of_day, state);
        copy(&mut *next_month, state.iter().skip(32));
        Self::at(day, SealingKey(of_day), SealingKey(next_month))
    }

    /// What is stored of it: everything later follows from it.
    pub(super) fn state(&self) -> Zeroizing<[u8; STATE_LEN]> {
        let mut state = Zeroizing::new([0; STATE_LEN]);
        copy(&mut *state, self.of_day.bytes().iter().chain(self.next_month.bytes()));
        state
    }

    /// The day it stands at.
    pub(super) const fn day(&self) -> Date {
        self.day
    }

    /// What seals the day.
    pub(super) const fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// Turned to a later day; `None` for an earlier one, which nothing leads back to.
    pub(super) fn turned_to(&self, day: Date) -> Option<Self> {
        let months = Month::of(self.day).months_until(Month::of(day))?;
        let Some(months_between) = months.checked_sub(1) else {
            let days = u32::try_from(day.day() - self.day.day()).ok()?;
            return Some(Self::at(day, stepped(&self.of_day, DAY_STEP, days), self.next_month.clone()));
        };
        let month = stepped(&self.next_month, MONTH_STEP, months_between);
        let first_day = derived(&month, DAYS);
        let days = u32::try_from(day.day() - 1).ok()?;
        Some(Self::at(day, stepped(&first_day, DAY_STEP, days), derived(&month, MONTH_STEP)))
    }
}

/// A key of the older form, at one month: it seals whole months and forgets whole months.
#[derive(Clone)]
pub(super) struct MonthRatchet {
    month: Month,
    chain: SealingKey,
    sealing: SealingKey,
}

impl MonthRatchet {
    /// A ratchet whose chain stands at this month.
    pub(super) fn at(month: Month, chain: SealingKey) -> Self {
        let sealing = derived(&chain, MONTH_SEAL);
        Self { month, chain, sealing }
    }

    /// The month it stands at.
    pub(super) const fn month(&self) -> Month {
        self.month
    }

    /// The key of the month as it is stored: it leads to all later ones.
    pub(super) const fn chain(&self) -> &SealingKey {
        &self.chain
    }

    /// What seals the month.
    pub(super) const fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// Turned to a later month; `None` for an earlier one.
    pub(super) fn turned_to(&self, month: Month) -> Option<Self> {
        let steps = self.month.months_until(month)?;
        Some(Self::at(month, stepped(&self.chain, MONTH_STEP, steps)))
    }
}

/// So many steps of one chain.
fn stepped(key: &SealingKey, step: &Domain, times: u32) -> SealingKey {
    let mut key = key.clone();
    for _ in 0..times {
        key = derived(&key, step);
    }
    key
}

/// SHA-256 of `domain ‖ key`. Both have one length, and together fit one block of the hash.
fn derived(key: &SealingKey, domain: &Domain) -> SealingKey {
    let mut input = Zeroizing::new([0_u8; 20 + 32]);
    let mut hash = Zeroizing::new([0_u8; 32]);
    // In two parts, not chained: this runs twice for each day sealed or opened.
    let (head, tail) = input.split_at_mut(domain.len());
    copy(head, domain);
    copy(tail, key.bytes());
    copy(&mut *hash, digest(&SHA256, &*input).as_ref());
    SealingKey(hash)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at_20_may() -> DayRatchet {
        let mut state = [7; STATE_LEN];
        state[32..].fill(9);
        DayRatchet::from_state(date(2024, 5, 20), &state)
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn two_short_turns_are_one_long_turn() {
        let last = date(2026, 2, 14);
        let at_once = at_20_may().turned_to(last).unwrap();
        for between in [date(2024, 5, 31), date(2024, 6, 1), date(2024, 12, 30), date(2026, 2, 13), last] {
            let in_parts = at_20_may().turned_to(between).unwrap().turned_to(last).unwrap();
            assert_eq!(in_parts.state(), at_once.state(), "over {between}");
            assert_eq!(in_parts.sealing().bytes(), at_once.sealing().bytes());
        }
        for earlier in [date(2026, 2, 13), date(2026, 1, 31), date(2024, 5, 20)] {
            assert!(at_once.turned_to(earlier).is_none(), "it never turns back");
        }
    }

    /// Pinned: a change here would make every stored value unreadable. Computed apart from this program.
    #[test]
    fn the_keys_of_three_days_are_these() {
        for (day, of_day, sealing, next_month) in [
            (
                date(2024, 5, 22),
                "66020d0bfb958bea48186abe7d051a918545dd186dec5e77c8c6edede4e810da",
                "6f44569d79184ca3dd60344ef985fed2311f536ebcc519a301a06c20c95953f2",
                "0909090909090909090909090909090909090909090909090909090909090909",
            ),
            (
                date(2024, 6, 1),
                "2de4ba53bd5838e71e7dfc0fc72e85d19e56cc4dac955cf9176312c4c139b934",
                "84f3a5852bb504e50591723fde234122dc87b4a8d28ad4568213d5134004168b",
                "a9fa30c4db7030be5af7e4f8db435d928615e5732c55f3989147ee72f2139143",
            ),
            (
                date(2024, 8, 2),
                "afcc371ed3ca843364a93b90a3d0bfb66c5a1dfbeb25e1c5d848004307234d2f",
                "ebf2e2c1f54e377ac7c6bb42c00bef4c87f94806795ed0ed4aa153b5709541ba",
                "a9ba978867ea394408a400146aa6d1eb38032aa09c16a34f85c879e6c76e5691",
            ),
        ] {
            let turned = at_20_may().turned_to(day).unwrap();
            assert_eq!(hex(&*turned.state()), format!("{of_day}{next_month}"), "{day}");
            assert_eq!(hex(turned.sealing().bytes()), sealing, "{day}");
        }
    }

    /// Pinned: what keys of the older form sealed still opens.
    #[test]
    fn the_keys_of_a_june_of_the_older_form_are_these() {
        let may = MonthRatchet::at(Month::of(date(2024, 5, 1)), SealingKey::from_bytes([7; 32]));
        let june = may.turned_to(Month::of(date(2024, 6, 9))).unwrap();
        let sealing = "0c996483e1b42e59f82c603c2701db8d35032429e37000a17b50028b88e0d6f2";
        assert_eq!(
            hex(june.chain().bytes()),
            "694a82f08ac587b157ed937bee00d6f36cc8e654f5ada9626b54e81c75c32879"
        );
        assert_eq!(hex(june.sealing().bytes()), sealing);
        assert!(june.turned_to(may.month()).is_none(), "it never turns back");
    }
}
