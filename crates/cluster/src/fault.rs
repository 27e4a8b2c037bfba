//! What can go wrong when a server is started or asked.

use std::path::Path;

/// Why there is no server, or no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClusterFault {
    /// PostgreSQL's programs are nowhere.
    #[error(
        "PostgreSQL's `initdb` is neither below `/usr/lib/postgresql` nor in the search path; install it, on \
         Debian with `apt-get install postgresql`"
    )]
    NotInstalled,
    /// The server that all tests of the process share did not start.
    #[error("{why}")]
    NotShared {
        /// Why, as it was said the first time.
        why: String,
    },
    /// The server may not run as root, and there is nobody else.
    #[error("the server may not run as root, and there is no user `postgres` or `nobody` in `/etc/passwd`")]
    NoUser,
    /// A file or process could not be made.
    #[error("cannot make {what}: {source}")]
    Io {
        /// What was to be made.
        what: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("`{program}` failed: {answer}")]
    Program {
        /// Its name.
        program: String,
        /// What it wrote.
        answer: String,
    },
}

impl ClusterFault {
    /// With the end of the server's own log, which says why it did not start.
    pub(crate) fn with_log(self, log: &Path) -> Self {
        match self {
            Self::Program { program, answer } => {
                let log = std::fs::read_to_string(log).unwrap_or_default();
                Self::Program { program, answer: format!("{answer}\n{log}") }
            }
            other => other,
        }
    }
}
