//! For which purposes whoever is there judges series: each activity of the register that computes from, reads and corrects a
//! category of series, and one of whose roles they have.

use tidstro_flows::{FindingsAsk, SERIES_CATEGORIES};
use tidstro_govern::{Activity, Operation};
use tidstro_model::{ActivityId, CategoryId};

use crate::answered::Problem;
use crate::visit::Visit;

/// What somebody must be allowed to do for a purpose, to judge series for it.
const WORK: [Operation; 3] = [Operation::Compute, Operation::Read, Operation::Correct];

/// The asks by which the visitor judges series, in the order of the register.
pub(super) fn asks(visit: &Visit) -> Result<Vec<FindingsAsk>, Problem> {
    let (there, register) = (visit.there()?, visit.web().workspace().register());
    let session = there.session();
    let suits = |activity: &&Activity| {
        !activity.own_only
            && WORK.iter().all(|work| activity.operations.contains(work))
            && activity.roles.iter().any(|role| session.roles().contains(role))
    };
    let ask = |(purpose, category): (&ActivityId, CategoryId)| FindingsAsk {
        actor: there.actor().clone(),
        purpose: purpose.clone(),
        category,
        factors: session.factors(),
    };
    let of_activity = |activity: &Activity| {
        let held = SERIES_CATEGORIES.iter().filter_map(|category| CategoryId::parse(category).ok());
        let held = held.filter(|category| activity.rule_for(category).is_some());
        held.map(|category| ask((&activity.id, category))).collect::<Vec<_>>()
    };
    Ok(register.activities().filter(suits).flat_map(of_activity).collect())
}

/// The ask for one of these purposes; another is not theirs.
pub(super) fn ask(visit: &Visit, (purpose, category): (&str, &str)) -> Result<FindingsAsk, Problem> {
    let is_it = |ask: &FindingsAsk| ask.purpose.as_str() == purpose && ask.category.as_str() == category;
    asks(visit)?.into_iter().find(is_it).ok_or(Problem::NotYours)
}
