//! `tidstro decode-again`.

use std::io::Write as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tidstro_flows::{AgainReport, AlarmReport, Answer, decode_again};
use tidstro_model::ActorId;

use super::series::refused;
use super::{keys, now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, DecodeAgain};
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::counted;

pub(crate) async fn run(arguments: &Arguments, command: &DecodeAgain) -> Result<Outcome, CommandFault> {
    let keys = keys(command.keys.as_deref())?;
    let actor = ActorId::parse(&command.actor)?;
    let workspace = open_existing(arguments).await?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("decoding again {pos} {per_sec}") {
        bar.set_style(style);
    }
    let progress = |done| bar.set_position(done);
    let answer = decode_again(&workspace, &actor, (command.since, &keys), &now, &progress).await?;
    bar.finish_and_clear();
    match answer {
        Answer::Given(report) => {
            print(&report, command.json)?;
            Ok(Outcome::Done)
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn print(report: &AgainReport, json: bool) -> Result<(), CommandFault> {
    let mut out = std::io::stdout();
    if json {
        let said = json!({
            "telegrams": report.telegrams,
            "decoded": report.decoded,
            "recovered": report.recovered,
            "no_longer": report.no_longer,
            "readings": report.readings,
            "days_added": report.days_added,
            "days_changed": report.days_changed,
            "days_unchanged": report.days_unchanged,
            "days_too_old": report.days_too_old,
            "alarms_raised": report.alarms.raised,
            "alarms_cleared": report.alarms.cleared,
            "alarms_happened": report.alarms.happened,
        });
        writeln!(out, "{said}")?;
        return Ok(());
    }
    let (telegrams, decoded) = (counted(report.telegrams, "telegram"), report.decoded);
    writeln!(
        out,
        "{telegrams} decoded again, {decoded} with readings, {} for the first time",
        report.recovered
    )?;
    writeln!(
        out,
        "{} added, {} with a new version, {} as they were",
        counted(report.days_added, "day"),
        report.days_changed,
        report.days_unchanged
    )?;
    if !report.alarms.is_empty() {
        let AlarmReport { raised, cleared, happened, .. } = report.alarms;
        writeln!(out, "{}, {cleared} cleared, {happened} happened", counted(raised, "alarm raised"))?;
    }
    if report.no_longer > 0 {
        note(format_args!(
            "{} gave readings before and not now, for want of a key: what they gave stays",
            counted(report.no_longer, "telegram")
        ));
    }
    Ok(())
}
