//! `tidstro validate` and `tidstro findings`.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde::Serialize;
use tidstro_flows::{Answer, FindingChange, FlowFault, FoundLine, SeriesFindings, validate_again};
use tidstro_metering::Rules;
use tidstro_model::Rule;

use super::series::{refused, series_ask};
use super::{now, open_existing, validate_kept};
use crate::Outcome;
use crate::args::{Arguments, Findings, SeriesArguments, Validate};
use crate::fault::CommandFault;
use crate::show::{Table, note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &Validate) -> Result<Outcome, CommandFault> {
    let Some(path) = command.rules.as_deref().filter(|_| command.dry_run) else {
        return validate_kept::run(arguments, command).await;
    };
    let rules = rules_of(path)?;
    let is_change = |line: &FoundLine| matches!(line.change, FindingChange::Comes | FindingChange::Goes);
    tell(arguments, &command.asked, Some(rules), is_change).await
}

pub(crate) async fn findings(arguments: &Arguments, command: &Findings) -> Result<Outcome, CommandFault> {
    let is_asked = |line: &FoundLine| command.rule.is_none_or(|rule| rule == line.rule);
    tell(arguments, &command.asked, None, is_asked).await
}

pub(super) fn rules_of(path: &Path) -> Result<Rules, CommandFault> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| CommandFault::File { path: path.to_owned(), source })?;
    Ok(Rules::parse(&text).map_err(|faults| FlowFault::rules(path.to_owned(), &faults))?)
}

async fn tell(
    arguments: &Arguments,
    asked: &SeriesArguments,
    rules: Option<Rules>,
    is_told: impl Fn(&FoundLine) -> bool,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match validate_again(&workspace, &series_ask(asked)?, rules, now()).await? {
        Answer::Refused(refuse) => Ok(refused(&refuse)),
        Answer::Given(mut series) => {
            let counts = counted(&series);
            series.iter_mut().for_each(|series| series.found.retain(|line| is_told(line)));
            if asked.json {
                write_json(&series)?;
            } else {
                write_tables(&series, &counts)?;
            }
            Ok(Outcome::Done)
        }
    }
}

/// How often each rule is found, by what the rules do to it.
type Counts = BTreeMap<(Rule, FindingChange), u64>;

fn counted(series: &[SeriesFindings]) -> Counts {
    let mut counts = Counts::new();
    for line in series.iter().flat_map(|series| &series.found) {
        *counts.entry((line.rule, line.change)).or_default() += 1;
    }
    counts
}

fn write_tables(series: &[SeriesFindings], counts: &Counts) -> Result<(), CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if counts.is_empty() {
        note(format_args!("no rule finds anything in that scope"));
        return Ok(());
    }
    let mut totals = Table::new(&["rule", "", ">findings"]);
    for ((rule, change), count) in counts {
        totals.row(vec![rule.to_string(), change.word().to_owned(), count.to_string()]);
    }
    write!(out, "{totals}")?;
    let mut lines: Vec<_> =
        series.iter().flat_map(|series| series.found.iter().map(move |line| (series, line))).collect();
    lines.sort_by_key(|(_, line)| line.rule);
    for (series, line) in lines {
        let said =
            line.sentence.clone().unwrap_or_else(|| format!("{} at position {}", line.rule, line.position));
        let place = format!(
            "{} {} · series {} · {}",
            line.day,
            series.line.point,
            series.line.series,
            line.change.word()
        );
        writeln!(out, "{}: {}", plain(&place), plain(&said))?;
    }
    out.flush()?;
    Ok(())
}

/// A finding with its place.
#[derive(Serialize)]
struct FoundJson<'a> {
    series: u32,
    point: &'a str,
    day: String,
    rule: &'static str,
    position: u32,
    change: &'static str,
    marked: u32,
    why: Option<&'a str>,
}

fn write_json(series: &[SeriesFindings]) -> Result<(), CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for SeriesFindings { line, found } in series {
        for finding in found {
            let json = FoundJson {
                series: line.series.as_u32(),
                point: &line.point,
                day: finding.day.to_string(),
                rule: finding.rule.code(),
                position: finding.position,
                change: finding.change.word(),
                marked: finding.marked,
                why: finding.sentence.as_deref(),
            };
            writeln!(out, "{}", serde_json::to_string(&json)?)?;
        }
    }
    out.flush()?;
    Ok(())
}
