//! Small inputs for the rules' worked vectors.

use tidstro_model::Mark;

use super::*;

/// Measured intervals; `None` is missing.
pub(super) fn intervals(values: &[Option<i64>]) -> IntervalBlock {
    let mut block = IntervalBlock::empty(0);
    for value in values {
        block.push(*value, Quality::Measured).unwrap();
    }
    block
}

/// Measured readings an hour apart.
pub(super) fn readings(values: &[i64]) -> RegisterBlock {
    let mut block = RegisterBlock::empty(0);
    for (hour, value) in (0..).zip(values) {
        block.push(hour * 3600, *value, Mark::new(Quality::Measured)).unwrap();
    }
    block
}

/// A history of `days` days with this highest value.
pub(super) fn history(days: i64, recent_max: i64) -> History {
    History::from_numbers([days, recent_max, 0]).unwrap()
}

/// The findings as rule and position.
pub(super) fn listed(findings: &[Explained]) -> Vec<(Rule, u32)> {
    findings.iter().map(|found| (found.rule(), found.position)).collect()
}

/// The positions of the findings, which are of this rule and the only ones marked.
pub(super) fn positions(block: &IntervalBlock, rule: Rule, findings: &[Explained]) -> Vec<u32> {
    assert!(findings.iter().all(|found| found.rule() == rule));
    let positions: Vec<u32> = findings.iter().map(|found| found.position).collect();
    let marks = marked(block.marks().iter().copied(), rule);
    assert!(positions.iter().map(|slot| *slot as usize).eq(marks), "marks are findings");
    positions
}

/// Positions of the marks that carry the rule.
pub(super) fn marked(marks: impl Iterator<Item = Mark>, rule: Rule) -> Vec<usize> {
    marks.enumerate().filter(|(_, mark)| mark.findings().contains(rule)).map(|(index, _)| index).collect()
}
