//! How long data are kept, in words.
//!
//! What comes in: a retention as the register has it, the words of a language. What goes out: one sentence for
//! each rule, and one about the lock. Never: a period made longer or shorter by saying it.

use tidstro_calendar::{Amount, Period};

use super::words::{Length, TimeWords, Unit};
use crate::{Keep, KeepFor, KeepRule};

/// One line for a single rule; for several a line that says how they go together, and one for each.
pub(super) fn retention(keep: &Keep, words: &TimeWords) -> Vec<String> {
    let rules = keep.rules.iter().map(|rule| in_words(rule, words));
    let head = (keep.rules.len() > 1).then(|| words.longest.to_owned());
    head.into_iter().chain(rules).collect()
}

/// What is said about the lock, if there is one.
pub(super) fn lock(keep: &Keep, words: &TimeWords) -> Option<String> {
    keep.lock_after.map(|after| (words.locked)(&length(&[after], words.after, words)))
}

/// One rule.
pub(super) fn in_words(rule: &KeepRule, words: &TimeWords) -> String {
    let say = |length: Length<'_>| (words.rule)(length, rule.end_of_year, rule.from);
    match &rule.keep_for {
        KeepFor::Periods(periods) => say(Length::Kept(&length(periods, words.span, words))),
        KeepFor::AtMost(amount) => say(Length::AtMost(&amount_in_words(amount, words))),
        KeepFor::AtOnce => say(Length::AtOnce),
    }
}

fn amount_in_words(amount: &Amount, words: &TimeWords) -> String {
    match amount {
        Amount::Hours(hours) => (words.span)(u64::from(hours.count()), Unit::Hours),
        Amount::Calendar(chain) => length(chain.periods(), words.span, words),
        // A checked register has no working days in a retention.
        Amount::WorkingDays(_) => amount.to_string(),
    }
}

/// The periods in the order in which they are applied: which one comes first changes the end.
fn length(periods: &[Period], say: fn(u64, Unit) -> String, words: &TimeWords) -> String {
    let said: Vec<_> = periods.iter().map(|period| period_in_words(*period, say)).collect();
    match said.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{}{}{last}", before.join(words.then), words.and_then),
        None => String::new(),
    }
}

/// Reads the ISO form, which is the public face of a period: `P6W` is six of weeks.
fn period_in_words(period: Period, say: fn(u64, Unit) -> String) -> String {
    let code = period.to_string();
    let digits = code.trim_matches(|c: char| !c.is_ascii_digit());
    let unit = match code.chars().last() {
        Some('D') => Unit::Days,
        Some('W') => Unit::Weeks,
        Some('M') => Unit::Months,
        _ => Unit::Years,
    };
    digits.parse().map_or_else(|_| code.clone(), |count| say(count, unit))
}

#[cfg(test)]
mod tests {
    use tidstro_calendar::Period;

    use super::*;
    use crate::notice::Language;
    use crate::notice::words::words_of;
    use crate::{KeepFrom, KeepThen, LeaseEventKind};

    fn rule(from: KeepFrom, end_of_year: bool, keep_for: KeepFor) -> KeepRule {
        KeepRule { from, end_of_year, keep_for, then: KeepThen::Erase }
    }

    fn periods(texts: &[&str]) -> KeepFor {
        KeepFor::Periods(texts.iter().map(|text| Period::parse(text).unwrap()).collect())
    }

    #[track_caller]
    fn check(rule: &KeepRule, da: &str, de: &str, en: &str) {
        for (language, wanted) in [(Language::Danish, da), (Language::German, de), (Language::English, en)] {
            assert_eq!(in_words(rule, &words_of(language).time), wanted);
        }
    }

    #[test]
    fn a_chain_after_an_event() {
        let account = KeepFrom::Event(LeaseEventKind::AccountDelivered);
        check(
            &rule(account, false, periods(&["P6W", "P5Y"])),
            "6 uger og derefter 5 år efter at forbrugsregnskabet blev modtaget; derefter slettes de",
            "6 Wochen und danach 5 Jahre, nachdem die Abrechnung zugegangen ist; danach werden sie gelöscht",
            "6 weeks and then 5 years after the account was delivered; then they are erased",
        );
        let three = rule(account, false, periods(&["P6W", "P6W", "P5Y"]));
        let said = in_words(&three, &words_of(Language::English).time);
        assert!(said.starts_with("6 weeks, then 6 weeks and then 5 years after"), "{said}");
    }

    #[test]
    fn from_the_end_of_the_year() {
        let closed = KeepFrom::Event(LeaseEventKind::CaseClosed);
        check(
            &rule(closed, true, periods(&["P10Y"])),
            "10 år fra udgangen af det kalenderår, hvor sagen blev afsluttet; derefter slettes de",
            "10 Jahre ab dem Ende des Kalenderjahres, in dem der Vorgang abgeschlossen wurde; danach werden sie \
             gelöscht",
            "10 years from the end of the calendar year in which the case was closed; then they are erased",
        );
    }

    #[test]
    fn at_most_and_at_once() {
        check(
            &rule(KeepFrom::Registration, false, KeepFor::AtMost(Amount::parse("PT24H").unwrap())),
            "højst 24 timer efter at oplysningerne blev registreret; senest da slettes de",
            "höchstens 24 Stunden, nachdem die Daten erfasst wurden; spätestens dann werden sie gelöscht",
            "at most 24 hours after the data were registered; by then they are erased",
        );
        check(
            &rule(KeepFrom::Event(LeaseEventKind::ConsentWithdrawn), false, KeepFor::AtOnce),
            "de slettes straks, når samtykket trækkes tilbage",
            "sie werden sofort gelöscht, sobald die Einwilligung widerrufen wird",
            "erased at once when consent is withdrawn",
        );
    }

    #[test]
    fn a_lock_comes_after_a_time() {
        let rules = vec![rule(KeepFrom::Registration, false, periods(&["P18M"]))];
        let keep = Keep { rules, lock_after: Some(Period::parse("P3M").unwrap()) };
        let said = |language| lock(&keep, &words_of(language).time).unwrap();
        assert!(said(Language::German).starts_with("nach 3 Monaten; "));
        assert!(said(Language::Danish).starts_with("efter 3 måneder; "));
        assert!(said(Language::English).starts_with("after 3 months; "));
    }

    #[test]
    fn every_event_has_words_in_every_language_and_of_its_own() {
        for &language in Language::ALL {
            let words = &words_of(language).time;
            let events = LeaseEventKind::ALL.iter().map(|&kind| KeepFrom::Event(kind));
            let all = [KeepFrom::OccupancyEnd, KeepFrom::Registration].into_iter().chain(events);
            let said: Vec<_> =
                all.map(|from| in_words(&rule(from, false, periods(&["P1Y"])), words)).collect();
            let mut once = said.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), said.len(), "{language}");
        }
    }
}
