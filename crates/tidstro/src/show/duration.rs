//! Lengths of time as people say them.

use jiff::SignedDuration;

/// A duration by its two largest units: `3 d 4 h`, `15 min 20 s`.
pub(crate) fn rough(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let largest = units.iter().position(|(_, length)| seconds >= *length).unwrap_or(units.len() - 1);
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (name, length) in units.iter().skip(largest).take(2) {
        let count = rest / length;
        rest %= length;
        if count > 0 || parts.is_empty() {
            parts.push(format!("{count} {name}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (900, "15 min"),
            (920, "15 min 20 s"),
            (90_000, "1 d 1 h"),
            (86_401, "1 d"),
        ] {
            assert_eq!(rough(SignedDuration::from_secs(seconds)), text);
        }
    }
}
