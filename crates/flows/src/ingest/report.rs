//! What became of an input.

use std::collections::BTreeMap;
use std::fmt::Display;

use tidstro_model::{Rule, Verdict};
use tidstro_store::{AlarmCounts, Appended};

use super::judging::advice;

/// Lines refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub count: u64,
    /// The first: input, line, what is wrong with it and what to do.
    pub first: String,
    /// Their lines in the order of the input, counted from 1; the first thousand of them, and of one input.
    pub lines: Vec<u64>,
}

/// How many lines of one reason are named: a file that is wrong throughout does not fill the memory.
const NAMED_LINES_MAX: usize = 1_000;

impl Refused {
    fn add(&mut self, line: u64) {
        self.count += 1;
        if self.lines.len() < NAMED_LINES_MAX {
            self.lines.push(line);
        }
    }
}

/// The reports of inputs that become durable together: one for each, and what is not of one of them.
#[derive(Default)]
pub(super) struct Reports {
    pub(super) each: Vec<IngestReport>,
    pub(super) whole: IngestReport,
}

impl Reports {
    /// The report of one input, or of messages that are not told apart.
    pub(super) fn one(source: &str) -> Self {
        Self { each: Vec::new(), whole: IngestReport::of(source) }
    }

    /// The report of this input; of all of them, where they are not told apart.
    pub(super) fn of(&mut self, input: usize) -> &mut IngestReport {
        self.each.get_mut(input).unwrap_or(&mut self.whole)
    }
}

/// What became of an input, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestReport {
    /// Name of the input.
    pub source: String,
    /// Lines with something on them.
    pub lines: u64,
    /// Telegrams stored now.
    pub telegrams_new: u64,
    /// Telegrams known already: heard by another gateway, or read from this file before.
    pub telegrams_again: u64,
    /// Telegrams that gave readings.
    pub telegrams_decoded: u64,
    /// Telegrams known already that still give no reading: the key or the layout is missing.
    pub telegrams_waiting: u64,
    /// Telegrams that are pieces of messages of which others have not come yet.
    pub pieces_waiting: u64,
    /// Telegrams of earlier inputs that gave readings now.
    pub telegrams_recovered: u64,
    /// Readings of registers.
    pub readings: u64,
    /// Interval values.
    pub intervals: u64,
    /// Lines or telegrams that could not be used, by kind of reason.
    pub refused: BTreeMap<&'static str, Refused>,
    /// Of the refused, telegrams kept as received until what is missing arrives, by kind of reason.
    pub quarantined: BTreeMap<&'static str, u64>,
    /// Local days of a series that had no block before.
    pub days_added: u64,
    /// Local days of a series that got a new version.
    pub days_changed: u64,
    /// Local days of a series about which nothing new was said.
    pub days_unchanged: u64,
    /// Readings of a category the register does not let the reader collect; not kept.
    pub not_permitted: u64,
    /// Local days of a series that are no longer kept, or lie before the history of their point; not kept.
    pub days_too_old: u64,
    /// How often each validation rule failed.
    pub findings: BTreeMap<Rule, u64>,
    /// What became of alarms.
    pub alarms: AlarmReport,
}

/// What became of alarms of an input, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlarmReport {
    /// Alarms that stand from some moment on.
    pub raised: u64,
    /// Alarms that stand no more.
    pub cleared: u64,
    /// What happened and does not stand.
    pub happened: u64,
    /// Telegrams with alarms that the register does not let be collected; not kept.
    pub not_permitted: u64,
    /// Telegrams with alarms of local days that are no longer kept; not kept.
    pub too_old: u64,
}

impl AlarmReport {
    fn add(&mut self, other: Self) {
        self.raised += other.raised;
        self.cleared += other.cleared;
        self.happened += other.happened;
        self.not_permitted += other.not_permitted;
        self.too_old += other.too_old;
    }

    /// Whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<AlarmCounts> for AlarmReport {
    fn from(AlarmCounts { raised, cleared, happened, not_permitted, too_old }: AlarmCounts) -> Self {
        Self { raised, cleared, happened, not_permitted, too_old }
    }
}

impl IngestReport {
    /// A report that begins: nothing counted yet.
    pub(super) fn of(source: &str) -> Self {
        Self { source: source.to_owned(), ..Self::default() }
    }

    /// Whether every line could be used and every telegram gave its readings.
    #[must_use]
    pub fn nothing_refused(&self) -> bool {
        self.refused.is_empty() && self.telegrams_waiting == 0
    }

    /// How many lines or telegrams could not be used.
    #[must_use]
    pub fn refused_count(&self) -> u64 {
        self.refused.values().map(|refused| refused.count).sum()
    }

    pub(super) fn refuse(&mut self, kind: &'static str, line: u64, what: &dyn Display) {
        let first =
            || Refused { count: 0, first: format!("{} line {line}: {what}", self.source), lines: Vec::new() };
        self.refused.entry(kind).or_insert_with(first).add(line);
    }

    /// Counts a telegram that gives no reading, as kept until what is missing arrives.
    pub(super) fn refuse_kept(&mut self, kind: &'static str, line: u64, what: &dyn Display) {
        self.refuse(kind, line, what);
        *self.quarantined.entry(kind).or_default() += 1;
    }

    /// Counts a telegram that does not count, as kept for somebody to look at.
    pub(super) fn refuse_verdict(&mut self, line: u64, (meter, verdict): (impl Display, Verdict)) {
        self.refuse_kept(verdict.word(), line, &format_args!("{meter}: {}", advice(verdict)));
    }

    pub(super) fn take_in(&mut self, appended: &Appended) {
        self.days_added += appended.added;
        self.days_changed += appended.changed;
        self.days_unchanged += appended.unchanged;
        self.not_permitted += appended.not_permitted;
        self.days_too_old += appended.too_old;
        self.alarms.add(appended.alarms.into());
        for (rule, count) in &appended.findings {
            *self.findings.entry(*rule).or_default() += count;
        }
    }

    /// Adds the counts of another input.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.telegrams_new += other.telegrams_new;
        self.telegrams_again += other.telegrams_again;
        self.telegrams_decoded += other.telegrams_decoded;
        self.telegrams_waiting += other.telegrams_waiting;
        self.pieces_waiting += other.pieces_waiting;
        self.telegrams_recovered += other.telegrams_recovered;
        self.readings += other.readings;
        self.intervals += other.intervals;
        self.days_added += other.days_added;
        self.days_changed += other.days_changed;
        self.days_unchanged += other.days_unchanged;
        self.not_permitted += other.not_permitted;
        self.days_too_old += other.days_too_old;
        self.alarms.add(other.alarms);
        for (kind, refused) in &other.refused {
            let entry = self.refused.entry(kind);
            // Lines are of the first input that has any: those of two cannot be told apart.
            entry.and_modify(|known| known.count += refused.count).or_insert_with(|| refused.clone());
        }
        for (kind, count) in &other.quarantined {
            *self.quarantined.entry(kind).or_default() += count;
        }
        for (rule, count) in &other.findings {
            *self.findings.entry(*rule).or_default() += count;
        }
    }
}
