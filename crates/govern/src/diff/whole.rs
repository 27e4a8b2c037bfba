//! What is different in the register as a whole: parties, categories, actors, roles, notices, the head.
//!
//! What comes in: two registers. What goes out: changes of these nouns. Never: a purpose; those are for
//! `activity`.

use tidstro_calendar::Period;
use tidstro_model::{ActorId, SubjectNo};

use super::activity::{fields, texts};
use super::change::{Aspect, Changes, Effect, LESS_IS_WIDER, MORE_IS_WIDER, NEITHER, Pair, Sense, pairs};
use super::lease::is_longer;
use crate::register::{Category, Party, Register};
use crate::{PartyId, RoleId};

pub(super) fn compare(changes: &mut Changes, old: &Register, new: &Register) {
    head(changes, old, new);
    log_keep(changes, (old.log_keep(), new.log_keep()));
    unplaced_keep(changes, (old.unplaced_keep(), new.unplaced_keep()));
    approvers(changes, old, new);
    parties(changes, old, new);
    categories(changes, old, new);
    actors(changes, old, new);
    notices(changes, old, new);
}

fn head(changes: &mut Changes, old: &Register, new: &Register) {
    let subject = "the register";
    changes.value(Aspect::Text, "the register, id", (&old.id(), &new.id()), Effect::Neutral);
    changes.value(Aspect::Text, "the register, edition", (&old.edition(), &new.edition()), Effect::Neutral);
    changes.value(Aspect::Party, "the operator", (old.operator(), new.operator()), Effect::Wider);
    let authority = |register: &Register| register.authority().map(|party| party.id.to_string());
    changes.note(Aspect::Text, "the authority", (authority(old), authority(new)), Effect::Neutral);
    // Every day, hour and retention is counted in the zone, and each moves by some hours with it.
    let zones = (&old.zone().name(), &new.zone().name());
    changes.value(Aspect::Register, "the zone", zones, Effect::Wider);
    changes.items(Aspect::Register, subject, (old.parts(), new.parts()), MORE_IS_WIDER);
    let digits = (&old.check_digits(), &new.check_digits());
    changes.value(Aspect::Register, "check digits of points and parties", digits, Effect::Neutral);
}

/// A log that is kept for less time proves less; one that is kept for more time keeps the names of staff
/// longer. Neither is for one person to do alone.
fn log_keep(changes: &mut Changes, (old, new): (Option<Period>, Option<Period>)) {
    let is_same = match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => !is_longer(old, new) && !is_longer(new, old),
        _ => false,
    };
    let words = |keep: Option<Period>| {
        Some(keep.map_or_else(|| "as long as the store".to_owned(), |period| period.to_string()))
    };
    if !is_same {
        changes.note(Aspect::Register, "the log of uses is kept", (words(old), words(new)), Effect::Wider);
    }
}

/// What meters say that nobody has placed may be anybody's.
fn unplaced_keep(changes: &mut Changes, (old, new): (Option<Period>, Option<Period>)) {
    let effect = match (old, new) {
        (Some(old), Some(new)) if is_longer(old, new) => Effect::Wider,
        (Some(old), Some(new)) if is_longer(new, old) => Effect::Narrower,
        (Some(_), None) => Effect::Wider,
        (None, Some(_)) => Effect::Narrower,
        (Some(_), Some(_)) | (None, None) => return,
    };
    let words = |keep: Option<Period>| keep.map(|period| period.to_string());
    changes.note(Aspect::Register, "meters nobody has placed are kept", (words(old), words(new)), effect);
}

/// Who may approve the next change: whatever happens to the list is for the present approvers to say.
/// Where nobody can approve, the first approvers narrow.
fn approvers(changes: &mut Changes, old: &Register, new: &Register) {
    let (was, is) = (approving(old), approving(new));
    let sense =
        if was.is_empty() { LESS_IS_WIDER } else { Sense { added: Effect::Wider, removed: Effect::Wider } };
    changes.items(Aspect::Approver, "roles that approve", (old.approvers(), new.approvers()), sense);
    let sense = if was.is_empty() { LESS_IS_WIDER } else { MORE_IS_WIDER };
    changes.items(Aspect::Approver, "actors who approve", (&was, &is), sense);
}

fn approving(register: &Register) -> Vec<&ActorId> {
    let approves = |role: &RoleId| register.approvers().contains(role);
    let actors = register.actors().filter(|actor| actor.roles.iter().any(approves));
    actors.map(|actor| &actor.id).collect()
}

fn parties(changes: &mut Changes, old: &Register, new: &Register) {
    for pair in pairs(old.parties(), new.parties(), |party| &party.id) {
        match pair {
            Pair::Added(party) => {
                let words = format!("{} in `{}`", party.name, party.country);
                changes.note(Aspect::Party, &called(&party.id), (None, Some(words)), Effect::Neutral);
            }
            Pair::Removed(party) => {
                let words = Some(party.name.clone());
                changes.note(Aspect::Party, &called(&party.id), (words, None), Effect::Neutral);
            }
            Pair::Both(was, is) => party(changes, (was, is)),
        }
    }
}

fn called(party: &PartyId) -> String {
    format!("party `{party}`")
}

fn party(changes: &mut Changes, (old, new): (&Party, &Party)) {
    let subject = called(&new.id);
    // Within the economic area data move as at home (GDPR art. 1(3)).
    let effect = if new.country.is_eea() { Effect::Neutral } else { Effect::Wider };
    changes.value(Aspect::Country, &subject, (&old.country, &new.country), effect);
    let ground = |party: &Party| party.transfer.as_ref().map(|transfer| transfer.ground.to_string());
    let effect = if new.transfer.is_some() { Effect::Wider } else { Effect::Narrower };
    changes.note(Aspect::Country, &format!("{subject}, transfer"), (ground(old), ground(new)), effect);
    changes.value(Aspect::Party, &subject, (&old.kind, &new.kind), Effect::Neutral);
    // Another registration number is another company under the same name here.
    let number = (old.registration_number.clone(), new.registration_number.clone());
    let effect = if number.0.is_some() { Effect::Wider } else { Effect::Neutral };
    changes.note(Aspect::Party, &format!("{subject}, registration number"), number, effect);
    let cite = |party: &Party| party.transfer.as_ref().map(|transfer| transfer.cite.clone());
    for (what, old, new) in [
        ("name", Some(old.name.clone()), Some(new.name.clone())),
        ("address", old.address.clone(), new.address.clone()),
        ("phone", old.phone.clone(), new.phone.clone()),
        ("email", old.email.clone(), new.email.clone()),
        ("protection officer", old.protection_officer.clone(), new.protection_officer.clone()),
        ("ground of transfer", cite(old), cite(new)),
    ] {
        changes.text(&format!("{subject}, {what}"), (&old, &new));
    }
}

fn categories(changes: &mut Changes, old: &Register, new: &Register) {
    for pair in pairs(old.categories(), new.categories(), |category| &category.id) {
        // That a category came or went is nothing by itself: the purposes that use it tell.
        let (words, subject) = match pair {
            Pair::Added(category) => ((None, Some(category.text.en.clone())), &category.id),
            Pair::Removed(category) => ((Some(category.text.en.clone()), None), &category.id),
            Pair::Both(was, is) => {
                category(changes, (was, is));
                continue;
            }
        };
        changes.note(Aspect::Category, &format!("category `{subject}`"), words, Effect::Neutral);
    }
}

fn category(changes: &mut Changes, (old, new): (&Category, &Category)) {
    let subject = format!("category `{}`", new.id);
    changes.items(Aspect::Category, &subject, (&old.columns, &new.columns), MORE_IS_WIDER);
    changes.items(Aspect::Subject, &subject, (&old.subjects, &new.subjects), MORE_IS_WIDER);
    fields(changes, &subject, (&old.fields, &new.fields));
    // What purposes may see of it is told there.
    changes.value(Aspect::Category, &subject, (&old.finest, &new.finest), Effect::Neutral);
    let special = |category: &Category| {
        Some(if category.special { "a special category" } else { "no special category" }.to_owned())
    };
    let effect = if old.special { Effect::Wider } else { Effect::Narrower };
    changes.note(Aspect::Category, &subject, (special(old), special(new)), effect);
    texts(changes, &subject, (Some(&old.text), Some(&new.text)));
}

/// Names and roles. What they may do with them is for `access` to tell.
fn actors(changes: &mut Changes, old: &Register, new: &Register) {
    for pair in pairs(old.actors(), new.actors(), |actor| &actor.id) {
        let (id, was, is) = match pair {
            Pair::Added(actor) => (&actor.id, &[][..], &actor.roles[..]),
            Pair::Removed(actor) => (&actor.id, &actor.roles[..], &[][..]),
            Pair::Both(was, is) => (&is.id, &was.roles[..], &is.roles[..]),
        };
        changes.items(Aspect::Actor, &format!("actor `{id}`"), (was, is), NEITHER);
    }
    let residents = ActorId::resident(SubjectNo::new(1));
    let roles = (&old.roles_of(&residents)[..], &new.roles_of(&residents)[..]);
    changes.items(Aspect::Actor, "every resident", roles, NEITHER);
    for pair in pairs(old.roles(), new.roles(), |role| &role.id) {
        let (id, was, is) = match pair {
            Pair::Added(role) => (&role.id, None, Some(&role.text)),
            Pair::Removed(role) => (&role.id, Some(&role.text), None),
            Pair::Both(was, is) => (&is.id, Some(&was.text), Some(&is.text)),
        };
        texts(changes, &format!("role `{id}`"), (was, is));
    }
}

fn notices(changes: &mut Changes, old: &Register, new: &Register) {
    for pair in pairs(old.notices(), new.notices(), |notice| &notice.id) {
        let (id, was, is) = match pair {
            Pair::Added(notice) => (&notice.id, None, Some(notice)),
            Pair::Removed(notice) => (&notice.id, Some(notice), None),
            Pair::Both(was, is) => (&is.id, Some(was), Some(is)),
        };
        let subject = format!("notice `{id}`");
        texts(changes, &subject, (was.map(|notice| &notice.title), is.map(|notice| &notice.title)));
        let dates = (was.map(|notice| notice.date.to_string()), is.map(|notice| notice.date.to_string()));
        changes.note(Aspect::Text, &format!("{subject}, date"), dates, Effect::Neutral);
    }
    let open = |register: &Register| {
        let rows = register.open_rows().iter();
        let listed = rows.flat_map(|open| open.rows.iter().map(move |row| format!("{row} by {}", open.part)));
        listed.collect::<Vec<_>>()
    };
    changes.items(Aspect::Text, "open rows", (&open(old), &open(new)), NEITHER);
}
