//! `tidstro release`: the newest versions of operating days become the ones that go out.

use std::io::Write as _;

use jiff::civil::Date;
use tidstro_flows::{Answer, ReleaseAsk, release_days};
use tidstro_model::{ActivityId, ActorId, DayRange};

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Release};
use crate::fault::CommandFault;
use crate::show::cycle::{released_json, released_text};

pub(crate) async fn run(arguments: &Arguments, command: &Release) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let mut out = std::io::stdout();
    match release_days(&workspace, &ask_of(command)?, now()).await? {
        Answer::Given(released) if command.json => writeln!(out, "{}", released_json(&released))?,
        Answer::Given(released) => writeln!(out, "{}", released_text(&released))?,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    }
    Ok(Outcome::Done)
}

fn ask_of(command: &Release) -> Result<ReleaseAsk, CommandFault> {
    let to = command.to.unwrap_or_else(|| command.from.tomorrow().unwrap_or(Date::MAX));
    Ok(ReleaseAsk {
        actor: ActorId::parse(&command.actor)?,
        purpose: ActivityId::parse(&command.purpose)?,
        area: command.area.clone(),
        days: DayRange::new(command.from, to)?,
        also: command.also.clone(),
        recipient: command.recipient.clone(),
        factors: if command.second_factor { 2 } else { 1 },
    })
}
