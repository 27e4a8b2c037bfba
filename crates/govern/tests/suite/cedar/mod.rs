//! A second opinion on every decision: policies generated from the register must agree on random asks.
//!
//! The register is read again from its text and written as Cedar policies, and the lease of each matter is
//! told by a small model. Cedar answers for one matter at a time; what the ask as a whole is granted must be
//! what the matters are. Set `TIDSTRO_SEED` for other asks.

mod leases;
mod oracle;
mod policies;
mod world;
mod written;

use tidstro_govern::{Decision, Grant, Reach, decide};

use crate::shipped::{Shipped, shipped};
use oracle::{Opinion, Oracle};
use world::{Dice, case};

const ASKS: u32 = 10_000;

#[test]
fn cedar_agrees_with_every_decision() {
    let seed = std::env::var("TIDSTRO_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    std::thread::scope(|scope| {
        let everything = ("everything.toml".to_owned(), include_str!("everything.toml").to_owned());
        let everything = Shipped { name: "everything".to_owned(), files: vec![everything] };
        for register in shipped().into_iter().chain([everything]) {
            scope.spawn(move || agree(&register, seed));
        }
    });
}

fn agree(shipped: &Shipped, seed: u64) {
    let (register, oracle, mut dice) = (shipped.register(), Oracle::of(shipped), Dice(seed));
    let mut granted = 0;
    for number in 0..ASKS {
        let case = case(&oracle.written, &oracle.zone, &mut dice);
        let decision = decide(&register, &case.facts, &case.ask, case.now);
        let opinion = oracle.opinion(&case);
        granted += u32::from(opinion.is_granted);
        if let Some(difference) = difference(&opinion, &decision) {
            let name = &shipped.name;
            panic!("{name}, seed {seed}, ask {number}: {difference}\n{case:#?}\n{decision:#?}");
        }
    }
    println!("{}: {granted} of {ASKS} asks granted by both, seed {seed}", shipped.name);
    assert!((ASKS / 10..ASKS * 9 / 10).contains(&granted), "one-sided asks: {granted} granted");
}

fn difference(opinion: &Opinion, decision: &Decision) -> Option<String> {
    match (decision, opinion.is_granted) {
        (Decision::Refuse(_), true) => Some("Cedar grants what is refused".to_owned()),
        (Decision::Grant(_), false) => Some("Cedar refuses what is granted".to_owned()),
        (Decision::Refuse(_), false) => None,
        (Decision::Grant(grant), true) => reach_difference(opinion, grant),
    }
}

fn reach_difference(opinion: &Opinion, grant: &Grant) -> Option<String> {
    let reached = Opinion {
        is_granted: true,
        occupancies: match &grant.scope.reach {
            Reach::Occupancies(reached) => {
                reached.iter().map(|(number, days)| (number.as_u32(), *days)).collect()
            }
            Reach::Target { .. } => Vec::new(),
        },
        cuts: match &grant.scope.reach {
            Reach::Occupancies(_) => Vec::new(),
            Reach::Target { cuts, .. } => cuts.iter().map(|(number, day)| (number.as_u32(), *day)).collect(),
        },
        dossiers: grant.scope.dossiers.iter().map(|number| number.as_u32()).collect(),
    };
    (reached != *opinion).then(|| format!("Cedar reaches {opinion:?}, granted is {reached:?}"))
}
