//! Date and time of COSEM (IEC 62056-6-2 § 4.1.6.1): 12 bytes, any of which may say "not specified".
//!
//! What comes in: the bytes. What goes out: the local clock time, how far it is from UTC, and what the clock
//! says of itself; each only where it is specified. Nothing is filled in.

use jiff::{Timestamp, civil};

/// A date and time as a meter states it, kept as its 12 bytes.
///
/// Year (2 bytes), month, day of month, day of week, hour, minute, second, hundredths, deviation (2 bytes),
/// clock status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime([u8; 12]);

/// The deviation that says nothing.
const NO_DEVIATION: i16 = i16::MIN;

impl DateTime {
    /// The date and time with these bytes; `None` if they can be none: month 0 or 13, day 0 or 32, hour 24,
    /// minute or second 60, more than 99 hundredths, or a deviation of more than 14 hours.
    #[must_use]
    pub fn new(bytes: [u8; 12]) -> Option<Self> {
        let [_, _, month, day, weekday, hour, minute, second, hundredths, ..] = bytes;
        let is_open = |byte: u8| byte == 0xff;
        let fits = (matches!(month, 1..=12 | 0xfd | 0xfe) || is_open(month))
            && (matches!(day, 1..=31 | 0xfd | 0xfe) || is_open(day))
            && (matches!(weekday, 0..=7) || is_open(weekday))
            && (hour < 24 || is_open(hour))
            && (minute < 60 || is_open(minute))
            && (second < 60 || is_open(second))
            && (hundredths < 100 || is_open(hundredths));
        let moment = Self(bytes);
        let is_near = moment.deviation_minutes().is_none_or(|minutes| (-840..=840).contains(&minutes));
        (fits && is_near).then_some(moment)
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// This clock time, with its deviation from UTC (minutes, as [`Self::deviation_minutes`]) and status.
    #[must_use]
    pub fn of(local: civil::DateTime, deviation_minutes: Option<i16>, status: u8) -> Option<Self> {
        let [year_high, year_low] = u16::try_from(local.year()).ok()?.to_be_bytes();
        let [far, near] = deviation_minutes.unwrap_or(NO_DEVIATION).to_be_bytes();
        let small = |number: i8| u8::try_from(number).unwrap_or(0xff);
        let hundredths = u8::try_from(local.subsec_nanosecond() / 10_000_000).ok()?;
        let weekday = small(local.weekday().to_monday_one_offset());
        Self::new([
            year_high,
            year_low,
            small(local.month()),
            small(local.day()),
            weekday,
            small(local.hour()),
            small(local.minute()),
            small(local.second()),
            hundredths,
            far,
            near,
            status,
        ])
    }

    /// The local clock time. Seconds and hundredths that are not specified count as zero; `None` if anything
    /// coarser is not specified, or there is no such day.
    #[must_use]
    pub fn civil(&self) -> Option<civil::DateTime> {
        let [year_high, year_low, month, day, _, hour, minute, second, hundredths, ..] = self.0;
        let number = |byte: u8| i8::try_from(byte).ok();
        let or_zero = |byte: u8| if byte == 0xff { Some(0) } else { number(byte) };
        let year = i16::try_from(u16::from_be_bytes([year_high, year_low])).ok()?;
        civil::DateTime::new(
            year,
            number(month)?,
            number(day)?,
            number(hour)?,
            number(minute)?,
            or_zero(second)?,
            i32::from(or_zero(hundredths)?) * 10_000_000,
        )
        .ok()
    }

    /// Minutes to add to the local time for UTC (so -60 for Central European standard time); `None` if not
    /// specified.
    #[must_use]
    pub const fn deviation_minutes(&self) -> Option<i16> {
        let [.., far, near, _] = self.0;
        let minutes = i16::from_be_bytes([far, near]);
        if minutes == NO_DEVIATION { None } else { Some(minutes) }
    }

    /// The instant; `None` unless the clock time and its deviation are both specified.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        self.instant_with(self.deviation_minutes()?)
    }

    /// The instant, if the clock deviates from UTC by this many minutes (see [`Self::deviation_minutes`]).
    #[must_use]
    pub fn instant_with(&self, deviation_minutes: i16) -> Option<Timestamp> {
        let offset = jiff::tz::Offset::from_seconds(-60 * i32::from(deviation_minutes)).ok()?;
        offset.to_timestamp(self.civil()?).ok()
    }

    /// What the clock says of itself; `None` if not specified.
    #[must_use]
    pub const fn status(&self) -> Option<ClockStatus> {
        let [.., status] = self.0;
        if status == 0xff { None } else { Some(ClockStatus(status)) }
    }
}

/// What a clock says of itself (IEC 62056-6-2 § 4.1.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockStatus(pub u8);

impl ClockStatus {
    /// Bit 0: the time cannot be told, for instance after the power reserve ran out.
    #[must_use]
    pub const fn is_invalid(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Bit 1: the time could be told again, but is not sure.
    #[must_use]
    pub const fn is_doubtful(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// Bit 7: summer time.
    #[must_use]
    pub const fn is_summer_time(self) -> bool {
        self.0 & 0x80 != 0
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn deviation_leads_to_utc_and_status_tells_summer_time() {
        let summer = DateTime::new([0x07, 0xe7, 7, 0x18, 1, 0x13, 0x28, 0x19, 0, 0xff, 0x88, 0x80]).unwrap();
        assert_eq!(summer.civil(), Some(date(2023, 7, 24).at(19, 40, 25, 0)));
        assert_eq!(summer.deviation_minutes(), Some(-120));
        assert_eq!(summer.instant().unwrap().to_string(), "2023-07-24T17:40:25Z");
        assert!(summer.status().unwrap().is_summer_time() && !summer.status().unwrap().is_invalid());
        assert_eq!(DateTime::of(summer.civil().unwrap(), Some(-120), 0x80), Some(summer));
    }

    #[test]
    fn what_is_not_specified_is_not_filled_in() {
        let open = DateTime::new([0x07, 0xe5, 5, 7, 5, 14, 50, 0xff, 0xff, 0x80, 0, 0xff]).unwrap();
        assert_eq!((open.instant(), open.status(), open.deviation_minutes()), (None, None, None));
        assert_eq!(open.civil(), Some(date(2021, 5, 7).at(14, 50, 0, 0)));
        assert_eq!(open.instant_with(-60).unwrap().to_string(), "2021-05-07T13:50:00Z");
        let every_year = DateTime::new([0xff, 0xff, 12, 0xfe, 0xff, 0, 0, 0, 0, 0x80, 0, 0xff]).unwrap();
        assert_eq!(every_year.civil(), None);
    }

    #[test]
    fn bytes_that_are_no_date_are_refused() {
        let good = [0x07, 0xe5, 5, 7, 5, 14, 50, 0, 0, 0x80, 0, 0];
        assert!(DateTime::new(good).is_some());
        for (at, bad) in [(2, 13), (2, 0), (3, 32), (4, 8), (5, 24), (6, 60), (7, 60), (8, 100), (9, 0x7f)] {
            let mut bytes = good;
            bytes[at] = bad;
            assert_eq!(DateTime::new(bytes), None, "byte {at}");
        }
    }
}
