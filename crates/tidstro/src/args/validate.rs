//! The command lines of `validate` and `findings`.

use std::path::PathBuf;

use clap::Args;
use tidstro_flows::EstimateMethod;
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
    /// What waits for a decision, counted by cause; with `--rule` and `--area` the days of one cause, of series of `--resolution`
    #[arg(long)]
    pub(crate) queue: bool,
    /// Decide about these days: estimate their values, or accept them as they are
    #[arg(long, value_name = "DECISION", requires_all = ["queue", "rule", "area"])]
    pub(crate) decide: Option<DecisionWord>,
    /// How values are estimated: auto, linear or like-days
    #[arg(long, default_value = "auto", value_name = "METHOD", value_parser = method, requires = "decide")]
    pub(crate) method: EstimateMethod,
    /// Why values are accepted as they are; it is kept sealed with them
    #[arg(long, value_name = "REASON", required_if_eq("decide", "accept"))]
    pub(crate) reason: Option<String>,
    /// Tell what a decision would do, and do nothing
    #[arg(long, requires = "decide")]
    pub(crate) dry_run: bool,
    /// At most so many days of a cause, the oldest first
    #[arg(long, value_name = "N", default_value_t = 1_000, requires = "queue")]
    pub(crate) limit: usize,
    /// Find anew what waits, from the days themselves; exit code 1 if something waited otherwise
    #[arg(long, conflicts_with = "queue")]
    pub(crate) recount: bool,
}

/// What is decided about days that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DecisionWord {
    /// Values are made in the place of those that failed, or are missing.
    Estimate,
    /// They stand as they are.
    Accept,
}

/// A method that needs no more than the series itself.
fn method(text: &str) -> Result<EstimateMethod, String> {
    let of_series = [EstimateMethod::Auto, EstimateMethod::Linear, EstimateMethod::LikeDays];
    let found = of_series.into_iter().find(|method| method.word() == text);
    found.ok_or_else(|| {
        "write auto, linear or like-days; for another method run `estimate --reject RULE`".to_owned()
    })
}

pub(super) fn rule(text: &str) -> Result<Rule, String> {
    Rule::from_code(text).ok_or_else(|| {
        let codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        format!("write one of {}", codes.join(", "))
    })
}
