//! Notice ahead: counting back from a start day.
//!
//! What comes in: the day something starts and how long before it notice must be given. What goes out: the
//! latest day for the notice. Counting back is defined through counting forward and never rolls (Reg. 1182/71
//! art. 3(4) last sentence, by analogy): notice may be given earlier, never later.

use jiff::civil::Date;

use crate::Chain;

/// The latest day on which notice may be given: the greatest day whose period is over before `start`. `None`
/// outside the years the calendar knows.
#[must_use]
pub fn latest_notice_day(start: Date, ahead: &Chain) -> Option<Date> {
    let in_time = |day: Date| ahead.after(day) < start;
    let mut day = ahead.periods().iter().rev().fold(start, |day, period| period.before(day));
    // Month ends make several days share one last day, so the guess can be a few days off.
    while !in_time(day) {
        day = day.yesterday().ok()?;
    }
    while let Some(later) = day.tomorrow().ok().filter(|&later| in_time(later)) {
        day = later;
    }
    Some(day)
}

/// The first day on which what was announced may start: the day after the period that the notice starts.
/// `None` outside the years the calendar knows.
#[must_use]
pub fn earliest_start_day(notice: Date, ahead: &Chain) -> Option<Date> {
    ahead.after(notice).tomorrow().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::from_epoch_day;

    fn chain(texts: &[&str]) -> Chain {
        Chain::parse(texts.iter().copied()).unwrap()
    }

    #[test]
    fn notice_days_by_hand() {
        // Each row worked by hand: start day, notice, latest notice day.
        for (start, ahead, latest) in [
            (date(2025, 7, 1), "P1M", date(2025, 5, 31)),
            (date(2025, 2, 28), "P1M", date(2025, 1, 27)),
            (date(2024, 3, 1), "P1M", date(2024, 1, 31)),
            (date(2025, 3, 31), "P1M", date(2025, 2, 28)),
            (date(2025, 1, 8), "P1W", date(2024, 12, 31)),
        ] {
            assert_eq!(latest_notice_day(start, &chain(&[ahead])), Some(latest), "{start} {ahead}");
        }
        assert_eq!(latest_notice_day(Date::MIN, &chain(&["P1D"])), None);
        assert_eq!(earliest_start_day(date(2025, 1, 31), &chain(&["P1M"])), Some(date(2025, 3, 1)));
        assert_eq!(earliest_start_day(Date::MAX, &chain(&["P1M"])), None);
    }

    proptest! {
        #[test]
        fn counting_back_is_adjoint_to_counting_forward(
            number in 0_i32..50_000,
            periods in prop::collection::vec((1_u32..40, 0_usize..4), 1..4),
        ) {
            let texts: Vec<String> =
                periods.iter().map(|(count, unit)| format!("P{count}{}", ["D", "W", "M", "Y"][*unit])).collect();
            let ahead = Chain::parse(texts.iter().map(String::as_str)).unwrap();
            let start = from_epoch_day(number).unwrap();
            let latest = latest_notice_day(start, &ahead).unwrap();
            prop_assert!(ahead.after(latest) < start);
            prop_assert!(start <= ahead.after(latest.tomorrow().unwrap()));
        }
    }
}
