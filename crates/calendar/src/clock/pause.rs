//! Times a clock stood.
//!
//! What comes in: pauses in any order, and the start of a clock. What goes out: the start moved on by as long
//! as the clock stood. A pause must never move a start back, and of two starts never change the order.

use jiff::{Span, Timestamp, civil::Date};
use tidstro_model::Interval;

use crate::{Zone, epoch_day};

/// The pauses in order, those that overlap or touch as one, empty ones left out.
pub(super) fn merged(pauses: &[Interval]) -> Vec<Interval> {
    let mut sorted: Vec<Interval> =
        pauses.iter().copied().filter(|pause| pause.start() < pause.end()).collect();
    sorted.sort_unstable_by_key(|pause| (pause.start(), pause.end()));
    let mut merged: Vec<Interval> = Vec::with_capacity(sorted.len());
    for pause in sorted {
        match merged.last_mut() {
            Some(last) if pause.start() <= last.end() => {
                let end = last.end().max(pause.end());
                *last = Interval::new(last.start(), end).unwrap_or(*last);
            }
            _ => merged.push(pause),
        }
    }
    merged
}

/// The start moved on by the part of the pause that lies after it.
pub(super) fn instant_after(start: Timestamp, pause: Interval) -> Option<Timestamp> {
    if pause.end() <= start {
        return Some(start);
    }
    start.checked_add(pause.start().max(start).duration_until(pause.end())).ok()
}

/// The same by local days: the days from the one the pause begins on to the one it ends on.
pub(super) fn day_after(start: Date, pause: Interval, zone: &Zone) -> Option<Date> {
    let (from, until) = (zone.day_of(pause.start()).max(start), zone.day_of(pause.end()));
    let days = epoch_day(until) - epoch_day(from);
    if days <= 0 { Some(start) } else { start.checked_add(Span::new().days(days)).ok() }
}
