//! The register as Cedar policies.
//!
//! What comes in: the register as written. What goes out: a schema, one `permit` for each activity, one
//! `forbid` for inference, and the entities they speak of. A request is about one matter (an occupancy, a
//! dossier) or about the whole target; the state of its lease is a fact of the request. Never: anything of
//! the crate under test.

use std::collections::{HashMap, HashSet};
use std::fmt::{Display, Write};
use std::str::FromStr;

use cedar_policy::{
    Entities, Entity, EntityUid, PolicySet, RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::written::{Activity, Written};

/// All residents an ask may come from.
pub(super) const SUBJECTS: std::ops::Range<u32> = 0..4;

/// The operations as Cedar actions.
const ACTIONS: &str = "collect, store, read, compute, export, print, correct, restrict, erase, infer";

/// From the finest to the coarsest.
pub(super) const RESOLUTIONS: [&str; 6] = ["raw", "PT15M", "PT1H", "P1D", "P1M", "P1Y"];

/// The European Economic Area: the Union, Iceland, Liechtenstein, Norway.
const EEA: [&str; 30] = [
    "BE", "BG", "CZ", "DK", "DE", "EE", "IE", "GR", "ES", "FR", "HR", "IT", "CY", "LV", "LT", "LU", "HU",
    "MT", "NL", "AT", "PL", "PT", "RO", "SI", "SK", "FI", "SE", "IS", "LI", "NO",
];

/// Policies that the strict validator accepts, and what they need to be evaluated.
pub(super) struct Policies {
    pub(super) schema: Schema,
    pub(super) policies: PolicySet,
    pub(super) entities: Entities,
}

impl Policies {
    pub(super) fn of(written: &Written) -> Self {
        let (schema, warnings) = Schema::from_cedarschema_str(&schema_text()).unwrap();
        assert_eq!(warnings.count(), 0);
        let mut text = forbid();
        text.extend(written.activity.iter().map(permit));
        let policies = PolicySet::from_str(&text).unwrap_or_else(|fault| panic!("{fault:?}\n{text}"));
        // A policy that errs is skipped when it is evaluated, so one that can err must not come that far.
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        assert!(checked.validation_passed(), "{checked}\n{text}");
        let entities = Entities::from_entities(entities(written), Some(&schema)).unwrap();
        Self { schema, policies, entities }
    }
}

fn schema_text() -> String {
    format!(
        "entity Role, Purpose, Category;
        entity Actor in [Role] {{ subject?: Long }};
        entity Party {{ country: String, hasGround: Bool }};
        action {ACTIONS} appliesTo {{
            principal: Actor,
            resource: Category,
            context: {{
                purpose: Purpose, rank: Long, factors: Long,
                today: Long, minute: Long, workdayOf: Set<String>,
                recipient?: Party, country?: String,
                ground: String, owner?: Long, lease: String, someDayKept: Bool,
            }},
        }};"
    )
}

fn forbid() -> String {
    "forbid (principal, action == Action::\"infer\", resource);\n".to_owned()
}

fn permit(activity: &Activity) -> String {
    let conditions = [
        format!("context.purpose == {}", uid("Purpose", &activity.id)),
        format!("principal in {}", uids("Role", &activity.roles)),
        in_force(activity),
        format!("context.factors >= {}", activity.factors),
        in_hours(activity),
        sees(activity),
        gives(activity),
        format!("{}.contains(context.ground)", texts(&grounds(activity))),
        owned(activity),
        lease(activity),
        "context.someDayKept".to_owned(),
    ];
    let actions = uids("Action", &activity.operations);
    format!(
        "permit (principal, action in {actions}, resource) when {{\n  {}\n}};\n",
        conditions.join(" &&\n  ")
    )
}

/// Days are written as one number, `20260131`, which orders them.
fn in_force(activity: &Activity) -> String {
    let number = |day: &String| day.replace('-', "");
    let from = activity.valid.from.as_ref().map(|day| format!("context.today >= {}", number(day)));
    let to = activity.valid.to.as_ref().map(|day| format!("context.today < {}", number(day)));
    all(from.into_iter().chain(to))
}

fn in_hours(activity: &Activity) -> String {
    let minute = |time: &str| {
        let (hour, minute) = time.split_once(':').unwrap();
        hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap()
    };
    all(activity.hours.iter().map(|hours| {
        let (from, to) = (minute(&hours.from), minute(&hours.to));
        format!(
            "context.workdayOf.contains({:?}) && context.minute >= {from} && context.minute < {to}",
            hours.days
        )
    }))
}

/// Each category as finely as the activity may, or coarser.
fn sees(activity: &Activity) -> String {
    let sees = activity.data.iter().map(|(category, finest)| {
        let rank = RESOLUTIONS.iter().position(|resolution| resolution == finest).unwrap_or(0);
        format!("(resource == {} && context.rank >= {rank})", uid("Category", category))
    });
    format!("({})", sees.collect::<Vec<_>>().join(" || "))
}

/// Who is named must be a recipient that data may go to; who is handed data must be named.
fn gives(activity: &Activity) -> String {
    let mut may = "!(context has recipient)".to_owned();
    if !activity.own_only {
        may.push_str(" && action != Action::\"export\"");
    }
    if activity.to.is_empty() {
        return format!("({may})");
    }
    let named = uids("Party", &activity.to);
    let eea = texts(&EEA);
    let home = "context.recipient.country";
    format!(
        "({may} || context has recipient && {named}.contains(context.recipient) &&
    (if context has country
     then {eea}.contains(context.country) || context.recipient.hasGround && context.country == {home}
     else {eea}.contains({home}) || context.recipient.hasGround))"
    )
}

fn grounds(activity: &Activity) -> Vec<String> {
    let whole = activity.reaches_the_whole().then(|| "whole".to_owned());
    let areas = activity.areas.iter().cloned();
    let dossiers = activity.dossiers.iter().map(|kind| format!("dossier:{kind}"));
    let held = areas.chain(dossiers).filter(|_| !activity.only_erases());
    // Strict validation takes no empty set.
    whole.into_iter().chain(held).chain(["nowhere".to_owned()]).collect()
}

fn owned(activity: &Activity) -> String {
    let own = "principal has subject && context has owner && principal.subject == context.owner";
    all(activity.own_only.then(|| own.to_owned()).into_iter())
}

/// What is not live may still be taken in, kept and destroyed, as long as something keeps it.
fn lease(activity: &Activity) -> String {
    let does = |word: &&str| activity.operations.iter().any(|operation| operation == word);
    let keeping: Vec<_> = ["collect", "store", "erase"].into_iter().filter(does).map(str::to_owned).collect();
    let mut ways = vec!["context.lease == \"live\"".to_owned()];
    if !keeping.is_empty() {
        let kept = texts(&["restricted", "locked", "kept"]);
        ways.push(format!("action in {} && {kept}.contains(context.lease)", uids("Action", &keeping)));
    }
    // A hold or a restriction reaches what is there, in whatever state.
    ways.extend(
        ["restrict"].into_iter().filter(does).map(|word| format!("action == {}", uid("Action", word))),
    );
    format!("({})", ways.join(" || "))
}

fn all(conditions: impl Iterator<Item = String>) -> String {
    let conditions: Vec<_> = conditions.collect();
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" && ") }
}

fn uid(kind: &str, id: &str) -> String {
    format!("{kind}::{id:?}")
}

fn uids(kind: &str, ids: &[String]) -> String {
    format!("[{}]", ids.iter().map(|id| uid(kind, id)).collect::<Vec<_>>().join(", "))
}

fn texts<T: Display>(texts: &[T]) -> String {
    let mut list = String::new();
    for text in texts {
        let comma = if list.is_empty() { "" } else { ", " };
        write!(list, "{comma}\"{text}\"").unwrap();
    }
    format!("[{list}]")
}

/// The entity of that kind and name.
pub(super) fn entity(kind: &str, id: &str) -> EntityUid {
    uid(kind, id).parse().unwrap()
}

fn entities(written: &Written) -> Vec<Entity> {
    let residents = written.resident.iter().flat_map(|resident| {
        SUBJECTS.map(|subject| {
            let attributes =
                HashMap::from([("subject".to_owned(), RestrictedExpression::new_long(i64::from(subject)))]);
            actor(&format!("resident:{subject}"), attributes, &resident.roles)
        })
    });
    let staff = written.actor.iter().map(|staff| actor(&staff.id, HashMap::new(), &staff.roles));
    let parties = written.party.iter().map(|party| {
        let attributes = HashMap::from([
            ("country".to_owned(), RestrictedExpression::new_string(party.country.clone())),
            ("hasGround".to_owned(), RestrictedExpression::new_bool(party.transfer.is_some())),
        ]);
        Entity::new(entity("Party", &party.id), attributes, HashSet::new()).unwrap()
    });
    residents.chain(staff).chain(parties).collect()
}

fn actor(id: &str, attributes: HashMap<String, RestrictedExpression>, roles: &[String]) -> Entity {
    let roles = roles.iter().map(|role| entity("Role", role)).collect();
    Entity::new(entity("Actor", id), attributes, roles).unwrap()
}
