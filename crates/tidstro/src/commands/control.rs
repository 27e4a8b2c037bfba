//! `tidstro control`.

use std::io::Write as _;

use tidstro_flows::{ControlView, controls};
use tidstro_govern::ControlProof;

use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, ControlCommand};
use crate::fault::CommandFault;

pub(crate) async fn run(arguments: &Arguments, command: &ControlCommand) -> Result<Outcome, CommandFault> {
    let ControlCommand::Check { json } = command;
    let workspace = open_existing(arguments).await?;
    let views = controls(&workspace, now()).await?;
    let mut out = std::io::stdout();
    for view in &views {
        if *json {
            writeln!(out, "{}", as_json(view))?;
        } else {
            writeln!(out, "{}", as_line(view))?;
        }
    }
    let failed = views.iter().any(|view| view.found.as_ref().is_some_and(|found| !found.passed));
    Ok(if failed { Outcome::Refused } else { Outcome::Done })
}

fn as_line(view: &ControlView) -> String {
    let id = &view.control.id;
    match (&view.found, &view.control.proof) {
        (Some(found), _) => {
            let mark = if found.passed { "works " } else { "FAILS " };
            format!("{mark} {id}: {} ({})", found.found, found.probe)
        }
        (None, ControlProof::Attestation(role)) => format!("said   {id}: attested by `{role}`"),
        (None, ControlProof::Document(command)) => format!("prints {id}: `{command}`"),
        (None, ControlProof::Probe(probe)) => format!("       {id}: {probe}"),
    }
}

fn as_json(view: &ControlView) -> serde_json::Value {
    let control = &view.control;
    let (means, by) = match &control.proof {
        ControlProof::Probe(probe) => ("probe", probe.word().to_owned()),
        ControlProof::Attestation(role) => ("attestation", role.to_string()),
        ControlProof::Document(command) => ("document", command.clone()),
    };
    serde_json::json!({
        "control": control.id.as_str(),
        "text": control.text.en,
        "means": means,
        "by": by,
        "passed": view.found.as_ref().map(|found| found.passed),
        "found": view.found.as_ref().map(|found| found.found.clone()),
        "max_age": control.max_age.map(|age| age.to_string()),
        "measure": control.measure,
    })
}
