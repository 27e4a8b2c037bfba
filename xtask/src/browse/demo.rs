//! The demo's town as a newcomer starts it, and the program that steers a browser; both end with the walks.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::BrowseFault;
use crate::cargo::{cargo, root};

/// How long each may take to start; the demo makes its town first.
const PATIENCE: Duration = Duration::from_secs(300);

/// How somebody of the demo logs in.
#[derive(Debug, Clone)]
pub(super) struct LogIn {
    pub(super) name: String,
    pub(super) password: String,
    /// The secret of the authenticator program, if there is one.
    pub(super) secret: Option<String>,
}

/// A demo that serves.
pub(super) struct Demo {
    _child: Ended,
    pub(super) address: String,
    pub(super) log_ins: Vec<LogIn>,
}

impl Demo {
    /// Builds the program, makes a town in a folder and serves it.
    pub(super) fn serve(folder: &Path) -> Result<Self, BrowseFault> {
        let mut command = cargo();
        command.args([
            "run",
            "--release",
            "--quiet",
            "--package",
            "tidstro",
            "--",
            "demo",
            "--days",
            "14",
            "--data",
        ]);
        command.arg(folder.join("town")).current_dir(root());
        let mut child = Ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?);
        let (out, err) = (lines(child.0.stdout.take()), lines(child.0.stderr.take()));
        let address = found(&err, "the demo", |line| {
            let rest = line.split_once("http://127.0.0.1:")?.1;
            // A cookie is given to a browser for a name, not for a number.
            Some(format!("http://localhost:{}", rest.split(['/', ';']).next()?))
        })?;
        // What it wrote before may still be on its way through the other pipe.
        let written = std::iter::from_fn(|| out.recv_timeout(Duration::from_secs(2)).ok());
        let log_ins = written.filter_map(|line| log_in(&line)).collect();
        Ok(Self { _child: child, address, log_ins })
    }

    pub(super) fn log_in(&self, name: &'static str) -> Result<LogIn, BrowseFault> {
        let found = self.log_ins.iter().find(|log_in| log_in.name == name);
        found.cloned().ok_or(BrowseFault::NoLogIn(name))
    }
}

/// A line of the demo's table: name, password of four groups, roles, secret.
fn log_in(line: &str) -> Option<LogIn> {
    let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let [name, password, _, secret] = cells.as_slice() else { return None };
    let groups: Vec<&str> = password.split('-').collect();
    let is_password = groups.len() == 4 && groups.iter().all(|group| group.len() == 4);
    let secret = (*secret != "-").then(|| (*secret).to_owned());
    is_password.then(|| LogIn { name: (*name).to_owned(), password: (*password).to_owned(), secret })
}

/// ChromeDriver on a free port.
pub(super) struct Driver {
    _child: Ended,
    pub(super) address: String,
}

impl Driver {
    pub(super) fn start() -> Result<Self, BrowseFault> {
        let mut command = Command::new("chromedriver");
        let mut child = Ended(command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
        let out = lines(child.0.stdout.take());
        let address = found(&out, "chromedriver (Debian's package `chromium-driver`)", |line| {
            let port: u16 = line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()?;
            Some(format!("http://127.0.0.1:{port}"))
        })?;
        Ok(Self { _child: child, address })
    }
}

/// A program that ends when this goes.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program says, line by line, read beside it so that it never waits for a reader.
fn lines(said: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    if let Some(said) = said {
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
    }
    receive
}

/// The first line that says what is looked for.
fn found<T>(
    lines: &mpsc::Receiver<String>,
    what: &'static str,
    look: impl Fn(&str) -> Option<T>,
) -> Result<T, BrowseFault> {
    let mut said = String::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        if let Some(found) = look(&line) {
            return Ok(found);
        }
        said = line;
    }
    Err(BrowseFault::Start { what, said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_is_a_log_in() {
        let line = "  beboer@example.org  abcd-efgh-jkmn-pqrs  resident  -";
        let found = log_in(line).unwrap();
        assert_eq!((found.name.as_str(), found.secret), ("beboer@example.org", None));
        assert!(log_in("  log in as  password  roles  authenticator secret").is_none());
        assert!(log_in("  total       232 HCA    0.779 m3    0.366 m3").is_none());
    }
}
