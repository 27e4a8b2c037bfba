//! The command lines of `validate` and `findings`.

use std::path::PathBuf;

use clap::Args;
use tidstro_model::Rule;

use super::SeriesArguments;

#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) asked: SeriesArguments,
    /// The rules: to try any, with `--dry-run`; without it those that judge, as a check that they are the ones meant
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Tell what would change, and change nothing
    #[arg(long, requires = "rules")]
    pub(crate) dry_run: bool,
    /// Judge days anew too that others were given as final, for this reason; it is kept sealed with them
    #[arg(long, value_name = "REASON", conflicts_with = "dry_run")]
    pub(crate) reopen: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Findings {
    #[command(flatten)]
    pub(crate) asked: SeriesArguments,
    /// Only this rule
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub(crate) rule: Option<Rule>,
}

pub(super) fn rule(text: &str) -> Result<Rule, String> {
    Rule::from_code(text).ok_or_else(|| {
        let codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        format!("write one of {}", codes.join(", "))
    })
}
