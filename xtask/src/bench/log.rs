//! The log: events appended, verified in the store and as a bundle.

use std::{hint::black_box, io::Write as _, path::Path};

use sha2::{Digest, Sha256};
use tidstro_flows::{export_log, import_events, verify_bundle, verify_log};
use tidstro_model::ActorId;

use super::{
    BenchFault, Figure, Figures,
    cpu::{Taken, taken},
    workspace::{Bench, NOW, bytes_in, expect},
};

/// Events of the log that is verified.
const EVENTS: u64 = 1_000_000;
/// It is appended in so many files, one round each.
const FILES: u64 = 5;
/// Rounds of verification: they are long.
const ROUNDS: usize = 3;

/// Every figure of the log.
pub(super) fn figures() -> Figures {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let bench = Bench::open(&data)?;
    let appended = append(&bench, folder.path())?;
    let bundle = folder.path().join("log.jsonl");
    let (exported, exporting) = taken(|| bench.runtime.block_on(export_log(&bench.workspace, &bundle, NOW)));
    let events = exported?.log.events();
    let in_store = best(events, || Ok(bench.runtime.block_on(verify_log(&bench.workspace))?.events()))?;
    let as_bundle = best(events, || {
        let mut file = std::fs::File::open(&bundle)?;
        Ok(verify_bundle(black_box(&mut file), "log.jsonl", None)?.log.events())
    })?;
    Ok(vec![
        Figure::new(
            "events of cases taken in from outside, judged and appended",
            appended.per_wall_second(EVENTS / FILES),
            "events/s",
        ),
        Figure::new("1,000,000 events verified in the store", in_store.wall.as_millis(), "ms"),
        Figure::new("1,000,000 events verified as a bundle", as_bundle.wall.as_millis(), "ms"),
        Figure::new("1,000,000 events exported and verified", exporting.wall.as_millis(), "ms"),
        Figure::new("log in the database", u128::from(bytes_in(&data)? / events), "bytes/event"),
        Figure::new("log as a bundle", u128::from(bundle.metadata()?.len() / events), "bytes/event"),
    ])
}

/// Appends all events, a file in each round, and gives the best round.
fn append(bench: &Bench, folder: &Path) -> Result<Taken, BenchFault> {
    let actor = ActorId::parse("staff:dpo")?;
    let mut prior = "0".repeat(64);
    let mut rounds = Vec::new();
    for file in 0..FILES {
        let path = folder.join("events.jsonl");
        prior = write_events(&path, file * (EVENTS / FILES), &prior)?;
        let mut input = std::fs::File::open(&path)?;
        let importing = import_events(&bench.workspace, &actor, &mut input, "events.jsonl", NOW);
        let (imported, taken) = taken(|| bench.runtime.block_on(importing));
        expect("the number of events appended", EVENTS / FILES, imported?.appended)?;
        rounds.push(taken);
    }
    shortest(rounds)
}

/// Writes events of one chain and gives the hash of the last line.
fn write_events(path: &Path, first: u64, prior: &str) -> Result<String, BenchFault> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut prior = prior.to_owned();
    for number in first..first + EVENTS / FILES {
        let line = format!(
            r#"{{"at":"2026-12-01T00:00:00Z","kind":"case-event","what":"access.received","case":"access-{number}","prior":"{prior}"}}"#
        );
        prior = hex(Sha256::digest(line.as_bytes()).as_ref());
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(prior)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The best of a few rounds, each of which must verify every event.
fn best(events: u64, mut verify: impl FnMut() -> Result<u64, BenchFault>) -> Result<Taken, BenchFault> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (verified, taken) = taken(&mut verify);
        expect("the number of events verified", events, verified?)?;
        rounds.push(taken);
    }
    shortest(rounds)
}

fn shortest(rounds: Vec<Taken>) -> Result<Taken, BenchFault> {
    let shortest = rounds.into_iter().min_by_key(|taken| taken.wall);
    shortest.ok_or(BenchFault::Other { what: "the number of rounds", expected: 1, got: 0 })
}
