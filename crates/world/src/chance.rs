//! Seeded chance.
//!
//! What comes in: the seed of the town and the name of one thing in it. What goes out: numbers that belong to
//! that thing alone. Each thing has its own stream, so that one more flat never changes the others.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What a stream decides. The numbers are part of the town: changing one changes every town.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Topic {
    Faults = 1,
    Climate = 2,
    Name = 3,
    Flat = 4,
    MeterDay = 5,
    Meter = 6,
    Air = 7,
    GridFaults = 8,
    GridPoint = 9,
    GridDay = 10,
    Clouds = 11,
    Bench = 12,
    Numbers = 13,
    Room = 14,
    Since = 15,
    GridMeter = 16,
    Past = 17,
}

/// The numbers of one thing.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of thing `(a, b)` of a topic.
    pub(crate) fn new(seed: u64, topic: Topic, a: u64, b: u64) -> Self {
        let mut full = [0; 32];
        let words = [seed, topic as u64, a, b];
        for (to, from) in full.iter_mut().zip(words.iter().flat_map(|word| word.to_le_bytes())) {
            *to = from;
        }
        Self(ChaCha8Rng::from_seed(full))
    }

    /// A number from `low` to `high`, both possible. `low` if the span is empty or wider than 32 bits.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u32::try_from(high - low + 1).unwrap_or(0);
        low + i64::from(self.below(span))
    }

    /// A number below `bound`, 0 if the bound is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.0.next_u32()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// True in `permille` of a thousand cases.
    pub(crate) fn happens(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// One of the items, `fallback` if there are none.
    pub(crate) fn one_of<T: Copy>(&mut self, items: &[T], fallback: T) -> T {
        let bound = u32::try_from(items.len()).unwrap_or(u32::MAX);
        items.get(self.below(bound) as usize).copied().unwrap_or(fallback)
    }

    /// The numbers from 0 below `count` in a random order.
    pub(crate) fn order(&mut self, count: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count).collect();
        for last in (1..order.len()).rev() {
            let bound = u32::try_from(last + 1).unwrap_or(u32::MAX);
            order.swap(last, self.below(bound) as usize);
        }
        order
    }

    /// Sixteen bytes, such as a key.
    pub(crate) fn key(&mut self) -> [u8; 16] {
        let mut key = [0; 16];
        self.0.fill_bytes(&mut key);
        key
    }

    /// 32 random bits.
    pub(crate) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, a| Chance::new(seed, Topic::Flat, a, 0).key();
        assert_eq!(draw(1, 7), draw(1, 7));
        assert_ne!(draw(1, 7), draw(1, 8));
        assert_ne!(draw(1, 7), draw(2, 7));
    }

    #[test]
    fn an_order_holds_every_number_once() {
        let mut order = Chance::new(1, Topic::Flat, 0, 0).order(24);
        assert_ne!(order, (0..24).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..24).collect::<Vec<_>>());
    }
}
