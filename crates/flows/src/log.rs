//! The log: checked, exported, and events of other programs taken into it.
//!
//! What comes in: a workspace, or, to check a bundle, nothing but the bundle. What goes out: counts and
//! the first place that does not hold. Never: a line of another program in a message.

use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use tidstro_govern::log::{BundleCheck, BundleReport, Fingerprint, Imported, LogReport};
use tidstro_model::ActorId;

use crate::{FlowFault, Lines, Workspace};

/// Lines of another program's events taken in at once.
const IMPORT_BATCH: usize = 4096;

/// Recomputes every hash of the log and checks every signature.
///
/// # Errors
/// [`FlowFault::Store`] with the first place that does not hold.
pub async fn verify_log(workspace: &Workspace) -> Result<LogReport, FlowFault> {
    Ok(workspace.store.verify_log().await?)
}

/// Checks a bundle; needs no workspace. `name` is for messages. With `expected` only the key of that
/// fingerprint will do; without it, a log made anew with another key passes.
///
/// # Errors
/// [`FlowFault::Bundle`] with the first place that does not hold.
pub fn verify_bundle(
    input: &mut (dyn Read + Send),
    name: &str,
    expected: Option<Fingerprint>,
) -> Result<BundleReport, FlowFault> {
    let unsound = |fault| FlowFault::Bundle { name: name.to_owned(), fault };
    let (mut lines, mut check) = (Lines::new(input, name), BundleCheck::new(expected));
    while let Some(line) = lines.next()? {
        check.line(line.bytes).map_err(unsound)?;
    }
    check.finish().map_err(unsound)
}

/// Writes the whole log as a bundle into a new file, and checks what was written.
///
/// # Errors
/// [`FlowFault::Folder`] if the file is there already or cannot be written, [`FlowFault::Bundle`] if the
/// log does not hold: then the file is kept as evidence.
pub async fn export_log(
    workspace: &Workspace,
    path: &Path,
    now: Timestamp,
) -> Result<BundleReport, FlowFault> {
    let unusable = |source| FlowFault::Folder { path: path.to_owned(), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    let file = options.open(path).map_err(unusable)?;
    workspace.store.export_log(now, std::io::BufWriter::new(file)).await?;
    let mut written = std::fs::File::open(path).map_err(unusable)?;
    verify_bundle(&mut written, &path.display().to_string(), None)
}

/// Records what another program reports, one event a line, by the same rules as if somebody here recorded it,
/// and keeps the other lines aside. `actor` is the program that reports; all its files are one chain. `name` is
/// for messages.
///
/// # Errors
/// [`FlowFault::UnknownActor`], [`FlowFault::Input`]. What was taken in before a fault stays.
pub async fn import_events(
    workspace: &Workspace,
    actor: &ActorId,
    input: &mut (dyn Read + Send),
    name: &str,
    now: Timestamp,
) -> Result<Imported, FlowFault> {
    must_be_known(workspace, actor)?;
    let (mut lines, mut total) = (Lines::new(input, name), Imported::default());
    let mut first = 1;
    loop {
        let batch = next_batch(&mut lines)?;
        let count = batch.len();
        if count == 0 {
            return Ok(total);
        }
        let imported = workspace.store.import_events(actor.clone(), batch, first, now).await?;
        total.appended += imported.appended;
        total.aside.extend(imported.aside);
        first += count as u64;
    }
}

fn next_batch(lines: &mut Lines<'_>) -> Result<Vec<Vec<u8>>, FlowFault> {
    let mut batch = Vec::new();
    while batch.len() < IMPORT_BATCH {
        let Some(line) = lines.next()? else { break };
        batch.push(line.bytes.to_vec());
    }
    Ok(batch)
}

fn must_be_known(workspace: &Workspace, actor: &ActorId) -> Result<(), FlowFault> {
    if workspace.register().actors().any(|known| known.id == *actor) {
        Ok(())
    } else {
        Err(FlowFault::UnknownActor { actor: actor.clone() })
    }
}
