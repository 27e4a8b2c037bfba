//! `cargo xtask crash`: the program, or its database server, killed again and again at random moments, while readings are
//! taken in, compacted, and moved from one database to the other; and a book of what was acknowledged.
//!
//! What comes in: how many kills, and a seed. What goes out: exit code 0 when every acknowledged reading was there
//! after each kill, once; else the first contradiction, and the seed that repeats the order of what was done. The
//! moments themselves are the machine's: a kill falls where it falls.

mod auditor;
mod program;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tidstro_cluster::{Cluster, Setup};
use tidstro_model::Gsrn;

use self::auditor::{Auditor, Contradiction, Energy};
use self::program::{Beside, MASTER_KEY, Program, Server, TOKEN, done, killed_after};
use crate::cargo::cargo;
use crate::{bench, misuse};

const USAGE: &str = "usage: cargo xtask crash [--kills N] [--seed N]";
/// Points, and hours that values are of: few, so that most of what is sent corrects something.
const POINTS: u64 = 6;
const HOURS: u64 = 24 * 40;
/// First 17 digits of the points.
const FIRST_POINT: u64 = 57_131_315_470_000_000;
/// 2026-09-30T22:00Z: a local midnight. The hours go over the end of summer time.
const FIRST_HOUR: i64 = 1_790_805_600;
/// Readings sent at once, at most.
const AT_ONCE: u64 = 120;
/// Posts between two kills, at most.
const POSTS: u64 = 4;
/// The latest moment of a kill, counted from a request.
const MOMENT_MAX_US: u64 = 12_000;
/// The latest moment at which a compaction is killed, counted from the kill before it: long enough for most to begin.
const COMPACTION_MAX_MS: u64 = 600;
/// Puts every month there is together, closed or not, so that most of what is sent corrects a compacted one.
const COMPACT: [&str; 4] = ["series", "compact", "--before", "2027-06"];

/// The latest moment of a kill of a move, counted from its start.
const MOVE_MAX_US: u64 = 1_500_000;
/// The latest moment of a kill of the server, counted from a request: the program waits for the server and does its work
/// again, so that most requests are answered all the same.
const SERVER_MOMENT_MAX_US: u64 = 30_000;

/// What ends a run before its kills are done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CrashFault {
    /// The store contradicts the book.
    #[error("after kill {kill}: {source}")]
    Contradiction {
        /// Which kill, from 1.
        kill: u64,
        /// How.
        source: Contradiction,
    },
    /// The program ended otherwise than it should.
    #[error("`tidstro {arguments}` ended with {code:?}:\n{said}")]
    Exit {
        /// What it was called with.
        arguments: String,
        /// Its exit code, if it had one.
        code: Option<i32>,
        /// What it said.
        said: String,
    },
    /// The program does not listen.
    #[error("the program does not listen:\n{said}")]
    NotListening {
        /// What it said.
        said: String,
    },
    /// An answer that is none.
    #[error("not an answer of the program: `{said}`")]
    Answer {
        /// What it said.
        said: String,
    },
    /// The system refused something.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The place could not be made.
    #[error("the place cannot be made: {0}")]
    Place(String),
}

/// Runs the kills; exit code 1 at the first contradiction.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let Some((kills, seed)) = read(arguments) else { return misuse(USAGE) };
    match crash(kills, seed) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}\nrepeat it with `cargo xtask crash --kills {kills} --seed {seed}`");
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Option<(u64, u64)> {
    let (mut kills, mut seed) = (200, 1);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return None };
        *match name.as_str() {
            "--kills" => &mut kills,
            "--seed" => &mut seed,
            _ => return None,
        } = value.parse().ok()?;
    }
    Some((kills, seed))
}

fn crash(kills: u64, seed: u64) -> Result<String, CrashFault> {
    let files = tempfile::tempdir()?;
    let points: Vec<String> =
        (0..POINTS).map(|number| Gsrn::from_body(FIRST_POINT + number).to_string()).collect();
    let places = Places::make(files.path())?;
    let program = Program { path: built()?, place: places.folder(), files: files.path().to_owned() };
    bench::make_place(Path::new(&program.place), MASTER_KEY, &points, now())
        .map_err(|fault| CrashFault::Place(fault.to_string()))?;
    let sender = Sender { auditor: Auditor::default(), chance: Chance(seed), points };
    let mut run = Run { sender, program, places, gateways: gateways(files.path())?, kills: Kills::default() };
    for kill in 1..=kills {
        run.one()?;
        let shown = run.program.values()?;
        run.sender.auditor.check(shown).map_err(|source| CrashFault::Contradiction { kill, source })?;
        if kill % 20 == 0 {
            println!("{kill} of {kills} kills");
        }
    }
    run.program.run(&COMPACT)?;
    let compacted = run.sender.auditor.check(run.program.values()?);
    compacted.map_err(|source| CrashFault::Contradiction { kill: kills, source })?;
    run.program.run(&["log", "verify"])?;
    Ok(run.said())
}

/// A data set that is filled, compacted and moved, and killed while it is.
struct Run {
    sender: Sender,
    program: Program,
    places: Places,
    gateways: PathBuf,
    kills: Kills,
}

/// What was killed.
#[derive(Default)]
struct Kills {
    /// The program during ingest, a compaction beside it every other time, and during moves to the other database.
    ingest: u64,
    moves: u64,
    /// The server during the same.
    server_ingest: u64,
    server_moves: u64,
    /// Those that came before the work was done.
    in_time: u64,
}

impl Run {
    /// One piece of work with a kill in it; what was cut short is done after it.
    fn one(&mut self) -> Result<(), CrashFault> {
        let of_server = self.sender.chance.below(3) == 0;
        match (self.sender.chance.below(4), of_server) {
            (0, false) => self.migrate(),
            (0, true) => self.migrate_with_server_killed(),
            (_, true) if self.places.is_on_server() => self.ingest_with_server_killed(),
            _ => self.ingest(),
        }
    }

    fn ingest(&mut self) -> Result<(), CrashFault> {
        self.kills.ingest += 1;
        self.sender.until_killed(&self.program, &self.gateways)?;
        self.kills.in_time += u64::from(self.sender.auditor.unanswered().is_some());
        Ok(())
    }

    /// The program lives on, and is ended when it has answered.
    fn ingest_with_server_killed(&mut self) -> Result<(), CrashFault> {
        self.kills.server_ingest += 1;
        self.sender.while_server_dies(&self.program, &self.gateways, &self.places.cluster)?;
        Ok(())
    }

    /// Moves the data set to the other database: killed once, then to its end.
    fn migrate(&mut self) -> Result<(), CrashFault> {
        let to = self.places.next()?;
        let moment = Duration::from_micros(self.sender.chance.below(MOVE_MAX_US));
        let cut = killed_after(&mut self.program.moving(&to), moment)?;
        self.kills.moves += 1;
        self.kills.in_time += u64::from(cut);
        // Also where nothing is left to do.
        done(&mut self.program.moving(&to))?;
        self.program.place = to;
        Ok(())
    }

    /// One end of a move is always on the server.
    fn migrate_with_server_killed(&mut self) -> Result<(), CrashFault> {
        let to = self.places.next()?;
        let moment = Duration::from_micros(self.sender.chance.below(MOVE_MAX_US));
        let mut moving = Beside::of(&mut self.program.moving(&to))?;
        std::thread::sleep(moment);
        killed_and_back(&self.places.cluster)?;
        let was_done = moving.is_done()?;
        self.kills.server_moves += 1;
        self.kills.in_time += u64::from(!was_done);
        done(&mut self.program.moving(&to))?;
        self.program.place = to;
        Ok(())
    }

    fn said(&self) -> String {
        let (sent, intervals) = self.sender.auditor.counts();
        let Kills { ingest, moves, server_ingest, server_moves, in_time } = &self.kills;
        format!(
            "{} kills: of the program, {ingest} during ingest, with a compaction beside it every other time, and {moves} while the \
             data set moved between SQLite and PostgreSQL; of the server, {server_ingest} and {server_moves}. {in_time} came before \
             the work was done. {sent} readings sent for {intervals} intervals: every acknowledged one is there, once",
            ingest + moves + server_ingest + server_moves
        )
    }
}

/// Where the data set lies in turn: a folder, a database, another folder, another database, …
struct Places {
    files: PathBuf,
    cluster: Cluster,
    made: u64,
}

impl Places {
    fn make(files: &Path) -> Result<Self, CrashFault> {
        let cluster =
            Cluster::start(&Setup::default()).map_err(|fault| CrashFault::Place(fault.to_string()))?;
        Ok(Self { files: files.to_owned(), cluster, made: 0 })
    }

    fn folder(&self) -> String {
        self.files.join(format!("data-{}", self.made)).display().to_string()
    }

    /// Whether the data set lies on the server at present.
    const fn is_on_server(&self) -> bool {
        !self.made.is_multiple_of(2)
    }

    /// A place that is empty.
    fn next(&mut self) -> Result<String, CrashFault> {
        self.made += 1;
        if self.made.is_multiple_of(2) {
            return Ok(self.folder());
        }
        self.cluster.database().map_err(|fault| CrashFault::Place(fault.to_string()))
    }
}

/// The program, built as tests build it: slower, so that more of the moments fall inside its work.
fn built() -> Result<PathBuf, CrashFault> {
    let mut build = cargo();
    let arguments = ["build", "-p", "tidstro", "--message-format", "json-render-diagnostics"];
    let output = build.args(arguments).stderr(std::process::Stdio::inherit()).output()?;
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    let program = |message: serde_json::Value| message.get("executable")?.as_str().map(PathBuf::from);
    let mut programs = messages.filter_map(program);
    programs.next_back().ok_or_else(|| CrashFault::Place("the program does not build".to_owned()))
}

/// Kills the server's first process and starts the server anew, as a machine's supervisor does.
fn killed_and_back(cluster: &Cluster) -> Result<(), CrashFault> {
    let back = cluster.kill_first_process().and_then(|()| cluster.go_on());
    back.map_err(|fault| CrashFault::Place(fault.to_string()))
}

/// The file of the one sender.
fn gateways(folder: &Path) -> Result<PathBuf, CrashFault> {
    let hash: String = Sha256::digest(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = folder.join("gateways.toml");
    std::fs::write(&path, format!("[[gateway]]\nname = \"sender\"\ntoken_sha256 = \"{hash}\"\n"))?;
    Ok(path)
}

/// Who sends, corrects, and sends again what was not answered.
struct Sender {
    auditor: Auditor,
    chance: Chance,
    points: Vec<String>,
}

impl Sender {
    /// Sends until one of the posts ends with a kill.
    fn until_killed(&mut self, program: &Program, gateways: &Path) -> Result<(), CrashFault> {
        let mut server = Server::start(program, gateways)?;
        let compaction =
            if self.chance.below(2) == 0 { Some(Beside::start(program, &COMPACT)?) } else { None };
        if let Some(open) = self.auditor.unanswered().cloned() {
            self.send(&mut server, &open, None)?;
        }
        for _ in 0..self.chance.below(POSTS) {
            let energy = self.energy();
            self.send(&mut server, &energy, None)?;
        }
        let (energy, moment) = (self.energy(), Duration::from_micros(self.chance.below(MOMENT_MAX_US)));
        self.send(&mut server, &energy, Some(moment))?;
        if let Some(compaction) = compaction {
            std::thread::sleep(Duration::from_millis(self.chance.below(COMPACTION_MAX_MS)));
            drop(compaction);
        }
        Ok(())
    }

    /// Sends, with a kill of the database server behind the program in it; a compaction beside it every other time. The
    /// program is ended after it has answered.
    fn while_server_dies(
        &mut self,
        program: &Program,
        gateways: &Path,
        cluster: &Cluster,
    ) -> Result<(), CrashFault> {
        let mut server = Server::start(program, gateways)?;
        let compaction =
            if self.chance.below(2) == 0 { Some(Beside::start(program, &COMPACT)?) } else { None };
        if let Some(open) = self.auditor.unanswered().cloned() {
            self.send(&mut server, &open, None)?;
        }
        let (energy, moment) =
            (self.energy(), Duration::from_micros(self.chance.below(SERVER_MOMENT_MAX_US)));
        self.auditor.sends(&energy);
        let status = std::thread::scope(|scope| {
            let killing = scope.spawn(|| {
                std::thread::sleep(moment);
                killed_and_back(cluster)
            });
            let status = server.post(&rows(&energy), None);
            killing.join().unwrap_or_else(|_| Err(CrashFault::Place("the kill failed".to_owned())))?;
            status
        })?;
        if status == Some(200) {
            self.auditor.is_acknowledged();
        }
        drop(compaction);
        Ok(())
    }

    fn send(
        &mut self,
        server: &mut Server,
        energy: &Energy,
        kill_after: Option<Duration>,
    ) -> Result<(), CrashFault> {
        self.auditor.sends(energy);
        match server.post(&rows(energy), kill_after)? {
            Some(200) => self.auditor.is_acknowledged(),
            None if kill_after.is_some() => {}
            other => return Err(CrashFault::Answer { said: format!("status {other:?}") }),
        }
        Ok(())
    }

    /// Hours of one or two points that follow each other; many were sent before with another value.
    fn energy(&mut self) -> Energy {
        let mut energy = Energy::new();
        for _ in 0..=self.chance.below(2) {
            let point = self.chance.below(POINTS);
            let (first, count) = (self.chance.below(HOURS), 1 + self.chance.below(AT_ONCE));
            for hour in first..HOURS.min(first + count) {
                let Some(point) = self.points.get(usize::try_from(point).unwrap_or_default()) else {
                    continue;
                };
                let wh = i64::try_from(self.chance.below(5_000)).unwrap_or_default();
                energy.insert((point.clone(), instant(hour)), wh);
            }
        }
        energy
    }
}

/// The clock that the built program reads too.
#[expect(clippy::disallowed_methods, reason = "the program reads the clock, so its leases follow it")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

fn instant(hour: u64) -> String {
    let since = SignedDuration::from_hours(i64::try_from(hour).unwrap_or_default());
    let first = Timestamp::from_second(FIRST_HOUR).unwrap_or_default();
    first.checked_add(since).unwrap_or_default().to_string()
}

/// The rows of an interval file.
fn rows(energy: &Energy) -> String {
    let row = |((point, start), wh): (&(String, String), &i64)| {
        format!("{point};{start};PT1H;{}.{:03};measured\n", wh / 1000, wh % 1000)
    };
    let rows: String = energy.iter().map(row).collect();
    format!("metering_point;start;resolution;quantity_kwh;quality\n{rows}")
}

/// Numbers that a seed repeats (SplitMix64, Steele, Lea and Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below another one; 0 for 0.
    fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or_default()
    }
}
