//! `tidstro log`.

use std::io::Write as _;

use super::open_existing;
use crate::Outcome;
use crate::args::Arguments;
use crate::fault::CommandFault;

/// Recomputes the hash chain of the log.
pub(crate) async fn verify(arguments: &Arguments) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let events = tidstro_flows::verify_log(&workspace).await?;
    writeln!(std::io::stdout(), "{events} events, each with the hash of its content and of all before it")?;
    Ok(Outcome::Done)
}
