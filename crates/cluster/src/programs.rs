//! PostgreSQL's programs: where they are, and how they are run.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::ClusterFault;

/// The folder of one installed version.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The newest version in Debian's folders, or what the search path has.
    pub(crate) fn find() -> Result<Self, ClusterFault> {
        let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
            })
            .collect();
        versions.sort();
        let searched = std::env::var_os("PATH").unwrap_or_default();
        let folders = versions.into_iter().rev().map(|(_, folder)| folder);
        let mut folders = folders.chain(std::env::split_paths(&searched));
        let folder = folders.find(|folder| folder.join("initdb").is_file());
        folder.map(|folder| Self { folder }).ok_or(ClusterFault::NotInstalled)
    }

    /// The path of a program.
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// Runs a program to its end. What it writes goes to a file or nowhere: a server it starts would keep a pipe open.
pub(crate) fn run(command: &mut Command) -> Result<(), ClusterFault> {
    let heard = |source| ClusterFault::Io { what: "a process of PostgreSQL", source };
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.map_err(heard)?;
    if status.success() { Ok(()) } else { Err(failed(command, status.to_string())) }
}

/// Runs a program with this input and returns what it wrote, without the last line break.
pub(crate) fn answer(command: &mut Command, input: &str) -> Result<String, ClusterFault> {
    let output = given(command, input)
        .map_err(|source| ClusterFault::Io { what: "a process of PostgreSQL", source })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        Err(failed(command, String::from_utf8_lossy(&output.stderr).trim_end().to_owned()))
    }
}

fn given(command: &mut Command, input: &str) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who stops reading at a fault says so itself.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

fn failed(command: &Command, answer: String) -> ClusterFault {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    ClusterFault::Program { program: program.to_string_lossy().into_owned(), answer }
}
