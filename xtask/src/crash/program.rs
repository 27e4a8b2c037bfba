//! The built program as a user has it: run to its end, or started and killed.
//!
//! What comes in: arguments, and lines to post. What goes out: answers, exit codes, and what standard output said.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::CrashFault;
use super::auditor::IntervalKey;

/// What opens the keys at every place.
pub(super) const MASTER_KEY: &str = "5c0ffee05c0ffee05c0ffee05c0ffee05c0ffee05c0ffee05c0ffee05c0ffee0";
/// The token of the one sender.
pub(super) const TOKEN: &str = "a sender of the crash test";

/// The program, and where its data are.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    /// A folder, or the address of a database.
    pub(super) place: String,
    /// Where files of the run lie.
    pub(super) files: PathBuf,
}

impl Program {
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).args(["--data", &self.place]);
        self.at_home(&mut command);
        command
    }

    /// The same for every run, so that the data set may lie anywhere.
    fn at_home(&self, command: &mut Command) {
        command.current_dir(&self.files).env("TIDSTRO_MASTER_KEY", MASTER_KEY);
    }

    /// The command that moves the data set to another place.
    pub(super) fn moving(&self, to: &str) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["migrate", "--from", &self.place, "--to", to]);
        self.at_home(&mut command);
        command
    }

    /// Runs to the end; anything but exit code 0 is a fault.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<Output, CrashFault> {
        done(&mut self.command(arguments))
    }

    /// Every hourly value there is, in watt hours.
    pub(super) fn values(&self) -> Result<Vec<(IntervalKey, i64)>, CrashFault> {
        let asked = ["--actor", "staff:mikkel", "--purpose", "correctness-control", "--resolution", "PT1H"];
        let shown = self.run(&[&["series", "show", "--json"], &asked[..]].concat())?;
        let lines = shown.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let values: Result<Vec<Option<_>>, CrashFault> = lines.map(value).collect();
        Ok(values?.into_iter().flatten().collect())
    }
}

/// Runs a command to its end; anything but exit code 0 is a fault.
pub(super) fn done(command: &mut Command) -> Result<Output, CrashFault> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    Err(CrashFault::Exit { arguments: arguments.join(" "), code: output.status.code(), said })
}

/// Starts a command and kills it at a moment of its life; whether it was still running then.
pub(super) fn killed_after(command: &mut Command, moment: Duration) -> Result<bool, CrashFault> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let begun = Instant::now();
    while begun.elapsed() < moment {
        if child.try_wait()?.is_some() {
            return Ok(false);
        }
        std::thread::yield_now();
    }
    child.kill()?;
    Ok(child.wait()?.code().is_none())
}

/// One line of `series show --json`; `None` for an hour without a value.
fn value(line: &[u8]) -> Result<Option<(IntervalKey, i64)>, CrashFault> {
    let odd = || CrashFault::Answer { said: String::from_utf8_lossy(line).into_owned() };
    let value: Value = serde_json::from_slice(line).map_err(|_| odd())?;
    let number = value.get("value").filter(|number| !number.is_null()).map(ToString::to_string);
    let Some(number) = number else { return Ok(None) };
    let text = |field: &str| value.get(field).and_then(Value::as_str).ok_or_else(odd);
    let wh = watt_hours(&number, text("unit")?).ok_or_else(odd)?;
    Ok(Some(((text("point")?.to_owned(), text("start")?.to_owned()), wh)))
}

/// A decimal number of `kWh` or `Wh` in watt hours.
fn watt_hours(number: &str, unit: &str) -> Option<i64> {
    let places = match unit {
        "kWh" => 3,
        "Wh" => 0,
        _ => return None,
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let decimals = decimals.trim_end_matches('0');
    (decimals.len() <= places).then_some(())?;
    format!("{whole}{decimals:0<places$}").parse().ok()
}

/// A program that works beside the others, until this is dropped: then it is killed wherever it is.
pub(super) struct Beside(Child);

impl Beside {
    /// Starts it.
    pub(super) fn start(program: &Program, arguments: &[&str]) -> Result<Self, CrashFault> {
        Self::of(&mut program.command(arguments))
    }

    /// Starts a command.
    pub(super) fn of(command: &mut Command) -> Result<Self, CrashFault> {
        Ok(Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Whether it has done its work; waits until it has, or has failed.
    pub(super) fn is_done(&mut self) -> Result<bool, CrashFault> {
        Ok(self.0.wait()?.success())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have come to its end; a kill changes nothing then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that takes posts, until it is killed.
pub(super) struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already; a second kill changes nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(super) fn start(program: &Program, gateways: &Path) -> Result<Self, CrashFault> {
        let gateways = gateways.display().to_string();
        let mut command = program.command(&["ingest", "--listen", "127.0.0.1:0", "--gateways", &gateways]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let said = child.stderr.take().ok_or(CrashFault::NotListening { said: String::new() })?;
        let mut lines = Vec::new();
        for line in BufReader::new(said).lines() {
            let line = line?;
            if let Some(address) = address_in(&line) {
                return Ok(Self { child, address });
            }
            lines.push(line);
        }
        Err(CrashFault::NotListening { said: lines.join("\n") })
    }

    /// Posts lines. `None` when the program was killed before it answered.
    pub(super) fn post(
        &mut self,
        body: &str,
        kill_after: Option<Duration>,
    ) -> Result<Option<u16>, CrashFault> {
        let mut stream = TcpStream::connect(&self.address)?;
        let head = format!(
            "POST /lines HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        if let Some(moment) = kill_after {
            wait(moment);
            self.child.kill()?;
            self.child.wait()?;
        } else {
            sent?;
        }
        let mut answer = String::new();
        // A connection that is cut has no answer.
        let _ = stream.read_to_string(&mut answer);
        Ok(answer.split(' ').nth(1).and_then(|status| status.parse().ok()))
    }
}

fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://")?;
    rest.split_once("/lines").map(|(address, _)| address.to_owned())
}

/// A moment too short for the system to be trusted with it.
fn wait(moment: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < moment {
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        for (number, unit, expected) in [
            ("0.125", "kWh", Some(125)),
            ("12", "kWh", Some(12_000)),
            ("0.5000", "kWh", Some(500)),
            ("125", "Wh", Some(125)),
            ("0.1255", "kWh", None),
            ("0.5", "m3", None),
        ] {
            assert_eq!(watt_hours(number, unit), expected, "{number} {unit}");
        }
    }
}
