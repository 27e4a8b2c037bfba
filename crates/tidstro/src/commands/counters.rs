//! `tidstro counters`.

use std::io::Write as _;

use tidstro_flows::{Answer, CountersAnew, CountersOutcome, begin_counters_anew};
use tidstro_model::ActorId;

use super::series::refused;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, CountersCommand};
use crate::fault::CommandFault;
use crate::show::note;

pub(crate) async fn run(arguments: &Arguments, command: &CountersCommand) -> Result<Outcome, CommandFault> {
    let CountersCommand::Forget { meter, from, reason, actor } = command;
    let said = CountersAnew { actor: ActorId::parse(actor)?, meter: *meter, from: *from, reason: *reason };
    let workspace = open_existing(arguments).await?;
    let outcome = match begin_counters_anew(&workspace, &said, now()).await? {
        Answer::Given(outcome) => outcome,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    match outcome {
        CountersOutcome::Begun => {
            writeln!(
                std::io::stdout(),
                "{meter}: what it sends from {from} on counts; `decode-again --since {from}` takes what was refused"
            )?;
            return Ok(Outcome::Done);
        }
        CountersOutcome::UnknownMeter => {
            note(format_args!("{meter} was never heard or placed; compare the number, version and type"));
        }
        CountersOutcome::DayAhead => {
            note(format_args!("{from} is still to come; say it once the meter has begun anew"));
        }
    }
    Ok(Outcome::Refused)
}
