//! The form of a rules file.
//!
//! What comes in: the text of one TOML file. What goes out: rules in which every series has limits on every day, or all
//! faults with their places. It must never guess: an unknown key is a fault.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use tidstro_model::{Commodity, Decimal, Resolution, Unit};
use toml::Spanned;

use super::written::{
    Count, Text, Written, WrittenClass, WrittenFlat, WrittenLimits, WrittenShare, WrittenSpike, WrittenSum,
};
use super::{Class, Conditions, FaultInRules, Period, RuleFault, Rules};
use crate::settlement::SettlementMethod;
use crate::validation::{FlatLimit, JumpLimit, ReplacedLimit, SpikeLimit, SumLimit, Thresholds};

pub(super) fn parse(text: &str) -> Result<Rules, Vec<FaultInRules>> {
    let written: Written = toml::from_str(text).map_err(|fault| vec![shape(text, &fault)])?;
    let mut checker = Checker { text, found: Vec::new() };
    let rules = checker.rules(&written);
    checker.found.sort_by_key(|found| (found.line, found.column));
    // A value is missing only where a fault was found, so one of the two is always there.
    if checker.found.is_empty() { rules.ok_or(checker.found) } else { Err(checker.found) }
}

fn shape(text: &str, fault: &toml::de::Error) -> FaultInRules {
    let (line, column) = place(text, fault.span().map_or(0, |span| span.start));
    FaultInRules { line, column, fault: RuleFault::Shape { message: fault.message().to_owned() } }
}

/// Line and column of a byte, from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The faults found so far.
struct Checker<'t> {
    text: &'t str,
    found: Vec<FaultInRules>,
}

impl Checker<'_> {
    fn fault(&mut self, at: Range<usize>, fault: RuleFault) {
        let (line, column) = place(self.text, at.start);
        self.found.push(FaultInRules { line, column, fault });
    }

    fn rules(&mut self, written: &Written) -> Option<Rules> {
        self.names(&written.class);
        self.order(&written.class);
        let version = self.day(&written.version);
        let classes: Vec<_> = written.class.iter().map(|class| self.class(class.get_ref())).collect();
        let mut classes: Vec<Class> = classes.into_iter().collect::<Option<_>>()?;
        let other = classes.pop()?;
        let (name, source) = (written.name.clone(), written.source.clone());
        Some(Rules { name, version: version?, source, classes, other })
    }

    /// Each name once.
    fn names(&mut self, classes: &[Spanned<WrittenClass>]) {
        let mut lines = BTreeMap::new();
        for name in classes.iter().map(|class| &class.get_ref().name) {
            let (line, _) = place(self.text, name.span().start);
            let first = *lines.entry(name.get_ref()).or_insert(line);
            if first != line {
                self.fault(name.span(), RuleFault::Duplicate { class: name.get_ref().clone(), first });
            }
        }
    }

    /// The last class, and only it, has no conditions.
    fn order(&mut self, classes: &[Spanned<WrittenClass>]) {
        let Some((last, others)) = classes.split_last() else { return self.fault(0..0, RuleFault::NoOther) };
        for class in others.iter().filter(|class| class.get_ref().takes_all()) {
            let name = class.get_ref().name.get_ref().clone();
            self.fault(class.span(), RuleFault::NotLast { class: name });
        }
        if !last.get_ref().takes_all() {
            self.fault(last.span(), RuleFault::NoOther);
        }
    }

    fn class(&mut self, written: &WrittenClass) -> Option<Class> {
        let name = written.name.get_ref().clone();
        let conditions = self.conditions(written);
        let Some((first, later)) = written.limits.split_first() else {
            self.fault(written.name.span(), RuleFault::NoLimits { class: name });
            return None;
        };
        if let Some(since) = &first.get_ref().since {
            self.fault(since.span(), RuleFault::FirstHasSince { class: name.clone() });
        }
        let first = self.period(first);
        let later = self.later(&name, later);
        Some(Class { name, conditions: conditions?, first: first?, later: later? })
    }

    /// The limits after the first ones, each later than the one before.
    fn later(&mut self, class: &str, written: &[Spanned<WrittenLimits>]) -> Option<Vec<(Date, Period)>> {
        let mut later: Vec<Option<(Date, Period)>> = Vec::new();
        let mut last = None;
        for limits in written {
            let period = self.period(limits);
            let since = match &limits.get_ref().since {
                Some(since) => self.since(since, last),
                None => {
                    self.fault(limits.span(), RuleFault::NoSince { class: class.to_owned() });
                    None
                }
            };
            last = since.or(last);
            later.push(since.zip(period));
        }
        later.into_iter().collect()
    }

    fn since(&mut self, written: &Text, last: Option<Date>) -> Option<Date> {
        let since = self.day(written)?;
        if let Some(before) = last.filter(|before| *before >= since) {
            self.fault(written.span(), RuleFault::NotLater { since, before });
            return None;
        }
        Some(since)
    }

    fn conditions(&mut self, written: &WrittenClass) -> Option<Conditions> {
        let WrittenClass { units, resolutions, commodities, settlement, yearly_from, .. } = written;
        let resolution = |word: &str| Resolution::ALL.into_iter().find(|one| one.code() == word);
        let methods = [SettlementMethod::Flex, SettlementMethod::NonProfiled];
        let method = |word: &str| methods.into_iter().find(|one| one.word() == word);
        let units = self.words(
            (units, "units"),
            "unit",
            Unit::from_code,
            &Unit::ALL.iter().map(|one| one.code()).collect::<Vec<_>>(),
        );
        let resolutions = self.words(
            (resolutions, "resolutions"),
            "resolution",
            resolution,
            &Resolution::ALL.map(Resolution::code),
        );
        let commodities = self.words(
            (commodities, "commodities"),
            "commodity",
            Commodity::from_code,
            &Commodity::ALL.map(Commodity::code),
        );
        let settlement = self.words(
            (settlement, "settlement"),
            "settlement method",
            method,
            &methods.map(SettlementMethod::word),
        );
        let yearly_from = yearly_from.as_ref().map(|number| self.number("yearly_from", number));
        Some(Conditions {
            units: units?,
            resolutions: resolutions?,
            commodities: commodities?,
            settlement: settlement?,
            yearly_from: present(yearly_from)?,
        })
    }

    /// A list of words from a closed list; `Some(None)` if there is none.
    fn words<T>(
        &mut self,
        (written, field): (&Option<Spanned<Vec<Text>>>, &'static str),
        what: &'static str,
        read: impl Fn(&str) -> Option<T>,
        known: &[&str],
    ) -> Option<Option<Vec<T>>> {
        let Some(list) = written else { return Some(None) };
        if list.get_ref().is_empty() {
            self.fault(list.span(), RuleFault::Empty { field });
        }
        let mut words = Vec::new();
        for word in list.get_ref() {
            let got = word.get_ref();
            match read(got) {
                Some(word) => words.push(word),
                None => {
                    let known = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                    self.fault(word.span(), RuleFault::Word { what, got: got.clone(), known });
                }
            }
        }
        (words.len() == list.get_ref().len()).then_some(Some(words))
    }

    fn period(&mut self, written: &Spanned<WrittenLimits>) -> Option<Period> {
        let (line, _) = place(self.text, written.span().start);
        let thresholds = self.thresholds(written.get_ref())?;
        let WrittenLimits { because, profile, .. } = written.get_ref();
        Some(Period { line, because: because.clone(), profile: profile.clone(), thresholds })
    }

    fn thresholds(&mut self, written: &WrittenLimits) -> Option<Thresholds> {
        let spike = written.spike.as_ref().map(|spike| self.spike(spike));
        let jump = written.jump.as_ref().map(|jump| self.share(jump));
        let flat = written.flat.as_ref().map(|flat| self.flat(flat));
        let sum = written.sum.as_ref().map(|sum| self.sum(sum));
        let zero_days = written.zero.as_ref().map(|zero| self.count("days", &zero.days));
        let inactive = written.inactive.as_ref().map(|inactive| self.number("above", &inactive.above));
        let clock = written.clock.as_ref().map(|clock| self.count("seconds", &clock.seconds));
        let prolonged = written.prolonged.as_ref().map(|prolonged| self.count("days", &prolonged.days));
        let replaced = written.replaced.as_ref().map(|replaced| self.share(replaced));
        Some(Thresholds {
            spike: present(spike)?,
            jump: present(jump)?.map(|(percent, floor)| JumpLimit { percent, floor }),
            flat: present(flat)?,
            sum: present(sum)?,
            zero_days: present(zero_days)?,
            inactive_above: present(inactive)?,
            clock_seconds: present(clock)?,
            prolonged_days: present(prolonged)?,
            replaced: present(replaced)?.map(|(percent, floor)| ReplacedLimit { percent, floor }),
        })
    }

    fn spike(&mut self, written: &WrittenSpike) -> Option<SpikeLimit> {
        let interval_factor = self.count("interval_factor", &written.interval_factor);
        let register_factor = self.count("register_factor", &written.register_factor);
        let floor = self.number("floor", &written.floor);
        Some(SpikeLimit {
            interval_factor: interval_factor?,
            register_factor: register_factor?,
            floor: floor?,
            history_days: written.history_days,
        })
    }

    fn flat(&mut self, written: &WrittenFlat) -> Option<FlatLimit> {
        let intervals = self.count("intervals", &written.intervals);
        Some(FlatLimit { above: self.number("above", &written.above)?, intervals: intervals? })
    }

    fn sum(&mut self, written: &WrittenSum) -> Option<SumLimit> {
        Some(SumLimit { pulses: written.pulses, percent: self.number("percent", &written.percent)? })
    }

    fn share(&mut self, written: &WrittenShare) -> Option<(u32, Decimal)> {
        Some((written.percent, self.number("floor", &written.floor)?))
    }

    fn day(&mut self, written: &Text) -> Option<Date> {
        let day = written.get_ref().parse().ok();
        if day.is_none() {
            self.fault(written.span(), RuleFault::Day { got: written.get_ref().clone() });
        }
        day
    }

    /// A number that is not below zero.
    fn number(&mut self, field: &'static str, written: &Text) -> Option<Decimal> {
        let number =
            Decimal::parse(written.get_ref().as_bytes()).ok().filter(|number| number.mantissa() >= 0);
        if number.is_none() {
            self.fault(written.span(), RuleFault::Number { field, got: written.get_ref().clone() });
        }
        number
    }

    /// A count of at least 1.
    fn count(&mut self, field: &'static str, written: &Count) -> Option<u32> {
        let count = Some(*written.get_ref()).filter(|count| *count > 0);
        if count.is_none() {
            self.fault(written.span(), RuleFault::Nothing { field });
        }
        count
    }
}

/// A value that is not written, or one that was read; `None` for one that could not be.
const fn present<T: Copy>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(None) => None,
        Some(read) => Some(read),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Faults of a file whose head ends at line 4.
    fn faults(classes: &str) -> Vec<String> {
        let text = format!("name = \"x\"\nversion = \"2026-01-01\"\nsource = \"s\"\n\n{classes}");
        parse(&text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    const OTHER: &str = "[[class]]\nname = \"other\"\n[[class.limits]]\nbecause = \"b\"\n";

    #[test]
    fn every_fault_is_found_with_its_place() {
        let classes = r#"[[class]]
name = "a"
units = ["Wh", "kWh"]
settlement = []
yearly_from = "-1"
[[class.limits]]
since = "2026-01-01"
because = "b"
jump = { percent = 1, floor = "much" }
zero = { days = 0 }
[[class.limits]]
because = "b"
[[class]]
name = "a"
resolutions = ["PT5M"]
"#;
        let found = faults(&format!("{classes}{OTHER}"));
        let begins: Vec<_> = found.iter().map(|fault| fault.split(';').next().unwrap_or_default()).collect();
        assert_eq!(
            begins,
            [
                "7:16: `kWh` is not a unit",
                "8:14: `settlement` is empty",
                "9:15: `yearly_from` is `-1`",
                "11:9: the first limits of class `a` have `since`",
                "13:31: `floor` is `much`",
                "14:17: `days` is 0",
                "15:1: these limits of class `a` have no `since`",
                "18:8: class `a` is already at line 6",
                "18:8: class `a` has no limits",
                "19:16: `PT5M` is not a resolution",
            ]
        );
    }

    #[test]
    fn days_of_limits_rise() {
        let period = |since: &str| format!("[[class.limits]]\nsince = \"{since}\"\nbecause = \"b\"\n");
        let later = [period("2026-02-01"), period("2026-02-01"), period("soon")].concat();
        assert_eq!(
            faults(&format!("{OTHER}{later}")),
            [
                "13:9: limits since 2026-02-01 come after those since 2026-02-01; order them by day",
                "16:9: `soon` is not a date; write it as `YYYY-MM-DD`",
            ]
        );
    }

    #[test]
    fn every_series_has_a_class_and_every_class_may_have_a_series() {
        let energy = "[[class]]\nname = \"energy\"\nunits = [\"Wh\"]\n[[class.limits]]\nbecause = \"b\"\n";
        let no_other =
            "the last class must have no conditions; add a class such as `other` for everything else";
        assert_eq!(faults(energy), [format!("5:1: {no_other}")]);
        assert_eq!(faults("class = []"), [format!("1:1: {no_other}")]);
        let not_last =
            "5:1: class `other` has no conditions, so none after it is ever used; move it to the end";
        assert_eq!(faults(&format!("{OTHER}{energy}"))[0], not_last);
    }

    #[test]
    fn unknown_keys_are_faults_of_the_shape() {
        let found = parse(&format!("name = \"x\"\nversion = \"1\"\nsource = \"s\"\n{OTHER}hight = {{}}\n"))
            .unwrap_err();
        assert!(
            matches!(found[..], [FaultInRules { line: 8, fault: RuleFault::Shape { .. }, .. }]),
            "{found:?}"
        );
    }

    const FULL: &str = include_str!("../../../../../validation/full.toml");

    proptest! {
        /// A slip of the keyboard in a file that was right: rules, or faults with places inside the file.
        #[test]
        fn any_text_is_rules_or_has_faults(at in any::<prop::sample::Index>(), len in 0..60_usize, put in "[a-z0-9=\"\\[\\]{}\\n .-]{0,8}") {
            let from = at.index(FULL.len());
            let (from, to) = (FULL.floor_char_boundary(from), FULL.floor_char_boundary(from.saturating_add(len)));
            let text = [&FULL[..from], &put, &FULL[to..]].concat();
            if let Err(faults) = parse(&text) {
                prop_assert!(!faults.is_empty());
                let lines = text.lines().count() + 1;
                prop_assert!(faults.iter().all(|found| (1..=lines).contains(&found.line) && found.column > 0));
            }
        }
    }
}
