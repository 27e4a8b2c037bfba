//! `tidstro clock`.

use std::io::Write as _;

use tidstro_flows::case_clocks;
use tidstro_govern::{ClockState, ClockView, Language};
use tidstro_model::{CaseId, ObligationId};

use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, ClockCommand};
use crate::fault::CommandFault;
use crate::show::clock::{clock_json, clock_text, clocks_table};
use crate::show::note;

pub(crate) async fn run(arguments: &Arguments, command: &ClockCommand) -> Result<Outcome, CommandFault> {
    match command {
        ClockCommand::List { case, open, language, json } => {
            list(arguments, case.as_deref(), *open, *language, *json).await
        }
        ClockCommand::Explain { case, obligation, language, json } => {
            explain(arguments, case, obligation, *language, *json).await
        }
    }
}

async fn list(
    arguments: &Arguments,
    case: Option<&str>,
    open: bool,
    language: Language,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let case = case.map(CaseId::parse).transpose()?;
    let workspace = open_existing(arguments).await?;
    let mut clocks = case_clocks(&workspace, case, now()).await?;
    clocks.retain(|clock| !open || !matches!(clock.state, ClockState::Done | ClockState::DoneLate));
    let mut out = std::io::stdout();
    if json {
        for clock in &clocks {
            writeln!(out, "{}", clock_json(clock, workspace.register()))?;
        }
    } else if !clocks.is_empty() {
        write!(out, "{}", clocks_table(&clocks, workspace.zone(), language))?;
    }
    if clocks.is_empty() {
        note(format_args!("no clock runs there"));
    }
    Ok(Outcome::Done)
}

async fn explain(
    arguments: &Arguments,
    case: &str,
    obligation: &str,
    language: Language,
    json: bool,
) -> Result<Outcome, CommandFault> {
    let (case, obligation) = (CaseId::parse(case)?, ObligationId::parse(obligation)?);
    let workspace = open_existing(arguments).await?;
    let clocks = case_clocks(&workspace, Some(case.clone()), now()).await?;
    let asked = |clock: &&ClockView<'_>| clock.obligation.id == obligation;
    let Some(clock) = clocks.iter().find(asked) else {
        note(format_args!(
            "the clock of `{obligation}` does not run in case `{case}`; `clock list` shows which do"
        ));
        return Ok(Outcome::Refused);
    };
    let mut out = std::io::stdout();
    if json {
        writeln!(out, "{}", clock_json(clock, workspace.register()))?;
    } else {
        write!(out, "{}", clock_text(clock, workspace.register(), language))?;
    }
    Ok(Outcome::Done)
}
