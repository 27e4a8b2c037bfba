//! PostgreSQL servers for tests and benchmarks.
//!
//! What comes in: the programs of an installed PostgreSQL. What goes out: a running server (PostgreSQL calls it a
//! database cluster) in a temporary folder, and empty databases in it. It ends and its folder goes when the handle is
//! dropped or the process that started it ends in any way, also killed. The server never runs as root, never listens
//! outside the machine, and never touches a server that was there before. The product does not depend on this crate.
//!
//! ```no_run
//! let cluster = tidstro_cluster::shared().unwrap();
//! let url = cluster.database().unwrap();
//! assert_eq!(cluster.ask(&url, "SELECT 1").unwrap(), "1");
//! ```

mod fault;
mod folder;
mod programs;
mod setup;
mod watcher;
mod wire;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

pub use fault::ClusterFault;
pub use setup::{Setup, Tls};
pub use wire::{Cut, Wire};

use folder::Folder;
use programs::Programs;
use watcher::Watcher;

/// Whoever may do everything in the server. It needs no password over the socket.
pub const SUPERUSER: &str = "postgres";

/// Tries to start a server again, and the pause between two: 10 seconds together.
const START_TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// A running server.
pub struct Cluster {
    // Fields are dropped in this order; the watcher stops the server and removes the folder.
    watcher: Watcher,
    folder: Folder,
    programs: Programs,
    port: u16,
    databases: AtomicU32,
}

/// The server that all tests of this process share. It is started when it is asked for first.
///
/// # Errors
/// [`ClusterFault`] if it could not be started, the same at each call.
pub fn shared() -> Result<&'static Cluster, &'static ClusterFault> {
    static SHARED: OnceLock<Result<Cluster, ClusterFault>> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(&Setup::default())).as_ref()
}

/// The variable that makes the suites run on PostgreSQL.
pub const SUITE_VARIABLE: &str = "TIDSTRO_TEST_DATABASE";

/// The database that stands for a folder in this process, if [`SUITE_VARIABLE`] says `postgres`: made when it is asked for
/// first, the same afterwards. So one suite runs on both databases.
///
/// # Errors
/// [`ClusterFault`]: no server, or no database on it.
pub fn stands_for(folder: &std::path::Path) -> Result<Option<String>, ClusterFault> {
    static DATABASES: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
    if std::env::var_os(SUITE_VARIABLE).is_none_or(|name| name != "postgres") {
        return Ok(None);
    }
    let mut databases = DATABASES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = databases.get(folder) {
        return Ok(Some(known.clone()));
    }
    let cluster = shared().map_err(|fault| ClusterFault::NotShared { why: fault.to_string() })?;
    let url = cluster.database()?;
    databases.insert(folder.to_owned(), url.clone());
    Ok(Some(url))
}

impl Cluster {
    /// Makes a server and starts it. It answers when this returns.
    ///
    /// # Errors
    /// [`ClusterFault`]: PostgreSQL is not installed, or the server does not start.
    pub fn start(setup: &Setup) -> Result<Self, ClusterFault> {
        let programs = Programs::find()?;
        let folder = Folder::make()?;
        // Before there is anything that could be left behind.
        let watcher = Watcher::start(&folder, &programs)?;
        let port = if setup.tcp { free_port()? } else { 5432 };
        let cluster = Self { watcher, folder, programs, port, databases: AtomicU32::new(0) };
        cluster.initialise(setup)?;
        cluster.go_on()?;
        Ok(cluster)
    }

    fn initialise(&self, setup: &Setup) -> Result<(), ClusterFault> {
        let data = self.folder.data();
        let mut initdb = self.folder.command(&self.programs.path("initdb"));
        initdb.arg("--pgdata").arg(&data).args(["--username", SUPERUSER, "--auth", "trust"]);
        initdb.args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]);
        initdb.args(["--wal-segsize", &setup.wal_file_mb.unwrap_or(1).to_string()]);
        programs::answer(&mut initdb, "")?;
        setup.write(&self.folder, self.port)
    }

    /// Starts the server again after [`Cluster::stop`], [`Cluster::kill`] or [`Cluster::kill_first_process`].
    ///
    /// # Errors
    /// [`ClusterFault::Program`] with what the server wrote, if it does not start.
    pub fn go_on(&self) -> Result<(), ClusterFault> {
        // Processes that a kill left behind hold on to the server's memory for a moment.
        let mut tries = START_TRIES;
        loop {
            let mut start = self.control("start");
            start.args(["-w", "-t", "60", "-l"]).arg(self.folder.log());
            match programs::run(&mut start) {
                Err(_) if tries > 0 => std::thread::sleep(BETWEEN_TRIES),
                done => return done.map_err(|fault| fault.with_log(&self.folder.log())),
            }
            tries -= 1;
        }
    }

    /// Stops the server as an operator does: connections are cut, what is committed is written.
    ///
    /// # Errors
    /// [`ClusterFault::Program`] if it does not run.
    pub fn stop(&self) -> Result<(), ClusterFault> {
        programs::run(self.control("stop").args(["-w", "-m", "fast"]))
    }

    /// Ends the server at once, without a word to anybody, as a kill does.
    ///
    /// # Errors
    /// [`ClusterFault::Program`] if it does not run.
    pub fn kill(&self) -> Result<(), ClusterFault> {
        programs::run(self.control("stop").args(["-w", "-m", "immediate"]))
    }

    /// Kills the server's first process, as a machine short of memory does: it can tell the others nothing, nor remove its
    /// traces.
    ///
    /// # Errors
    /// [`ClusterFault`] if it does not run.
    pub fn kill_first_process(&self) -> Result<(), ClusterFault> {
        let file = self.folder.data().join("postmaster.pid");
        let read = |source| ClusterFault::Io { what: "the number of the server's process", source };
        let text = std::fs::read_to_string(file).map_err(read)?;
        let number = text.lines().next().unwrap_or_default();
        programs::run(self.folder.command("/bin/sh".as_ref()).args(["-c", &format!("kill -KILL {number}")]))
    }

    /// The socket the server listens at.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{}", self.port))
    }

    fn control(&self, what: &str) -> std::process::Command {
        let mut command = self.folder.command(&self.programs.path("pg_ctl"));
        command.args([what, "--silent", "-D"]).arg(self.folder.data());
        command
    }

    /// Makes an empty database of its own and returns its URL, as [`SUPERUSER`] over the socket.
    ///
    /// # Errors
    /// [`ClusterFault::Program`] with the server's answer.
    pub fn database(&self) -> Result<String, ClusterFault> {
        let name = format!("tidstro_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.ask(&self.url(SUPERUSER, "postgres"), &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(SUPERUSER, &name))
    }

    /// The URL of a database over the server's socket.
    #[must_use]
    pub fn url(&self, user: &str, database: &str) -> String {
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{user}@{socket}:{}/{database}", self.port)
    }

    /// The URL of a database over TCP, for a server with [`Setup::tcp`].
    #[must_use]
    pub fn tcp_url(&self, host: &str, user: &str, database: &str) -> String {
        format!("postgres://{user}@{host}:{}/{database}", self.port)
    }

    /// The same database for another user.
    #[must_use]
    pub fn as_user(url: &str, user: &str) -> String {
        match url.split_once("://").and_then(|(_, rest)| rest.split_once('@')) {
            Some((_, place)) => format!("postgres://{user}@{place}"),
            None => url.to_owned(),
        }
    }

    /// Runs statements in one session and returns what they answered: a row a line, `|` between columns.
    ///
    /// # Errors
    /// [`ClusterFault::Program`] with the server's answer, for the first statement that fails.
    pub fn ask(&self, url: &str, sql: &str) -> Result<String, ClusterFault> {
        let mut psql = self.folder.command(&self.programs.path("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
        programs::answer(psql.args(["--dbname", url, "--file", "-"]), sql)
    }

    /// The process of the server that all its other processes are children of.
    ///
    /// # Errors
    /// [`ClusterFault::Io`] if the server is stopped.
    pub fn process(&self) -> Result<u32, ClusterFault> {
        let stopped = |source| ClusterFault::Io { what: "a number of the server's process", source };
        let text = std::fs::read_to_string(self.folder.data().join("postmaster.pid")).map_err(stopped)?;
        let number = text.lines().next().and_then(|line| line.trim().parse().ok());
        number.ok_or_else(|| stopped(std::io::Error::from(std::io::ErrorKind::InvalidData)))
    }

    /// The folder of the server, which has its socket.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops the server and removes its folder; says whether the folder is gone.
    #[must_use]
    pub fn end(self) -> bool {
        let Self { watcher, folder, .. } = self;
        drop(watcher);
        !folder.path().exists()
    }
}

/// A port of this machine that nobody listens at.
fn free_port() -> Result<u16, ClusterFault> {
    let listening = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listening.map(|address| address.port()).map_err(|source| ClusterFault::Io { what: "a free port", source })
}
