//! `tidstro series`.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use tidstro_calendar::Zone;
use tidstro_flows::{
    Answer, Lines, SeriesAsk, SeriesLine, SeriesView, ValueStory, find_lines, list_series, show_series,
    why_value,
};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, SeriesNo};

use super::{Input, now, open_existing, series_compact};
use crate::Outcome;
use crate::args::{Arguments, Series, SeriesArguments};
use crate::fault::CommandFault;
use crate::show::series::{line_json, list_table, value_json, view_table};
use crate::show::why::{story_table, version_json};
use crate::show::{note, plain};

pub(crate) async fn run(arguments: &Arguments, command: &Series) -> Result<Outcome, CommandFault> {
    match command {
        Series::List(asked) => list(arguments, asked).await,
        Series::Show(asked) => show(arguments, asked).await,
        Series::Why { asked, at, file } => why(arguments, asked, (*at, file.as_deref())).await,
        Series::Compact(asked) => series_compact::run(arguments, asked).await,
    }
}

async fn list(arguments: &Arguments, asked: &SeriesArguments) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match list_series(&workspace, &series_ask(asked)?, now()).await? {
        Answer::Given(lines) => write_list(&lines, asked.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn why(
    arguments: &Arguments,
    asked: &SeriesArguments,
    (at, file): (jiff::Timestamp, Option<&Path>),
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match why_value(&workspace, &series_ask(asked)?, at, now()).await? {
        Answer::Given(mut stories) => {
            if let Some(file) = file {
                let mut input = Input::open(file)?;
                find_lines(&mut stories, at, &mut Lines::new(&mut *input.reader, &input.name))?;
            }
            write_stories(&stories, workspace.zone(), asked.json)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn show(arguments: &Arguments, asked: &SeriesArguments) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match show_series(&workspace, &series_ask(asked)?, now()).await? {
        Answer::Given(views) => write_views(&views, workspace.zone(), asked.json),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn write_stories(stories: &[ValueStory], zone: &Zone, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for story in stories {
        if json {
            for version in &story.versions {
                writeln!(out, "{}", serde_json::to_string(&version_json(story, version))?)?;
            }
        } else {
            writeln!(out, "{}", story_table(story, zone))?;
        }
    }
    out.flush()?;
    Ok(done_with(stories.is_empty()))
}

fn write_list(lines: &[SeriesLine], json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if json {
        for line in lines {
            writeln!(out, "{}", serde_json::to_string(&line_json(line))?)?;
        }
    } else if !lines.is_empty() {
        write!(out, "{}", list_table(lines))?;
    }
    out.flush()?;
    Ok(done_with(lines.is_empty()))
}

fn write_views(views: &[SeriesView], zone: &Zone, json: bool) -> Result<Outcome, CommandFault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for view in views {
        if json {
            for value in &view.values {
                writeln!(out, "{}", serde_json::to_string(&value_json(view, value))?)?;
            }
        } else {
            writeln!(out, "{}", view_table(view, zone))?;
        }
    }
    out.flush()?;
    Ok(done_with(views.is_empty()))
}

/// An empty answer says so, but not on standard output: there is nothing in it.
fn done_with(is_empty: bool) -> Outcome {
    if is_empty {
        note(format_args!("nothing is kept in that scope"));
    }
    Outcome::Done
}

/// Says which rule refused. It is an answer, so it has an exit code of its own and no more words.
pub(crate) fn refused(refuse: &tidstro_govern::Refuse) -> Outcome {
    note(format_args!("refused by {}: {}", refuse.rule, plain(&refuse.detail)));
    Outcome::Refused
}

/// The ask of a command line.
pub(crate) fn series_ask(asked: &SeriesArguments) -> Result<SeriesAsk, CommandFault> {
    let always = DayRange::always();
    Ok(SeriesAsk {
        actor: ActorId::parse(&asked.actor)?,
        purpose: ActivityId::parse(&asked.purpose)?,
        category: CategoryId::parse(&asked.category)?,
        point: asked.point.clone(),
        area: asked.area.clone(),
        series: asked.series.map(SeriesNo::new),
        days: DayRange::new(asked.from.unwrap_or(always.start()), asked.to.unwrap_or(always.end()))?,
        resolution: asked.resolution,
        as_of: asked.as_of,
        recipient: asked.recipient.clone(),
        factors: if asked.second_factor { 2 } else { 1 },
    })
}
