//! `tidstro series compact`.

use std::io::Write as _;

use indicatif::ProgressBar;
use serde_json::json;
use tidstro_flows::{Answer, CompactAsk, CompactReport, Compaction};
use tidstro_govern::Refuse;
use tidstro_model::ActorId;

use super::series::refused;
use super::stop::Stop;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, SeriesCompact};
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::counted;

pub(crate) async fn run(arguments: &Arguments, asked: &SeriesCompact) -> Result<Outcome, CommandFault> {
    let mut stop = Stop::listen()?;
    let workspace = open_existing(arguments).await?;
    let actor = ActorId::parse(&asked.actor)?;
    let ask = CompactAsk { actor, area: asked.area.clone(), before: asked.before };
    let mut compaction = match Compaction::begin(&workspace, ask, now()).await? {
        Answer::Given(compaction) => compaction,
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let bar = ProgressBar::new_spinner();
    // Stopped between two steps or in the middle of one: a step is done whole or not at all.
    let ended = tokio::select! {
        () = stop.asked() => None,
        ended = steps(&mut compaction, &bar) => Some(ended?),
    };
    bar.finish_and_clear();
    if let Some(Some(refuse)) = ended {
        return Ok(refused(&refuse));
    }
    print(compaction.report(), asked.json)?;
    if ended.is_none() {
        note(format_args!("stopped; the same command goes on"));
    }
    Ok(Outcome::Done)
}

async fn steps(compaction: &mut Compaction<'_>, bar: &ProgressBar) -> Result<Option<Refuse>, CommandFault> {
    loop {
        match compaction.step(now()).await? {
            Answer::Given(true) => {}
            Answer::Given(false) => return Ok(None),
            Answer::Refused(refuse) => return Ok(Some(refuse)),
        }
        let report = compaction.report();
        if let Some(month) = report.month {
            bar.set_message(format!(
                "{}: {} so far",
                month.strftime("%Y-%m"),
                counted(report.months, "month")
            ));
        }
        bar.tick();
    }
}

fn print(report: &CompactReport, as_json: bool) -> Result<(), CommandFault> {
    let before = report.before.strftime("%Y-%m").to_string();
    let CompactReport { months, versions, left, .. } = *report;
    let mut out = std::io::stdout();
    if as_json {
        writeln!(
            out,
            "{}",
            json!({ "before": before, "months": months, "versions": versions, "days_left": left })
        )?;
        return Ok(());
    }
    let (written, taken) = (counted(months, "month"), counted(versions, "version"));
    writeln!(out, "before {before}: {written} of series written, {taken} of days put into them")?;
    if left > 0 {
        note(format_args!(
            "{} left as they are: their versions belong to several, are erased, or are too many",
            counted(left, "day")
        ));
    }
    Ok(())
}
