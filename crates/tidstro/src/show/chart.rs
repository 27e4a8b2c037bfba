//! Small charts for the terminal.

use tidstro_model::Decimal;

/// Eighths of a block, from none to whole.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One column per value, `height` lines high, the highest value at the top. A missing value is a dot
/// on the ground line: it is not zero.
pub(crate) fn columns(values: &[Option<Decimal>], height: usize) -> Vec<String> {
    let exponent = values.iter().flatten().map(|value| value.exponent()).min().unwrap_or(0);
    let steps: Vec<Option<i64>> = values
        .iter()
        .map(|value| value.map(|value| value.in_steps_of(exponent).unwrap_or(0).max(0)))
        .collect();
    let highest = steps.iter().flatten().copied().max().unwrap_or(0).max(1);
    let eighths_high = i64::try_from(height * 8).unwrap_or(i64::MAX);
    (0..height)
        .rev()
        .map(|line| {
            let ground = i64::try_from(line * 8).unwrap_or(i64::MAX);
            steps.iter().map(|value| cell(*value, highest, eighths_high, ground)).collect()
        })
        .collect()
}

fn cell(value: Option<i64>, highest: i64, eighths_high: i64, ground: i64) -> char {
    let Some(value) = value else { return if ground == 0 { '·' } else { ' ' } };
    let filled = i128::from(value) * i128::from(eighths_high) / i128::from(highest) - i128::from(ground);
    let filled = usize::try_from(filled.clamp(0, 8)).unwrap_or(0);
    EIGHTHS.get(filled).copied().unwrap_or(' ')
}

/// A bar of `width` for `part` of `whole`.
pub(crate) fn bar(part: u64, whole: u64, width: u64) -> String {
    let filled = (part.min(whole) * width).checked_div(whole).unwrap_or(0);
    let count = |cells: u64| usize::try_from(cells).unwrap_or(0);
    format!("{}{}", "█".repeat(count(filled)), "░".repeat(count(width - filled)))
}

/// `part` of `whole` in percent with one decimal, cut off: 100.0 % only when it is whole.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let permille = (u128::from(part) * 1000).checked_div(u128::from(whole)).unwrap_or(0);
    format!("{}.{} %", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_is_not_zero() {
        let values = [Some(Decimal::new(0, 0)), None, Some(Decimal::new(10, -1)), Some(Decimal::new(2, 0))];
        assert_eq!(columns(&values, 2), ["   █", " ·██"]);
    }

    #[test]
    fn almost_whole_is_not_whole() {
        assert_eq!(percent(9_999, 10_000), "99.9 %");
        assert_eq!(percent(5, 5), "100.0 %");
        assert_eq!(bar(1, 2, 4), "██░░");
        assert_eq!(bar(0, 0, 2), "░░");
    }
}
