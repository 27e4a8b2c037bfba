//! `tidstro series`.

use std::io::Write as _;

use tidstro_flows::{Answer, SeriesAsk, list_series, show_series};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, SeriesNo};

use super::{now, open};
use crate::Outcome;
use crate::args::{Arguments, Series, SeriesArguments};
use crate::fault::CommandFault;
use crate::show::series::{line_json, list_table, value_json, view_table};

pub(crate) async fn run(arguments: &Arguments, command: &Series) -> Result<Outcome, CommandFault> {
    let workspace = open(arguments).await?;
    match command {
        Series::List(asked) => match list_series(&workspace, &series_ask(asked)?, now()).await? {
            Answer::Given(lines) if asked.json => {
                let mut out = std::io::stdout().lock();
                for line in &lines {
                    writeln!(out, "{}", serde_json::to_string(&line_json(line))?)?;
                }
                Ok(Outcome::Done)
            }
            Answer::Given(lines) => {
                write!(std::io::stdout(), "{}", list_table(&lines))?;
                Ok(Outcome::Done)
            }
            Answer::Refused(refuse) => Ok(refused(&refuse)),
        },
        Series::Show(asked) => match show_series(&workspace, &series_ask(asked)?, now()).await? {
            Answer::Given(views) => {
                let mut out = std::io::stdout().lock();
                for view in &views {
                    if asked.json {
                        for value in &view.values {
                            writeln!(out, "{}", serde_json::to_string(&value_json(view, value))?)?;
                        }
                    } else {
                        writeln!(out, "{}", view_table(view, workspace.zone()))?;
                    }
                }
                if views.is_empty() {
                    eprintln!("nothing is kept in that scope");
                }
                Ok(Outcome::Done)
            }
            Answer::Refused(refuse) => Ok(refused(&refuse)),
        },
    }
}

/// Says which rule refused. It is an answer, so it has an exit code of its own and no more words.
pub(crate) fn refused(refuse: &tidstro_govern::Refuse) -> Outcome {
    eprintln!("refused by {}: {}", refuse.rule, refuse.detail);
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
    })
}
