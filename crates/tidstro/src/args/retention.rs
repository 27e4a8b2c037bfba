//! The command line of retention.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Look at what no activity keeps any more, and write it down
    ///
    /// Counts by category and rule what a run would erase, what it would pseudonymise (name and contact go, values
    /// stay under the subject's number), and what is protected by a hold or a restriction. Nothing is erased. A new
    /// preview takes the place of one that has not run.
    Preview {
        /// Who looks: an actor whose purpose erases
        #[arg(long, default_value = "job:retention")]
        actor: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show a preview, and how far it has come
    Show {
        /// Its number; default: the newest
        number: Option<u64>,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Approve a preview, so that it may run
    Approve {
        /// Its number
        number: u64,
        /// Who approves: not who made it, and with a role that the register lets approve
        #[arg(long)]
        actor: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Erase what an approved preview found, and issue the certificate
    ///
    /// Keys go first, rows second. Cut short anywhere, nothing of it opens, and the same command goes on. What has
    /// found a keeper or a hold since the preview stays; if anything has, the run does not begin.
    Run {
        /// The preview's number
        number: u64,
        /// Who runs it: an actor whose purpose erases
        #[arg(long, default_value = "job:retention")]
        actor: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the certificate of a run, or check one
    Certificate {
        /// The run's number
        #[arg(required_unless_present = "check")]
        number: Option<u64>,
        /// Check this certificate instead; no data folder is needed
        #[arg(long, value_name = "FILE", conflicts_with = "number")]
        check: Option<PathBuf>,
        /// Fingerprint that the certificate's key must have, as `log verify` shows it
        #[arg(long, value_name = "FINGERPRINT", requires = "check")]
        key: Option<String>,
        /// The certificate as its file: JSON with text, signature and key
        #[arg(long)]
        json: bool,
    },
}
