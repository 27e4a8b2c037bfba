//! Looking for events in the log, checking it where it lies, and taking it along as a bundle.
//!
//! What comes in: who looks, what for, what is looked for. What goes out: events in the log's own words, in which residents stand by a
//! part of their commitment. Whoever may see what was tried and not admitted may see what was done: it is one purpose, to show that
//! the law is kept (GDPR art. 5(2)). Each look is in the log. Never: whom an event concerns.
//!
//! This file opens what the store discloses (see `tests/doors.rs`).

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tidstro_govern::log::LogReport;
use tidstro_store::StoreFault;

use crate::answer::granted;
use crate::aside::{AsideAsk, ask_for_aside};
use crate::log::verify_bundle;
use crate::{Answer, FlowFault, Workspace};

pub use tidstro_store::{LogEntry, LogPage, LogQuery};

/// Whether the log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogState {
    /// Every hash and signature is right.
    Holds(LogReport),
    /// Something was changed, moved or removed: the first place that does not hold.
    Broken(String),
}

/// The newest events that fit.
///
/// # Errors
/// [`FlowFault`] if the store fails, or the register has no category for what is kept aside.
pub async fn search_log(
    workspace: &Workspace,
    asked: &AsideAsk,
    query: LogQuery,
    now: Timestamp,
) -> Result<Answer<LogPage>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_for_aside(workspace, asked)?, now).await?);
    Ok(Answer::Given(workspace.store.search_log(&permit, query, now).await?.open(&permit)?))
}

/// Recomputes every hash of the log and checks every signature. A log that does not hold is an answer.
///
/// # Errors
/// [`FlowFault::Store`] if it cannot be read.
pub async fn check_log(workspace: &Workspace) -> Result<LogState, FlowFault> {
    match workspace.store.verify_log().await {
        Ok(report) => Ok(LogState::Holds(report)),
        Err(StoreFault::Log(fault)) => Ok(LogState::Broken(fault.to_string())),
        Err(fault) => Err(fault.into()),
    }
}

/// The whole log as a bundle, checked, in a file that has no name any more: it goes with its last reader.
///
/// # Errors
/// [`FlowFault::Folder`] if there is no room for it, [`FlowFault::Bundle`] if the log does not hold.
pub async fn bundle_log(
    workspace: &Workspace,
    asked: &AsideAsk,
    now: Timestamp,
) -> Result<Answer<File>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_for_aside(workspace, asked)?, now).await?);
    workspace.store.note_log_bundle(&permit, now).await?;
    let mut file = nameless(now)?;
    let copy = file.try_clone().map_err(unusable)?;
    workspace.store.export_log(now, BufWriter::new(copy)).await?;
    file.seek(SeekFrom::Start(0)).map_err(unusable)?;
    let file = tokio::task::spawn_blocking(move || {
        let _ = verify_bundle(&mut file, "log", None)?;
        file.seek(SeekFrom::Start(0)).map_err(unusable)?;
        Ok::<_, FlowFault>(file)
    });
    Ok(Answer::Given(file.await.map_err(|_| StoreFault::Stopped)??))
}

fn unusable(source: std::io::Error) -> FlowFault {
    FlowFault::Folder { path: std::env::temp_dir(), source }
}

/// A new file that only this process can reach.
fn nameless(now: Timestamp) -> Result<File, FlowFault> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let count = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("tidstro-{}-{}-{count}", std::process::id(), now.as_nanosecond());
    let path = &std::env::temp_dir().join(name);
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(unusable)?;
    std::fs::remove_file(path).map_err(unusable)?;
    Ok(file)
}
