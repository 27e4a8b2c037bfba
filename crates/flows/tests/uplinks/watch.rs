//! Files that gateways upload: taken when they are complete, once each, whatever order they come in.

use std::path::Path;

use jiff::SignedDuration;
use tidstro_flows::{FileOutcome, IngestReport, SeriesValue, Watch};

use crate::bench::Bench;
use crate::common::given;

const SETTLE: SignedDuration = SignedDuration::from_secs(5);

impl Bench {
    fn upload(&self, name: &str, text: &str) {
        let path = self.uploads.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    async fn look(&self, watch: &mut Watch) -> Vec<(String, FileOutcome)> {
        let clock = || self.now();
        let mut intake = self.intake(&clock).await;
        let outcomes = given(watch.look(&mut intake).await.unwrap());
        outcomes.into_iter().map(|file| (file.name, file.outcome)).collect()
    }

    /// Two looks, far enough apart for every file to settle.
    async fn settled(&self, watch: &mut Watch) -> Vec<(String, FileOutcome)> {
        let mut outcomes = self.look(watch).await;
        self.later(SETTLE.as_secs());
        outcomes.extend(self.look(watch).await);
        outcomes
    }

    fn watch(&self) -> Watch {
        Watch::new(self.uploads.path(), SETTLE)
    }
}

/// What was counted over the files that were taken.
fn total(outcomes: &[(String, FileOutcome)]) -> IngestReport {
    let mut total = IngestReport::default();
    for (_, outcome) in outcomes {
        if let FileOutcome::Taken(report) = outcome {
            total.add(report);
        }
    }
    total
}

fn names(outcomes: &[(String, FileOutcome)]) -> Vec<&str> {
    outcomes.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_file_is_taken_when_it_has_settled_and_only_once() {
    let bench = Bench::new().await;
    let lines = bench.lines();
    bench.upload("gw-1/day.jsonl", &lines.concat());
    let mut watch = bench.watch();
    assert!(bench.look(&mut watch).await.is_empty(), "seen once is not settled");
    bench.later(SETTLE.as_secs() - 1);
    assert!(bench.look(&mut watch).await.is_empty());
    bench.later(1);
    let taken = bench.look(&mut watch).await;
    assert_eq!(names(&taken), ["gw-1/day.jsonl"]);
    assert_eq!(total(&taken).telegrams_new, lines.len() as u64);
    bench.later(SETTLE.as_secs());
    assert!(bench.look(&mut watch).await.is_empty());
    assert_eq!(bench.readings().await.len(), lines.len());
}

#[tokio::test]
async fn what_was_taken_is_known_after_a_restart_and_under_another_name() {
    let bench = Bench::new().await;
    bench.upload("day.jsonl", &bench.lines().concat());
    bench.settled(&mut bench.watch()).await;
    std::fs::copy(bench.uploads.path().join("day.jsonl"), bench.uploads.path().join("again.jsonl")).unwrap();
    let outcomes = bench.settled(&mut bench.watch()).await;
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|(_, outcome)| *outcome == FileOutcome::Known), "{outcomes:?}");
}

#[tokio::test]
async fn uploads_in_progress_are_left_alone() {
    let bench = Bench::new().await;
    let text = bench.lines().concat();
    for name in [".day.jsonl", "day.jsonl.part", "day.TMP", "day.jsonl.filepart", ".hidden/day.jsonl"] {
        bench.upload(name, &text);
    }
    let mut watch = bench.watch();
    assert!(bench.settled(&mut watch).await.is_empty());
    std::fs::rename(bench.uploads.path().join("day.jsonl.part"), bench.uploads.path().join("day.jsonl"))
        .unwrap();
    assert_eq!(names(&bench.settled(&mut watch).await), ["day.jsonl"]);
}

#[tokio::test]
async fn a_file_that_grew_is_taken_again_and_adds_only_what_is_new() {
    let bench = Bench::new().await;
    let lines = bench.lines();
    let (half, count) = (lines.len() / 2, lines.len() as u64);
    let mut watch = bench.watch();
    bench.upload("day.jsonl", &lines[..half].concat());
    assert_eq!(total(&bench.settled(&mut watch).await).telegrams_new, half as u64);
    bench.upload("day.jsonl", &lines.concat());
    let grown = total(&bench.settled(&mut watch).await);
    assert_eq!((grown.telegrams_again, grown.telegrams_new), (half as u64, count - half as u64));
    assert_eq!(bench.readings().await.len() as u64, count);
}

#[tokio::test]
async fn half_a_last_line_waits_for_its_end() {
    let bench = Bench::new().await;
    let lines = bench.lines();
    let text = lines[..3].concat();
    let mut watch = bench.watch();
    bench.upload("day.jsonl", &text[..text.len() - 20]);
    let first = total(&bench.settled(&mut watch).await);
    assert_eq!((first.lines, first.telegrams_new, first.refused_count()), (2, 2, 0));
    // The upload goes on.
    bench.upload("day.jsonl", &text);
    assert_eq!(total(&bench.settled(&mut watch).await).telegrams_new, 1);
    // A file that ends without a line end is whole all the same, after a while.
    bench.upload("last.jsonl", lines[3].trim_end());
    assert!(bench.settled(&mut watch).await.is_empty());
    bench.later(15 * 60);
    let last = bench.look(&mut watch).await;
    assert_eq!((names(&last), total(&last).telegrams_new), (vec!["last.jsonl"], 1));
}

#[tokio::test]
async fn parts_in_any_order_and_twice_give_what_the_whole_gives() {
    let (whole, parts) = (Bench::new().await, Bench::new().await);
    let lines = whole.lines();
    whole.upload("all.jsonl", &lines.concat());
    whole.settled(&mut whole.watch()).await;
    // Late, repeated, split, out of order: the newest days first, one part in two files, another torn in two.
    let mut watch = parts.watch();
    let third = lines.len() / 3;
    let mut backwards = lines[2 * third..].to_vec();
    backwards.reverse();
    for (name, part) in [
        ("3.jsonl", backwards.concat()),
        ("1.jsonl", lines[..third + 2].concat()),
        ("gw-2/2.jsonl", lines[third..2 * third].concat()),
        ("gw-3/2.jsonl", lines[third - 1..2 * third + 1].concat()),
    ] {
        parts.upload(name, &part);
        assert_eq!(parts.settled(&mut watch).await.len(), 1);
    }
    let (found, expected) = (parts.readings().await, whole.readings().await);
    assert_eq!(found.len(), lines.len());
    let at_and_value = |value: &SeriesValue| (value.start, value.value);
    assert!(found.iter().map(at_and_value).eq(expected.iter().map(at_and_value)));
}

#[tokio::test]
async fn a_run_cut_short_takes_the_file_again() {
    let bench = Bench::new().await;
    let lines = bench.lines();
    bench.upload("day.jsonl", &lines.concat());
    // As if killed after the lines were durable and before the file was noted.
    let clock = || bench.now();
    let mut intake = bench.intake(&clock).await;
    let text = lines.concat();
    let report = intake.take(&mut text.as_bytes(), "day.jsonl", None, &|_| ()).await.unwrap();
    assert_eq!(given(report).telegrams_new, lines.len() as u64);
    let again = total(&bench.settled(&mut bench.watch()).await);
    assert_eq!((again.telegrams_new, again.telegrams_again), (0, lines.len() as u64));
    assert_eq!(bench.readings().await.len(), lines.len());
}

#[tokio::test]
async fn what_is_gone_or_a_link_is_passed_over_and_a_missing_folder_is_named() {
    let bench = Bench::new().await;
    let path = bench.uploads.path().join("link.jsonl");
    bench.upload("day.jsonl", &bench.lines().concat());
    let mut watch = bench.watch();
    bench.look(&mut watch).await;
    // It goes between two looks.
    std::fs::remove_file(bench.uploads.path().join("day.jsonl")).unwrap();
    bench.later(SETTLE.as_secs());
    assert!(bench.look(&mut watch).await.is_empty(), "what is gone is no fault");
    dangling(&path);
    assert!(bench.settled(&mut watch).await.is_empty(), "links are not followed");
    let missing = Watch::new(&bench.uploads.path().join("nowhere"), SETTLE);
    assert!(fails(&bench, missing).await.contains("nowhere"));
}

#[cfg(unix)]
fn dangling(path: &Path) {
    std::os::unix::fs::symlink("/nowhere", path).unwrap();
}

async fn fails(bench: &Bench, mut watch: Watch) -> String {
    let clock = || bench.now();
    let mut intake = bench.intake(&clock).await;
    match watch.look(&mut intake).await {
        Err(fault) => fault.to_string(),
        Ok(_) => panic!("a folder that is not there was watched"),
    }
}
