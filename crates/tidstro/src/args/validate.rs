//! The command lines of `validate` and `findings`.

use std::path::PathBuf;

use clap::Args;
use tidstro_model::Rule;

use super::SeriesArguments;

#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) asked: SeriesArguments,
    /// The rules to try; `rules import` makes them judge what comes
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: PathBuf,
    /// Tell what would change, and change nothing
    #[arg(long, required = true)]
    pub(crate) dry_run: bool,
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
