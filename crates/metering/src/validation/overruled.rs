//! Rule *overruled*: a correction that somebody made is not replaced unseen.
//!
//! What comes in: a block, and the corrections of its day that a newer value of the meter took the place of. What goes out:
//! a finding and a mark for each. The newer value counts; who corrected the old one looks at both.

use tidstro_model::Rule;

use super::{Explained, Why, explained};
use crate::{Block, Overruled};

/// Adds a finding for each correction of the day that another value took the place of.
///
/// Findings are added to `findings` with what was compared, and to the marks of the block. A place of which nothing is said
/// has none.
pub fn explain_overruled(block: &mut Block, overruled: &[Overruled], findings: &mut Vec<Explained>) {
    for Overruled { place, seq, corrected } in overruled {
        let found = match block {
            Block::Interval(block) => {
                Some(*place as usize).and_then(|slot| Some((slot, block.decimal(slot)?)))
            }
            Block::Register(block) => {
                let found = block.readings().enumerate().find(|(_, (at, ..))| at == place);
                found.map(|(index, (_, value, _))| (index, block.decimal(value)))
            }
        };
        let Some((index, value)) = found else { continue };
        findings.push(explained(index, Why::Overruled { corrected: *corrected, registration: *seq, value }));
        match block {
            Block::Interval(block) => block.add_finding(Rule::Overruled, |slot, _, _| slot == index),
            Block::Register(block) => block.add_finding(index, Rule::Overruled),
        }
    }
}

#[cfg(test)]
mod tests {
    use tidstro_model::Decimal;

    use super::{
        super::examples::{intervals, listed, marked, readings},
        *,
    };

    /// Somebody had corrected hour 1 to 250; the meter says 110.
    #[test]
    fn the_newer_value_is_marked_with_what_it_replaced() {
        let overruled = [Overruled { place: 1, seq: 12, corrected: Decimal::new(250, 0) }];
        let (mut block, mut findings) = (Block::Interval(intervals(&[Some(90), Some(110)])), Vec::new());
        explain_overruled(&mut block, &overruled, &mut findings);
        assert_eq!(listed(&findings), [(Rule::Overruled, 1)]);
        let why =
            Why::Overruled { corrected: Decimal::new(250, 0), registration: 12, value: Decimal::new(110, 0) };
        assert_eq!(findings[0].why, why);
        let Block::Interval(block) = block else { panic!("not intervals") };
        assert_eq!(marked(block.marks().iter().copied(), Rule::Overruled), [1]);
    }

    /// Readings at the hours 0, 1 and 2; the one of hour 2 was corrected, and one at 02:30 was withdrawn.
    #[test]
    fn a_reading_is_found_by_its_second() {
        let corrected = Decimal::new(7, 0);
        let overruled = [(7_200, 3), (9_000, 4)].map(|(place, seq)| Overruled { place, seq, corrected });
        let (mut block, mut findings) = (Block::Register(readings(&[1, 2, 3])), Vec::new());
        explain_overruled(&mut block, &overruled, &mut findings);
        assert_eq!(listed(&findings), [(Rule::Overruled, 2)]);
    }
}
