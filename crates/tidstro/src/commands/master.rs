//! `tidstro master`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, civil::Date};
use serde_json::json;
use tidstro_flows::{
    Answer, Childless, MASTER_PIECE_ROWS, MasterExport, MasterImportHow, MasterSource, PeopleAsk,
    export_master_data, export_people, import_master_files, virtual_without_children,
};
use tidstro_model::{ActivityId, ActorId, CheckDigit};

use super::master_telling::Telling;
use super::series::refused;
use super::{Input, now, open, open_existing};
use crate::Outcome;
use crate::args::{Arguments, GsrnCheck, MasterCommand};
use crate::fault::CommandFault;
use crate::show::note;
use crate::show::report::counted;

pub(crate) async fn run(arguments: &Arguments, command: &MasterCommand) -> Result<Outcome, CommandFault> {
    match command {
        MasterCommand::Import { files, dry_run, gsrn, actor, json } => {
            import(arguments, (files, actor), (gsrn.map(GsrnCheck::check), *dry_run), *json).await
        }
        MasterCommand::Export { as_of, on, out } => export(arguments, (*as_of, *on), out).await,
        MasterCommand::People { actor, purpose, recipient, area, out } => {
            let (actor, purpose) = (ActorId::parse(actor)?, ActivityId::parse(purpose)?);
            let asked = PeopleAsk { actor, purpose, recipient: recipient.clone(), area: area.clone() };
            people(arguments, &asked, out).await
        }
        MasterCommand::Check { on, json } => check(arguments, *on, *json).await,
    }
}

async fn import(
    arguments: &Arguments,
    (paths, actor): (&[PathBuf], &str),
    (check, is_dry): (Option<CheckDigit>, bool),
    is_json: bool,
) -> Result<Outcome, CommandFault> {
    let files = paths.iter().map(|path| source(path)).collect::<Result<Vec<_>, _>>()?;
    let actor = ActorId::parse(actor)?;
    // A dry run makes no folder.
    let workspace = if is_dry { open_existing(arguments).await? } else { open(arguments).await? };
    let check = check.unwrap_or_else(|| workspace.register().check_digits());
    let how = MasterImportHow { check, is_dry, piece_rows: MASTER_PIECE_ROWS };
    let names = files.iter().map(|file| file.name.clone()).collect();
    let mut told = Telling::new(names, is_json);
    let mut tell = |line| told.tell(line);
    match import_master_files(&workspace, &actor, files, (how, now()), &mut tell).await? {
        Answer::Given(report) => told.end(report),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

/// A file is read where it lies, twice; what comes from a pipe is held in memory.
fn source(path: &Path) -> Result<MasterSource, CommandFault> {
    let mut input = Input::open(path)?;
    let unreadable = |source| CommandFault::File { path: path.to_owned(), source };
    if path.as_os_str() != "-" && path.is_file() {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        return Ok(MasterSource { name: input.name, bytes: Box::new(file) });
    }
    let mut bytes = Vec::new();
    input.reader.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(MasterSource::held(input.name, bytes))
}

async fn export(
    arguments: &Arguments,
    (as_of, on): (Option<Timestamp>, Option<Date>),
    folder: &Path,
) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    write_files(export_master_data(&workspace, as_of, on).await?, folder)
}

async fn people(arguments: &Arguments, asked: &PeopleAsk, folder: &Path) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    match export_people(&workspace, asked, now()).await? {
        Answer::Given(export) => write_files(export, folder),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

fn write_files(export: MasterExport, folder: &Path) -> Result<Outcome, CommandFault> {
    let unwritable = |path: &Path, source| CommandFault::File { path: path.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    for (name, text, rows) in export.files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|source| unwritable(&path, source))?;
        note(format_args!("{}: {}", path.display(), counted(rows, "row")));
    }
    Ok(Outcome::Done)
}

async fn check(arguments: &Arguments, on: Option<Date>, is_json: bool) -> Result<Outcome, CommandFault> {
    let workspace = open_existing(arguments).await?;
    let day = on.unwrap_or_else(|| workspace.zone().day_of(now()));
    let found = virtual_without_children(&workspace, day).await?;
    let mut out = std::io::stdout().lock();
    for one in &found {
        match one {
            Childless::WithoutChildren { point } if is_json => {
                writeln!(out, "{}", json!({ "point": point.to_string(), "child": null }))?;
            }
            Childless::CoarseChild { point, child } if is_json => {
                writeln!(out, "{}", json!({ "point": point.to_string(), "child": child.to_string() }))?;
            }
            Childless::WithoutChildren { point } => writeln!(out, "{point} has no child point in use")?,
            Childless::CoarseChild { point, child } => {
                writeln!(out, "{point} has child {child} without quarters or hours")?;
            }
        }
    }
    note(format_args!(
        "{} cannot be the sum of their children on {day}",
        counted(found.len() as u64, "virtual point")
    ));
    Ok(if found.is_empty() { Outcome::Done } else { Outcome::Refused })
}
