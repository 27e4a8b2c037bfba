//! A place to work in, and the built program, as a user has them.
//!
//! Tests see exit code, standard output and standard error, nothing else. Only master data, for which there is
//! no command, are put into a folder by the flow that `demo` uses.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tempfile::TempDir;
use tidstro_calendar::Zone;
use tidstro_flows::{Answer, Opening, Workspace};
use tidstro_govern::RegisterFile;
use tidstro_model::ActorId;
use tidstro_world::{Town, TownPlan};

pub(crate) const REGISTER: &str = include_str!("../../../../registers/town.toml");
const TOWN: &[RegisterFile<'_>] = &[RegisterFile { name: "town.toml", text: REGISTER }];

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            // A signal has no exit code.
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the exit code and hands the run on.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Asserts that standard output or standard error says each of these.
    #[track_caller]
    pub(crate) fn says(self, wanted: &[&str]) -> Self {
        for text in wanted {
            assert!(self.out.contains(text) || self.err.contains(text), "`{text}` is not in\n{self}");
        }
        self
    }

    /// Standard output as one JSON value per line.
    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "exit code {}\n--- standard output\n{}--- standard error\n{}",
            self.code, self.out, self.err
        )
    }
}

/// The program with arguments, in no particular folder.
pub(crate) fn tidstro(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidstro"));
    command.args(arguments).env_remove("TIDSTRO_MASTER_KEY");
    command
}

/// Runs a command to its end.
pub(crate) fn ran(mut command: Command) -> Ran {
    Ran::of(command.output().unwrap())
}

/// Runs a command with something on standard input.
pub(crate) fn ran_with_input(mut command: Command, input: &[u8]) -> Ran {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

/// A temporary folder with a data folder in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// A place without data.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A place with the master data of a town, and nothing read yet.
    pub(crate) fn with_master_data(town: &Town) -> Self {
        let place = Self::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(register(&place.data(), town));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes a file and returns its path as text.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with arguments, on this place's data folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tidstro(arguments);
        command.arg("--data").arg(self.data()).current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }

    /// The values of series as JSON, without the series' number: it tells the order of arrival.
    pub(crate) fn values(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let shown = self.run(&[&["series", "show", "--json"], arguments].concat()).exits(0);
        let mut values = shown.json_lines();
        for value in &mut values {
            value.as_object_mut().unwrap().remove("series");
        }
        values.sort_by_key(|value| format!("{} {} {}", value["point"], value["quantity"], value["start"]));
        values
    }

    /// The actor of a person of the town.
    pub(crate) fn resident(&self, person: usize) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let reference = Town::person_reference(person);
        let actor = runtime.block_on(async {
            tidstro_flows::resident_called(&open(&self.data()).await, &reference).await.unwrap()
        });
        actor.unwrap().to_string()
    }
}

pub(crate) async fn open(data: &Path) -> Workspace {
    let opening = Opening { folder: data, register: Some(TOWN), master_key: None };
    Workspace::open(&opening, now()).await.unwrap()
}

async fn register(data: &Path, town: &Town) {
    let job = ActorId::parse("job:ingest").unwrap();
    let workspace = open(data).await;
    let answer = tidstro_flows::register_master_data(&workspace, &job, town.master_data(), now()).await;
    assert!(matches!(answer, Ok(Answer::Given(rows)) if rows > 0));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program under test reads the clock, so its leases follow it"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A small town whose days ended not long ago, so that every lease on them is live.
pub(crate) fn recent_town(days: u32) -> Town {
    let first_day: Date = Zone::copenhagen().day_of(now()).saturating_sub(60.days());
    town(first_day, days)
}

/// A small town with the clock change of 29 March 2026 in it.
pub(crate) fn spring_town() -> Town {
    town(jiff::civil::date(2026, 3, 22), 14)
}

fn town(first_day: Date, days: u32) -> Town {
    Town::build(&TownPlan {
        seed: 7,
        flats: TownPlan::MIN_FLATS,
        days,
        grid_points: TownPlan::MIN_GRID_POINTS,
        memory_months: 0,
        first_day,
    })
}
/// Asserts that two answers hold the same values, and names the first that differ.
#[track_caller]
pub(crate) fn assert_same(found: &[serde_json::Value], expected: &[serde_json::Value]) {
    let differ = found.iter().zip(expected).filter(|(found, expected)| found != expected);
    let first: Vec<_> = differ.take(3).map(|(found, expected)| format!("{found}\n{expected}\n")).collect();
    assert!(first.is_empty(), "found, then expected:\n{}", first.concat());
    assert_eq!(found.len(), expected.len());
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A telegram of a water meter in the clear, with these records after its header of 15 bytes.
pub(crate) fn clear_telegram(records: &[u8]) -> Vec<u8> {
    let header = [0x44, 0x81, 0x50, 0x01, 0x00, 0x00, 0x52, 0x02, 0x07, 0x7a, 0x01, 0x00, 0x00, 0x00];
    let length = u8::try_from(header.len() + records.len()).unwrap();
    [&[length], &header[..], records].concat()
}
