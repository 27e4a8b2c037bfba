//! What a parent point leaves for one of its children.

/// For each interval what the parent measured less what the other children did; `None` where one of them has no
/// value, or where less than nothing is left.
///
/// Not for a parent with losses of its own between it and its children: they would become this child's.
pub fn balance<'a>(parent: &'a [Option<i64>], others: &'a [&'a [Option<i64>]]) -> Vec<Option<i64>> {
    parent.iter().enumerate().map(|(slot, whole)| left((*whole)?, others, slot)).collect()
}

fn left(whole: i64, others: &[&[Option<i64>]], slot: usize) -> Option<i64> {
    let taken = |left: i64, other: &&[Option<i64>]| left.checked_sub((*other.get(slot)?)?);
    others.iter().try_fold(whole, taken).filter(|left| *left >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_what_its_sisters_leave() {
        let parent = [Some(10), Some(10), Some(10), None];
        let (one, two) = ([Some(3), Some(8), None, Some(1)], [Some(2), Some(3), Some(1), Some(1)]);
        assert_eq!(balance(&parent, &[&one, &two]), [Some(5), None, None, None]);
        assert_eq!(balance(&parent, &[]), parent);
        assert_eq!(balance(&parent, &[&one[..1]]), [Some(7), None, None, None]);
    }
}
