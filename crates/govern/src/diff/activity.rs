//! What is different in the activities, noun by noun.
//!
//! What comes in: the activities of two registers. What goes out: a change for each thing a purpose says
//! otherwise, and for each purpose that came or went. Never: who may do it; that is for `access`.

use tidstro_calendar::Zone;

use super::change::{Aspect, Changes, Effect, LESS_IS_WIDER, MORE_IS_WIDER, NEITHER, Pair, pairs};
use super::lease::rules_in_words;
use super::{lease, session};
use crate::Finest;
use crate::register::{Activity, CategoryRule, Register, Texts};

pub(super) fn compare(changes: &mut Changes, old: &Register, new: &Register) {
    for pair in pairs(old.activities(), new.activities(), |activity| &activity.id) {
        match pair {
            Pair::Added(activity) => added(changes, activity),
            Pair::Removed(activity) => {
                let purpose = (Some(activity.text.en.clone()), None);
                changes.note(Aspect::Purpose, &called(activity), purpose, Effect::Narrower);
            }
            Pair::Both(old, activity) => both(changes, (old, activity), new.zone()),
        }
    }
}

fn called(activity: &Activity) -> String {
    format!("activity `{}`", activity.id)
}

/// A new purpose is wider in every way; how, is told.
fn added(changes: &mut Changes, activity: &Activity) {
    let subject = called(activity);
    let mut wider = |aspect, what: String| changes.note(aspect, &subject, (None, Some(what)), Effect::Wider);
    wider(Aspect::Purpose, activity.text.en.clone());
    wider(Aspect::Retention, rules_in_words(&activity.keep));
    for basis in &activity.basis {
        wider(Aspect::Basis, format!("{} ({})", basis.gdpr, basis.cite));
    }
    for rule in &activity.data {
        wider(Aspect::Data, in_words(rule));
    }
    for recipient in &activity.recipients {
        wider(Aspect::Recipient, recipient.to_string());
    }
}

fn both(changes: &mut Changes, (old, new): (&Activity, &Activity), zone: &Zone) {
    let subject = called(new);
    let subject = subject.as_str();
    changes.items(Aspect::Operation, subject, (&old.operations, &new.operations), MORE_IS_WIDER);
    changes.items(Aspect::Place, subject, (&area_codes(old), &area_codes(new)), MORE_IS_WIDER);
    changes.items(Aspect::Place, subject, (&old.dossiers, &new.dossiers), MORE_IS_WIDER);
    changes.items(Aspect::Subject, subject, (&old.subjects, &new.subjects), MORE_IS_WIDER);
    changes.items(Aspect::Recipient, subject, (&old.recipients, &new.recipients), MORE_IS_WIDER);
    // A role is nobody yet: whom it lets in, `access` tells.
    changes.items(Aspect::Role, subject, (&old.roles, &new.roles), NEITHER);
    data(changes, subject, (&old.data, &new.data));
    fields(changes, subject, (&old.uses, &new.uses));
    changes.items(
        Aspect::Field,
        &format!("{subject}, excluded"),
        (&old.excludes, &new.excludes),
        LESS_IS_WIDER,
    );
    session::compare(changes, subject, (old, new));
    lease::compare(changes, subject, (old, new), zone);
    // Another controller is another one who decides over the same people.
    changes.value(Aspect::Party, subject, (&old.controller, &new.controller), Effect::Wider);
    told(changes, subject, (old, new));
}

fn area_codes(activity: &Activity) -> Vec<&'static str> {
    activity.areas.iter().map(|area| area.code()).collect()
}

fn in_words(rule: &CategoryRule) -> String {
    format!("`{}` at {}", rule.category, rule.finest)
}

fn data(changes: &mut Changes, subject: &str, (old, new): (&[CategoryRule], &[CategoryRule])) {
    for pair in pairs(old.iter(), new.iter(), |rule| &rule.category) {
        match pair {
            Pair::Added(rule) => {
                changes.note(Aspect::Data, subject, (None, Some(in_words(rule))), Effect::Wider);
            }
            Pair::Removed(rule) => {
                changes.note(Aspect::Data, subject, (Some(in_words(rule)), None), Effect::Narrower);
            }
            Pair::Both(was, is) => {
                let effect = if is_coarser(was.finest, is.finest) { Effect::Narrower } else { Effect::Wider };
                changes.note(Aspect::Data, subject, (Some(in_words(was)), Some(in_words(is))), effect);
            }
        }
    }
}

/// Whether everything the new finest allows was allowed before.
fn is_coarser(old: Finest, new: Finest) -> bool {
    match new {
        Finest::Full => old == Finest::Full,
        Finest::Resolution(finest) => old.allows(finest),
    }
}

/// Fields a purpose is held to. One that is held to none may use all.
pub(super) fn fields(changes: &mut Changes, subject: &str, (old, new): (&[String], &[String])) {
    let all = |fields: &[String]| {
        if fields.is_empty() { "all fields".to_owned() } else { fields.join(", ") }
    };
    if old.is_empty() || new.is_empty() {
        let effect = if old.is_empty() { Effect::Narrower } else { Effect::Wider };
        changes.value(Aspect::Field, subject, (&all(old), &all(new)), effect);
    } else {
        changes.items(Aspect::Field, subject, (old, new), MORE_IS_WIDER);
    }
}

/// What is only told: nothing is decided by it.
fn told(changes: &mut Changes, subject: &str, (old, new): (&Activity, &Activity)) {
    texts(changes, subject, (Some(&old.text), Some(&new.text)));
    texts(changes, &format!("{subject}, source"), (old.source.as_ref(), new.source.as_ref()));
    changes.text(&format!("{subject}, instruction"), (&old.instruction, &new.instruction));
    changes.text(&format!("{subject}, necessity"), (&old.necessity, &new.necessity));
    let must = |activity: &Activity| Some(if activity.mandatory { "yes" } else { "no" }.to_owned());
    changes.note(Aspect::Text, &format!("{subject}, mandatory"), (must(old), must(new)), Effect::Neutral);
    let notice = |activity: &Activity| activity.notice.as_ref().map(|notice| format!("notice `{notice}`"));
    changes.note(Aspect::Text, subject, (notice(old), notice(new)), Effect::Neutral);
    changes.items(Aspect::Text, &format!("{subject}, serves"), (&old.serves, &new.serves), NEITHER);
}

/// A text in three languages, of which each is a text of its own. One that is new or gone is told in
/// English.
pub(super) fn texts(changes: &mut Changes, subject: &str, (old, new): (Option<&Texts>, Option<&Texts>)) {
    let (Some(old), Some(new)) = (old, new) else {
        let said = |texts: Option<&Texts>| texts.map(|texts| texts.en.clone());
        changes.note(Aspect::Text, subject, (said(old), said(new)), Effect::Neutral);
        return;
    };
    for (code, old, new) in [("da", &old.da, &new.da), ("de", &old.de, &new.de), ("en", &old.en, &new.en)] {
        changes.value(Aspect::Text, &format!("{subject}, {code}"), (old, new), Effect::Neutral);
    }
}
