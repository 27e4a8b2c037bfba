//! The command line of `account`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use tidstro_model::{ActivityId, ActorId, RoleId};

use super::day;

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account, and write the code that activates it into a file, once
    Add {
        /// Whose: staff of the register (`staff:anna`), or a resident (`resident:17`)
        #[arg(value_parser = actor)]
        whose: ActorId,
        #[command(flatten)]
        letter: LetterArguments,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Which accounts there are, since when, and last used; never a secret
    List {
        #[command(flatten)]
        by: ByArguments,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// A new code for a resident, or for an account nobody has activated; the one before it is worthless
    Code {
        /// Whose
        #[arg(value_parser = actor)]
        whose: ActorId,
        #[command(flatten)]
        letter: LetterArguments,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Lock an account and end its sessions
    Lock {
        /// Whose
        #[arg(value_parser = actor)]
        whose: ActorId,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Unlock an account that was locked, by failures or by somebody
    Unlock {
        /// Whose
        #[arg(value_parser = actor)]
        whose: ActorId,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Close an account: whoever leaves loses sessions, codes and credentials at once
    Close {
        /// Whose
        #[arg(value_parser = actor)]
        whose: ActorId,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Ask for a way back for a member of the staff who has lost everything; somebody else approves
    Recover {
        /// Whose
        #[arg(value_parser = actor)]
        whose: ActorId,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Approve what another has asked for, and write the code to hand over into a file, once
    ApproveRecovery {
        /// The number of the ask
        number: u32,
        #[command(flatten)]
        letter: LetterArguments,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Tokens of other programs
    #[command(subcommand)]
    Token(TokenCommand),
    /// Reviews of who has which role
    #[command(subcommand)]
    Review(ReviewCommand),
}

/// Who looks after access.
#[derive(Debug, Args)]
pub(crate) struct ByArguments {
    /// Who asks: an actor that looks after access
    #[arg(long, value_parser = actor)]
    pub(crate) actor: ActorId,
}

/// Where a code goes.
#[derive(Debug, Args)]
pub(crate) struct LetterArguments {
    /// The file of the letter: only this user can read it, and it must not be there yet
    #[arg(long, value_name = "FILE")]
    pub(crate) letter: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Issue a token, and write it into a file, once
    Issue {
        /// Whom it acts as: a job of the register
        #[arg(value_parser = actor)]
        acts_as: ActorId,
        /// A purpose it may name; may be given several times
        #[arg(long = "purpose", required = true, value_parser = purpose)]
        purposes: Vec<ActivityId>,
        /// What it is for, in a few words without a person's name
        #[arg(long)]
        label: String,
        /// The first local day on which it is good no more; at most a year from now
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Date,
        /// The file: only this user can read it, and it must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        by: ByArguments,
    },
    /// Which tokens there are, for what, until when, and last used; never a token
    List {
        #[command(flatten)]
        by: ByArguments,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Make a token worthless at once
    Withdraw {
        /// Its number
        number: u32,
        #[command(flatten)]
        by: ByArguments,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// Begin a review of every role of everybody the register names
    Begin {
        #[command(flatten)]
        by: ByArguments,
    },
    /// The newest review: who has which role, since when, last used, and what was decided
    Show {
        #[command(flatten)]
        by: ByArguments,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Decide about one role of somebody else, in the newest review
    Decide {
        /// Whose
        #[arg(value_parser = actor)]
        whose: ActorId,
        /// Which role
        #[arg(value_parser = role)]
        role: RoleId,
        /// What is decided
        decision: Decision,
        #[command(flatten)]
        by: ByArguments,
    },
}

/// What is decided about a role.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Decision {
    /// It is still needed
    Confirm,
    /// It is not: the account is shut until the register follows
    Remove,
}

fn actor(text: &str) -> Result<ActorId, String> {
    ActorId::parse(text).map_err(|fault| fault.to_string())
}

fn purpose(text: &str) -> Result<ActivityId, String> {
    ActivityId::parse(text).map_err(|fault| fault.to_string())
}

fn role(text: &str) -> Result<RoleId, String> {
    RoleId::parse(text).map_err(|fault| fault.to_string())
}
