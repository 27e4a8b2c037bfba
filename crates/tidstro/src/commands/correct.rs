//! `tidstro correct`.

use std::io::{BufWriter, Read as _, Write as _};

use serde::Serialize;
use tidstro_flows::{Answer, CorrectAsk, ValueGiven, ValueOutcome, ValueTaken, correct, parse_corrections};
use tidstro_model::{ActivityId, ActorId, CategoryId, SeriesNo};

use super::series::refused;
use super::{Input, now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Correct};
use crate::fault::CommandFault;
use crate::show::{exact, note, plain, shown};

pub(crate) async fn run(arguments: &Arguments, command: &Correct) -> Result<Outcome, CommandFault> {
    let (values, wrong) = given(command)?;
    let workspace = open_existing(arguments).await?;
    let asked = CorrectAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        category: CategoryId::parse(&command.category)?,
        values,
        is_dry: command.dry_run,
    };
    match correct(&workspace, asked, now()).await? {
        Answer::Refused(refuse) => Ok(refused(&refuse)),
        Answer::Given(taken) => {
            write(&taken, command)?;
            let is_whole = wrong == 0 && taken.iter().all(|value| !is_refused(value));
            Ok(if is_whole { Outcome::Done } else { Outcome::Refused })
        }
    }
}

/// The values of the command line or the file, and how many rows of it are none.
fn given(command: &Correct) -> Result<(Vec<ValueGiven>, usize), CommandFault> {
    let Some(path) = &command.file else { return Ok((one(command)?, 0)) };
    let mut input = Input::open(path)?;
    let mut text = String::new();
    let unreadable = |source| CommandFault::File { path: path.clone(), source };
    input.reader.read_to_string(&mut text).map_err(unreadable)?;
    let (values, faults) = parse_corrections(&text);
    for (line, fault) in &faults {
        note(format_args!("{} line {line}: {}", plain(&input.name), plain(&fault.to_string())));
    }
    Ok((values, faults.len()))
}

fn one(command: &Correct) -> Result<Vec<ValueGiven>, CommandFault> {
    let (Some(point), Some(at), Some(reason)) = (&command.point, command.at, &command.reason) else {
        return Err(CommandFault::NothingToCorrect);
    };
    if command.value.is_none() && !command.cancel {
        return Err(CommandFault::NothingToCorrect);
    }
    Ok(vec![ValueGiven {
        line: 1,
        point: point.clone(),
        series: command.series.map(SeriesNo::new),
        at,
        value: command.value.map(|value| (value, command.quality)),
        reason: reason.clone(),
    }])
}

fn write(taken: &[ValueTaken], command: &Correct) -> Result<(), CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for value in taken {
        if command.json {
            writeln!(out, "{}", serde_json::to_string(&taken_json(value))?)?;
        } else {
            writeln!(out, "{}", plain(&sentence(value, command.dry_run)))?;
        }
    }
    out.flush()?;
    Ok(())
}

fn sentence(taken: &ValueTaken, is_dry: bool) -> String {
    let place = format!("line {}: {} at {}", taken.line, taken.point, taken.at);
    let was = match (taken.before, taken.unit) {
        (Some(before), Some(unit)) => format!("; it was {}", shown(before, unit)),
        _ => String::new(),
    };
    match &taken.outcome {
        ValueOutcome::Changed if is_dry => format!("{place}: would change{was}"),
        ValueOutcome::Changed => format!("{place}: changed{was}"),
        ValueOutcome::AsItWas => format!("{place}: is that already"),
        ValueOutcome::Refused(why) => format!("{place}: refused: {why}"),
    }
}

const fn is_refused(taken: &ValueTaken) -> bool {
    matches!(taken.outcome, ValueOutcome::Refused(_))
}

/// What became of a value.
#[derive(Serialize)]
struct TakenJson<'a> {
    line: u64,
    point: &'a str,
    at: String,
    outcome: &'static str,
    why: Option<&'a str>,
    before: Option<Box<serde_json::value::RawValue>>,
    unit: Option<&'static str>,
}

fn taken_json(taken: &ValueTaken) -> TakenJson<'_> {
    let (outcome, why) = match &taken.outcome {
        ValueOutcome::Changed => ("changed", None),
        ValueOutcome::AsItWas => ("as-it-was", None),
        ValueOutcome::Refused(why) => ("refused", Some(why.as_str())),
    };
    TakenJson {
        line: taken.line,
        point: &taken.point,
        at: taken.at.to_string(),
        outcome,
        why,
        // A decimal's own digits are always JSON.
        before: taken.before.and_then(|number| exact(number).ok()),
        unit: taken.unit.map(tidstro_model::Unit::code),
    }
}
