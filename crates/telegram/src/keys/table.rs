//! Keys by meter: a hash table whose look-up reads one place of the memory and hardly branches.
//!
//! What comes in: the four parts of a meter's identity as one number, and its key. What goes out: the key. The table of a
//! million meters lies outside the caches, and waiting for it takes longer than all the rest of a look-up. So five numbers
//! and their keys lie side by side in two cache lines that are fetched as one, and which of the five it is is found without
//! a branch: a processor that guesses wrong cannot begin the next look-up while it waits for this one. At most four fifths
//! of the places are taken: 32 to 64 bytes a meter.

use super::Key;

/// Places of a bucket, so that it fills 128 bytes.
const WIDTH: usize = 5;
/// Buckets of the smallest table. Always a power of two.
const SMALLEST: usize = 2;
/// A table with more keys than this for each of its buckets grows.
const TAKEN_MAX: usize = 4;
/// Odd numbers without a pattern (2^64 divided by the golden ratio; the factor of splitmix64).
const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9];

/// Slots and their keys, in the order they came; the places behind them are free.
#[derive(Debug, Clone)]
#[repr(align(128))]
struct Bucket {
    slots: [u64; WIDTH],
    keys: [Key; WIDTH],
    taken: u8,
}

/// Keys by slot. It never moves a key without wiping the place it leaves.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    buckets: Vec<Bucket>,
    taken: usize,
}

impl Table {
    /// Number of keys.
    pub(super) const fn len(&self) -> usize {
        self.taken
    }

    /// The key of this slot.
    #[inline]
    pub(super) fn find(&self, slot: u64) -> Option<&Key> {
        let (before, from) = self.buckets.split_at_checked(self.home(slot))?;
        // Nearly always the first one tells.
        for bucket in from.iter().chain(before) {
            if let Some(key) = bucket.find(slot) {
                return Some(key);
            }
            if !bucket.is_full() {
                return None;
            }
        }
        None
    }

    /// Keeps a key; returns whether it replaced one.
    pub(super) fn insert(&mut self, slot: u64, key: Key) -> bool {
        if self.taken >= self.buckets.len() * TAKEN_MAX {
            self.grow();
        }
        let is_new = self.put(slot, key);
        self.taken += usize::from(is_new);
        !is_new
    }

    /// Puts a key into the place of its slot, or the first free one; returns whether that was free.
    fn put(&mut self, slot: u64, key: Key) -> bool {
        let home = self.home(slot);
        let Some((before, from)) = self.buckets.split_at_mut_checked(home) else { return false };
        // Not all buckets are full.
        let mut buckets = from.iter_mut().chain(before);
        let place = buckets.find_map(|bucket| bucket.place(slot));
        let Some((known, is_free)) = place else { return false };
        *known = key;
        is_free
    }

    /// Twice the buckets. The keys are copied and the old ones dropped, which wipes them; moved, they would stay behind in
    /// freed memory.
    fn grow(&mut self) {
        let len = SMALLEST.max(self.buckets.len() * 2);
        let old = std::mem::replace(&mut self.buckets, vec![Bucket::FREE; len]);
        for (slot, key) in old.iter().flat_map(Bucket::entries) {
            self.put(slot, key.clone());
        }
    }

    /// Where to look first: the high bits of the mixed number, as many as tell the buckets apart.
    fn home(&self, slot: u64) -> usize {
        let bits = self.buckets.len().checked_ilog2().unwrap_or_default();
        let [first, second] = FACTORS;
        let mixed = slot.wrapping_mul(first);
        let mixed = (mixed ^ mixed >> 32).wrapping_mul(second);
        usize::try_from(mixed.unbounded_shr(u64::BITS - bits)).unwrap_or_default()
    }
}

impl Bucket {
    const FREE: Self = Self { slots: [0; WIDTH], keys: [const { Key::new([0; 16]) }; WIDTH], taken: 0 };

    fn is_full(&self) -> bool {
        usize::from(self.taken) == WIDTH
    }

    /// Number of the slot's place; [`WIDTH`] if it has none.
    fn position(&self, slot: u64) -> usize {
        let taken = usize::from(self.taken);
        // All five are compared, so that nothing is to be guessed.
        let is_it = |at: usize, known: u64| known == slot && at < taken;
        self.slots
            .iter()
            .enumerate()
            .fold(WIDTH, |found, (at, known)| if is_it(at, *known) { at } else { found })
    }

    fn find(&self, slot: u64) -> Option<&Key> {
        self.keys.get(self.position(slot))
    }

    /// The place of the slot, else a free one, taken now; and whether it was free. `None` in a full bucket of others.
    fn place(&mut self, slot: u64) -> Option<(&mut Key, bool)> {
        let (known, free) = (self.position(slot), usize::from(self.taken));
        if known == WIDTH {
            *self.slots.get_mut(free)? = slot;
            self.taken += 1;
        }
        let is_free = known == WIDTH;
        self.keys.get_mut(if is_free { free } else { known }).map(|key| (key, is_free))
    }

    fn entries(&self) -> impl Iterator<Item = (u64, &Key)> {
        self.slots.iter().copied().zip(&self.keys).take(self.taken.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn key(number: u64) -> Key {
        Key::new([number.to_le_bytes(), [0; 8]].concat().try_into().unwrap())
    }

    /// Meter numbers one after another, as they are written on meters; the digits in hex.
    fn slot(number: u64) -> u64 {
        u64::from_str_radix(&number.to_string(), 16).unwrap() | 0x071b_2c2d << 32
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        let mut table = Table::default();
        assert_eq!(table.find(slot(1)), None);
        let known: BTreeMap<u64, Key> = (0..5_000).map(|number| (slot(number), key(number))).collect();
        for (slot, key) in &known {
            assert!(!table.insert(*slot, key.clone()));
        }
        assert_eq!(table.len(), known.len());
        for (slot, key) in &known {
            assert_eq!(table.find(*slot), Some(key));
        }
        assert!((5_000..9_000).all(|number| table.find(slot(number)).is_none()));
        assert!(table.insert(slot(7), key(1)));
        assert_eq!((table.find(slot(7)), table.len()), (Some(&key(1)), known.len()));
    }

    #[test]
    fn a_meter_takes_at_most_64_bytes_and_few_steps() {
        let mut table = Table::default();
        for number in 0..5_000 {
            table.insert(slot(number), key(number));
        }
        assert!(table.buckets.len() * size_of::<Bucket>() <= 64 * table.len());
        let steps = |slot| {
            let (before, from) = table.buckets.split_at(table.home(slot));
            from.iter().chain(before).position(|bucket| bucket.find(slot).is_some()).unwrap()
        };
        let steps: Vec<usize> = (0..5_000).map(|number| steps(slot(number))).collect();
        assert!(steps.iter().sum::<usize>() < steps.len() / 2 && steps.iter().all(|count| *count < 10));
    }
}
