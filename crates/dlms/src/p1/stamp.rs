//! Times of P1 telegrams: `YYMMDDhhmmssX`, `X` being S in summer time and W otherwise (DSMR 5.0 § 6.4).

use jiff::{Timestamp, civil};

/// A local clock time that says whether it is summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// What the clock on the wall shows.
    pub local: civil::DateTime,
    /// Whether that is summer time.
    pub is_summer_time: bool,
}

impl Stamp {
    /// Reads thirteen characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, season) = text.split_at_checked(12)?;
        let is_summer_time = match season {
            "S" => true,
            "W" => false,
            _ => return None,
        };
        let pairs = digits.as_bytes().as_chunks::<2>().0;
        let number = |at: usize| {
            let [tens, ones] = pairs.get(at)?.map(|digit| digit.wrapping_sub(b'0'));
            let number = (tens <= 9 && ones <= 9).then(|| tens * 10 + ones)?;
            i8::try_from(number).ok()
        };
        let year = 2000 + i16::from(number(0)?);
        let (month, day) = (number(1)?, number(2)?);
        let local = civil::DateTime::new(year, month, day, number(3)?, number(4)?, number(5)?, 0).ok()?;
        Some(Self { local, is_summer_time })
    }

    /// The instant, if the zone's standard time is this many minutes ahead of UTC (60 in Denmark, Germany, the
    /// Netherlands and Sweden).
    #[must_use]
    pub fn instant(&self, standard_minutes: i16) -> Option<Timestamp> {
        let minutes = i32::from(standard_minutes) + if self.is_summer_time { 60 } else { 0 };
        jiff::tz::Offset::from_seconds(minutes * 60).ok()?.to_timestamp(self.local).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_comes_twice_is_told_apart() {
        let instant = |text| Stamp::parse(text).unwrap().instant(60).unwrap().to_string();
        assert_eq!(instant("241027023000S"), "2024-10-27T00:30:00Z");
        assert_eq!(instant("241027023000W"), "2024-10-27T01:30:00Z");
        let wrong = [
            "241027023000",
            "241027023000X",
            "24102702300aS",
            "241327023000W",
            "241027023000SS",
            "mmmmmmmmmmmmS",
        ];
        for text in wrong {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
    }
}
