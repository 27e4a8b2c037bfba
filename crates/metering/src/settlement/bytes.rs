//! The bytes of a sum, as it is kept.
//!
//! What comes in: a sum, or bytes from the store. What goes out: the other. The bytes say neither whose sum it is nor of
//! which day: those are the key they are stored under. A sum has exactly one form, and bytes of any other form are a
//! fault, so equal sums are equal bytes.
//!
//! Form, format 1 (`number` and `frame` as in a series block):
//!
//! | part | bytes |
//! |---|---|
//! | kind and format | `0x31` |
//! | slots of an hour | 1: 4 or 1 |
//! | slots | number |
//! | energy in quarter watt-hours | frame |
//! | changes of the numbers of qualities | number, then for each: places since the last one (number), change (number, zigzag) |
//!
//! A place is four times the slot plus the quality (measured, estimated, missing, calculated), counted from 1.

use super::SettlementSum;
use crate::BlockFault;
use crate::series::packing::{Bytes, unzigzag, write_frame, write_number, zigzag};

/// First byte of a sum of format 1.
const SUM: u8 = 0x31;
/// Slots a sum can have at most: more than any local day has quarters.
const MAX_SLOTS: usize = 1000;

impl SettlementSum {
    /// Appends the bytes of the sum to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[SUM, if self.per_hour == 4 { 4 } else { 1 }]);
        write_number(self.quantities.len() as u64, out);
        write_frame(self.quantities.iter().copied(), out);
        let changes = self.steps.iter().flatten().zip(1_u64..).filter(|(change, _)| **change != 0);
        write_number(changes.clone().count() as u64, out);
        let mut last = 0;
        for (change, place) in changes {
            write_number(place - last, out);
            write_number(zigzag(*change), out);
            last = place;
        }
    }

    /// Reads the bytes of exactly one sum.
    ///
    /// # Errors
    /// [`BlockFault`] for any bytes that [`SettlementSum::encode`] does not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockFault> {
        let mut bytes = Bytes::new(bytes);
        let got = bytes.byte()?;
        if got != SUM {
            return Err(BlockFault::UnknownKind { got });
        }
        let per_hour = usize::from(bytes.byte()?);
        let slots = bytes.count()?;
        if !matches!(per_hour, 1 | 4) || slots > MAX_SLOTS {
            return Err(bytes.other_form());
        }
        let mut quantities = Vec::new();
        let frame = bytes.frame(slots, &mut quantities)?;
        if !frame.is_least_of(quantities.iter().copied()) {
            return Err(bytes.other_form());
        }
        let steps = steps(&mut bytes, slots)?;
        bytes.end()?;
        Ok(Self { per_hour, quantities, steps })
    }
}

fn steps(bytes: &mut Bytes<'_>, slots: usize) -> Result<Vec<[i64; 4]>, BlockFault> {
    let mut steps = vec![[0; 4]; slots];
    let mut place = 0_usize;
    for _ in 0..bytes.count()? {
        let gap = usize::try_from(bytes.number()?).unwrap_or(usize::MAX);
        place = place.saturating_add(gap);
        let change = unzigzag(bytes.number()?);
        let step = place.checked_sub(1).and_then(|place| steps.as_flattened_mut().get_mut(place));
        match step.filter(|_| gap > 0 && change != 0) {
            Some(step) => *step = change,
            None => return Err(bytes.other_form()),
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn sums() -> impl Strategy<Value = SettlementSum> {
        let quantity = prop_oneof![4 => 0_i64..400_000, 1 => any::<i64>()];
        let change = prop_oneof![6 => Just(0_i64), 1 => -5_i64..5, 1 => any::<i64>()];
        let slot = (quantity, prop::array::uniform4(change));
        (prop_oneof![Just(1_usize), Just(4)], vec(slot, 0..101)).prop_map(|(per_hour, slots)| {
            let (quantities, steps) = slots.into_iter().unzip();
            SettlementSum { per_hour, quantities, steps }
        })
    }

    fn bytes_of(sum: &SettlementSum) -> Vec<u8> {
        let mut bytes = Vec::new();
        sum.encode(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn bytes_read_back_as_the_sum(sum in sums()) {
            prop_assert_eq!(SettlementSum::decode(&bytes_of(&sum)), Ok(sum));
        }

        #[test]
        fn any_bytes_are_one_sum_or_none(rest in vec(any::<u8>(), 0..60), hours in any::<bool>()) {
            let bytes = [&[SUM, if hours { 1 } else { 4 }], rest.as_slice()].concat();
            if let Ok(sum) = SettlementSum::decode(&bytes) {
                prop_assert_eq!(bytes_of(&sum), bytes);
            }
        }

        #[test]
        fn changed_bytes_are_one_sum_or_none(sum in sums(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = bytes_of(&sum);
            let index = at.index(bytes.len());
            bytes[index] = byte;
            if let Ok(sum) = SettlementSum::decode(&bytes) {
                prop_assert_eq!(bytes_of(&sum), bytes);
            }
        }
    }

    #[test]
    fn the_form_is_pinned() {
        let steps = vec![[2, 0, 0, 0], [-1, 0, 1, 0], [0; 4]];
        let sum = SettlementSum { per_hour: 4, quantities: vec![100, 103, 100], steps };
        // Three slots; least 100 (zigzag 200), width 2, 0b00_11_00; measured +2, then -1, missing +1.
        let bytes = [SUM, 4, 3, 0xc8, 0x01, 2, 0b1100, 3, 1, 4, 4, 1, 2, 2];
        assert_eq!(bytes_of(&sum), bytes);
        let short = SettlementSum::decode(&bytes[..9]);
        assert_eq!(short, Err(BlockFault::CutShort { length: 9 }));
        assert_eq!(SettlementSum::decode(&[0x11]), Err(BlockFault::UnknownKind { got: 0x11 }));
    }
}
