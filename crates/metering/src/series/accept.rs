//! What rules found in a local day and nobody has decided about, and saying that it stands as it is.
//!
//! What comes in: a block. What goes out: the rules that are open in it, or the block with the values that failed one of them
//! accepted. Never: a changed value, or a finding taken away.

use tidstro_model::{Findings, Mark, Rule};

use super::{Block, IntervalBlock, RegisterBlock};

impl Block {
    /// The rules that values of the day failed, or that miss values in it, and about which nobody has decided: those of no estimate made
    /// here and of nothing that was accepted.
    #[must_use]
    pub fn open_findings(&self) -> Findings {
        self.marks().iter().fold(Findings::NONE, |all, mark| all.union(mark.open_findings()))
    }

    /// How many values, or missing ones, of the day a rule is open in.
    #[must_use]
    pub fn count_open(&self, rule: Rule) -> u32 {
        let open = self.marks().iter().filter(|mark| mark.open_findings().contains(rule));
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }

    /// The day with everything accepted in which the rule is open; `None` if it is open in nothing.
    ///
    /// ```
    /// use tidstro_metering::{Block, IntervalBlock};
    /// use tidstro_model::{Mark, Quality, Rule};
    ///
    /// let doubted = Mark::new(Quality::Measured).with(Rule::Spike);
    /// let day = Block::Interval(IntervalBlock::new(0, vec![900], vec![doubted])?);
    /// let accepted = day.accepting(Rule::Spike).unwrap_or(day);
    /// assert!(accepted.open_findings().is_empty());
    /// assert!(accepted.accepting(Rule::Spike).is_none());
    /// # Ok::<(), tidstro_metering::BlockFault>(())
    /// ```
    #[must_use]
    pub fn accepting(&self, rule: Rule) -> Option<Self> {
        let mut accepted = self.clone();
        let mut is_changed = false;
        let open = accepted.marks_mut().iter_mut().filter(|mark| mark.open_findings().contains(rule));
        for mark in open {
            *mark = mark.accepted();
            is_changed = true;
        }
        is_changed.then_some(accepted)
    }

    /// The marks of its values, in order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        match self {
            Self::Interval(IntervalBlock { marks, .. }) | Self::Register(RegisterBlock { marks, .. }) => {
                marks
            }
        }
    }

    fn marks_mut(&mut self) -> &mut [Mark] {
        match self {
            Self::Interval(IntervalBlock { marks, .. }) | Self::Register(RegisterBlock { marks, .. }) => {
                marks
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tidstro_model::{Method, Quality};

    use super::*;

    const MEASURED: Mark = Mark::new(Quality::Measured);

    fn day(marks: &[Mark]) -> Block {
        Block::Interval(IntervalBlock::new(0, vec![0; marks.len()], marks.to_vec()).unwrap())
    }

    #[test]
    fn what_is_accepted_keeps_its_number_and_its_findings() {
        let missing = Mark::new(Quality::Missing).with(Rule::Completeness);
        let (spike, both) = (MEASURED.with(Rule::Spike), MEASURED.with(Rule::Spike).with(Rule::Jump));
        let estimated = Mark::estimated(Method::Linear).with(Rule::Spike);
        let block = day(&[MEASURED, spike, both, estimated, missing]);
        let open = [Rule::Completeness, Rule::Spike, Rule::Jump];
        assert_eq!(block.open_findings(), Findings::of(&open));
        assert_eq!(block.count_open(Rule::Spike), 2);

        let accepted = block.accepting(Rule::Spike).unwrap();
        assert_eq!(accepted.open_findings(), Findings::of(&[Rule::Completeness]));
        assert_eq!(accepted.marks(), [MEASURED, spike.accepted(), both.accepted(), estimated, missing]);
        assert!(accepted.accepting(Rule::Jump).is_none(), "the value was accepted, not the rule");
        let whole = accepted.accepting(Rule::Completeness).unwrap();
        assert!(whole.open_findings().is_empty());
    }

    #[test]
    fn judging_again_leaves_what_was_accepted() {
        let Block::Interval(mut block) = day(&[MEASURED.with(Rule::Spike).accepted()]) else {
            unreachable!()
        };
        block.clear_judged();
        assert_eq!(block.mark(0), Some(MEASURED.accepted()));
    }

    /// Another value in its place is nobody's word any more; the same one changes nothing.
    #[test]
    fn another_value_is_not_accepted() {
        let Block::Interval(block) = day(&[MEASURED.with(Rule::Spike).accepted()]) else { unreachable!() };
        let incoming = |value| IntervalBlock::new(0, vec![value], vec![MEASURED]).unwrap();
        assert_eq!(IntervalBlock::merge(&block, &incoming(0)), Ok(None));
        let other = IntervalBlock::merge(&block, &incoming(5)).unwrap().unwrap();
        assert!(!other.mark(0).unwrap().is_accepted());
    }
}
