//! What a change of rules would change: a dry run over past days.
//!
//! What comes in: two rule sets, and past local days of series. What goes out: for each class and rule how many findings
//! come, go and stay, and the first of them as examples. Both sets judge every day anew, each with the history it
//! would have made, so the answer is what would have been found if the rules had always been so. Nothing of the
//! days given is changed, and only one series is remembered at a time.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tidstro_model::{Rule, SeriesNo};

use super::{Explained, Judge, PastDay, Rules};

/// Examples kept of each class and rule, of findings that come and of those that go.
const EXAMPLES: usize = 5;

/// What a change of rules changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Local days judged.
    pub days: u64,
    /// By class of the new rules and by rule; only where there were findings.
    pub by_class: BTreeMap<(String, Rule), Changed>,
}

/// Findings of one rule in one class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// Found by the new rules only.
    pub comes: u64,
    /// Found by the old rules only.
    pub goes: u64,
    /// Found by both.
    pub stays: u64,
    /// The first few that come.
    pub coming: Vec<Example>,
    /// The first few that go.
    pub going: Vec<Example>,
}

/// A finding that comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The series.
    pub series: SeriesNo,
    /// The local day.
    pub day: Date,
    /// What was found, with the limit of the rules that found it.
    pub found: Explained,
}

/// Judges past days by both rule sets. Give the days of one series together and in order.
pub fn compare<'a>(old: &Rules, new: &Rules, days: impl IntoIterator<Item = PastDay<'a>>) -> Comparison {
    let mut comparison = Comparison::default();
    let (mut by_old, mut by_new) = (Judge::of(old), Judge::of(new));
    let mut series = None;
    for past in days {
        if series.replace(past.series) != Some(past.series) {
            (by_old, by_new) = (Judge::of(old), Judge::of(new));
        }
        let ((_, gone), (_, come)) = (by_old.judge(&past), by_new.judge(&past));
        comparison.days += 1;
        let class = new.limits(&past.traits, past.day).class;
        comparison.count(class, &past, &gone, &come);
    }
    comparison
}

impl Comparison {
    fn count(&mut self, class: &str, past: &PastDay<'_>, by_old: &[Explained], by_new: &[Explained]) {
        let is_in = |found: &Explained, others: &[Explained]| {
            others.iter().any(|other| other.finding() == found.finding())
        };
        let example = |found: &Explained| Example { series: past.series, day: past.day, found: *found };
        for found in by_old.iter().filter(|found| !is_in(found, by_new)) {
            let changed = self.of(class, found.rule());
            changed.goes += 1;
            keep(&mut changed.going, example(found));
        }
        for found in by_new {
            let changed = self.of(class, found.rule());
            if is_in(found, by_old) {
                changed.stays += 1;
            } else {
                changed.comes += 1;
                keep(&mut changed.coming, example(found));
            }
        }
    }

    fn of(&mut self, class: &str, rule: Rule) -> &mut Changed {
        self.by_class.entry((class.to_owned(), rule)).or_default()
    }
}

fn keep(examples: &mut Vec<Example>, example: Example) {
    if examples.len() < EXAMPLES {
        examples.push(example);
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::{collection::vec, prelude::*};
    use tidstro_model::Unit;

    use super::{
        super::{
            PastBlock, RegisterSurroundings, SeriesTraits, Surroundings,
            examples::{intervals, readings},
        },
        *,
    };

    fn rules(limits: &str) -> Rules {
        let text = format!(
            "name = \"t\"\nversion = \"2026-01-01\"\nsource = \"s\"\n[[class]]\nname = \"all\"\n[[class.limits]]\nbecause = \"b\"\n{limits}\n"
        );
        Rules::parse(&text).unwrap()
    }

    fn spike(factor: u32) -> Rules {
        rules(&format!(
            "spike = {{ interval_factor = {factor}, register_factor = {factor}, floor = \"0\", history_days = 1 }}"
        ))
    }

    /// Days of series 1 with these values, one interval each, and of series 2 with twice as much.
    fn days(values: &[i64]) -> Vec<PastDay<'static>> {
        let day = |(series, number, value): (u32, i8, i64)| PastDay {
            series: SeriesNo::new(series),
            traits: SeriesTraits::of_unit(Unit::WattHour),
            day: date(2026, 1, number),
            block: PastBlock::Interval {
                block: intervals(&[Some(value)]),
                expected: 1,
                beside: Surroundings::default(),
            },
        };
        let numbered =
            |series, times| (1..).zip(values).map(move |(number, value)| (series, number, value * times));
        numbered(1, 1).chain(numbered(2, 2)).map(day).collect()
    }

    #[test]
    fn what_comes_and_goes_is_counted_by_class_and_rule() {
        let comparison = compare(&spike(5), &spike(3), days(&[100, 100, 400, 5_000]));
        assert_eq!(comparison.days, 8);
        let changed = &comparison.by_class[&("all".to_owned(), Rule::Spike)];
        assert_eq!((changed.comes, changed.goes, changed.stays), (2, 0, 2));
        let places: Vec<_> = changed
            .coming
            .iter()
            .map(|example| (example.series, example.day, example.found.position))
            .collect();
        let third = date(2026, 1, 3);
        assert_eq!(places, [(SeriesNo::new(1), third, 0), (SeriesNo::new(2), third, 0)]);
        let back = compare(&spike(3), &spike(5), days(&[100, 100, 400, 5_000]));
        let changed = &back.by_class[&("all".to_owned(), Rule::Spike)];
        assert_eq!((changed.comes, changed.goes, changed.stays, changed.going.len()), (0, 2, 2, 2));
    }

    #[test]
    fn each_side_remembers_by_its_own_rules() {
        // The tail of the days is made anew: the fourth day without consumption is the first beyond three.
        let comparison = compare(&rules(""), &rules("zero = { days = 3 }"), days(&[1, 0, 0, 0, 0, 0]));
        let changed = &comparison.by_class[&("all".to_owned(), Rule::Zero)];
        assert_eq!((changed.comes, changed.stays), (4, 0));
        assert_eq!(changed.coming[0].day, date(2026, 1, 5));
    }

    #[test]
    fn days_apart_are_no_neighbours() {
        let comes = |skip: usize| {
            let mut days = days(&[100, 100, 9_000]);
            days.remove(skip);
            let comparison = compare(&rules(""), &rules("jump = { percent = 0, floor = \"500\" }"), days);
            comparison.by_class.get(&("all".to_owned(), Rule::Jump)).map_or(0, |changed| changed.comes)
        };
        // Series 1 without its first day has the jump; without its second day it has a gap instead. Series 2 has it.
        assert_eq!((comes(0), comes(1)), (2, 1));
    }

    #[test]
    fn rules_that_need_no_limit_stay_and_equal_rules_change_nothing() {
        let register = |number: i8, value: i64| PastDay {
            series: SeriesNo::new(1),
            traits: SeriesTraits::of_unit(Unit::WattHour),
            day: date(2026, 1, number),
            block: PastBlock::Register {
                block: readings(&[value]),
                cumulative: true,
                beside: RegisterSurroundings::default(),
            },
        };
        let comparison = compare(&spike(3), &spike(3), [register(1, 100), register(2, 90)]);
        let expected = Changed { stays: 1, ..Changed::default() };
        assert_eq!(comparison.by_class, BTreeMap::from([(("all".to_owned(), Rule::Falling), expected)]));
    }

    #[test]
    fn examples_are_few() {
        let comparison = compare(&rules(""), &rules("zero = { days = 1 }"), days(&[0; 28]));
        let changed = &comparison.by_class[&("all".to_owned(), Rule::Zero)];
        assert_eq!((changed.comes, changed.coming.len()), (54, EXAMPLES));
    }

    proptest! {
        /// Equal rules change nothing, and what comes one way goes the other.
        #[test]
        fn a_change_and_its_return_are_mirror_images(
            values in vec(prop_oneof![Just(0_i64), 0_i64..5_000], 1..28), one in 1..6_u32, other in 1..6_u32,
        ) {
            let (one, other) = (spike(one), spike(other));
            let same = compare(&one, &one, days(&values));
            prop_assert!(same.by_class.values().all(|changed| changed.comes == 0 && changed.goes == 0));
            let there = compare(&one, &other, days(&values));
            let mut back = compare(&other, &one, days(&values));
            for changed in back.by_class.values_mut() {
                std::mem::swap(&mut changed.comes, &mut changed.goes);
                std::mem::swap(&mut changed.coming, &mut changed.going);
            }
            prop_assert_eq!(there, back);
        }
    }
}
