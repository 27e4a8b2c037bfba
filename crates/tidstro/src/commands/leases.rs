//! `tidstro register explain --subject`: the leases of one subject over time.

use std::io::Write as _;
use std::path::Path;

use tidstro_flows::{Answer, LeasesView, subject_leases};
use tidstro_govern::{Lease, LeaseHistory, Matter};
use tidstro_model::{ActivityId, ActorId};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, SeriesArguments};
use crate::fault::CommandFault;

/// What a resident writes for itself.
const ME: &str = "me";

pub(crate) async fn explain_subject(
    arguments: &Arguments,
    asked: &SeriesArguments,
    subject: &str,
    svg: Option<&Path>,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let (actor, purpose) = (ActorId::parse(&asked.actor)?, ActivityId::parse(&asked.purpose)?);
    let factors = if asked.second_factor { 2 } else { 1 };
    let reference = Some(subject).filter(|subject| *subject != ME);
    match subject_leases(&workspace, &actor, (&purpose, factors), reference, now()).await? {
        Answer::Refused(refuse) => Ok(refused(&refuse)),
        Answer::Given(view) => {
            if let Some(path) = svg {
                let unwritable = |source| CommandFault::File { path: path.to_owned(), source };
                std::fs::write(path, view.chart.svg()).map_err(unwritable)?;
            }
            print(&view, asked.json)?;
            Ok(Outcome::Done)
        }
    }
}

fn print(view: &LeasesView, json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        let leases: Vec<_> = view.leases.iter().map(lease_json).collect();
        let histories: Vec<_> = view.histories.iter().map(history_json).collect();
        let answer = serde_json::json!({ "leases": leases, "histories": histories, "held": view.is_held });
        writeln!(out, "{answer}")?;
        return Ok(());
    }
    write!(out, "{}", view.chart.text())?;
    if view.is_held {
        writeln!(out, "a hold stands: nothing of this subject is erased until it is lifted")?;
    }
    Ok(())
}

fn lease_json(lease: &Lease) -> serde_json::Value {
    let (occupancy, dossier) = numbers(lease.matter);
    serde_json::json!({
        "occupancy": occupancy,
        "dossier": dossier,
        "activity": lease.activity.as_str(),
        "state": lease.state.word(),
        "kept_from": occupancy.map(|_| lease.kept_from.to_string()),
        "until": lease.until.map(|until| until.to_string()),
    })
}

fn history_json(history: &LeaseHistory) -> serde_json::Value {
    let (occupancy, dossier) = numbers(history.matter);
    let spans = history.spans.iter().map(|span| {
        serde_json::json!({
            "state": span.state.word(),
            "start": span.start.to_string(),
            "end": span.end.map(|end| end.to_string()),
        })
    });
    serde_json::json!({
        "occupancy": occupancy,
        "dossier": dossier,
        "activity": history.activity.as_str(),
        "spans": spans.collect::<Vec<_>>(),
    })
}

/// The occupancy or the dossier.
const fn numbers(matter: Matter) -> (Option<u32>, Option<u32>) {
    match matter {
        Matter::Occupancy(number) => (Some(number.as_u32()), None),
        Matter::Dossier(number) => (None, Some(number.as_u32())),
    }
}
