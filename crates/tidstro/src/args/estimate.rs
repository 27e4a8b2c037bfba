//! The command line of `estimate`.

use clap::Args;
use tidstro_flows::{CHAIN_DAYS, EstimateMethod};
use tidstro_model::Rule;

use super::SeriesArguments;
use super::validate::rule;

#[derive(Debug, Args)]
pub(crate) struct Estimate {
    #[command(flatten)]
    pub(crate) asked: SeriesArguments,
    /// How values are made: auto (a line over two hours at most, else like days), linear, like-days,
    /// profile (the shape of `--profile`), balance (of a whole area: what the parent point leaves, less its other children), or
    /// neighbour (of a whole area: the shape of the parent's other children, or of `--check-meter`)
    #[arg(long, default_value = "auto", value_name = "METHOD", value_parser = method)]
    pub(crate) method: EstimateMethod,
    /// The standard load profile of the method `profile`, as `master import` took it in; without one, what the rules name for
    /// the class of a series
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The metering point whose shape the method `neighbour` takes
    #[arg(long, value_name = "ID")]
    pub(crate) check_meter: Option<String>,
    /// Estimate values anew that failed this rule; may be given several times
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub(crate) reject: Vec<Rule>,
    /// Tell of estimates in a row over more days than this
    #[arg(long, value_name = "N", default_value_t = CHAIN_DAYS)]
    pub(crate) chain_days: u32,
    /// Tell what would be made, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn method(text: &str) -> Result<EstimateMethod, String> {
    let found = EstimateMethod::ALL.into_iter().find(|method| method.word() == text);
    found.ok_or_else(|| {
        let words: Vec<_> = EstimateMethod::ALL.iter().map(|method| method.word()).collect();
        format!("write one of {}", words.join(", "))
    })
}
