//! Every check of the repository, in order, to the first failure.
//!
//! What comes in: nothing; the checks are those of the checkout this program was built from. What goes
//! out: each step with its time, what was skipped and why, and for a failure the command that repeats it.
//! A step that is skipped says so; it never counts as passed.

use std::{
    fmt,
    path::PathBuf,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use crate::{
    cargo::{answers, cargo, root},
    conform, python,
};

/// The corpora, where they stand beside the checkout: name of the run, and file or folder.
const CORPORA: [(&str, &str); 8] = [
    ("wmbus", "../shared/corpus/wmbus/public.jsonl"),
    ("wmbus", "../shared/corpus/wmbus/encrypted-public.jsonl"),
    ("dlms", "../shared/corpus/dlms/public.jsonl"),
    ("deadlines", "../shared/corpus/deadlines"),
    ("market-deadlines", "../shared/corpus/market/deadlines.json"),
    ("market-scenarios", "../shared/corpus/market/scenarios"),
    ("market-scenarios-stored", "../shared/corpus/market/scenarios"),
    ("obligations", "../shared/obligations.yaml"),
];

/// One check.
enum Step {
    /// Cargo with these arguments and, if any, one variable.
    Cargo { arguments: &'static [&'static str], variable: Option<(&'static str, &'static str)> },
    /// A corpus through the public interfaces, inside this program.
    Conform { name: &'static str, path: String },
    /// A server that tests start, as a Debian package.
    Install { package: &'static str },
    /// Cannot run here.
    Skipped { what: &'static str, why: String },
}

impl fmt::Display for Step {
    /// The command that repeats it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo { arguments, variable } => {
                if let Some((name, value)) = variable {
                    write!(f, "{name}='{value}' ")?;
                }
                write!(f, "cargo {}", arguments.join(" "))
            }
            Self::Conform { name, path } => write!(f, "cargo xtask conform {name} {path}"),
            Self::Install { package } => write!(f, "apt-get install -y {package}"),
            Self::Skipped { what, .. } => f.write_str(what),
        }
    }
}

/// Runs every check; exit code 1 after the first that fails.
pub(crate) fn run() -> ExitCode {
    let (steps, begun) = (steps(), Instant::now());
    let count = steps.len();
    let mut skipped = 0;
    for (step, number) in steps.iter().zip(1..) {
        if let Step::Skipped { what, why } = step {
            println!("== {number}/{count} skipped: {what}: {why}");
            skipped += 1;
        } else if !passes(step, &format!("{number}/{count}")) {
            eprintln!("== stopped at step {number} of {count}; repeat it with\n   {step}");
            return ExitCode::FAILURE;
        }
    }
    println!("== {} steps passed, {skipped} skipped, {}", count - skipped, seconds(begun.elapsed()));
    ExitCode::SUCCESS
}

fn passes(step: &Step, place: &str) -> bool {
    println!("== {place} {step}");
    let begun = Instant::now();
    let passed = match step {
        Step::Cargo { arguments, variable } => runs(cargo().args(*arguments).envs(*variable)),
        Step::Conform { name, path } => {
            let path = root().join(path).display().to_string();
            conform::run(&[(*name).to_owned(), path]) == ExitCode::SUCCESS
        }
        Step::Install { package } => installs(package),
        Step::Skipped { .. } => true,
    };
    println!("== {place} {} in {}", if passed { "passed" } else { "FAILED" }, seconds(begun.elapsed()));
    passed
}

fn runs(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(fault) => {
            eprintln!("cargo cannot be started: {fault}; install Rust's toolchain");
            false
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100)
}

fn steps() -> Vec<Step> {
    let plain = |arguments| Step::Cargo { arguments, variable: None };
    let mut steps: Vec<Step> = SERVERS.into_iter().filter_map(server).collect();
    steps.extend([
        plain(&["fmt", "--all", "--check"]),
        plain(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        tests(),
        on_postgres(),
        crash(),
        plain(&["test", "--workspace", "--doc"]),
        Step::Cargo {
            arguments: &["doc", "--workspace", "--no-deps"],
            variable: Some(("RUSTDOCFLAGS", "-D warnings")),
        },
        fuzz_targets(),
    ]);
    steps.extend(CORPORA.map(corpus));
    steps.extend(peers());
    steps.push(dependencies());
    steps
}

/// What tests start beside the product: the Debian package, and a program in it.
const SERVERS: [(&str, &str); 3] =
    [("mosquitto", "mosquitto"), ("openssl", "openssl"), ("postgresql", "initdb")];

/// The step that installs a server, or says why it is not installed; none if it is there. Tests with a broker or sealed key
/// files say that they are skipped without it; tests with PostgreSQL fail.
fn server((package, program): (&'static str, &'static str)) -> Option<Step> {
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map(PathBuf::from);
    if folders.into_iter().chain(postgresql()).any(|folder| folder.join(program).is_file()) {
        return None;
    }
    let may_install = answers(Command::new("apt-get").arg("--version")) && is_root();
    let why = format!("`{program}` is missing; as root, on Debian: `apt-get install {package}`");
    Some(if may_install {
        Step::Install { package }
    } else {
        Step::Skipped { what: "installing what tests start", why }
    })
}

/// The folders of the programs of each installed PostgreSQL, where Debian keeps them.
fn postgresql() -> impl Iterator<Item = PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin"))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

/// Installs a package without starting it as a service: tests start their own.
fn installs(package: &str) -> bool {
    let apt = |arguments: &[&str]| runs(Command::new("apt-get").env("RUNLEVEL", "1").args(arguments));
    apt(&["update", "-qq"]) && apt(&["install", "-y", "-qq", "--no-install-recommends", package])
}

/// The faster runner where it is installed.
fn tests() -> Step {
    let arguments: &[&str] = if answers(cargo().args(["nextest", "--version"])) {
        &["nextest", "run", "--workspace"]
    } else {
        &["test", "--workspace", "--all-targets"]
    };
    Step::Cargo { arguments, variable: None }
}

/// What is about files of a data folder: its two databases, and the rules that earlier builds read beside them.
const OF_FOLDERS: &str = "not (test(a_folder_that_lost_a_file_is_refused) \
                          or test(the_file_of_a_folder_is_taken_in_once_and_not_read_again))";

/// The suites of the flows once more, on PostgreSQL: the same stories, the same answers.
fn on_postgres() -> Step {
    let variable = Some(("TIDSTRO_TEST_DATABASE", "postgres"));
    if answers(cargo().args(["nextest", "--version"])) {
        let arguments = &["nextest", "run", "-p", "tidstro-flows", "-E", OF_FOLDERS];
        Step::Cargo { arguments, variable }
    } else {
        let why = "cargo-nextest is not installed; `cargo install cargo-nextest --locked`".to_owned();
        Step::Skipped { what: "suites on PostgreSQL", why }
    }
}

/// A few kills; the many are for whoever changes what writes.
fn crash() -> Step {
    Step::Cargo { arguments: &["run", "-q", "-p", "xtask", "--", "crash", "--kills", "12"], variable: None }
}

/// That the fuzz targets still compile; running them needs a nightly compiler.
fn fuzz_targets() -> Step {
    // The fuzzer's runtime is C++, which the product itself does not need.
    if answers(Command::new("c++").arg("--version")) {
        Step::Cargo { arguments: &["check", "--manifest-path", "fuzz/Cargo.toml"], variable: None }
    } else {
        Step::Skipped { what: "fuzz targets", why: "there is no C++ compiler (`c++`)".to_owned() }
    }
}

fn corpus((name, path): (&'static str, &str)) -> Step {
    if root().join(path).exists() {
        Step::Conform { name, path: path.to_owned() }
    } else {
        Step::Skipped { what: "corpus", why: format!("there is no `{path}` beside the checkout") }
    }
}

/// DLMS against other implementations, and exports as DuckDB reads them. What is compared with is installed outside the
/// checkout where that can be done. It is no part of the product: it runs as processes of its own.
fn peers() -> Vec<Step> {
    let peers = [("dlms-peer", "crates/dlms/tests/peer"), ("parquet-peer", "crates/flows/tests/peer")];
    match python::prepare() {
        Ok(()) => peers.map(|(name, path)| Step::Conform { name, path: path.to_owned() }).into(),
        Err(why) => vec![Step::Skipped { what: "DLMS peers, and DuckDB", why }],
    }
}

/// Licences, bans and sources as in `deny.toml`.
fn dependencies() -> Step {
    if answers(cargo().args(["deny", "--version"])) {
        Step::Cargo { arguments: &["deny", "check", "licenses", "bans", "sources"], variable: None }
    } else {
        let why = "cargo-deny is not installed; `cargo install cargo-deny --locked`".to_owned();
        Step::Skipped { what: "cargo deny check", why }
    }
}
