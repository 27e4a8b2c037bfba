//! Files that gateways upload into a folder.
//!
//! What comes in: a folder, looked at again and again. What goes out: what became of each file that is complete. A
//! file is complete when its length and time have stayed the same for a while; names that begin with a dot, or end as
//! uploads in progress do, are left alone. A last line without its end may be half a line: it waits longer. A file
//! that grew is taken again, and only what is new in it changes anything. Files are never moved, changed or removed.
//!
//! Which files were taken is kept in the store, by what is in them, and written only once all their lines are
//! durable. A run that is cut short anywhere takes the file again.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tidstro_store::FileHash;

use super::{IngestReport, Intake};
use crate::{Answer, FlowFault};

/// How long a last line without its end may be half a line: the longest break of an upload that goes on.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// How far back the end of the last whole line is looked for; longer lines are refused anyway.
const TAIL: u64 = 64 * 1024;
/// Folders below folders that are looked into.
const DEPTH: usize = 8;
/// How the names of uploads in progress end.
const UNFINISHED: [&str; 5] = [".part", ".tmp", ".filepart", ".crdownload", "~"];

/// A folder that is watched.
pub struct Watch {
    folder: PathBuf,
    settle: SignedDuration,
    seen: BTreeMap<PathBuf, Seen>,
}

/// A file as it was when last looked at.
#[derive(Clone, Copy)]
struct Seen {
    length: u64,
    modified: Option<SystemTime>,
    since: Timestamp,
    /// Bytes of it that need not be taken any more.
    taken: u64,
}

impl Seen {
    /// What is known of a file that was seen before, if it is still as it was; otherwise it begins anew.
    fn now(before: Option<&Self>, metadata: &Metadata, now: Timestamp) -> Self {
        let new = Self { length: metadata.len(), modified: metadata.modified().ok(), since: now, taken: 0 };
        let same = before.filter(|seen| (seen.length, seen.modified) == (new.length, new.modified));
        same.copied().unwrap_or(new)
    }
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFile {
    /// Its name, from the folder on.
    pub name: String,
    /// What became of it.
    pub outcome: FileOutcome,
}

/// What became of a complete file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOutcome {
    /// Its lines are durable.
    Taken(Box<IngestReport>),
    /// The same bytes were taken before, perhaps under another name.
    Known,
    /// It cannot be read now; it is tried again.
    Unreadable(FileFault),
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}`: {reason}; it is tried again, give this user the right to read it")]
pub struct FileFault {
    /// Its name, from the folder on.
    pub name: String,
    /// What the system said.
    pub reason: String,
}

impl Watch {
    /// Watches a folder. `settle` is how long a file must stay as it is to be complete.
    #[must_use]
    pub fn new(folder: &Path, settle: SignedDuration) -> Self {
        Self { folder: folder.to_owned(), settle, seen: BTreeMap::new() }
    }

    /// Looks once, and takes what is complete, oldest first. Two looks at least `settle` apart are needed to see that
    /// a file stays as it is.
    ///
    /// # Errors
    /// [`FlowFault::Folder`] if the folder cannot be listed; [`FlowFault`] if the store fails.
    pub async fn look(&mut self, intake: &mut Intake<'_>) -> Result<Answer<Vec<TakenFile>>, FlowFault> {
        let mut outcomes = Vec::new();
        for path in self.due(intake.now())? {
            let name = self.name_of(&path);
            let outcome = match self.take(&path, &name, intake).await {
                Ok(Answer::Given(Some(outcome))) => outcome,
                Ok(Answer::Given(None)) => continue,
                Ok(Answer::Refused(refuse)) => return Ok(Answer::Refused(refuse)),
                Err(FlowFault::Input { source, .. }) => {
                    let fault = FileFault { name: name.clone(), reason: source.to_string() };
                    self.try_later(&path, intake.now());
                    FileOutcome::Unreadable(fault)
                }
                Err(fault) => return Err(fault),
            };
            outcomes.push(TakenFile { name, outcome });
        }
        Ok(Answer::Given(outcomes))
    }

    /// The files that have settled and are not taken yet, oldest first.
    fn due(&mut self, now: Timestamp) -> Result<Vec<PathBuf>, FlowFault> {
        let mut found = Vec::new();
        list(&self.folder, DEPTH, &mut found)
            .map_err(|source| FlowFault::Folder { path: self.folder.clone(), source })?;
        let before = std::mem::take(&mut self.seen);
        let mut due = Vec::new();
        for (path, metadata) in found {
            let seen = Seen::now(before.get(&path), &metadata, now);
            if seen.taken < seen.length && now.duration_since(seen.since) >= self.settle {
                due.push((seen.modified, path.clone()));
            }
            self.seen.insert(path, seen);
        }
        due.sort();
        Ok(due.into_iter().map(|(_, path)| path).collect())
    }

    /// Takes a file up to the end of its last whole line; `None` if there is none yet.
    async fn take(
        &mut self,
        path: &Path,
        name: &str,
        intake: &mut Intake<'_>,
    ) -> Result<Answer<Option<FileOutcome>>, FlowFault> {
        let Some(seen) = self.seen.get_mut(path) else { return Ok(Answer::Given(None)) };
        let unreadable = |source| FlowFault::Input { name: name.to_owned(), line: 0, source };
        let mut file = File::open(path).map_err(unreadable)?;
        let is_quiet = intake.now().duration_since(seen.since) >= PATIENCE;
        let upto =
            if is_quiet { seen.length } else { whole_lines(&mut file, seen.length).map_err(unreadable)? };
        if upto <= seen.taken {
            return Ok(Answer::Given(None));
        }
        let hash = hash_of(&mut file, upto).map_err(unreadable)?;
        let store = &intake.workspace().store;
        if store.is_taken(hash).await? {
            seen.taken = upto;
            return Ok(Answer::Given(Some(FileOutcome::Known)));
        }
        let mut reader = Hashing { file: file.take(upto), hash: Sha256::new(), bytes: 0 };
        let gateway = gateway_of(name);
        let report = match intake.take(&mut reader, name, gateway, &|_| ()).await? {
            Answer::Given(report) => report,
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        };
        // What was read decides, should the file have changed since it was first hashed.
        store.note_taken(reader.hash.finalize().into(), name.to_owned(), reader.bytes, intake.now()).await?;
        seen.taken = upto;
        Ok(Answer::Given(Some(FileOutcome::Taken(Box::new(report)))))
    }

    fn try_later(&mut self, path: &Path, now: Timestamp) {
        if let Some(seen) = self.seen.get_mut(path) {
            seen.since = now;
        }
    }

    /// The name from the folder on.
    fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }
}

/// The folder a file lies in, below the watched one: gateways that upload into a folder each are told apart by it.
fn gateway_of(name: &str) -> Option<&str> {
    name.rsplit_once('/').map(|(folder, _)| folder)
}

/// Every file that may be complete, without following links.
fn list(folder: &Path, depth: usize, found: &mut Vec<(PathBuf, Metadata)>) -> Result<(), std::io::Error> {
    let entries = match std::fs::read_dir(folder) {
        // A folder below vanished between listing and looking.
        Err(fault) if fault.kind() == ErrorKind::NotFound && depth < DEPTH => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if !is_final(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() {
            found.push((entry.path(), metadata));
        } else if metadata.is_dir() && depth > 0 {
            list(&entry.path(), depth - 1, found)?;
        }
    }
    Ok(())
}

/// Whether a name is one that an upload has when it is done.
fn is_final(name: &str) -> bool {
    !name.starts_with('.') && !UNFINISHED.iter().any(|end| name.to_ascii_lowercase().ends_with(end))
}

/// Bytes up to the end of the last whole line. All, if the last line is longer than any line may be.
fn whole_lines(file: &mut File, length: u64) -> Result<u64, std::io::Error> {
    let start = length.saturating_sub(TAIL);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(length - start).read_to_end(&mut tail)?;
    Ok(match memchr::memrchr(b'\n', &tail) {
        Some(at) => start + at as u64 + 1,
        None if start > 0 => length,
        None => 0,
    })
}

/// SHA-256 of the first bytes; leaves the file at its start.
fn hash_of(file: &mut File, bytes: u64) -> Result<FileHash, std::io::Error> {
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut reader = file.take(bytes);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(hash.finalize().into())
}

/// Reads a file and hashes what was read.
struct Hashing {
    file: std::io::Take<File>,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashing {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, std::io::Error> {
        let count = self.file.read(into)?;
        self.hash.update(into.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}
