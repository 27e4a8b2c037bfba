//! The temporary folder of a server, and the user it belongs to.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ClusterFault;

/// A folder that belongs to the user the server runs as.
pub(crate) struct Folder {
    path: PathBuf,
    /// User and group, where they are not our own.
    other: Option<(u32, u32)>,
}

impl Folder {
    /// Makes one. Its path is short: the path of a socket has no more than 107 bytes.
    pub(crate) fn make() -> Result<Self, ClusterFault> {
        let path = unused()?;
        let made = |source| ClusterFault::Io { what: "a temporary folder", source };
        let is_root = path.metadata().map_err(made)?.uid() == 0;
        let other = if is_root { Some(other_user().ok_or(ClusterFault::NoUser)?) } else { None };
        let folder = Self { path, other };
        folder.hand_over(&folder.path)?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the server keeps its databases.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Where the server writes what it has to say.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Makes a file belong to the server's user.
    pub(crate) fn hand_over(&self, path: &Path) -> Result<(), ClusterFault> {
        let Some((user, group)) = self.other else { return Ok(()) };
        chown(path, Some(user), Some(group))
            .map_err(|source| ClusterFault::Io { what: "a file of the server's user", source })
    }

    /// A program that runs as the server's user, in this folder.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.path);
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A new folder below the system's temporary folder, named by our process and a number.
fn unused() -> Result<PathBuf, ClusterFault> {
    let base = std::env::temp_dir();
    let names = (0..10_000).map(|number| base.join(format!("tidstro-pg-{}-{number}", std::process::id())));
    for path in names {
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(ClusterFault::Io { what: "a temporary folder", source }),
        }
    }
    let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
    Err(ClusterFault::Io { what: "a temporary folder", source })
}

/// User and group of `postgres`, or of `nobody`.
fn other_user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}
