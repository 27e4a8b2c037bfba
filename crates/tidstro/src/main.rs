//! The `tidstro` program: command line in, exit code out.
//!
//! Exit codes: 0 done, 1 refused or failed check, 2 bad use. Data go to standard output, everything
//! else to standard error.

mod args;
mod commands;
mod fault;
mod show;

use std::process::ExitCode;

use clap::Parser;

use args::Arguments;

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything was done.
    Done,
    /// Something was refused, or a check failed.
    Refused,
}

fn main() -> ExitCode {
    // clap itself exits with 2 on bad use, and with 0 for help.
    let arguments = Arguments::parse();
    match commands::run(&arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        // Whoever reads our output has had enough, as `head` does.
        Err(fault) if fault.is_closed_pipe() => ExitCode::SUCCESS,
        Err(fault) => {
            show::note(format_args!("tidstro: {}", show::plain(&fault.to_string())));
            ExitCode::from(fault.exit_code())
        }
    }
}
