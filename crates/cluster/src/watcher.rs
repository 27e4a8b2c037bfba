//! A process that outlives ours by a moment, so that no server and no folder is left behind.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::{ClusterFault, folder::Folder, programs::Programs};

/// Waits until the other end of its input is closed, then stops the server, if there is one, and removes its folder. Our
/// end is closed when this is dropped, and by the system when our process ends.
const WAIT_AND_CLEAR: &str = r#"
cat >/dev/null
[ -f "$1/data/postmaster.pid" ] && "$0" stop --silent -w -m immediate -D "$1/data"
cd / && rm -rf "$1""#;

/// The running watcher of one server.
pub(crate) struct Watcher(Child);

impl Watcher {
    pub(crate) fn start(folder: &Folder, programs: &Programs) -> Result<Self, ClusterFault> {
        let mut shell: Command = folder.command("/bin/sh".as_ref());
        shell.args(["-c", WAIT_AND_CLEAR]).arg(programs.path("pg_ctl")).arg(folder.path());
        // In a group of its own: what ends our group must not end it.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = shell.spawn().map_err(|source| ClusterFault::Io { what: "the watcher", source })?;
        Ok(Self(child))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
