//! The ratchet: from the key of one month follow the keys of all later months, and of no earlier one.
//!
//! A key and its month go in; the key that seals a later month comes out. Each step is a one-way
//! function (SHA-256, FIPS 180-4), so that replacing a stored key by the key of a later month forgets
//! the months between for good. Why a ratchet and not a key for each month: one row stays one row, and
//! nothing need be made in advance (`docs/DECISIONS/0012-forgetting-by-ratchet.md`).

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::month::Month;
use super::{SealingKey, copy};

/// Keeps the step to the next month and the key that seals apart: who has a sealing key cannot step on.
const STEP: &[u8; 20] = b"tidstro ratchet step";
const SEAL: &[u8; 20] = b"tidstro ratchet seal";

/// A key at one month of its ratchet, and what seals that month.
#[derive(Clone)]
pub(super) struct Ratchet {
    month: Month,
    chain: SealingKey,
    sealing: SealingKey,
}

impl Ratchet {
    /// A ratchet whose chain stands at this month.
    pub(super) fn at(month: Month, chain: SealingKey) -> Self {
        let sealing = derived(&chain, SEAL);
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

    /// Turned to a later month; `None` for an earlier one, which nothing leads back to.
    pub(super) fn turned_to(&self, month: Month) -> Option<Self> {
        let steps = self.month.months_until(month)?;
        let mut chain = self.chain.clone();
        for _ in 0..steps {
            chain = derived(&chain, STEP);
        }
        Some(Self::at(month, chain))
    }
}

/// SHA-256 of `domain ‖ key`. Both have one length, and together fit one block of the hash: history of
/// twenty years is 240 steps for the first value read.
fn derived(key: &SealingKey, domain: &[u8; 20]) -> SealingKey {
    let mut input = Zeroizing::new([0_u8; 20 + 32]);
    let mut hash = Zeroizing::new([0_u8; 32]);
    copy(&mut *input, domain.iter().chain(key.bytes()));
    copy(&mut *hash, digest(&SHA256, &*input).as_ref());
    SealingKey(hash)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn may() -> Ratchet {
        Ratchet::at(Month::of(date(2024, 5, 1)), SealingKey::from_bytes([7; 32]))
    }

    #[test]
    fn two_short_turns_are_one_long_turn() {
        let (june, may_2026) = (Month::of(date(2024, 6, 9)), Month::of(date(2026, 5, 9)));
        let at_once = may().turned_to(may_2026).unwrap();
        let in_parts = may().turned_to(june).unwrap().turned_to(may_2026).unwrap();
        assert_eq!(at_once.chain().bytes(), in_parts.chain().bytes());
        assert_eq!(at_once.sealing().bytes(), in_parts.sealing().bytes());
        assert!(may_2026 == at_once.month() && at_once.turned_to(june).is_none(), "it never turns back");
    }

    /// Pinned: a change here would make every stored value unreadable. Computed apart from this program.
    #[test]
    fn the_keys_of_june_are_these() {
        let june = may().turned_to(Month::of(date(2024, 6, 1))).unwrap();
        let hex = |key: &SealingKey| key.bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(june.chain()), "694a82f08ac587b157ed937bee00d6f36cc8e654f5ada9626b54e81c75c32879");
        assert_eq!(hex(june.sealing()), "0c996483e1b42e59f82c603c2701db8d35032429e37000a17b50028b88e0d6f2");
    }
}
