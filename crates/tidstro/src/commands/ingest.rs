//! `tidstro ingest`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use tidstro_flows::{Answer, IngestOptions, IngestReport, Workspace, ingest_described};
use tidstro_model::ActorId;
use tidstro_telegram::KeyRing;
use tidstro_telegram::uplink::Form;

use super::live::{self, Stream};
use super::series::refused;
use super::{Input, keys, now, open};
use crate::Outcome;
use crate::args::{Arguments, Ingest};
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::{report_json, report_text};

pub(crate) async fn run(arguments: &Arguments, command: &Ingest) -> Result<Outcome, CommandFault> {
    if let Some(stream) = Stream::named(command).await? {
        return live::run(arguments, command, stream).await;
    }
    let (keys, forms) = (keys(command.keys.as_deref())?, forms(&command.form)?);
    let input = Input::open(command.input.as_deref().unwrap_or(Path::new("-")))?;
    let workspace = open(arguments).await?;
    match ingest_input(&workspace, &ActorId::parse(&command.actor)?, input, (&keys, &forms)).await? {
        Answer::Given(report) => {
            let mut out = std::io::stdout();
            if command.json {
                writeln!(out, "{}", report_json(&report))?;
            } else {
                write!(out, "{}", report_text(&report))?;
            }
            if report.lines == 0 {
                note(format_args!(
                    "nothing in the input; give telegrams line by line, or interval data as CSV"
                ));
            }
            Ok(if report.nothing_refused() { Outcome::Done } else { Outcome::Refused })
        }
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

/// The descriptions of exports in files.
pub(super) fn forms(paths: &[PathBuf]) -> Result<Vec<Form>, CommandFault> {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CommandFault::File { path: path.clone(), source })?;
        Form::parse(&text).map_err(|source| CommandFault::Form { path: path.clone(), source })
    };
    paths.iter().map(read).collect()
}

/// Ingests one input with a progress bar, which only a terminal shows.
pub(crate) async fn ingest_input(
    workspace: &Workspace,
    actor: &ActorId,
    mut input: Input,
    (keys, forms): (&KeyRing, &[Form]),
) -> Result<Answer<IngestReport>, CommandFault> {
    let bar = input.bytes.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(input.name.clone());
    let options = IngestOptions { source: &input.name, keys, progress: &|bytes| bar.set_position(bytes) };
    let report = ingest_described(workspace, actor, &mut *input.reader, (&options, forms), &now).await?;
    bar.finish_and_clear();
    Ok(report)
}
