//! `tidstro settle capacity`, `settle heating` and `settle net-consumption`: what is computed for the children of an area.

use std::fmt::Display;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use jiff::civil::Date;
use tidstro_flows::{
    Answer, ChildAsk, ChildView, Workspace, settle_capacity, settle_heating, settle_net_consumption,
};
use tidstro_metering::settlement::PreviousDays;
use tidstro_model::{ActivityId, ActorId};

use super::super::now;
use super::super::series::refused;
use super::given::read_given;
use crate::Outcome;
use crate::args::ChildArguments;
use crate::fault::CommandFault;
use crate::show::capacity::{capacity_json, capacity_table, hours_table};
use crate::show::heating::{day_table, heating_json, heating_table};
use crate::show::net_consumption::{net_day_table, net_json, net_table};
use crate::show::note;
use crate::show::report::counted;

pub(super) async fn capacity(
    workspace: &Workspace,
    asked: &ChildArguments,
    (month, hours): (Date, bool),
) -> Result<Outcome, CommandFault> {
    match settle_capacity(workspace, (&ask_of(asked)?, month), now()).await? {
        Answer::Given(view) => {
            let table = if hours { hours_table(&view.settled) } else { capacity_table(&view.settled) };
            write(&view, asked.json, &table, capacity_json)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

pub(super) async fn heating(
    workspace: &Workspace,
    (asked, given): (&ChildArguments, Option<&Path>),
    (year, days): (Date, bool),
) -> Result<Outcome, CommandFault> {
    match settle_heating(workspace, (&ask_without(asked, given)?, year), now()).await? {
        Answer::Given(view) => {
            let table = if days { day_table(&view.settled) } else { heating_table(&view.settled) };
            write(&view, asked.json, &table, heating_json)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

pub(super) async fn net_consumption(
    workspace: &Workspace,
    (asked, given): (&ChildArguments, Option<&Path>),
    (year, days): (Date, bool),
) -> Result<Outcome, CommandFault> {
    match settle_net_consumption(workspace, (&ask_without(asked, given)?, year), now()).await? {
        Answer::Given(view) => {
            let table = if days { net_day_table(&view.settled) } else { net_table(&view.settled) };
            write(&view, asked.json, &table, net_json)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn ask_of(asked: &ChildArguments) -> Result<ChildAsk, CommandFault> {
    Ok(ChildAsk {
        actor: ActorId::parse(&asked.actor)?,
        purpose: ActivityId::parse(&asked.purpose)?,
        area: asked.area.clone(),
        as_of: asked.as_of,
        given: PreviousDays::new(),
    })
}

/// The same, but for values that a file says were given before.
fn ask_without(asked: &ChildArguments, given: Option<&Path>) -> Result<ChildAsk, CommandFault> {
    let given = given.map(read_given).transpose()?.unwrap_or_default();
    Ok(ChildAsk { given, ..ask_of(asked)? })
}

/// A table for people, or a line of JSON for each; then who has no value, and why.
fn write<T>(
    view: &ChildView<T>,
    json: bool,
    table: &impl Display,
    line: impl Fn(&T) -> serde_json::Result<String>,
) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for settled in &view.settled {
            writeln!(out, "{}", line(settled)?)?;
        }
        for (point, why) in &view.left {
            writeln!(out, "{}", serde_json::json!({ "child": point.to_string(), "not_settled": why }))?;
        }
    } else if !view.settled.is_empty() {
        write!(out, "{table}")?;
    }
    out.flush()?;
    for (point, why) in view.left.iter().filter(|_| !json) {
        note(format_args!("{point} is not settled: {why}"));
    }
    note(format_args!("{} settled", counted(view.settled.len() as u64, "household")));
    Ok(Outcome::Done)
}
