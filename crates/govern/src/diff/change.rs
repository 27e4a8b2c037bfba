//! One change, and the list in which they are collected.
//!
//! What comes in: what was and what is, as values or words. What goes out: changes, each once, in a fixed
//! order. Never: a change in which nothing is different.

use std::collections::BTreeMap;
use std::fmt;

use crate::vocabulary::words;

words!(
    /// Which way a change goes.
    Effect {
        /// More may be done, seen, kept or given away, or less is owed or proved. Also when in doubt.
        Wider = "wider",
        /// Less may be done, seen, kept or given away, or more is owed or proved.
        Narrower = "narrower",
        /// Nothing is decided otherwise: words, and names of people and things.
        Neutral = "neutral",
    }
);

words!(
    /// What a change is about.
    Aspect {
        /// Who may do what with which data, as the gate decides.
        Access = "access",
        /// A purpose there was not, or is no more.
        Purpose = "purpose",
        /// What a purpose does.
        Operation = "operation",
        /// Which categories a purpose sees, and how finely.
        Data = "data",
        /// Which fields a purpose needs, or a category has.
        Field = "field",
        /// In which kinds of areas and dossiers a purpose works.
        Place = "place",
        /// Which kinds of people data are about.
        Subject = "subject",
        /// Whom data are given to.
        Recipient = "recipient",
        /// In which country a party is, and the ground on which data go there.
        Country = "country",
        /// How long data are kept.
        Retention = "retention",
        /// The event a lease waits for, such as consent.
        Begin = "begin",
        /// After which time data are locked.
        Lock = "lock",
        /// Whether a purpose goes on while processing is restricted.
        Restriction = "restriction",
        /// What a purpose rests on.
        Basis = "basis",
        /// Factors, hours and own data: what the session of an actor must be like.
        Session = "session",
        /// When a purpose is in force.
        Validity = "validity",
        /// Which roles a purpose admits.
        Role = "role",
        /// Which roles an actor has.
        Actor = "actor",
        /// Who decides a purpose, on whose behalf, and who runs the program.
        Party = "party",
        /// What a category covers.
        Category = "category",
        /// Zone, parts of the store, check digits, and the log of uses.
        Register = "register",
        /// Who may approve a register.
        Approver = "approver",
        /// What must be done by when.
        Obligation = "obligation",
        /// What is measured, and how it is known to work.
        Control = "control",
        /// What is told, and how it is worded.
        Text = "text",
    }
);

/// One change. The words in it name things of the registers only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Which way it goes.
    pub effect: Effect,
    /// What it is about.
    pub aspect: Aspect,
    /// What it happens to, such as ``activity `billing` ``.
    pub subject: String,
    /// What was; `None` for what is new.
    pub before: Option<String>,
    /// What is; `None` for what is gone. Never the same as `before`.
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}  {:<11}  {}: ", self.effect.word(), self.aspect.word(), self.subject)?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{before} → {after}"),
            (None, Some(after)) => write!(f, "now {after}"),
            (Some(before), None) => write!(f, "no longer {before}"),
            (None, None) => Ok(()),
        }
    }
}

/// What it means that something was added, and that something was removed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sense {
    pub(super) added: Effect,
    pub(super) removed: Effect,
}

/// More is wider: data, recipients, roles.
pub(super) const MORE_IS_WIDER: Sense = Sense { added: Effect::Wider, removed: Effect::Narrower };
/// Less is wider: duties, evidence.
pub(super) const LESS_IS_WIDER: Sense = Sense { added: Effect::Narrower, removed: Effect::Wider };
/// Neither decides anything.
pub(super) const NEITHER: Sense = Sense { added: Effect::Neutral, removed: Effect::Neutral };

/// The changes found so far.
#[derive(Debug, Default)]
pub(super) struct Changes {
    found: Vec<Change>,
}

impl Changes {
    /// Something is different. Nothing happens if it is not.
    pub(super) fn note(
        &mut self,
        aspect: Aspect,
        subject: &str,
        (before, after): (Option<String>, Option<String>),
        effect: Effect,
    ) {
        if before != after {
            self.found.push(Change { effect, aspect, subject: subject.to_owned(), before, after });
        }
    }

    /// A value that is different.
    pub(super) fn value<T: PartialEq + fmt::Display>(
        &mut self,
        aspect: Aspect,
        subject: &str,
        (old, new): (&T, &T),
        effect: Effect,
    ) {
        if old != new {
            self.note(aspect, subject, (Some(old.to_string()), Some(new.to_string())), effect);
        }
    }

    /// A text that may be missing.
    pub(super) fn text(&mut self, subject: &str, (old, new): (&Option<String>, &Option<String>)) {
        self.note(Aspect::Text, subject, (old.clone(), new.clone()), Effect::Neutral);
    }

    /// Two lists whose order means nothing: one change for each item added or removed.
    pub(super) fn items<T: PartialEq + fmt::Display>(
        &mut self,
        aspect: Aspect,
        subject: &str,
        (old, new): (&[T], &[T]),
        sense: Sense,
    ) {
        for added in new.iter().filter(|item| !old.contains(item)) {
            self.note(aspect, subject, (None, Some(added.to_string())), sense.added);
        }
        for removed in old.iter().filter(|item| !new.contains(item)) {
            self.note(aspect, subject, (Some(removed.to_string()), None), sense.removed);
        }
    }

    /// Each change once, what widens first.
    pub(super) fn into_sorted(mut self) -> Vec<Change> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

/// A noun as it was and as it is: at least one of the two.
pub(super) enum Pair<'r, T> {
    Added(&'r T),
    Removed(&'r T),
    Both(&'r T, &'r T),
}

/// The nouns of two registers side by side, by name.
pub(super) fn pairs<'r, K: Ord, T>(
    old: impl Iterator<Item = &'r T>,
    new: impl Iterator<Item = &'r T>,
    name: impl Fn(&'r T) -> K,
) -> Vec<Pair<'r, T>> {
    let mut sides: BTreeMap<K, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for noun in old {
        sides.entry(name(noun)).or_default().0 = Some(noun);
    }
    for noun in new {
        sides.entry(name(noun)).or_default().1 = Some(noun);
    }
    let pair = |sides| match sides {
        (Some(old), Some(new)) => Some(Pair::Both(old, new)),
        (Some(old), None) => Some(Pair::Removed(old)),
        (None, Some(new)) => Some(Pair::Added(new)),
        (None, None) => None,
    };
    sides.into_values().filter_map(pair).collect()
}
