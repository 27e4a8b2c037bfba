//! `tidstro database-roles`.

use std::io::Write as _;

use tidstro_flows::database_roles;

use crate::Outcome;
use crate::fault::CommandFault;

/// Prints statements; what they do is said in them.
pub(crate) fn run() -> Result<Outcome, CommandFault> {
    std::io::stdout().write_all(database_roles().as_bytes())?;
    Ok(Outcome::Done)
}
