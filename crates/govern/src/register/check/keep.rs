//! The meaning of a retention.
//!
//! What comes in: the `keep` of an activity as written. What goes out: checked rules, or their faults.
//! Never: a period that cannot be, or a rule that says twice how long.

use tidstro_calendar::{Amount, PeriodFault};
use toml::Spanned;

use super::super::fault::{Fault, Found};
use super::super::listed;
use super::super::written::{self, Text};
use super::{Checker, present};
use crate::{Keep, KeepFor, KeepFrom, KeepRule, KeepThen};

impl Checker<'_> {
    pub(super) fn keep(&mut self, written: &written::Activity) -> Option<Keep> {
        let lock_after = written.lock_after.as_ref().map(|text| self.period(text));
        let Some(rules) = written.keep.as_ref().filter(|rules| !rules.get_ref().is_empty()) else {
            let activity = written.id.get_ref().clone();
            self.fault(&written.id, Fault::NoRetention { activity });
            return None;
        };
        let span = rules.span();
        let rules: Vec<_> = rules.get_ref().iter().map(|rule| self.keep_rule(rule, &span)).collect();
        Some(Keep { rules: rules.into_iter().collect::<Option<_>>()?, lock_after: present(lock_after)? })
    }

    fn keep_rule(&mut self, rule: &written::Keep, span: &std::ops::Range<usize>) -> Option<KeepRule> {
        let known = listed(&KeepFrom::words());
        let from = self.word(&rule.from, "the begin of a retention", KeepFrom::from_word, &known);
        let then =
            self.word(&rule.then, "an end of a retention", KeepThen::from_word, &listed(KeepThen::ALL));
        let keep_for = self.keep_for(rule, span);
        let end_of_year = rule.end_of_year.unwrap_or(false);
        Some(KeepRule { from: from?, end_of_year, keep_for: keep_for?, then: then? })
    }

    fn keep_for(&mut self, rule: &written::Keep, span: &std::ops::Range<usize>) -> Option<KeepFor> {
        match (&rule.periods, &rule.at_most, rule.at_once) {
            (Some(periods), None, None) => {
                let write = "write at least one period, such as `P5Y`";
                self.each(periods, "for", write, Self::period).map(KeepFor::Periods)
            }
            (None, Some(at_most), None) => self.at_most(at_most).map(KeepFor::AtMost),
            (None, None, Some(true)) => Some(KeepFor::AtOnce),
            _ => {
                // The rule itself has no place of its own; its `from` is its first key.
                let at = rule.from.span();
                let at = if at.is_empty() { span.clone() } else { at };
                self.found.push(Found::new(&at, Fault::KeepLength));
                None
            }
        }
    }

    fn at_most(&mut self, text: &Text) -> Option<Amount> {
        let amount = self.amount(text)?;
        if matches!(amount, Amount::WorkingDays(_)) {
            let write = "hours, days, weeks, months or years, such as `P14D`";
            self.fault(text, Fault::Amount { got: amount.to_string(), write });
            return None;
        }
        Some(amount)
    }

    pub(super) fn amount(&mut self, text: &Spanned<String>) -> Option<Amount> {
        let fault = |fault: PeriodFault| Fault::Period(fault);
        Amount::parse(text.get_ref()).map_err(|found| self.fault(text, fault(found))).ok()
    }
}
