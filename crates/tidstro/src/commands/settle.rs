//! `tidstro settle`.

mod children;
mod given;
mod write;

pub(crate) use given::GivenFault;
use tidstro_flows::{
    Answer, SettleAsk, Workspace, missing_measurements, rebuild_settlement, run_settlement, settlement_runs,
    show_settlement, show_settlement_amounts, show_settlement_run, verify_settlement,
};
use tidstro_metering::settlement::{AggregationLevel, CalculationKind};
use tidstro_model::{ActivityId, ActorId, DayRange};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, SettleArguments, SettleCommand};
use crate::fault::CommandFault;
use write::{
    write_amounts, write_missing, write_owed, write_rebuilt, write_run, write_runs, write_verified,
    write_view,
};

pub(crate) async fn run(arguments: &Arguments, command: &SettleCommand) -> Result<Outcome, CommandFault> {
    let workspace = &open_existing(arguments).await?;
    match command {
        SettleCommand::Show { asked, run: Some(version), amounts: true, csv, .. } => {
            amounts(workspace, asked, (*version, *csv)).await
        }
        SettleCommand::Show { asked, level, run, csv, .. } => {
            let level = level.map(crate::args::Level::aggregation);
            show(workspace, asked, (*run, level), *csv).await
        }
        SettleCommand::Run { asked, kind, internal } => calculate(workspace, asked, (*kind, *internal)).await,
        SettleCommand::Capacity { asked, month, hours } => {
            children::capacity(workspace, asked, (*month, *hours)).await
        }
        SettleCommand::Heating { asked, year, days, given } => {
            children::heating(workspace, (asked, given.as_deref()), (*year, *days)).await
        }
        SettleCommand::NetConsumption { asked, year, days, given } => {
            children::net_consumption(workspace, (asked, given.as_deref()), (*year, *days)).await
        }
        SettleCommand::Missing(asked) => missing(workspace, asked).await,
        SettleCommand::Runs { asked, history } => runs(workspace, asked, *history).await,
        SettleCommand::Verify(asked) => verify(workspace, asked).await,
        SettleCommand::Rebuild { actor, purpose, json } => rebuild(workspace, (actor, purpose), *json).await,
    }
}

async fn amounts(
    workspace: &Workspace,
    asked: &SettleArguments,
    (version, csv): (u64, bool),
) -> Result<Outcome, CommandFault> {
    match show_settlement_amounts(workspace, &ask_of(asked)?, version, now()).await? {
        Answer::Given(view) => write_amounts(&view, (asked.json, csv)),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn show(
    workspace: &Workspace,
    asked: &SettleArguments,
    (run, level): (Option<u64>, Option<AggregationLevel>),
    csv: bool,
) -> Result<Outcome, CommandFault> {
    let ask = ask_of(asked)?;
    let shown = match run {
        Some(version) => show_settlement_run(workspace, &ask, (version, level), now()).await?,
        None => show_settlement(workspace, &ask, level, now()).await?,
    };
    let view = match shown {
        Answer::Given(view) => view,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let done = write_view(&view, workspace.zone(), (asked.json, csv))?;
    match run {
        Some(version) if !asked.json && !csv => write_owed(workspace, &ask, version).await,
        _ => Ok(done),
    }
}

async fn calculate(
    workspace: &Workspace,
    asked: &SettleArguments,
    (kind, is_internal): (CalculationKind, bool),
) -> Result<Outcome, CommandFault> {
    let ask = ask_of(asked)?;
    if !is_internal {
        kind.must_span(ask.days).map_err(CommandFault::Calculation)?;
    }
    match run_settlement(workspace, &ask, (kind, is_internal), now()).await? {
        Answer::Given(run) => write_run(&run, asked.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn missing(workspace: &Workspace, asked: &SettleArguments) -> Result<Outcome, CommandFault> {
    match missing_measurements(workspace, &ask_of(asked)?, now()).await? {
        Answer::Given(lines) => write_missing(&lines, asked.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn runs(
    workspace: &Workspace,
    asked: &SettleArguments,
    history: bool,
) -> Result<Outcome, CommandFault> {
    match settlement_runs(workspace, &ask_of(asked)?, history, now()).await? {
        Answer::Given(runs) => write_runs(&runs, asked.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn verify(workspace: &Workspace, asked: &SettleArguments) -> Result<Outcome, CommandFault> {
    match verify_settlement(workspace, &ask_of(asked)?, now()).await? {
        Answer::Given(view) => write_verified(&view, asked.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn rebuild(
    workspace: &Workspace,
    (actor, purpose): (&str, &str),
    json: bool,
) -> Result<Outcome, CommandFault> {
    let who = (&ActorId::parse(actor)?, &ActivityId::parse(purpose)?);
    match rebuild_settlement(workspace, who, now()).await? {
        Answer::Given(counts) => write_rebuilt(counts, json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn ask_of(asked: &SettleArguments) -> Result<SettleAsk, CommandFault> {
    let to = asked.to.unwrap_or_else(|| asked.from.tomorrow().unwrap_or(asked.from));
    Ok(SettleAsk {
        actor: ActorId::parse(&asked.actor)?,
        purpose: ActivityId::parse(&asked.purpose)?,
        area: asked.area.clone(),
        days: DayRange::new(asked.from, to)?,
    })
}
