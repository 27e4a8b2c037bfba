//! `tidstro validate` and `tidstro findings`.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use indicatif::ProgressBar;
use serde::Serialize;
use tidstro_flows::{Answer, FindingChange, FlowFault, FoundLine, SeriesFindings, Unsaid, Validation};
use tidstro_metering::Rules;
use tidstro_model::Rule;

use super::series::{refused, series_ask};
use super::{findings_queue, now, open_existing, validate_kept};
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
    if command.queue || command.recount {
        return findings_queue::run(arguments, command).await;
    }
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
    let mut judging = match Validation::begin(&workspace, series_ask(asked)?, rules, now()).await? {
        Answer::Given(judging) => judging,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let bar = ProgressBar::new(judging.progress().1 as u64);
    let mut told = Told { is_json: asked.json, ..Told::default() };
    loop {
        match judging.step(now()).await? {
            Answer::Given(Some(found)) => bar.suspend(|| told.step(found, &is_told))?,
            Answer::Given(None) => break,
            Answer::Refused(refuse) => return Ok(refused(&refuse)),
        }
        bar.set_position(judging.progress().0 as u64);
    }
    bar.finish_and_clear();
    told.end()?;
    Ok(Outcome::Done)
}

/// The most lines of text: nobody reads more, and an area may have millions.
const LINES_MAX: usize = 10_000;

/// What is told: JSON as it comes, text at the end, because it begins with the counts.
#[derive(Default)]
struct Told {
    is_json: bool,
    /// How often each rule is found, by what the rules do to it.
    counts: BTreeMap<(Rule, FindingChange), u64>,
    /// Text of the first ones, by the order of rules.
    lines: Vec<(Rule, String)>,
    /// How many there are.
    count: usize,
}

impl Told {
    fn step(
        &mut self,
        mut found: Vec<SeriesFindings>,
        is_told: impl Fn(&FoundLine) -> bool,
    ) -> Result<(), CommandFault> {
        for line in found.iter().flat_map(|series| &series.found) {
            *self.counts.entry((line.rule, line.change)).or_default() += 1;
        }
        found.iter_mut().for_each(|series| series.found.retain(&is_told));
        if self.is_json {
            return write_json(&found);
        }
        for (series, line) in
            found.iter().flat_map(|series| series.found.iter().map(move |line| (series, line)))
        {
            self.count += 1;
            if self.count <= LINES_MAX {
                self.lines.push((line.rule, text_of(series, line)));
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<(), CommandFault> {
        if self.is_json {
            return Ok(());
        }
        if self.counts.is_empty() {
            note(format_args!("no rule finds anything in that scope"));
            return Ok(());
        }
        let mut out = BufWriter::new(std::io::stdout().lock());
        let mut totals = Table::new(&["rule", "", ">findings"]);
        for ((rule, change), count) in &self.counts {
            totals.row(vec![rule.to_string(), change.word().to_owned(), count.to_string()]);
        }
        write!(out, "{totals}")?;
        self.lines.sort_by_key(|(rule, _)| *rule);
        for (_, line) in &self.lines {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
        if self.count > LINES_MAX {
            note(format_args!("{} findings more; `--json` writes them all", self.count - LINES_MAX));
        }
        Ok(())
    }
}

fn text_of(series: &SeriesFindings, line: &FoundLine) -> String {
    let unsaid = |unsaid: &Unsaid| format!("{} at position {}: {unsaid}", line.rule, line.position);
    let said = line.sentence.clone().unwrap_or_else(|fault| unsaid(&fault));
    let place = format!(
        "{} {} · series {} · {}",
        line.day,
        series.line.point,
        series.line.series,
        line.change.word()
    );
    format!("{}: {}", plain(&place), plain(&said))
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
    /// What was compared.
    why: Option<&'a str>,
    /// Why that is not said, where it is not.
    unsaid: Option<String>,
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
                why: finding.sentence.as_deref().ok(),
                unsaid: finding.sentence.as_ref().err().map(Unsaid::to_string),
            };
            writeln!(out, "{}", serde_json::to_string(&json)?)?;
        }
    }
    out.flush()?;
    Ok(())
}
