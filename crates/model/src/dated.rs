//! What holds on which local days, and how a new statement changes it.
//!
//! What comes in: the periods that are known of one thing (the states of a point, its supplies, where a device hangs),
//! and what somebody states now. What goes out: the periods from then on, and the difference row by row: what is added,
//! what is retired, which days changed. A row is never altered: one whose days change is retired and added anew. Nothing
//! here looks at a clock: when something was known is the store's to keep.

use jiff::civil::Date;

use crate::DayRange;

/// Something that holds on some local days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated<T> {
    /// The days.
    pub days: DayRange,
    /// What holds.
    pub what: T,
}

/// The periods of one thing: in order of their first days, none of them empty, no two sharing a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<T> {
    periods: Vec<Dated<T>>,
}

/// What a statement changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineDifference<T> {
    /// Periods that are new.
    pub added: Vec<Dated<T>>,
    /// Periods that hold no longer as they stand.
    pub retired: Vec<Dated<T>>,
    /// How many periods stay.
    pub unchanged: usize,
    /// The days on which something else holds than before, in order, without the days on which the same holds.
    pub changed: Vec<DayRange>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { periods: Vec::new() }
    }
}

impl<T: Clone + PartialEq> Timeline<T> {
    /// The timeline of these periods, given in any order; `None` if two share a day. Empty periods say nothing.
    #[must_use]
    pub fn of(periods: impl IntoIterator<Item = Dated<T>>) -> Option<Self> {
        let mut periods: Vec<_> = periods.into_iter().filter(|period| !period.days.is_empty()).collect();
        periods.sort_by_key(|period| period.days.start());
        let share =
            periods.iter().zip(periods.iter().skip(1)).any(|(one, next)| next.days.start() < one.days.end());
        (!share).then_some(Self { periods })
    }

    /// The periods, in order.
    #[must_use]
    pub fn periods(&self) -> &[Dated<T>] {
        &self.periods
    }

    /// What holds on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&T> {
        let after = self.periods.partition_point(|period| period.days.start() <= day);
        let period = self.periods.get(after.checked_sub(1)?)?;
        period.days.contains(day).then_some(&period.what)
    }

    /// From the first day to the last; `None` if nothing is known.
    #[must_use]
    pub fn life(&self) -> Option<DayRange> {
        DayRange::new(self.periods.first()?.days.start(), self.periods.last()?.days.end()).ok()
    }

    /// The days between two periods on which nothing holds.
    #[must_use]
    pub fn gaps(&self) -> Vec<DayRange> {
        let pairs = self.periods.iter().zip(self.periods.iter().skip(1));
        pairs.filter_map(|(one, next)| days_between(one.days.end(), next.days.start())).collect()
    }

    /// Takes in a statement.
    ///
    /// - A statement that lies inside a known period and says the same says nothing new.
    /// - It stands in the place of a known period with the same first day: so a period is ended or made longer.
    /// - Of other periods the days it is about are cut out; the rest of them stays.
    /// - Neighbours that say the same become one.
    pub fn state(&mut self, stated: Dated<T>) {
        let is_said = |known: &Dated<T>| known.what == stated.what && covers(known.days, stated.days);
        let starts_there = |known: &Dated<T>| known.days.start() == stated.days.start();
        let is_new = !self.periods.iter().any(|known| is_said(known) && !starts_there(known));
        if stated.days.is_empty() || !is_new {
            return;
        }
        let mut periods = Vec::with_capacity(self.periods.len() + 2);
        for known in self.periods.drain(..).filter(|known| !starts_there(known)) {
            periods.extend(outside(&known, stated.days));
        }
        periods.push(stated);
        periods.sort_by_key(|period| period.days.start());
        self.periods = joined(periods);
    }

    /// Takes in what is stated at one time, such as the rows of a file: neighbours that say the same are one statement.
    pub fn state_all(&mut self, mut stated: Vec<Dated<T>>) {
        stated.sort_by_key(|statement| statement.days.start());
        joined(stated).into_iter().for_each(|statement| self.state(statement));
    }

    /// Ends what concerns somebody on a day, the first one on which it holds no more: periods are cut, later ones are gone.
    pub fn end_where(&mut self, day: Date, is_concerned: impl Fn(&T) -> bool) {
        for period in self.periods.iter_mut().filter(|period| is_concerned(&period.what)) {
            let start = period.days.start();
            period.days = DayRange::new(start, period.days.end().min(day).max(start)).unwrap_or(period.days);
        }
        self.periods.retain(|period| !period.days.is_empty());
    }

    /// What leads from this timeline to the other.
    #[must_use]
    pub fn difference(&self, new: &Self) -> TimelineDifference<T> {
        let only = |these: &Self, those: &Self| {
            let missing = |period: &&Dated<T>| !those.periods.contains(period);
            these.periods.iter().filter(missing).cloned().collect::<Vec<_>>()
        };
        let (retired, added) = (only(self, new), only(new, self));
        let unchanged = new.periods.len() - added.len();
        let changed = self.changed(new, retired.iter().chain(&added).map(|period| period.days));
        TimelineDifference { added, retired, unchanged, changed }
    }

    /// The days inside these on which the other timeline says something else; neighbours joined.
    fn changed(&self, new: &Self, days: impl Iterator<Item = DayRange>) -> Vec<DayRange> {
        let mut borders: Vec<Date> = days.flat_map(|days| [days.start(), days.end()]).collect();
        borders.sort_unstable();
        borders.dedup();
        let mut changed: Vec<DayRange> = Vec::new();
        for (start, end) in borders.iter().zip(borders.iter().skip(1)) {
            // No period begins or ends between two borders, so the first day speaks for all.
            if self.on(*start) == new.on(*start) {
                continue;
            }
            let joined =
                changed.last().filter(|last| last.end() == *start).map_or(*start, |last| last.start());
            if joined != *start {
                changed.pop();
            }
            changed.extend(DayRange::new(joined, *end).ok());
        }
        changed
    }
}

/// Periods in order, neighbours that say the same as one.
fn joined<T: PartialEq>(periods: Vec<Dated<T>>) -> Vec<Dated<T>> {
    let mut joined: Vec<Dated<T>> = Vec::with_capacity(periods.len());
    for period in periods {
        match joined.last_mut() {
            Some(last) if last.days.end() == period.days.start() && last.what == period.what => {
                last.days = DayRange::new(last.days.start(), period.days.end()).unwrap_or(last.days);
            }
            _ => joined.push(period),
        }
    }
    joined
}

/// Whether every day of the second lies in the first.
fn covers(outer: DayRange, inner: DayRange) -> bool {
    outer.start() <= inner.start() && inner.end() <= outer.end()
}

/// What is left of a period without these days.
fn outside<T: Clone>(period: &Dated<T>, days: DayRange) -> impl Iterator<Item = Dated<T>> {
    let before = days_between(period.days.start(), period.days.end().min(days.start()));
    let after = days_between(period.days.start().max(days.end()), period.days.end());
    let what = period.what.clone();
    [before, after].into_iter().flatten().map(move |days| Dated { days, what: what.clone() })
}

fn days_between(start: Date, end: Date) -> Option<DayRange> {
    DayRange::new(start, end).ok().filter(|days| !days.is_empty())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn dated(start: i8, end: i8, what: char) -> Dated<char> {
        Dated { days: DayRange::new(date(2026, 1, start), date(2026, 1, end)).unwrap(), what }
    }

    fn after(known: &[Dated<char>], stated: &[Dated<char>]) -> (Timeline<char>, Timeline<char>) {
        let old = Timeline::of(known.iter().copied()).unwrap();
        let mut new = old.clone();
        for statement in stated {
            new.state(*statement);
        }
        (old, new)
    }

    #[test]
    fn a_corrected_past_splits_a_period_at_the_borders() {
        let (old, new) = after(&[dated(1, 31, 'a')], &[dated(10, 20, 'b')]);
        assert_eq!(new.periods(), [dated(1, 10, 'a'), dated(10, 20, 'b'), dated(20, 31, 'a')]);
        let difference = old.difference(&new);
        assert_eq!((difference.retired, difference.added.len()), (vec![dated(1, 31, 'a')], 3));
        assert_eq!(difference.changed, [dated(10, 20, 'b').days]);
        assert_eq!(difference.unchanged, 0);
    }

    #[test]
    fn the_same_first_day_ends_a_period_or_makes_it_longer() {
        let (old, new) = after(&[dated(1, 31, 'a')], &[dated(1, 12, 'a')]);
        assert_eq!(new.periods(), [dated(1, 12, 'a')]);
        assert_eq!(old.difference(&new).changed, [dated(12, 31, 'a').days]);
        let (old, new) = after(&[dated(1, 12, 'a'), dated(12, 31, 'b')], &[dated(1, 20, 'a')]);
        assert_eq!(new.periods(), [dated(1, 20, 'a'), dated(20, 31, 'b')]);
        assert_eq!(old.difference(&new).changed, [dated(12, 20, 'a').days]);
    }

    #[test]
    fn what_is_known_says_nothing_new() {
        let known = [dated(1, 12, 'a'), dated(12, 31, 'b')];
        for stated in [known[0], known[1], dated(14, 20, 'b')] {
            let (old, new) = after(&known, &[stated]);
            let difference = old.difference(&new);
            assert_eq!((difference.added.len(), difference.retired.len(), difference.unchanged), (0, 0, 2));
            assert_eq!(difference.changed, []);
        }
    }

    #[test]
    fn neighbours_that_say_the_same_are_one() {
        let (_, new) = after(&[dated(1, 31, 'a')], &[dated(10, 20, 'b'), dated(10, 20, 'a')]);
        assert_eq!(new.periods(), [dated(1, 31, 'a')]);
        let mut timeline = new.clone();
        timeline.state_all(vec![dated(12, 31, 'a'), dated(1, 12, 'a')]);
        assert_eq!(timeline, new, "rows of a file that was cut by something else");
        timeline.state_all(vec![dated(1, 12, 'a')]);
        assert_eq!(timeline.periods(), [dated(1, 12, 'a')], "the period is ended");
    }

    #[test]
    fn what_ends_is_cut_and_what_came_later_is_gone() {
        let mut timeline =
            Timeline::of([dated(1, 10, 'a'), dated(10, 20, 'b'), dated(20, 25, 'a'), dated(25, 31, 'c')])
                .unwrap();
        timeline.end_where(date(2026, 1, 5), |what| *what == 'a');
        assert_eq!(timeline.periods(), [dated(1, 5, 'a'), dated(10, 20, 'b'), dated(25, 31, 'c')]);
        timeline.end_where(date(2026, 1, 12), |_| true);
        assert_eq!(timeline.periods(), [dated(1, 5, 'a'), dated(10, 12, 'b')]);
    }

    #[test]
    fn gaps_and_shared_days_are_seen() {
        let timeline = Timeline::of([dated(20, 31, 'a'), dated(1, 10, 'a')]).unwrap();
        assert_eq!(timeline.gaps(), [dated(10, 20, 'a').days]);
        assert_eq!(timeline.on(date(2026, 1, 9)), Some(&'a'));
        assert_eq!(timeline.on(date(2026, 1, 10)), None);
        assert_eq!(timeline.life(), Some(dated(1, 31, 'a').days));
        assert_eq!(Timeline::of([dated(1, 11, 'a'), dated(10, 20, 'b')]), None);
    }
}
