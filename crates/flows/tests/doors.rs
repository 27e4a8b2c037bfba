//! The files that may open what the store discloses. A new one is added here, on purpose, or not at all.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::path::Path;

const DOORS: [&str; 41] = [
    "alarms.rs",
    "aside.rs",
    "buildings/letters.rs",
    "buildings/mod.rs",
    "collect/keys.rs",
    "correct.rs",
    "cycle/points.rs",
    "disclose.rs",
    "dossier.rs",
    "estimate.rs",
    "event.rs",
    "export/run.rs",
    "findings/causes.rs",
    "findings/preview.rs",
    "identity/account.rs",
    "identity/machine.rs",
    "identity/review.rs",
    "ingest/joining.rs",
    "ingest/pushes/stored.rs",
    "ingest/waiting.rs",
    "keys/export.rs",
    "keys/mod.rs",
    "keys/ring.rs",
    "leases.rs",
    "log_concerning.rs",
    "log_search.rs",
    "master_data/people.rs",
    "own_copy.rs",
    "quarantine.rs",
    "series_day.rs",
    "settle/amounts.rs",
    "settle/capacity.rs",
    "settle/heating.rs",
    "settle/missing.rs",
    "settle/net_consumption.rs",
    "settle/run.rs",
    "settle/show.rs",
    "settle/verify.rs",
    "silent.rs",
    "validate.rs",
    "why.rs",
];

#[test]
fn only_the_listed_files_open_a_disclosure() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut opening = Vec::new();
    for file in rust_files(&source) {
        let text = std::fs::read_to_string(&file).unwrap();
        // `options.open(path)` opens a file; every other `open` of this crate could be a disclosure's.
        let opens = |line: &str| {
            let call = line.contains(".open(") || line.contains("Disclosed::open");
            call && !line.contains("options.open(path)")
        };
        if text.lines().any(opens) {
            opening.push(file.strip_prefix(&source).unwrap().display().to_string());
        }
    }
    opening.sort();
    assert_eq!(opening, DOORS, "files that open a `Disclosed`");
}

/// Permits and disclosures stay inside: no public item of this crate names one.
#[test]
fn nothing_public_gives_a_permit_away() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let library = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    assert!(!library.contains("tidstro_store"), "lib.rs re-exports nothing of the store");
    for file in rust_files(&source) {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| line.trim_start().starts_with("pub ")) {
            let gives = line.contains("Permit") || line.contains("Disclosed<") || line.contains("Decided");
            assert!(!gives, "{}: {line}", file.display());
        }
    }
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
