//! The shape of a profile, at the height of what was measured beside the gap.

use super::{Gap, fit::rounded};

/// The profile's parts in the gap, times what was measured for each of its parts outside. `None` if nothing was
/// measured, or where the profile has nothing.
pub(super) fn values(profile: &[i64], values: &[Option<i64>], gap: Gap) -> Option<Vec<i64>> {
    let pairs = profile.iter().zip(values).filter_map(|(part, value)| Some((*part, (*value)?)));
    let (parts, measured) = pairs.fold((0_i128, 0_i128), |(parts, measured), (part, value)| {
        (parts + i128::from(part), measured + i128::from(value))
    });
    if parts <= 0 {
        return None;
    }
    let scaled = |part: &i64| {
        let product = i128::from(*part).checked_mul(measured)?;
        i64::try_from(rounded(product, parts)).ok()
    };
    gap.of(profile)?.iter().map(scaled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_has_the_profiles_shape_and_the_points_height() {
        let profile = [1, 2, 4, 3];
        let gap = Gap { first: 1, len: 2 };
        assert_eq!(values(&profile, &[Some(50), None, None, Some(150)], gap), Some(vec![100, 200]));
        assert_eq!(values(&profile, &[None; 4], gap), None, "nothing was measured");
        assert_eq!(values(&profile[..2], &[Some(50), None, None, Some(150)], gap), None, "no profile there");
    }
}
