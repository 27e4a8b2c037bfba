//! `tidstro inputs`.

use std::io::Write as _;

use serde_json::json;
use tidstro_flows::{InputOutcome, RefusedLines, inputs};

use super::open_existing;
use crate::Outcome;
use crate::args::{Arguments, Inputs};
use crate::fault::CommandFault;
use crate::show::report::grouped;
use crate::show::series::local;
use crate::show::{Table, note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &Inputs) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let inputs = inputs(&workspace, command.last).await?;
    let mut out = std::io::stdout().lock();
    if command.json {
        for input in &inputs {
            writeln!(out, "{}", input_json(input))?;
        }
    } else if inputs.is_empty() {
        note(format_args!("nothing was ingested yet"));
    } else {
        let mut table = Table::new(&[
            "begun",
            "input",
            "outcome",
            ">lines",
            ">readings",
            ">days new",
            ">changed",
            "refused",
        ]);
        inputs.iter().for_each(|input| table.row(row(input, local(input.begun, workspace.zone()))));
        write!(out, "{table}")?;
    }
    Ok(Outcome::Done)
}

fn row(input: &InputOutcome, begun: String) -> Vec<String> {
    let counts = &input.counts;
    vec![
        begun,
        plain(&input.name).into_owned(),
        outcome(input).to_owned(),
        grouped(counts.lines),
        grouped(counts.readings),
        grouped(counts.days_added),
        grouped(counts.days_changed),
        counts.refused.iter().map(refused_text).collect::<Vec<_>>().join(", "),
    ]
}

const fn outcome(input: &InputOutcome) -> &'static str {
    if input.ended.is_some() { "done" } else { "not ended" }
}

fn refused_text((reason, lines): (&String, &RefusedLines)) -> String {
    format!("{} {reason} from line {}", grouped(lines.count), lines.first)
}

fn input_json(input: &InputOutcome) -> serde_json::Value {
    let counts = &input.counts;
    let refused: serde_json::Map<_, _> = counts
        .refused
        .iter()
        .map(|(reason, lines)| (reason.clone(), json!({ "count": lines.count, "first_line": lines.first })))
        .collect();
    json!({
        "input": input.name,
        "begun": input.begun.to_string(),
        "ended": input.ended.map(|ended| ended.to_string()),
        "lines": counts.lines,
        "readings": counts.readings,
        "days_added": counts.days_added,
        "days_changed": counts.days_changed,
        "days_unchanged": counts.days_unchanged,
        "refused": refused,
    })
}
